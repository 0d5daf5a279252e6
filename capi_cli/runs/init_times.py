"""How times and dates of birth are written: settled by their columns, or asked."""

from collections.abc import Callable
from dataclasses import replace

from capi_cli.event.normalize.birth import Order, settle_birth_format
from capi_cli.mapping.guess import guess, likely_columns
from capi_cli.mapping.model import Entry
from capi_cli.prepare.time_guess import are_clock_times, are_zones, look_at_times
from capi_cli.runs import init_questions as questions
from capi_cli.runs.init_toml import quoted, toml_line
from capi_cli.runs.init_work import BY_ANSWER, Work


def settle_time(work: Work) -> None:
    """Settle the column, the format and the zone of event_time, or ask."""
    entry = work.entries.get("event_time")
    if entry is None:
        unclear = guess(work.sample.header, work.used()).unclear.get("event_time", ())
        if not any(one.name == "event_time" for one in work.draft.open):
            choose_time(work, list(unclear))
        entry = work.entries.get("event_time")
    if entry is None or entry.value is not None or entry.template is not None:
        return
    entry = work.entries["event_time"] = _with_clock_and_zone(work, entry)
    cells = work.sample.joined(entry.positions)
    zone = entry.timezone or work.option("timezone")
    looked = look_at_times(cells, format=entry.format, timezone=zone)
    if looked.serials:
        work.notes["event_time"] = (
            "Its cells are a spreadsheet's counts of days: export dates as text instead."
        )
    if len(looked.formats) > 1:
        choices = tuple(format for format in looked.formats if format)
        answer = work.asker.ask(questions.date_format(entry.columns[0], choices))
        if answer is None:
            lines = tuple(toml_line(replace(entry, format=format)) for format in choices)
            why = "No cell has a day above 12, so the order of day and month is not settled."
            work.leave("event_time", why, lines)
            del work.entries["event_time"]
        entry = replace(entry, format=answer or choices[0])
    elif looked.formats[0]:
        entry = replace(entry, format=looked.formats[0])
    if "event_time" in work.entries:
        work.entries["event_time"] = entry
    if look_at_times(cells, format=entry.format, timezone=zone).zone_missing:
        answer = work.asker.ask(questions.timezone())
        if answer:
            work.draft.options["timezone"] = answer
        else:
            why = "The times carry no zone; name the one in which the file was written."
            work.leave("timezone", why, ('timezone = "Europe/Berlin"',))


def settle_birth(work: Work) -> None:
    """Write down the order of dates of birth where the column settles it, else ask."""
    entry = work.entries.get("user_data.db")
    if entry is None or entry.format or not entry.positions:
        return
    settled = settle_birth_format(work.sample.cells(*entry.positions))
    if settled.format is not None:
        work.entries["user_data.db"] = replace(entry, format=settled.format)
    elif settled.order is Order.UNSETTLED:
        choices = ("%d/%m/%Y", "%m/%d/%Y")
        answer = work.asker.ask(questions.date_format(entry.columns[0], choices))
        if answer:
            work.entries["user_data.db"] = replace(entry, format=answer)
        else:
            del work.entries["user_data.db"]
            lines = tuple(toml_line(replace(entry, format=format)) for format in choices)
            work.leave("user_data.db", "The order of day and month is not settled.", lines, required=False)


def choose_time(work: Work, positions: list[int]) -> None:
    """Ask which of several columns is the event's time, or leave it open."""
    names = [work.name(at) for at in positions] or likely_columns("event_time", work.sample.header)
    answer = work.asker.ask(questions.time_column(names)) if names else None
    if answer is not None:
        (at, *_) = work.sample.header.find(answer)
        work.take("event_time", at, None)
        work.why["event_time"] = BY_ANSWER
        return
    lines = tuple(f"event_time = {quoted(name)}" for name in names) or ('event_time = "COLUMN"',)
    work.leave("event_time", "Which column says when the event happened?", lines)


def _with_clock_and_zone(work: Work, entry: Entry) -> Entry:
    """Put the column of clock times behind one of dates, and that of zones behind both."""
    if (
        len(entry.positions) == 1
        and look_at_times(work.sample.cells(*entry.positions), format=entry.format, timezone="UTC").whole_days
    ):
        entry = _joined(work, entry, are_clock_times)
    return _joined(work, entry, are_zones)


def _joined(work: Work, entry: Entry, holds: Callable[[list[str]], bool]) -> Entry:
    """Add the one free column of that kind."""
    used = work.used() | set(entry.positions)
    found = [at for at in work.sample.header.usable if at not in used and holds(work.sample.cells(at))]
    if len(found) != 1 or work.doubled(found[0]):
        return entry
    return replace(
        entry, columns=(*entry.columns, work.name(found[0])), positions=(*entry.positions, found[0])
    )
