"""Who said what: option, then environment, then capi.toml, then the user's config folder.

Every option is looked up in these places in this order; the first that says something wins, and an error
names the place. Nothing is looked up twice, and nothing that was said is ignored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capi_cli.cli import values
from capi_cli.cli.options import KNOWN, Option
from capi_cli.errors import ConfigurationError, UsageError
from capi_cli.private import shown

if TYPE_CHECKING:
    from capi_cli.mapping.config import Config

_FILE_NAME = "capi.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The value of one option, and where it was said.

    Attributes:
        value: As parsed.
        place: `--timeout`, `CAPI_TIMEOUT`, or the path of a configuration file.
    """

    value: Any
    place: str


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


def resolve(
    typed: Mapping[str, Any],
    environ: Mapping[str, str],
    options: tuple[Option, ...],
    *,
    config: "Config | None" = None,
    here: bool = True,
) -> Settings:
    """Merge what was typed with the environment and the configuration files.

    Args:
        typed: Texts by option name, as typer gives them.
        environ: The environment's variables.
        options: Those that the command takes.
        config: Stands for the files, which are not looked for then.
        here: Whether ./capi.toml is read: not where one is written, for a source that it says nothing about.

    Raises:
        UsageError: A value of an option or variable does not parse.
        ConfigurationError: A configuration file is missing, unreadable, or holds what it must not.
    """
    said: dict[str, Said] = {}
    for option in options:
        if (found := _from_options(option, typed) or _from_environment(option, environ)) is not None:
            said[option.name] = found
    if config is not None:
        configs = [(config.path or Path(_FILE_NAME), config)]
    else:
        configs = _read_files(said["config"].value if "config" in said else None, here=here)
    for path, config in configs:
        for option in options:
            if option.from_config and option.name not in said and option.name in config.options:
                said[option.name] = _from_file(option, config.options[option.name], path)
    return Settings(
        said=said,
        config_path=configs[0][0] if configs else None,
        event=_nearest(config.event for _, config in configs),
        where=_nearest(config.where for _, config in configs),
        group=_nearest(config.group for _, config in configs),
        token_in_body=_nearest(config.token_in for _, config in configs) == "body",
    )


def unread_variables(environ: Mapping[str, str]) -> list[str]:
    """Return a sentence for each variable that seems to be meant for us and is not read."""
    from difflib import get_close_matches

    known = {name for option in KNOWN.values() for name in option.variables if name.startswith("CAPI_")}
    typed_only = {f"CAPI_{option.name.upper()}": option.flag for option in KNOWN.values()}
    found = []
    for name in sorted(set(environ) - known):
        if name in typed_only:
            found.append(
                f"The environment variable {name} is not read; say {typed_only[name]} in the command."
            )
        elif name.startswith("CAPI_") and (near := get_close_matches(name, known, n=1, cutoff=0.8)):
            found.append(f"The environment variable {name} is none of ours; did you mean {near[0]}?")
    return found


def _from_options(option: Option, typed: Mapping[str, Any]) -> Said | None:
    value = typed.get(option.name)
    if value is None or value is False or value == []:
        return None
    if option.parse is None:
        return Said(value=True, place=option.flag)
    if option.many:
        many = tuple(_parse(option.parse, text, option.flag, show=False) for text in value)
        return Said(value=many, place=option.flag)
    return Said(value=_parse(option.parse, value, option.flag), place=option.flag)


def _from_environment(option: Option, environ: Mapping[str, str]) -> Said | None:
    for name in option.variables:
        if (value := environ.get(name, "")).strip():  # an empty variable says nothing
            return Said(value=_parse(option.parse or values.switch, value, name), place=name)
    return None


def _from_file(option: Option, value: object, path: Path) -> Said:
    if option.parse is None:
        if not isinstance(value, bool):
            raise ConfigurationError(f"{path}: {option.name} is a switch.", "Write true or false.")
        return Said(value=value, place=str(path))
    if option.many:
        listed = value if isinstance(value, list) else [value]
        return Said(value=tuple(_one(option, item, path) for item in listed), place=str(path))
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return Said(value=tuple(value), place=str(path))  # columns alone; the rest is refused
    return Said(value=_one(option, value, path), place=str(path))


def _one(option: Option, value: object, path: Path) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ConfigurationError(f"{path}: {option.name} takes one value.", f'Write {option.name} = "…".')
    try:
        assert option.parse is not None
        return option.parse(str(value))
    except ValueError as error:
        message = f"{path}: {option.name} can't be {shown(str(value))}."
        raise ConfigurationError(message, str(error)) from None


def _parse(parse: Callable[[str], Any], text: str, place: str, *, show: bool = True) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        what = shown(text) if show else "what was given"  # a pair may hold a person's data
        raise UsageError(f"{place} can't be {what}.", str(error)) from None


def _read_files(named: Path | None, *, here: bool) -> list[tuple[Path, "Config"]]:
    """Read the named file or ./capi.toml, then the user's; the nearest comes first."""
    paths = []
    if named is not None:
        paths.append(named)
    elif here and Path(_FILE_NAME).is_file():
        paths.append(Path(_FILE_NAME))
    if (users := _user_file()) is not None and users.is_file():
        paths.append(users)
    if not paths:
        return []
    from capi_cli.mapping.config import load_config

    found = []
    for path in paths:
        config = load_config(path)
        found.append((path, config))
    return found


def _user_file() -> Path | None:
    from platformdirs import user_config_path

    try:
        return user_config_path("capi", appauthor=False) / _FILE_NAME
    except (RuntimeError, KeyError):  # no HOME, and no such user: a container's bare uid
        return None


def _nearest(tables: Any) -> Any:
    return next((table for table in tables if table is not None), None)
