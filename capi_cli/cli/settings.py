"""Who said what: option, then environment, then capi.toml, then the user's config folder.

Every option is looked up in these places in this order; the first that says something wins, and an error
names the place. Nothing is looked up twice, and nothing that was said is ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capi_cli.cli import values
from capi_cli.cli.options import KNOWN, Option
from capi_cli.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from capi_cli.mapping.config import Config

_FILE_NAME = "capi.toml"
_MAPPING_KEYS = {"map": "[event]", "set": "[event]", "where": "[where]"}  # said there, as tables
_TOKEN_KEYS = ("token", "access_token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The value of one option, and where it was said.

    Attributes:
        value: As parsed.
        place: `--timeout`, `CAPI_TIMEOUT`, or the path of a configuration file.
        by_file: Whether a configuration file said it.
    """

    value: Any
    place: str
    by_file: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that was said about one invocation.

    Attributes:
        said: By option name; an option about which nobody spoke is missing.
        config_path: The nearest configuration file that was read.
        event: Its `[event]` table; `where` and `group` likewise.
        token_in_body: Whether the token travels as a body field.
    """

    said: dict[str, Said]
    config_path: Path | None = None
    event: dict[str, Any] | None = None
    where: dict[str, Any] | None = None
    group: dict[str, Any] | None = None
    token_in_body: bool = False

    def get(self, name: str, default: Any = None) -> Any:
        """Return the option's value, or the default."""
        return self.said[name].value if name in self.said else default

    def only(self, *names: str) -> dict[str, Any]:
        """Return what was said about those options; a dataclass's own defaults stand for the rest."""
        return {name: self.said[name].value for name in names if name in self.said}


def resolve(typed: Mapping[str, Any], environ: Mapping[str, str], options: tuple[Option, ...]) -> Settings:
    """Merge what was typed with the environment and the configuration files.

    Raises:
        UsageError: A value of an option or variable does not parse.
        ConfigurationError: A configuration file is missing, unreadable, or holds what it must not.
    """
    said: dict[str, Said] = {}
    for option in options:
        if (found := _from_options(option, typed) or _from_environment(option, environ)) is not None:
            said[option.name] = found
    configs = _read_files(said["config"].value if "config" in said else None)
    for path, config in configs:
        for option in options:
            if option.name not in said and option.name in config.options:
                said[option.name] = _from_file(option, config.options[option.name], path)
    return Settings(
        said=said,
        config_path=configs[0][0] if configs else None,
        event=_nearest(config.event for _, config in configs),
        where=_nearest(config.where for _, config in configs),
        group=_nearest(config.group for _, config in configs),
        token_in_body=_nearest(config.token_in for _, config in configs) == "body",
    )


def unknown_variables(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return variables that look like a mistyped one of ours, each with the name that was meant."""
    known = {name for option in KNOWN.values() for name in option.variables if name.startswith("CAPI_")}
    found = []
    for name in sorted(environ):
        if name.startswith("CAPI_") and name not in known:
            found += [(name, near) for near in get_close_matches(name, known, n=1, cutoff=0.8)]
    return found


def _from_options(option: Option, typed: Mapping[str, Any]) -> Said | None:
    value = typed.get(option.name)
    if value is None or value is False or value == []:
        return None
    if option.parse is None:
        return Said(value=True, place=option.flag)
    if option.many:
        return Said(value=tuple(_parse(option, text, option.flag) for text in value), place=option.flag)
    return Said(value=_parse(option, value, option.flag), place=option.flag)


def _from_environment(option: Option, environ: Mapping[str, str]) -> Said | None:
    for name in option.variables:
        if (value := environ.get(name, "")).strip():  # an empty variable says nothing
            return Said(value=_parse(option, value, name), place=name)
    return None


def _from_file(option: Option, value: object, path: Path) -> Said:
    if option.parse is None:
        if not isinstance(value, bool):
            raise ConfigurationError(f"{path}: {option.name} is a switch.", "Write true or false.")
        return Said(value=value, place=str(path), by_file=True)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ConfigurationError(f"{path}: {option.name} takes one value.", f'Write {option.name} = "…".')
    try:
        return Said(value=option.parse(str(value)), place=str(path), by_file=True)
    except ValueError as error:
        message = f"{path}: {option.name} can't be {values.shown(str(value))}."
        raise ConfigurationError(message, str(error)) from None


def _parse(option: Option, text: str, place: str) -> Any:
    assert option.parse is not None
    try:
        return option.parse(text)
    except ValueError as error:
        what = "what was given" if option.many else values.shown(text)  # a pair may hold a person's data
        raise UsageError(f"{place} can't be {what}.", str(error)) from None


def _read_files(named: Path | None) -> list[tuple[Path, "Config"]]:
    """Read the named file or ./capi.toml, then the user's; the nearest comes first."""
    paths = []
    if named is not None:
        if not named.is_file():
            raise ConfigurationError(
                f"There is no configuration file {named}.", "Check the path after --config."
            )
        paths.append(named)
    elif Path(_FILE_NAME).is_file():
        paths.append(Path(_FILE_NAME))
    if (users := _user_file()).is_file():
        paths.append(users)
    if not paths:
        return []
    from capi_cli.mapping.config import load_config

    found = []
    for path in paths:
        config = load_config(path)
        _check_keys(config.options, path)
        found.append((path, config))
    return found


def _user_file() -> Path:
    from platformdirs import user_config_path

    return user_config_path("capi", appauthor=False) / _FILE_NAME


def _check_keys(options: Mapping[str, object], path: Path) -> None:
    for key in options:
        if key in _TOKEN_KEYS:
            hint = "Take it out and set META_ACCESS_TOKEN or use --token-file; revoke it if others saw it."
            raise ConfigurationError(
                f"{path} holds a token ({key}), which configuration files never do.", hint
            )
        if key in _MAPPING_KEYS:
            hint = f"Write it under {_MAPPING_KEYS[key]}."
            raise ConfigurationError(f"{path}: {key} is not a key of configuration files.", hint)
        option = KNOWN.get(key)
        if option is None:
            known = sorted(name for name, one in KNOWN.items() if one.from_config)
            near = get_close_matches(key.replace("-", "_"), known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(known)}."
            raise ConfigurationError(f"{path}: unknown key {key!r}.", hint)
        if not option.from_config:
            raise ConfigurationError(f"{path}: {key} is not a key of configuration files.", "Take it out.")


def _nearest(tables: Any) -> Any:
    return next((table for table in tables if table is not None), None)
