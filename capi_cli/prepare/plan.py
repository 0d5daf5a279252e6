"""A plan: the mapping with every column question settled, ready to be sent to a worker process."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from capi_cli.event.fields import Kind
from capi_cli.event.normalize.birth import settle_birth_format
from capi_cli.event.normalize.times import TimeReading, settle_times
from capi_cli.mapping.model import Entry, Mapping
from capi_cli.prepare.columns import Table, entry_text
from capi_cli.prepare.distinct import distinct
from capi_cli.prepare.suppression import Suppressed

SETTLING_ROWS = 10_000  # the contract: column questions are settled on the first 10,000 rows, and then stand
_BIRTH_DATES = ("user_data.db", "user_data.doby", "user_data.dobm", "user_data.dobd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that preparing needs to know about one source.

    Attributes:
        mapping: Bound to the source's header.
        wanted: Positions of the header that the reader should yield, in this order.
        today: For birth dates.
        readings: How each time field is read, by path.
        birth_formats: strptime format by path, None where only unambiguous dates are read.
        since_at: Rows with an earlier event_time are filtered; None for all.
        suppressed: People whose rows are filtered; None for nobody.
        remarks: What was settled, in sentences for the screen.
    """

    mapping: Mapping
    wanted: tuple[int, ...]
    today: date
    readings: dict[str, TimeReading] = field(default_factory=dict)
    birth_formats: dict[str, str | None] = field(default_factory=dict)
    since_at: int | None = None
    suppressed: Suppressed | None = None
    remarks: tuple[str, ...] = ()

    @property
    def slots(self) -> dict[int, int]:
        """Header position → column of a block."""
        return {position: slot for slot, position in enumerate(self.wanted)}


def wanted_columns(mapping: Mapping) -> tuple[int, ...]:
    """Return the positions of all columns that the mapping reads, ascending."""
    found = {position for entry in mapping.entries for position in entry.positions}
    found |= {where.position for where in mapping.where}
    if mapping.group is not None:
        found.add(mapping.group.position)
    return tuple(sorted(found))


def settle(
    mapping: Mapping,
    tables: Sequence[Table],
    *,
    today: date,
    since_at: int | None = None,
    suppressed: Suppressed | None = None,
) -> Plan:
    """Settle the column questions (epoch unit, date order) on the first rows of a source."""
    readings: dict[str, TimeReading] = {}
    births: dict[str, str | None] = {}
    remarks: list[str] = []
    for entry in mapping.entries:
        path = entry.field.path
        if entry.field.kind is Kind.TIME:
            reading = settle_times(
                _texts(entry, tables), format=entry.format, timezone=entry.timezone or mapping.timezone
            )
            readings[path] = reading
            if entry.value is None and (reading.unit or reading.format or reading.date_order):
                remarks.append(f"{entry.field.path}: {reading.describe()}")
        elif path in _BIRTH_DATES:
            births[path] = entry.format
            if entry.format is None:
                settled = settle_birth_format(_texts(entry, tables))
                births[path] = settled.format
                if settled.format is not None:
                    remarks.append(f"{entry.field.path}: {settled.order} ({settled.format})")
    return Plan(
        mapping=mapping,
        wanted=wanted_columns(mapping),
        today=today,
        readings=readings,
        birth_formats=births,
        since_at=since_at,
        suppressed=suppressed,
        remarks=tuple(remarks),
    )


def _texts(entry: Entry, tables: Iterable[Table]) -> list[str]:
    if entry.value is not None:
        return [entry.value]
    found: dict[str, None] = {}
    for table in tables:
        cells = entry_text(table, entry)
        assert cells is not None
        found.update(dict.fromkeys(distinct(cells).values))
    return list(found)
