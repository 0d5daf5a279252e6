"""`capi quality`: what Meta says of the events that it has."""

import json
import sys
from typing import Any

import typer

from capi_cli.cli import options, request, settings, token
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.voice import write_line

NAME = "quality"
_NAMES = ("config", "dataset_id", "token_file", "graph_url", "api_version", "timeout")
_OUTPUT = ("output", "quiet", "no_color")
_OPTIONS = tuple(options.KNOWN[name] for name in (*_NAMES, *_OUTPUT))


@options.takes(*_OPTIONS)
def command(context: typer.Context, typed: dict[str, Any]) -> int:
    """Read back match quality, coverage, freshness and de-duplication from Meta's Dataset Quality API.

    The token needs ads_read, and ads_management or business_management. Sends no events.
    """
    invocation: Invocation = context.obj
    voice = invocation.voice
    said = settings.resolve(typed, invocation.environ, _OPTIONS)
    voice.settle(said)
    if said.get("dataset_id") is None:
        raise request.missing_dataset(to_ask=True)
    text, warning = token.read_token(said, invocation)
    if text is None:
        raise token.missing_token()
    if warning is not None and not voice.quiet:
        voice.say(warning)
    from capi_cli.runs.quality import QualityRequest, ask_quality

    given = said.only("dataset_id", "graph_url", "api_version")
    if "timeout" in said.said:
        given["timeout_s"] = said.get("timeout")
    found = ask_quality(QualityRequest(token_in_body=said.token_in_body, **given), text)
    from capi_cli.cli.render.quality import print_quality, quality_json

    if voice.json_summary:
        write_line(sys.stdout, json.dumps(quality_json(found)))
    elif not (voice.quiet and found.exit_code == 0):
        print_quality(voice.console(stderr=False), found)
    return found.exit_code
