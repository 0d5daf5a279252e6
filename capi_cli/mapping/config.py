"""capi.toml, split into options, mapping, filters and line items. An unknown key is an error.

What the file never holds: a token, nor a Graph host other than Meta's own or this machine, since a
configuration file travels in repositories and a foreign host in it would be sent the token.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import urlsplit

from capi_cli.errors import ConfigurationError
from capi_cli.event import limits
from capi_cli.event.fields import GROUPS, find_field
from capi_cli.mapping.parse import entries_from_tree, group_from_tree, wheres_from_tree
from capi_cli.mapping.toml_lines import line_of
from capi_cli.private import shown

OPTION_KEYS: Final = tuple(
    "dataset_id graph_url api_version sandbox event_id timezone default_country test_event_code dry_run "
    "since yes batch_size concurrency limit rejects max_error_rate preflight retry_for timeout report resend "
    "state_dir lock_wait keep_for output log_format quiet verbose no_color no_progress format encoding delimiter "
    "skip_lines no_header columns decimal gzip token_file workers suppress compress "
    "engine store store_format".split()
)
_LISTS: Final = ("columns", "suppress")
_TABLES: Final = ("event", "where", "group")
_MAPPING_OPTIONS: Final = {
    "map": '[event], as in [event.user_data] em = "email"',
    "set": '[event], as in event_name = { value = "Purchase" }',
}
_TOKEN_KEY: Final = re.compile(r"(.*_)?(access_?token|token|app_?secret)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One capi.toml.

    Attributes:
        options: Options by name, spelled with underscores, as TOML read them.
        event: The `[event]` table; None where the file has none, likewise `where` and `group`.
        token_in: `body` or `header`; None where nothing is said.
        path: Where it was read.
        text: As it stands in the file, for line numbers in messages.
    """

    options: dict[str, object] = field(default_factory=dict)
    event: dict[str, object] | None = None
    where: dict[str, object] | None = None
    group: dict[str, object] | None = None
    token_in: str | None = None
    path: Path | None = None
    text: str = ""

    def place(self, keys: tuple[str, ...]) -> str:
        """Name a spot of the file for messages: `capi.toml, line 12`."""
        name = str(self.path) if self.path else "capi.toml"
        line = line_of(self.text, keys)
        return f"{name}, line {line}" if line else name


def load_config(path: Path) -> Config:
    """Read one configuration file and check all of it that needs no source.

    Raises:
        ConfigurationError: It can't be read, is not TOML, or holds what is unknown or forbidden.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigurationError(
            f"The configuration file {path} can't be read: {error.strerror or type(error).__name__}.",
            "Check the path after --config.",
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(
            f"{path} is not UTF-8.", "Save it as UTF-8; TOML has no other encoding."
        ) from None
    import tomllib  # 4 ms that a run without this file does without

    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"{path} is not TOML: {error}.",
            'Texts stand in quotes, and each key once: dataset_id = "1234567890".',
        ) from None
    return read_config(tree, path=path, text=text)


def read_config(tree: Mapping[str, object], *, path: Path | None = None, text: str = "") -> Config:
    """Split a parsed file, and check options' names, the mapping, filters and line items."""
    tables: dict[str, dict[str, object]] = {}
    options: dict[str, object] = {}
    token_in: str | None = None
    unread = Config(path=path, text=text)
    for key, raw in tree.items():
        at = unread.place((key,))
        if key in _TABLES:
            if not isinstance(raw, dict):
                raise ConfigurationError(f"{at}: {key} is a table.", f"Write [{key}] and its keys below.")
            tables[key] = raw
        elif key == "token_in":
            if not isinstance(raw, str) or raw not in ("body", "header"):
                raise ConfigurationError(f"{at}: token_in is body or header.", 'Write token_in = "body".')
            token_in = raw
        elif key in OPTION_KEYS:
            _check_option(key, raw, at)
            options[key] = raw
        else:
            _refuse(key, at)
    config = Config(
        options=options,
        event=tables.get("event"),
        where=tables.get("where"),
        group=tables.get("group"),
        token_in=token_in,
        path=path,
        text=text,
    )
    entries = entries_from_tree(config.event or {}, config.place)
    wheres_from_tree(config.where or {}, config.place)
    group_from_tree(config.group or {}, config.place)
    if "event_id" in options and "event_id" in entries:
        raise ConfigurationError(
            f"{config.place(('event_id',))}: event_id stands as an option and under [event].",
            "Keep one of them.",
        )
    return config


def _check_option(key: str, raw: object, at: str) -> None:
    if isinstance(raw, dict):
        raise ConfigurationError(f"{at}: {key} takes one value, not a table.", f"Write {key} = ….")
    if isinstance(raw, list) and key not in _LISTS:
        raise ConfigurationError(f"{at}: {key} takes one value, not a list.", f"Write {key} = ….")
    if key == "graph_url":
        _check_graph_url(raw, at)


def _check_graph_url(raw: object, at: str) -> None:
    default = limits.DEFAULT_GRAPH_URL
    try:
        parts = urlsplit(raw if isinstance(raw, str) else "")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if _is_loopback(host) and parts.scheme in ("http", "https"):
        return
    if host == urlsplit(default).hostname and parts.scheme == "https" and port in (None, 443):
        return
    raise ConfigurationError(
        f"{at}: a configuration file may name {default} or this machine as graph_url, nothing else, "
        "because the token is sent there.",
        "Take graph_url out; if you mean it, say --graph-url or set CAPI_GRAPH_URL.",
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse(key: str, at: str) -> NoReturn:
    """Raise the error of a key that the file does not take, saying where it belongs."""
    if _TOKEN_KEY.fullmatch(key):
        raise ConfigurationError(
            f"{at}: {key} is refused: a configuration file is copied and shared, and never holds the token.",
            'Take it out, set META_ACCESS_TOKEN or write token_file = "PATH", and revoke the token '
            "if others could read this file.",
        )
    if key in _MAPPING_OPTIONS:
        raise ConfigurationError(f"{at}: {key} is said as a table here.", f"Write {_MAPPING_OPTIONS[key]}.")
    if key == "config":
        raise ConfigurationError(f"{at}: a configuration file does not name another.", "Use --config.")
    if key in GROUPS:
        raise ConfigurationError(f"{at}: {key} stands under [event].", f"Write [event.{key}].")
    if (found := find_field(key)) is not None:
        table = f"event.{found.group}" if found.group else "event"
        raise ConfigurationError(
            f"{at}: {key} is a field of the event, not an option.", f"Write it under [{table}]."
        )
    near = get_close_matches(
        key.replace("-", "_").lower(), (*OPTION_KEYS, *_TABLES, "token_in"), n=1, cutoff=0.7
    )
    known = ", ".join((*OPTION_KEYS, "token_in"))
    hint = f"Did you mean {near[0]}?" if near else f"Known keys: {known}; tables: [event], [where], [group]."
    raise ConfigurationError(f"{at}: unknown key {shown(key)}.", hint)
