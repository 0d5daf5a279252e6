"""The command to type next: the same sources and options, with `upload` for `validate`."""

import shlex
from collections.abc import Mapping, Sequence

from capi_cli.cli.settings import Settings
from capi_cli.event.fields import find_field
from capi_cli.mapping.guess import is_of_a_person
from capi_cli.private import private_kind
from capi_cli.sinks.settings import TOKEN_VARIABLES

_HIDDEN = "…"
_DATASET = "--dataset-id YOUR_DATASET_ID"


def next_steps(argv: Sequence[str], settings: Settings, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the command line that uploads what this one judged, and what it still lacks.

    A constant that is a match key is not repeated, and the token is never on a command line.
    """
    words = ["capi", "upload", *_shown(argv[1:])]
    line = " ".join(shlex.quote(word) for word in words)
    if not settings.get("dataset_id"):
        line += f" {_DATASET}"
    steps = [f"Next: {line}"]
    if not _has_token(settings, environ):
        steps.append(
            "It needs META_ACCESS_TOKEN in the environment; to try it without, put --sandbox at its end."
        )
    return tuple(steps)


def _has_token(settings: Settings, environ: Mapping[str, str]) -> bool:
    return "token_file" in settings.said or any(environ.get(name, "").strip() for name in TOKEN_VARIABLES)


def _shown(words: Sequence[str]) -> list[str]:
    shown = []
    for before, word in zip(("", *words), words, strict=False):
        option, equals, value = word.partition("=")
        if before in _HIDES:
            shown.append(_HIDES[before](word))
        elif equals and option in _HIDES:
            shown.append(f"{option}={_HIDES[option](value)}")
        else:
            shown.append(_HIDDEN if before.startswith("--") and private_kind(word) else word)
    return shown


def _constant(pair: str) -> str:
    """Return FIELD=VALUE, the value of a person's field left out."""
    name, equals, value = pair.partition("=")
    field = find_field(name.strip())
    person = field is not None and field.personal
    return f"{name}={_HIDDEN}" if equals and (person or private_kind(value)) else pair


def _filter(pair: str) -> str:
    """Return COLUMN=VALUE, the value left out where the column's name says that it holds a person's data."""
    name, equals, value = pair.partition("=")
    return f"{name}={_HIDDEN}" if equals and (is_of_a_person(name) or private_kind(value)) else pair


_HIDES = {"--set": _constant, "--where": _filter}
