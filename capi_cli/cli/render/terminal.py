"""A run on a terminal: the mapping as a table, notes as they come, and a live display under them."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from capi_cli.cli.render.mapping import mapping_shown
from capi_cli.cli.render.question import Question
from capi_cli.numbers import count, counted, per_second, size, span
from capi_cli.runs.progress import Confirmation, Level, Progress, SourceView
from capi_cli.runs.summary import Summary

_STYLES: dict[Level, str] = {"debug": "dim", "info": "", "warning": "yellow", "error": "bold red"}
_REFRESHES_PER_SECOND = 5
_WINDOW_S = 10.0  # rates are over the last ten seconds: steady enough to read, quick enough to believe


class Terminal:
    """Draws the counters of the run five times a second."""

    def __init__(
        self,
        console: Console,
        question: Question,
        stop: threading.Event,
        *,
        sends: bool,
        verbose: bool = False,
    ) -> None:
        self._console, self._question, self._stop = console, question, stop
        self._sends, self._verbose = sends, verbose
        self._live: Live | None = None
        self._progress: Progress | None = None
        self._lines = 0  # printed so far, beside the display

    def started(self, run_id: str, progress: Progress) -> None:
        """Draw from now on."""
        if self._verbose:
            self.note("debug", f"run {run_id}")
        self._progress = progress
        self._draw()

    def opened(self, view: SourceView) -> None:
        """Show the source and the mapping in force, above the display."""
        for part in mapping_shown(view):
            self._print(part)

    def note(self, level: Level, message: str, **facts: object) -> None:
        """Print it above the display."""
        if level != "debug" or self._verbose:
            self._print(Text(f"  {message}", style=_STYLES[level]))

    def confirm(self, question: Confirmation) -> bool:
        """Ask, with the display out of the way; a new one begins below the answer, its pace unspoilt by the wait."""
        self.close()
        try:
            return self._question.ask(question)
        finally:
            self._draw()

    def finished(self, summary: Summary) -> None:
        """Stop drawing, and tell the summary how much of one screen is left to it."""
        self.close()
        summary.lines_above = self._lines

    def stopping(self) -> None:
        """Do nothing here, within a signal handler: the display sees `stop` by itself."""

    def close(self) -> None:
        """Take the display away and give the cursor back."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _print(self, what: Text | Table) -> None:
        self._lines += len(self._console.render_lines(what, pad=False))
        self._console.print(what)

    def _draw(self) -> None:
        if self._progress is None:
            return
        self._live = Live(
            Display(self._progress, self._stop, sends=self._sends),
            console=self._console,
            refresh_per_second=_REFRESHES_PER_SECOND,
            redirect_stdout=False,
            redirect_stderr=False,
            transient=True,
        )
        self._live.start()


@dataclass(slots=True)
class _Pace:
    """How fast counters move, over the last seconds."""

    clock: Callable[[], float]
    moments: deque[tuple[float, int, int]] = field(default_factory=deque)  # (time, events, bytes)

    def add(self, events: int, read_bytes: int) -> None:
        now = self.clock()
        self.moments.append((now, events, read_bytes))
        while len(self.moments) > 2 and now - self.moments[0][0] > _WINDOW_S:
            self.moments.popleft()

    def per_second(self) -> tuple[float, float]:
        """Return events and bytes per second."""
        (then, events, read), (now, events_now, read_now) = self.moments[0], self.moments[-1]
        if (elapsed := now - then) <= 0:
            return 0.0, 0.0
        return (events_now - events) / elapsed, (read_now - read) / elapsed


class Display:
    """The live part: how far, how many, how fast, and why it waits."""

    def __init__(
        self,
        progress: Progress,
        stop: threading.Event,
        *,
        sends: bool,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._progress, self._stop, self._sends = progress, stop, sends
        self._pace = _Pace(clock)
        self._wall_clock = wall_clock

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the counters as they are now."""
        now = self._progress
        self._pace.add(now.events_accepted if self._sends else now.events_prepared, now.bytes_read)
        yield self._bar(options.max_width)
        for line in (self._counts(), self._speed(), self._waiting()):
            if line:
                line.no_wrap, line.overflow = True, "ellipsis"
                yield line

    def _bar(self, width: int) -> Table:
        """Return the share of the bytes read, and what is left."""
        now = self._progress
        grid = Table.grid(padding=(0, 1), expand=False)
        total = now.bytes_total or None
        bar = ProgressBar(
            total=total,
            completed=min(now.bytes_read, total or 0),
            width=max(10, width // 3),
            pulse=total is None,
        )
        cells: list[ProgressBar | Text] = [bar]
        if total is not None:
            share = min(1.0, now.bytes_read / total)
            cells.append(Text(f"{share:4.0%} of {size(total)}", no_wrap=True))
            if (left := self._time_left(total)) is not None:
                cells.append(Text(f"{span(left)} left", no_wrap=True))
        else:
            cells.append(Text(f"{size(now.bytes_read)} read", no_wrap=True))
        cells.append(Text(now.source, style="dim", no_wrap=True, overflow="ellipsis"))
        grid.add_row(*cells)
        return grid

    def _time_left(self, total: int) -> float | None:
        _, speed = self._pace.per_second()
        left = total - self._progress.bytes_read
        return left / speed if speed > 0 and left > 0 else None

    def _counts(self) -> Text:
        now = self._progress
        line = Text(counted(now.rows_read, "row") + " read")
        if self._sends:
            line.append(" · ").append(f"{counted(now.events_accepted, 'event')} accepted", style="green")
        else:
            line.append(" · ").append(f"{counted(now.events_prepared, 'event')} ready", style="green")
        if rejected := now.rows_rejected + now.events_rejected:
            line.append(" · ").append(f"{count(rejected)} rejected", style="red")
        for number, word in (
            (now.rows_filtered, "filtered"),
            (now.rows_skipped, "skipped"),
            (now.events_unknown, "unknown"),
        ):
            if number:
                line.append(f" · {count(number)} {word}")
        return line

    def _speed(self) -> Text:
        now = self._progress
        events, _ = self._pace.per_second()
        line = Text(f"{per_second(events).removesuffix('/s')} events/s")
        if self._sends:
            allowed = max(now.allowed_in_flight, now.in_flight)  # after slowing down, more may still be out
            line.append(f" · {now.in_flight} of {counted(allowed, 'request')} in flight")
            if now.retries:
                line.append(f" · {'1 retry' if now.retries == 1 else f'{count(now.retries)} retries'}")
        return line

    def _waiting(self) -> Text | None:
        now = self._progress
        if self._stop.is_set():
            flying = counted(now.in_flight, "request")
            return Text(
                f"Stopping: waiting for {flying} in flight. Ctrl-C again leaves at once.", style="bold yellow"
            )
        if not now.waiting_for:
            return None
        left = now.retry_at - self._wall_clock()
        return Text(now.waiting_for + (f", {span(left)} left" if left > 0 else ""), style="yellow")
