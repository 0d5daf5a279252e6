"""Rules of when an event happened: how a time is read, and how old Meta lets it be."""

from typing import Final

from capi_cli.event.findings import Rule
from capi_cli.event.rules.severities import error, warning

EXAMPLE_LAYOUT: Final = "%d.%m.%Y %H:%M"
EXAMPLE_ZONE: Final = "Europe/Berlin"
OF_YOUR_LAYOUT: Final = ", with the codes of your layout"
_FORMAT_FIX = (
    f'In capi.toml, under [event]: event_time = {{ column = "COLUMN", format = "{EXAMPLE_LAYOUT}", '
    f'timezone = "{EXAMPLE_ZONE}" }}{OF_YOUR_LAYOUT}.'
)
_WHY_TIME = (
    "Meta places every event in time to credit the right ad; a wrong hour or day credits the wrong one."
)

READING_RULES: Final[tuple[Rule, ...]] = (
    error(
        code="event-time-missing",
        message="The row does not say when it happened: it has no event_time.",
        expected="The time of the sale or lead, not of the export.",
        why="Meta refuses an event without event_time, and the time is never made up.",
        fix="Add --map event_time=COLUMN, with the column that holds the time of the order.",
        example="--map event_time=created_at",
    ),
    error(
        code="time-unreadable",
        message="The cell can't be read as a time.",
        expected="2024-03-05T10:11:12+01:00, or 2024-03-05 10:11 with a named time zone, or Unix seconds.",
        why="Meta takes Unix seconds only, and refuses the event without them.",
        fix="Correct the cell; or map another column: --map event_time=COLUMN.",
        example="yesterday → 2024-03-05 10:11",
    ),
    error(
        code="time-zone-missing",
        message="The time carries no time zone, and none was named.",
        expected="An offset such as +01:00 or Z in the cell, or the zone of your shop in the command.",
        why=f"10:11 in Berlin and 10:11 in New York are six hours apart. {_WHY_TIME}",
        fix="Add --timezone Europe/Berlin, or the zone in which your system writes its times.",
        example="2024-03-05 10:11 → with --timezone Europe/Berlin: 2024-03-05 09:11 UTC",
    ),
    error(
        code="time-zone-unknown",
        message="The time zone of this row has no known name.",
        expected="An IANA name: Europe/Berlin, America/New_York.",
        why=_WHY_TIME,
        fix="Correct the zone; or leave its column out of event_time, and name one zone for all rows: "
        "--timezone Europe/Berlin.",
        example="Berlin time → Europe/Berlin",
    ),
    error(
        code="time-zone-name",
        message="The time ends in a zone's abbreviation, which stands for several zones.",
        expected="An offset such as -05:00 in the cell; or no abbreviation and a named zone.",
        why=f"CST is used in Chicago, Havana and Shanghai. {_WHY_TIME}",
        fix='Name the layout and the zone in capi.toml: format = "%Y-%m-%d %H:%M:%S EST", '
        'timezone = "America/New_York".',
        example="2024-03-05 10:11:12 EST → 2024-03-05 10:11:12-05:00",
    ),
    error(
        code="time-day-or-month",
        message="Day and month can't be told apart; name the layout: {detail}.",
        expected="A layout that was named, or ISO dates such as 2024-03-05.",
        why="05/03/2024 is 5 March in London and 3 May in New York. An event two months off is refused or "
        "credits the wrong ad.",
        fix=_FORMAT_FIX,
        example='05/03/2024 10:11 → format = "%d/%m/%Y %H:%M" if it is 5 March',
    ),
    error(
        code="time-format-unknown",
        message='This layout has to be named: format = "{detail}".',
        expected="ISO 8601 (2024-03-05T10:11:12+01:00), Unix time, or a layout named in capi.toml.",
        why="Layouts are never guessed cell by cell: one wrong guess moves an event by months.",
        fix=_FORMAT_FIX,
        example='25.03.2024 10:11 → format = "%d.%m.%Y %H:%M"',
    ),
    error(
        code="time-format-differs",
        message="The time does not fit the layout that was named: {detail}.",
        expected="Every cell of the column in the one layout that the mapping names.",
        why="A cell that is read by the wrong layout lands on another day, or nowhere.",
        fix="Correct the cell, or the format of this field in capi.toml.",
        example='2024-03-05 under format = "%d.%m.%Y" → 05.03.2024',
    ),
    error(
        code="time-unit-differs",
        message="The number is in another unit than the rest of its column: {detail}.",
        expected="One unit in the whole column: seconds, milliseconds or microseconds since 1970.",
        why="A thousand times too large or too small, an event lands in 1970 or in the year 56000.",
        fix='Correct the cell; or name the unit in capi.toml: event_time = { column = "COLUMN", format = "ms" }.',
        example="1709629872 in a column of 1709629872000 → 1709629872000",
    ),
    error(
        code="time-excel-serial",
        message="The cell holds a spreadsheet's day number instead of a date.",
        expected="A date as text: 2024-03-05 10:11.",
        why="Spreadsheets count days from 1900 or 1904 and know no time zone, so the number alone tells no time.",
        fix="In the spreadsheet give the column the format yyyy-mm-dd hh:mm:ss, save as CSV again, "
        "and add --timezone Europe/Berlin.",
        example="45356.42 → 2024-03-05 10:04:48",
    ),
    error(
        code="time-damaged",
        message="A spreadsheet has rounded this number; its last digits are lost.",
        expected="All digits: 1709629872.",
        why="1.70963E+09 may be any time within three hours, and rounding can't be undone.",
        fix="Export the file again and do not save it from a spreadsheet; or format the column as text first.",
        example="1.70963E+09 → 1709629872",
    ),
    warning(
        code="time-date-only",
        message="A date without a time is read as 00:00 in {detail}.",
        expected="Date and time of the sale.",
        why="Meta credits ads by the hour. All sales of a day at midnight look as if they came before that day's ads.",
        fix="Map a column that holds the time too: --map event_time=COLUMN; or both columns, in capi.toml under "
        '[event]: event_time = ["DATE_COLUMN", "TIME_COLUMN"].',
        example="2024-03-05 → 2024-03-05 17:42",
    ),
    warning(
        code="time-dst-gap",
        message="Clocks skipped this time when summer time began: {detail}. It is read an hour later.",
        expected="A time that existed; or an offset such as +01:00 in the cell.",
        why="The event may be an hour off. Usually the times were written in another zone than the one named.",
        fix="Check --timezone, or export times with their offset.",
        example="2024-03-31 02:30 in Europe/Berlin → 03:30",
    ),
    warning(
        code="time-dst-overlap",
        message="This time came twice when summer time ended: {detail}. The first one is taken.",
        expected="An offset such as +02:00 in the cell, which tells the two apart.",
        why="The event may be an hour off.",
        fix="Nothing to do for a few rows; else export times with their offset.",
        example="2024-10-27 02:30 in Europe/Berlin → 02:30+02:00",
    ),
    warning(
        code="time-dropped",
        message="A time other than event_time can't be used ({detail}), so it is left out.",
        expected="A time as for event_time.",
        why="The event is complete without it; a wrong value would be refused.",
        fix="`capi explain` of the code in brackets says what is wrong and how to mend it.",
        example="original_event_data.event_time: 05/03/2024 → 2024-03-05T10:11:12Z",
    ),
)

_WHY_OLD = (
    "Meta takes events up to 7 days old (physical_store: 62 days). One older event makes it refuse all events of "
    "the same request (2804003)."
)

AGE_RULES: Final[tuple[Rule, ...]] = (
    error(
        code="event-too-old",
        message="The event is older than Meta takes: 7 days, or 62 days for physical_store.",
        expected="Events of the last 7 days; of the last 62 days where they happened in a shop.",
        why=_WHY_OLD,
        fix="If these are sales in a shop: --set action_source=physical_store. Else upload daily, and leave old rows "
        "out with --since 7d.",
        example="an online order of last month",
    ),
    error(
        code="event-expired",
        message="The event became too old for Meta while it waited to be sent.",
        expected="Events that are sent well before they are 7 days old (physical_store: 62).",
        why=_WHY_OLD,
        fix="Nothing brings it back. Upload at least once a day, so that no event comes near the limit.",
        example="an order of 6 days and 23 hours in a long upload",
    ),
    error(
        code="event-before-lead",
        message="The event came before its lead was made.",
        expected="A stage that was reached after the lead, or at the same second.",
        why="Meta throws away events of a lead that are older than the lead, and says nothing.",
        fix="Check the columns: --map event_time=COLUMN is when the stage was reached, --map lead_created_at=COLUMN "
        "when the lead was made. A date without a time counts as 00:00: export the time too.",
        example="a lead of 31 August 10:15, qualified on 31 August without a time",
    ),
    error(
        code="event-in-future",
        message="The event lies in the future.",
        expected="A time that has passed.",
        why="Meta refuses events from the future (2804004), and with one of them all events of the same request.",
        fix="Check --timezone: local times read in a zone further west come out too late. Check the computer's clock "
        "with `capi doctor`.",
        example="14:00 in Berlin read with --timezone America/New_York is 20:00 in Berlin",
    ),
    warning(
        code="event-expires-soon",
        message="The event comes within 10 minutes of being too old for Meta.",
        expected="Events that are sent well before they are 7 days old (physical_store: 62).",
        why=_WHY_OLD,
        fix="Upload now, and at least once a day from now on.",
        example="an order of 6 days, 23 hours and 55 minutes",
    ),
    warning(
        code="event-old-for-store",
        message="A sale in a shop that is more than 7 days old: Meta takes it, but it serves less.",
        expected="Sales of the last 7 days, best of the last day.",
        why="Meta asks for shop sales within 62 days, but credits and learns best from those of the last days.",
        fix="Upload daily: `capi upload` from cron sends only what is new.",
        example="a sale of three weeks ago",
    ),
    warning(
        code="event-slightly-future",
        message="The event lies up to a minute in the future; it is sent as it is.",
        expected="A time that has passed.",
        why="Clocks that differ by seconds do this. Meta does not say how much it tolerates.",
        fix="Check the computer's clock with `capi doctor`.",
        example="10:00:30 on a till, 10:00:00 here",
    ),
)

RULES: Final[tuple[Rule, ...]] = (*READING_RULES, *AGE_RULES)
