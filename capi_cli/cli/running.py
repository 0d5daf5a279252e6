"""One run from its request to its exit code: who watches it, what a signal makes of it, what is printed."""

from collections.abc import Callable

from capi_cli.cli.failure import BUG, interrupted
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.reporting import wanted_page
from capi_cli.cli.settings import Settings, unread_variables
from capi_cli.cli.watching import watcher
from capi_cli.errors import DeliveryError
from capi_cli.runs.pool import begin_early
from capi_cli.runs.request import RunRequest
from capi_cli.runs.summary import ErrorFacts, Summary


def carry_out(
    invocation: Invocation,
    request: RunRequest,
    settings: Settings,
    work: Callable[..., Summary],
    *,
    warnings: tuple[str, ...] = (),
) -> int:
    """Let the run happen under an observer, print its summary, and return its exit code.

    `work` takes the observer and, where a report is wanted, `facts_to`.
    """
    begin_early(request.source.sources, request.workers)
    voice, signals = invocation.voice, invocation.signals
    page = wanted_page(request.report_path)
    with watcher(voice, signals, request, yes=settings.get("yes", False)) as observer:
        for warning in (*unread_variables(invocation.environ), *warnings):
            observer.note("warning", warning)
        with signals.orderly(observer.stopping):
            summary = work(observer, facts_to=page.take) if page else work(observer)
    _take_signal(summary, signals.exit_code)
    if page is not None:
        page.write(summary)
    voice.print_summary(summary)
    if summary.error is not None:
        voice.say(summary.error.message, summary.error.hint, code=summary.error.code)
    return summary.exit_code


def _take_signal(summary: Summary, exit_code: int | None) -> None:
    """Let 130 or 143 stand over what the run says; a run that was asked to stop may not have read all."""
    if exit_code is None or summary.exit_code == BUG:
        return
    code, message, hint = interrupted(exit_code)
    if summary.error is None:
        summary.error = ErrorFacts(code, message, hint)
    elif summary.exit_code == DeliveryError.exit_code:  # unfinished, and this is why
        summary.error = ErrorFacts(code, f"{message} {summary.error.message}", summary.error.hint)
    summary.exit_code = exit_code
