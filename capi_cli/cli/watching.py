"""Who watches a run: a display on a terminal, plain lines elsewhere, a JSON log, or nearly nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from capi_cli.cli.signals import Signals
from capi_cli.cli.voice import Voice
from capi_cli.runs.progress import Observer
from capi_cli.runs.request import RunRequest


class Watcher(Observer, Protocol):
    """An observer that also knows signals and its own end."""

    def stopping(self) -> None:
        """Tell, from within a signal handler, that the run was asked to stop."""
        ...

    def close(self) -> None:
        """Stop drawing, whatever happened."""
        ...


@contextmanager
def watcher(voice: Voice, signals: Signals, request: RunRequest, *, yes: bool) -> Iterator[Watcher]:
    """Return the observer that fits stderr and the options, and close it at the end."""
    chosen = _choose(voice, signals, request, yes=yes)
    try:
        yield chosen
    finally:
        chosen.close()


def _choose(voice: Voice, signals: Signals, request: RunRequest, *, yes: bool) -> Watcher:
    if voice.json_log:
        from capi_cli.cli.render.jsonlog import JsonLog

        return JsonLog(verbose=voice.verbose, quiet=voice.quiet)
    from capi_cli.cli.render.question import Question

    question = Question(voice=voice, signals=signals, yes=yes)
    if voice.draws:
        from capi_cli.cli.render.terminal import Terminal

        sends = request.command == "upload" and not request.dry_run
        return Terminal(
            voice.console(stderr=True), question, signals.stop, sends=sends, verbose=voice.verbose
        )
    from capi_cli.cli.render.plain import Plain

    return Plain(question, verbose=voice.verbose, quiet=voice.quiet)
