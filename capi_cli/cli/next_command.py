"""The command to type next: the same sources and options, with `upload` for `validate`."""

import shlex
from collections.abc import Mapping, Sequence

from capi_cli.cli.settings import Settings
from capi_cli.event.fields import find_field
from capi_cli.private import private_kind
from capi_cli.sinks.settings import TOKEN_VARIABLES

_PAIRS = ("--set", "--where")
_DATASET = "--dataset-id YOUR_DATASET_ID"


def next_steps(argv: Sequence[str], settings: Settings, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the command line that uploads what this one judged, and what it still lacks.

    A person's data after --set or --where is not repeated, and the token is never on a command line.
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
    for place, word in enumerate(words):
        flag, equals, pair = word.partition("=")
        if (words[place - 1] if place else "") in _PAIRS:
            shown.append(_masked(word))
        elif equals and flag in _PAIRS:
            shown.append(f"{flag}={_masked(pair)}")
        else:
            shown.append(word)
    return shown


def _masked(pair: str) -> str:
    name, equals, value = pair.partition("=")
    field = find_field(name.strip())
    person = field is not None and field.group == "user_data" and field.name != "country"
    private = any(private_kind(part) for part in value.split(","))  # --where takes several
    return f"{name}=…" if equals and (person or private) else pair
