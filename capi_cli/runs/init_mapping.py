"""From the mapping that names suggest to one that can be used: cells, column questions, and questions to a person."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from capi_cli.event.fields import FIELDS, Kind
from capi_cli.event.findings import Finding
from capi_cli.event.normalize.birth import Order, settle_birth_format
from capi_cli.event.normalize.countries import find_country
from capi_cli.event.normalize.keys import KeySettings, normalized
from capi_cli.mapping.guess import guess, likely_columns
from capi_cli.mapping.model import Entry, Mapping, Origin
from capi_cli.mapping.show import mapping_lines
from capi_cli.prepare.cell_guess import (
    Likely,
    currencies_beside,
    decimals_that_read,
    holds_digests,
    likely_countries,
    likely_fields,
    read_share,
)
from capi_cli.prepare.time_guess import look_at_times
from capi_cli.runs import init_questions as questions
from capi_cli.runs.init_draft import Asker, Draft, Filled, Open
from capi_cli.runs.init_sample import Sample
from capi_cli.runs.init_toml import quoted, toml_line

_MOST_ZONELESS: Final = 0.05  # of the phones; fewer than that need no question
_ORDER: Final = {path: at for at, path in enumerate(FIELDS)}


def complete_mapping(draft: Draft, mapping: Mapping, sample: Sample, asker: Asker) -> None:
    """Fill the draft from what names or an export suggest, the cells, and the person's answers."""
    work = _Work(
        draft=draft, sample=sample, asker=asker, mapping=mapping, entries={}, why={}, notes={}, sure={}
    )
    for entry in mapping.entries:
        work.entries[entry.field.path] = entry
        work.why[entry.field.path] = _WHY[entry.origin]
    work.look_at_cells()
    work.settle_time()
    work.settle_birth()
    work.settle_country()
    work.settle_event()
    work.settle_money()
    work.finish()


_WHY: Final = {
    Origin.OPTION: "As said on the command line",
    Origin.CONFIG: "As said",
    Origin.EXPORT: "As in every such export",
    Origin.HEADER: "By its name",
    Origin.DEFAULT: "By default",
}
_BY_CELLS: Final = "By its cells alone"
_BY_ANSWER: Final = "As answered"


@dataclass(slots=True, kw_only=True)
class _Work:
    """The steps, in order; each settles what it can and leaves the rest open."""

    draft: Draft
    sample: Sample
    asker: Asker
    mapping: Mapping
    entries: dict[str, Entry]
    why: dict[str, str]
    notes: dict[str, str]
    sure: dict[str, float]

    def look_at_cells(self) -> None:
        """Fill what nothing fills yet from columns whose cells can mean one thing alone."""
        found: dict[str, list[tuple[int, Likely]]] = {}
        for at in self._free():
            cells = self.sample.cells(at)
            if holds_digests(cells):
                name = quoted(self._name(at))
                self.draft.possible.append(
                    f"{name} holds SHA-256 digests; if of e-mail addresses, em = {name}."
                )
                continue
            likely = likely_fields(cells, country=self._option("default_country"), today=self.sample.today)
            sure = [one for one in likely if one.sure]
            if len(sure) == 1 and sure[0].path not in self.entries and not self._doubled(at):
                found.setdefault(sure[0].path, []).append((at, sure[0]))
            elif likely and likely[0].path not in self.entries:
                self._perhaps(at, likely[0])
        for path, columns in found.items():
            (at, first), *others = columns
            if others and path != "event_time":
                for each, likely_one in columns:
                    self._perhaps(each, likely_one)
            elif others:
                self._choose_time([each for each, _ in columns])
            else:
                self._take(path, at, first.confidence)

    def settle_time(self) -> None:
        """Settle the column, the format and the zone of event_time, or ask."""
        entry = self.entries.get("event_time")
        if entry is None:
            unclear = guess(self.sample.header, self._used()).unclear.get("event_time", ())
            if not any(one.name == "event_time" for one in self.draft.open):
                self._choose_time(list(unclear))
            entry = self.entries.get("event_time")
        if entry is None or entry.value is not None or entry.template is not None:
            return
        cells = self.sample.joined(entry.positions)
        zone = entry.timezone or self._option("timezone")
        looked = look_at_times(cells, format=entry.format, timezone=zone)
        if looked.serials:
            self.notes["event_time"] = (
                "Its cells are a spreadsheet's counts of days: export dates as text instead."
            )
        if len(looked.formats) > 1:
            choices = tuple(format for format in looked.formats if format)
            answer = self.asker.ask(questions.date_format(entry.columns[0], choices))
            if answer is None:
                lines = tuple(toml_line(replace(entry, format=format)) for format in choices)
                why = "No cell has a day above 12, so the order of day and month is not settled."
                self._leave("event_time", why, lines)
                del self.entries["event_time"]
            entry = replace(entry, format=answer or choices[0])
        elif looked.formats[0]:
            entry = replace(entry, format=looked.formats[0])
        if "event_time" in self.entries:
            self.entries["event_time"] = entry
        if look_at_times(cells, format=entry.format, timezone=zone).zone_missing:
            answer = self.asker.ask(questions.timezone())
            if answer:
                self.draft.options["timezone"] = answer
            else:
                why = "The times carry no zone; name the one in which the file was written."
                self._leave("timezone", why, ('timezone = "Europe/Berlin"',))

    def settle_birth(self) -> None:
        """Write down the order of dates of birth where the column settles it, else ask."""
        entry = self.entries.get("user_data.db")
        if entry is None or entry.format or not entry.positions:
            return
        settled = settle_birth_format(self.sample.cells(*entry.positions))
        if settled.format is not None:
            self.entries["user_data.db"] = replace(entry, format=settled.format)
        elif settled.order is Order.UNSETTLED:
            choices = ("%d/%m/%Y", "%m/%d/%Y")
            answer = self.asker.ask(questions.date_format(entry.columns[0], choices))
            if answer:
                self.entries["user_data.db"] = replace(entry, format=answer)
            else:
                del self.entries["user_data.db"]
                lines = tuple(toml_line(replace(entry, format=format)) for format in choices)
                self._leave(
                    "user_data.db", "The order of day and month is not settled.", lines, required=False
                )

    def settle_country(self) -> None:
        """Ask for the country of phones that name none."""
        entry = self.entries.get("user_data.ph")
        if entry is None or self._option("default_country") or not entry.positions:
            return
        national = self._national_phones(entry)
        if len(national) <= _MOST_ZONELESS * len(self.sample.cells(*entry.positions)):
            return
        likely = likely_countries(national, today=self.sample.today)
        answer = self.asker.ask(questions.country(len(national), likely))
        if answer:
            self.draft.options["default_country"] = answer
        else:
            why = f"{len(national):,} phones name no country and are left out; name the one they are from."
            lines = tuple(f"default_country = {quoted(code)}" for code in likely or ["DE"])
            self._leave("default_country", why, lines, required=False)

    def settle_event(self) -> None:
        """Ask what the events are and where they took place; neither is guessed."""
        if "event_name" not in self.entries:
            answer = self.asker.ask(questions.event_name())
            lines = tuple(f'event_name = {{ value = "{name}" }}' for name in ("Purchase", "Lead"))
            self._constant(
                "event_name", answer, "What happened in each row? Meta's names or your own.", lines
            )
        if "action_source" not in self.entries:
            answer = self.asker.ask(questions.action_source())
            lines = tuple(
                f'action_source = {{ value = "{name}" }}'
                for name in ("physical_store", "website", "phone_call")
            )
            self._constant("action_source", answer, "Where did the events take place? Never guessed.", lines)

        source = self.entries.get("action_source")
        said = () if source is None else (source.value, source.default, *(word for _, word in source.words))
        if "website" in said and "event_source_url" not in self.entries:
            answer = self.asker.ask(questions.page())
            why = "Meta requires the page of website events; your shop's address does for all rows."
            line = 'event_source_url = { value = "https://www.example.com/" }'
            self._constant("event_source_url", answer, why, (line,))

    def settle_money(self) -> None:
        """Settle the decimal sign of amounts, and their currency."""
        entry = self.entries.get("custom_data.value")
        if entry is None or not entry.positions:
            return
        cells = self.sample.cells(*entry.positions)
        signs = decimals_that_read(cells, entry.decimal or self._option("decimal"))
        if len(signs) > 1:
            answer = self.asker.ask(questions.decimal(entry.columns[0]))
            if answer:
                self.entries["custom_data.value"] = replace(entry, decimal=answer)
            else:
                signs_said = ('decimal = ","', 'decimal = "."')
                self._leave("decimal", "The sign before the decimals of amounts is not settled.", signs_said)
        elif signs[0] is not None and signs[0] != self._option("decimal"):
            self.entries["custom_data.value"] = replace(entry, decimal=signs[0])
        if "custom_data.currency" in self.entries:
            return
        meant = currencies_beside(cells)
        answer = meant[0] if len(meant) == 1 else self.asker.ask(questions.currency(meant))
        lines = tuple(f"currency = {{ value = {quoted(code)} }}" for code in (meant or ("EUR", "USD"))[:5])
        self._constant("custom_data.currency", answer, "In which currency are the values?", lines)
        if len(meant) == 1:
            self.why["custom_data.currency"] = "By the sign beside every amount"

    def finish(self) -> None:
        """Put all lines into the draft, with shares and examples."""
        if not any(path.startswith("user_data.") for path in self.entries):
            columns = likely_columns("user_data.em", self.sample.header)
            lines = tuple(f"em = {quoted(name)}" for name in columns) or ('em = "COLUMN"', 'ph = "COLUMN"')
            self._leave("user_data.em", "No column fills a match key, so Meta could match nobody.", lines)
        ordered = sorted(self.entries.values(), key=lambda entry: _ORDER.get(entry.field.path, len(_ORDER)))
        bound = replace(
            self.mapping,
            entries=tuple(ordered),
            timezone=self._option("timezone"),
            default_country=self._option("default_country"),
        )
        examples = self.sample.examples(bound)
        for entry in ordered:
            path = entry.field.path
            self.draft.filled.append(
                Filled(
                    entry=entry,
                    why=self.why[path],
                    share=self._share(entry),
                    confidence=self.sure.get(path),
                    example=None if entry.value is not None else examples.get(path),
                    note=self.notes.get(path, ""),
                )
            )
        order = self.entries.get("custom_data.order_id")
        named = order.columns[0] if order is not None and order.columns else ""
        if "event_id" not in self.entries and named and not any(sign in named for sign in "{}"):
            why = (
                "Where a pixel sends the same events, their ids must be equal; without one an id is derived."
            )
            line = f"event_id = {{ template = {quoted('order-{' + named + '}')} }}"
            self._leave("event_id", why, (line,), required=False)
        _, unused = mapping_lines(bound, self.sample.header.names)
        self.draft.unused = tuple(unused)

    def _choose_time(self, positions: list[int]) -> None:
        names = [self._name(at) for at in positions] or likely_columns("event_time", self.sample.header)
        answer = self.asker.ask(questions.time_column(names)) if names else None
        if answer is not None:
            (at, *_) = self.sample.header.find(answer)
            self._take("event_time", at, None)
            self.why["event_time"] = _BY_ANSWER
            return
        lines = tuple(f"event_time = {quoted(name)}" for name in names) or ('event_time = "COLUMN"',)
        self._leave("event_time", "Which column says when the event happened?", lines)

    def _take(self, path: str, at: int, confidence: float | None) -> None:
        self.entries[path] = Entry(
            field=FIELDS[path], columns=(self._name(at),), positions=(at,), origin=Origin.HEADER
        )
        self.why[path] = _BY_CELLS
        if confidence is not None:
            self.sure[path] = confidence

    def _constant(self, path: str, answer: str | None, why: str, lines: tuple[str, ...]) -> None:
        if answer is None:
            self._leave(path, why, lines)
            return
        self.entries[path] = Entry(field=FIELDS[path], value=answer)
        self.why[path] = _BY_ANSWER

    def _leave(self, name: str, why: str, lines: tuple[str, ...], *, required: bool = True) -> None:
        self.draft.open.append(Open(name=name, why=why, lines=lines, required=required))

    def _perhaps(self, at: int, likely: Likely) -> None:
        name = quoted(self._name(at))
        path = likely.path
        self.draft.possible.append(f"{path} = {name} (confidence {likely.confidence:.0%})")

    def _share(self, entry: Entry) -> float | None:
        if not entry.positions or entry.template is not None or entry.split is not None:
            return None
        if entry.field.path == "event_time":
            cells = self.sample.joined(entry.positions)
            return look_at_times(cells, format=entry.format, timezone="UTC").share if cells else None
        cells = self.sample.cells(*entry.positions)
        if entry.field.kind is not Kind.MATCH_KEY or entry.field.name == "db" or not cells:
            return None
        country = self._option("default_country")
        if entry.field.name == "ph" and "user_data.country" in self.entries:
            left = len(self._national_phones(entry, country)) if not country else 0
            return 1 - left / len(cells)
        return read_share(entry.field.name, cells, country=country, today=self.sample.today)

    def _national_phones(self, entry: Entry, country: str | None = None) -> list[str]:
        """Return the phones that only a country would make readable."""
        where = self.entries.get("user_data.country")
        settings = KeySettings(today=self.sample.today)
        lands: list[str | None] = [None] * self.sample.rows
        if where is not None and where.value is not None:
            return []
        if where is not None and where.positions:
            lands = [
                cell and find_country(cell.strip()) for cell in self.sample.row_texts(where.positions[0])
            ]
        found = []
        for position in entry.positions:
            for cell, land in zip(self.sample.row_texts(position), lands, strict=True):
                if cell:
                    outcome = normalized("ph", cell, country=land or country, settings=settings)
                    if isinstance(outcome, Finding) and outcome.code == "ph-no-country":
                        found.append(cell)
        return found

    def _used(self) -> set[int]:
        used = {at for entry in self.entries.values() for at in entry.positions}
        used |= {where.position for where in self.mapping.where}
        return used | ({self.mapping.group.position} if self.mapping.group else set())

    def _free(self) -> Iterable[int]:
        used = self._used()
        unclear = {at for several in guess(self.sample.header, used).unclear.values() for at in several}
        return [at for at in self.sample.header.usable if at not in used | unclear]

    def _doubled(self, at: int) -> bool:
        return len(self.sample.header.find(self._name(at))) > 1

    def _name(self, at: int) -> str:
        return self.sample.header.names[at]

    def _option(self, name: str) -> str | None:
        value = self.draft.options.get(name)
        return value if isinstance(value, str) else None
