"""A command line → what was typed, where the line leaves nothing to complain about.

Typer, with pydantic below it, takes longer to load than a small file takes to send. It is for the pages of help and for
lines with a mistake; what it makes of any other line is made here, by the same rules: a test holds the two equal.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from capi_cli.cli.option import Command, Option

_HELP: Final = ("-h", "--help")
Table = dict[str, Option]


def read_line(command: Command, words: Sequence[str]) -> dict[str, Any] | None:
    """Return what was typed after a command's name, by name; None where typer has something to say about it."""
    flags: Table = {option.flag: option for option in command.options}
    flags |= {f"-{option.short}": option for option in command.options if option.short}
    typed: dict[str, Any] = dict.fromkeys(option.name for option in command.options)
    try:
        others = _take_options(flags, iter(words), typed)
        return typed | _arguments(command, others)
    except _UnclearError:
        return None


class _UnclearError(Exception):
    """The line wants typer."""


def _take_options(flags: Table, words: Iterator[str], typed: dict[str, Any]) -> list[str]:
    """Put the options into `typed` and return the other words, in order."""
    others: list[str] = []
    for word in words:
        if word == "--":
            return [*others, *words]
        if word in _HELP:
            raise _UnclearError
        if len(word) < 2 or not word.startswith("-"):
            others.append(word)
            continue
        flag, has_value, value = word.partition("=")
        if (option := flags.get(flag)) is None or (has_value and not flag.startswith("--")):
            raise _UnclearError  # no option, a mistyped one, or several letters behind one dash
        _take(option, value if has_value else None, words, typed)
    return others


def _take(option: Option, value: str | None, words: Iterator[str], typed: dict[str, Any]) -> None:
    if option.parse is None:
        if value is not None:
            raise _UnclearError
        typed[option.name] = True
        return
    if value is None and (value := next(words, None)) is None:
        raise _UnclearError
    if option.many:
        typed[option.name] = [*(typed[option.name] or ()), value]
    else:
        typed[option.name] = value


def _arguments(command: Command, words: list[str]) -> dict[str, Any]:
    """Return the words without a flag by the names of the arguments they are."""
    found: dict[str, Any] = {}
    for argument in command.arguments:
        if argument.required and not words:
            raise _UnclearError
        if argument.many:
            found[argument.name], words = words, []
        else:
            found[argument.name], words = (words[0] if words else None), words[1:]
    if words:
        raise _UnclearError
    return found
