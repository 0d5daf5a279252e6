"""What the file could give beyond what is mapped: told from the counts of a run and the headers of its sources."""

from collections.abc import Iterator, Sequence
from typing import Final

from capi_cli.event.enrichment import ENRICHMENTS, Enrichment
from capi_cli.mapping.header import Header, fold, plain
from capi_cli.mapping.model import Mapping
from capi_cli.prepare.facts import Lacking
from capi_cli.prepare.prepared import Tally
from capi_cli.runs.opening import Opened, is_prepared
from capi_cli.runs.summary import EnrichmentFacts

_LEAST_SHARE: Final = 0.05
_MOST_COLUMNS: Final = 3
_URL: Final = "event_source_url"
_WITHOUT_URL: Final = ("website-without-url", _URL)


def enrichments(lacking: Lacking, tally: Tally, sources: Sequence[Opened]) -> tuple[EnrichmentFacts, ...]:
    """Return the fields that at least a twentieth of the events lack, in the order of their table."""
    read = [source for source in sources if not is_prepared(source)]
    return tuple(_told(lacking, tally, read)) if read else ()


def _told(lacking: Lacking, tally: Tally, sources: Sequence[Opened]) -> Iterator[EnrichmentFacts]:
    refused = tally.findings.get(_WITHOUT_URL)
    without_url = 0 if refused is None else refused.count
    for one in ENRICHMENTS:
        events = lacking.website if one.website else lacking.events
        missing = lacking.of.get(one.path, 0)
        if one.path == _URL:
            events, missing = events + without_url, without_url
        if not events or missing < _LEAST_SHARE * events:
            continue
        columns = _columns(one, sources)
        found = lacking.clicks if one.path == "user_data.fbc" else 0
        if found and (url := _mapped(sources, _URL)) is not None:
            columns = (url, *(name for name in columns if name != url))
        yield EnrichmentFacts(
            name=one.path.rpartition(".")[2],
            events=events,
            lacking=missing,
            website=one.website,
            columns=columns[:_MOST_COLUMNS],
            found=found,
            mend=f"--map {one.by}={_quoted(columns[0])}" if columns else one.where,
            why=one.why,
        )


def _columns(one: Enrichment, sources: Sequence[Opened]) -> tuple[str, ...]:
    """Return the names of columns that may hold the field; those that already fill it are not meant."""
    found: dict[str, None] = {}
    for source in sources:
        filling = {
            at for path in (one.path, f"user_data.{one.by}") for at in _positions(source.mapping, path)
        }
        header = Header.of(source.reader.header)
        for word in one.words:  # the likeliest first
            for at in header.usable:
                if at not in filling and word in fold(header.names[at]):
                    found[plain(header.names[at])] = None
    return tuple(found)


def _positions(mapping: Mapping, path: str) -> tuple[int, ...]:
    entry = mapping.entry(path)
    return () if entry is None else entry.positions


def _mapped(sources: Sequence[Opened], path: str) -> str | None:
    for source in sources:
        for at in _positions(source.mapping, path):
            return plain(source.reader.header[at])
    return None


def _quoted(column: str) -> str:
    return column if column.isascii() and column.replace("_", "").isalnum() else f"'{column}'"
