"""From the mapping that names suggest to one that can be used: cells, column questions, and questions to a person."""

from dataclasses import replace
from typing import Final

from capi_cli.event.fields import FIELDS, Kind
from capi_cli.event.findings import Finding
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
from capi_cli.runs.init_draft import Asker, Draft, Filled
from capi_cli.runs.init_sample import Sample
from capi_cli.runs.init_times import choose_time, settle_birth, settle_time
from capi_cli.runs.init_toml import quoted
from capi_cli.runs.init_work import BY_ANSWER, Work

_MOST_ZONELESS: Final = 0.05  # of the phones; fewer than that need no question
_ORDER: Final = {path: at for at, path in enumerate(FIELDS)}
_WHY: Final = {
    Origin.OPTION: "As said on the command line",
    Origin.CONFIG: "As said",
    Origin.EXPORT: "As in every such export",
    Origin.HEADER: "By its name",
    Origin.DEFAULT: "By default",
}


def complete_mapping(draft: Draft, mapping: Mapping, sample: Sample, asker: Asker) -> None:
    """Fill the draft from what names or an export suggest, the cells, and the person's answers."""
    work = Work(draft=draft, sample=sample, asker=asker, mapping=mapping)
    for entry in mapping.entries:
        work.entries[entry.field.path] = entry
        work.why[entry.field.path] = _WHY[entry.origin]
    look_at_cells(work)
    settle_time(work)
    settle_birth(work)
    settle_country(work)
    settle_event(work)
    settle_money(work)
    finish(work)


def look_at_cells(work: Work) -> None:
    """Fill what nothing fills yet from columns whose cells can mean one thing alone."""
    known = any(entry.origin is Origin.EXPORT for entry in work.entries.values())  # its rest is only told
    found: dict[str, list[tuple[int, Likely]]] = {}
    for at in work.free():
        cells = work.sample.cells(at)
        if holds_digests(cells):
            name = quoted(work.name(at))
            work.draft.possible.append(f"{name} holds SHA-256 digests; if of e-mail addresses, em = {name}.")
            continue
        likely = likely_fields(cells, country=work.option("default_country"), today=work.sample.today)
        sure = [one for one in likely if one.sure]
        settled = known or len(sure) != 1 or work.doubled(at)
        if not settled and sure[0].path not in work.entries:
            found.setdefault(sure[0].path, []).append((at, sure[0]))
        elif likely and likely[0].path not in work.entries:
            work.perhaps(at, likely[0])
    for path, columns in found.items():
        (at, first), *others = columns
        if others and path != "event_time":
            for each, likely_one in columns:
                work.perhaps(each, likely_one)
        elif others:
            choose_time(work, [each for each, _ in columns])
        else:
            work.take(path, at, first.confidence)


def settle_country(work: Work) -> None:
    """Ask for the country of phones that name none."""
    entry = work.entries.get("user_data.ph")
    if entry is None or work.option("default_country") or not entry.positions:
        return
    national = _national_phones(work, entry)
    if len(national) <= _MOST_ZONELESS * len(work.sample.cells(*entry.positions)):
        return
    likely = likely_countries(national, today=work.sample.today)
    answer = work.asker.ask(questions.country(len(national), likely))
    if answer:
        work.draft.options["default_country"] = answer
    else:
        why = f"{len(national):,} phones name no country and are left out; name the one they are from."
        lines = tuple(f"default_country = {quoted(code)}" for code in likely or ["DE"])
        work.leave("default_country", why, lines, required=False)


def settle_event(work: Work) -> None:
    """Ask what the events are and where they took place; neither is guessed."""
    if "event_name" not in work.entries:
        answer = work.asker.ask(questions.event_name())
        lines = tuple(f'event_name = {{ value = "{name}" }}' for name in ("Purchase", "Lead"))
        work.constant("event_name", answer, "What happened in each row? Meta's names or your own.", lines)
    if "action_source" not in work.entries:
        answer = work.asker.ask(questions.action_source())
        lines = tuple(
            f'action_source = {{ value = "{name}" }}' for name in ("physical_store", "website", "phone_call")
        )
        work.constant("action_source", answer, "Where did the events take place? Never guessed.", lines)

    source = work.entries.get("action_source")
    said = () if source is None else (source.value, source.default, *(word for _, word in source.words))
    if "website" in said and "event_source_url" not in work.entries:
        answer = work.asker.ask(questions.page())
        why = "Meta requires the page of website events; your shop's address does for all rows."
        line = 'event_source_url = { value = "https://www.example.com/" }'
        work.constant("event_source_url", answer, why, (line,))


def settle_money(work: Work) -> None:
    """Settle the decimal sign of amounts, and their currency; a Purchase needs both."""
    if "custom_data.value" not in work.entries:
        _choose_value(work)
    entry = work.entries.get("custom_data.value")
    if entry is None or not entry.positions:
        return
    cells = work.sample.cells(*entry.positions)
    signs = decimals_that_read(cells, entry.decimal or work.option("decimal"))
    if len(signs) > 1:
        answer = work.asker.ask(questions.decimal(entry.columns[0]))
        if answer:
            work.entries["custom_data.value"] = replace(entry, decimal=answer)
        else:
            signs_said = ('decimal = ","', 'decimal = "."')
            work.leave("decimal", "The sign before the decimals of amounts is not settled.", signs_said)
    elif signs[0] is not None and signs[0] != work.option("decimal"):
        work.entries["custom_data.value"] = replace(entry, decimal=signs[0])
    if "custom_data.currency" in work.entries:
        return
    meant = currencies_beside(cells)
    answer = meant[0] if len(meant) == 1 else work.asker.ask(questions.currency(meant))
    lines = tuple(f"currency = {{ value = {quoted(code)} }}" for code in (meant or ("EUR", "USD"))[:5])
    work.constant("custom_data.currency", answer, "In which currency are the values?", lines)
    if len(meant) == 1:
        work.why["custom_data.currency"] = "By the sign beside every amount"


def _choose_value(work: Work) -> None:
    """Ask which column is the value, where every event is a Purchase; or leave it open."""
    name = work.entries.get("event_name")
    if name is None or (name.value or "").lower() != "purchase":
        return
    unclear = guess(work.sample.header, work.used()).unclear.get("custom_data.value", ())
    names = [work.name(at) for at in unclear] or likely_columns("custom_data.value", work.sample.header)
    answer = work.asker.ask(questions.value_column(names)) if names else None
    if answer is not None:
        work.take("custom_data.value", work.sample.header.find(answer)[0], None)
        work.why["custom_data.value"] = BY_ANSWER
        return
    lines = tuple(f"value = {quoted(one)}" for one in names) or ('value = "COLUMN"',)
    work.leave("custom_data.value", "Meta refuses a Purchase without its value; which column is it?", lines)


def finish(work: Work) -> None:
    """Put all lines into the draft, with shares and examples."""
    if not any(path.startswith("user_data.") for path in work.entries):
        columns = likely_columns("user_data.em", work.sample.header)
        lines = tuple(f"em = {quoted(name)}" for name in columns) or ('em = "COLUMN"', 'ph = "COLUMN"')
        work.leave("user_data.em", "No column fills a match key, so Meta could match nobody.", lines)
    ordered = sorted(work.entries.values(), key=lambda entry: _ORDER.get(entry.field.path, len(_ORDER)))
    bound = replace(
        work.mapping,
        entries=tuple(ordered),
        timezone=work.option("timezone"),
        default_country=work.option("default_country"),
    )
    examples = work.sample.examples(bound)
    for entry in ordered:
        path = entry.field.path
        work.draft.filled.append(
            Filled(
                entry=entry,
                why=work.why[path],
                share=_share(work, entry),
                confidence=work.sure.get(path),
                example=None if entry.value is not None else examples.get(path),
                note=work.notes.get(path, ""),
            )
        )
    order = work.entries.get("custom_data.order_id")
    named = order.columns[0] if order is not None and order.columns else ""
    if "event_id" not in work.entries and named and not any(sign in named for sign in "{}"):
        why = "Where a pixel sends the same events, their ids must be equal; without one an id is derived."
        line = f"event_id = {{ template = {quoted('order-{' + named + '}')} }}"
        work.leave("event_id", why, (line,), required=False)
    _, unused = mapping_lines(bound, work.sample.header.names)
    work.draft.unused = tuple(unused)


def _share(work: Work, entry: Entry) -> float | None:
    if not entry.positions or entry.template is not None or entry.split is not None:
        return None
    if entry.field.path == "event_time":
        cells = work.sample.joined(entry.positions)
        return look_at_times(cells, format=entry.format, timezone="UTC").share if cells else None
    cells = work.sample.cells(*entry.positions)
    if entry.field.kind is not Kind.MATCH_KEY or entry.field.name == "db" or not cells:
        return None
    country = work.option("default_country")
    if entry.field.name == "ph" and "user_data.country" in work.entries:
        left = len(_national_phones(work, entry, country)) if not country else 0
        return 1 - left / len(cells)
    return read_share(entry.field.name, cells, country=country, today=work.sample.today)


def _national_phones(work: Work, entry: Entry, country: str | None = None) -> list[str]:
    """Return the phones that only a country would make readable."""
    where = work.entries.get("user_data.country")
    settings = KeySettings(today=work.sample.today)
    lands: list[str | None] = [None] * work.sample.rows
    if where is not None and where.value is not None:
        return []
    if where is not None and where.positions:
        lands = [cell and find_country(cell.strip()) for cell in work.sample.row_texts(where.positions[0])]
    found = []
    for position in entry.positions:
        for cell, land in zip(work.sample.row_texts(position), lands, strict=True):
            if cell:
                outcome = normalized("ph", cell, country=land or country, settings=settings)
                if isinstance(outcome, Finding) and outcome.code == "ph-no-country":
                    found.append(cell)
    return found
