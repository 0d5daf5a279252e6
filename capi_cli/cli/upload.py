"""`capi upload`: read, map, normalize, hash, check, send."""

from typing import Any

import typer

from capi_cli.cli import options, request, settings, token
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.running import carry_out
from capi_cli.cli.watching import Watcher
from capi_cli.runs.summary import Summary

NAME = "upload"
_TEST_EVENTS = (
    "A test event code is set. Meta keeps test events: they feed targeting and measurement like any other. "
    "Take the code out for production."
)
_OPTIONS = (
    *options.SOURCE,
    *options.MAPPING,
    *options.DESTINATION,
    *options.SENDING,
    *options.JUDGING,
    *options.SPARK,
    *options.OUTPUT,
    options.REPORT,
)


@options.takes(*_OPTIONS, arguments=(options.sources(),))
def command(context: typer.Context, typed: dict[str, Any]) -> int:
    """Send the events of SOURCE… to Meta's Conversions API: read, map, normalize, hash, check, send.

    What Meta accepted is kept in a ledger and skipped when the same rows come again, from any file.
    """
    invocation: Invocation = context.obj
    said = settings.resolve(typed, invocation.environ, _OPTIONS)
    invocation.voice.settle(said)
    on_spark = said.get("engine") == "spark"
    secret, warning = (None, None) if said.get("sandbox") or on_spark else token.read_token(said, invocation)
    if secret is None and not (said.get("sandbox") or said.get("dry_run") or on_spark):
        raise token.missing_token("To try without one: `capi validate`, or --sandbox.")
    if not (said.get("sandbox") or said.get("dry_run") or said.get("dataset_id")):
        raise request.missing_dataset()
    warnings = [warning] if warning else []
    if said.get("dry_run") and not (said.get("sandbox") or said.get("dataset_id")):
        warnings.append("No dataset is named, so this dry run can't say what was sent before.")
    if said.get("test_event_code") and not said.get("dry_run"):
        warnings.append(_TEST_EVENTS)
    if on_spark:
        from capi_cli.cli import spark

        return spark.upload(invocation, said, typed["sources"], tuple(warnings))
    asked = request.run_request(NAME, typed["sources"], said)

    def work(observer: Watcher, **more: Any) -> Summary:
        from capi_cli.runs.upload import upload

        return upload(asked, secret, observer, invocation.signals.stop, **more)

    return carry_out(invocation, asked, said, work, warnings=tuple(warnings))
