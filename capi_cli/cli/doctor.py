"""`capi doctor`: what works, what does not, and how to mend it."""

import json
import sys
from typing import Any

import typer

from capi_cli.cli import options, settings, token
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.settings import Settings
from capi_cli.cli.voice import write_line
from capi_cli.errors import CredentialsError

NAME = "doctor"
_NAMES = ("config", "dataset_id", "token_file", "graph_url", "api_version", "timeout", "state_dir")
_OUTPUT = ("output", "quiet", "no_color")
_OPTIONS = tuple(options.KNOWN[name] for name in (*_NAMES, *_OUTPUT))


@options.takes(*_OPTIONS)
def command(context: typer.Context, typed: dict[str, Any]) -> int:
    """Check token, dataset, API version, clock, network, state folder and ledgers. Creates no event."""
    from capi_cli.cli.render.doctor import diagnosis_json, print_diagnosis
    from capi_cli.runs.doctor import DoctorRequest, examine

    invocation: Invocation = context.obj
    voice = invocation.voice
    said = settings.resolve(typed, invocation.environ, _OPTIONS)
    voice.settle(said)
    given = said.only("dataset_id", "graph_url", "api_version", "state_dir")
    if "timeout" in said.said:
        given["timeout_s"] = said.get("timeout")
    asked = DoctorRequest(token_in_body=said.token_in_body, **given)
    found = examine(asked, _token(said, invocation))
    if voice.json_summary:
        write_line(sys.stdout, json.dumps(diagnosis_json(found)))
    elif not (voice.quiet and found.exit_code == 0):
        print_diagnosis(voice.console(stderr=False), found)
    return found.exit_code


def _token(said: Settings, invocation: Invocation) -> Any:
    from capi_cli.runs.doctor import Token

    try:
        text, warning = token.read_token(said, invocation)
    except CredentialsError as error:
        return Token(problem=error)
    return Token(problem=token.missing_token()) if text is None else Token(text=text, warning=warning)
