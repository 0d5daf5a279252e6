"""How the run went, in words and as parts of a bar; the parts add up as the contract's two equations do."""

from dataclasses import dataclass
from typing import Final

from capi_cli.numbers import count, counted
from capi_cli.runs.summary import Summary

_LEAST_SHARE: Final = 0.006  # of the bar's width: the fewest rows must be seen all the same
_GAP: Final = 0.25  # percent


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a bar: `x` and `width` are percent of its length, `kind` names its colour."""

    kind: str
    label: str
    meaning: str
    count: int
    share: float
    x: float = 0.0
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Equation:
    """`total` is the sum of `terms`, each with its name."""

    name: str
    total: int
    terms: tuple[tuple[str, int], ...]


def sends(summary: Summary) -> bool:
    """Return whether the run was to send anything."""
    return summary.command == "upload" and not summary.dry_run


def headline(summary: Summary) -> str:
    """Return the page's first sentence."""
    rejected = summary.rows_rejected + summary.events_rejected
    ready = summary.events_prepared
    accepted = counted(summary.events_accepted, "event")
    if not summary.rows_read:
        return "There were no rows to read."
    if not sends(summary):
        verb = "would be sent" if summary.dry_run else "ready to be sent"
        if summary.error is not None:
            return f"Stopped: {count(rejected)} of {counted(summary.rows_read, 'row')} rejected."
        if not rejected and ready == summary.rows_read:
            return f"All {counted(ready, 'event')} {verb}." if ready > 1 else f"The one event {verb}."
        tail = f"; {counted(rejected, 'row')} rejected." if rejected else "."
        return f"{counted(ready, 'event')} {verb}{tail}"
    still = summary.events_unsent + summary.events_unknown
    if summary.exit_code not in (0, 3):
        begin = "Stopped" if summary.exit_code not in (4, 130, 143) else "Not finished"
        if not summary.events_accepted:
            return f"{begin}: nothing was accepted."
        return f"{begin}: {accepted} accepted" + (f", {count(still)} still open." if still else ".")
    if not rejected:
        if not ready and summary.rows_skipped:
            return "Nothing new: every event was accepted before."
        if not ready:
            return "No event to send."
        return f"All {accepted} accepted." if ready > 1 else "The one event was accepted."
    return f"{accepted} accepted; {counted(rejected, 'row')} rejected."


def next_steps(summary: Summary) -> list[str]:
    """Return what to do now, one sentence each."""
    steps = []
    if summary.rejects_path is not None:
        steps.append(
            "Mend the rejected rows in the rejects file and upload that file as it is: they alone are sent."
        )
    said = summary.error is not None and summary.error.hint.startswith("Run the same command")
    if sends(summary) and summary.exit_code in (4, 130, 143) and not said:
        steps.append("Run the same command again to send the rest; what was accepted is not sent twice.")
    if summary.command == "validate" and summary.exit_code in (0, 3) and summary.events_prepared:
        steps += summary.next_steps or ("Next: capi upload with the same options.",)
    return steps


def bars(summary: Summary) -> list[tuple[str, list[Part]]]:
    """Return the rows as one bar down to Meta's answer, or as two where several rows make one event."""
    rows = [
        Part("rejected", "rejected here", "not sent; in the rejects file", summary.rows_rejected, 0),
        Part("skipped", "skipped", "accepted before, or twice in this run", summary.rows_skipped, 0),
        Part(
            "filtered", "filtered", "not asked for, by --where, --since or consent", summary.rows_filtered, 0
        ),
    ]
    events = _events(summary)
    if summary.rows_prepared == summary.events_prepared:
        return [("rows", _laid_out([*events, *rows]))]
    prepared = Part("ready", "prepared", "became events", summary.rows_prepared, 0)
    return [("rows", _laid_out([prepared, *rows])), ("events", _laid_out(events))]


def _events(summary: Summary) -> list[Part]:
    if not sends(summary):
        meaning = "a dry run sends nothing" if summary.dry_run else "nothing was sent yet"
        return [Part("ready", "ready", meaning, summary.events_unsent, 0)]
    whose = "the sandbox" if summary.sandbox else "Meta"
    return [
        Part("accepted", "accepted", f"{whose} has them", summary.events_accepted, 0),
        Part(
            "refused",
            f"rejected by {whose}",
            f"in the rejects file, with {whose}'s words",
            summary.events_rejected,
            0,
        ),
        Part("unknown", "unknown", "sent, and no answer came", summary.events_unknown, 0),
        Part("unsent", "unsent", "the same command sends them", summary.events_unsent, 0),
    ]


def _laid_out(parts: list[Part]) -> list[Part]:
    """Place the parts that are not empty side by side, none too narrow to be seen."""
    shown = [part for part in parts if part.count]
    total = sum(part.count for part in shown)
    shares = [part.count / total for part in shown]
    widths = [max(share, _LEAST_SHARE) for share in shares]
    room = 100 - _GAP * (len(shown) - 1)
    scale = room / sum(widths) if widths else 0
    found, x = [], 0.0
    for part, share, width in zip(shown, shares, widths, strict=True):
        found.append(Part(part.kind, part.label, part.meaning, part.count, share, x, width * scale))
        x += width * scale + _GAP
    return found


def equations(summary: Summary) -> list[Equation]:
    """Return the contract's two equations."""
    return [
        Equation(
            "rows read",
            summary.rows_read,
            (
                ("filtered", summary.rows_filtered),
                ("rejected", summary.rows_rejected),
                ("skipped", summary.rows_skipped),
                ("prepared", summary.rows_prepared),
            ),
        ),
        Equation(
            "events prepared",
            summary.events_prepared,
            (
                ("accepted", summary.events_accepted),
                ("rejected", summary.events_rejected),
                ("unknown", summary.events_unknown),
                ("unsent", summary.events_unsent),
            ),
        ),
    ]
