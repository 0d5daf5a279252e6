"""Open every source and bind the mapping to its header, before anything is sent."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from capi_cli.errors import ConfigurationError, EncodingError, SourceError
from capi_cli.mapping.bind import bind
from capi_cli.mapping.config import Config
from capi_cli.mapping.exports import recognise
from capi_cli.mapping.model import Mapping
from capi_cli.mapping.show import MappingLine, filter_lines, mapping_lines
from capi_cli.prepare.columns import Table
from capi_cli.prepare.plan import SETTLING_ROWS, Plan, settle, wanted_columns
from capi_cli.prepare.suppression import Suppressed
from capi_cli.readers.block import Reader, RowBlock
from capi_cli.readers.expand import SourceKind, SourcePath, expand
from capi_cli.readers.open import open_reader
from capi_cli.runs.clock import Clock
from capi_cli.runs.constants import check_constants
from capi_cli.runs.progress import SourceView
from capi_cli.runs.request import MappingRequest, RunRequest
from capi_cli.runs.suppress_list import load_suppressed


@dataclass(slots=True)
class Opened:
    """A source with its mapping; `plan` stands once its first rows were read."""

    place: int
    path: Path | None  # None for stdin and for objects of a store
    reader: Reader
    mapping: Mapping
    view: SourceView
    rows: int = 0
    bytes_read: int = 0
    remarks: tuple[str, ...] = ()  # what its first rows settled
    broken: SourceError | None = None  # why it could not be read to its end
    suppressed: Suppressed | None = None
    _head: list[RowBlock] = field(default_factory=list)
    _rest: Iterator[RowBlock] = field(default_factory=lambda: iter(()))

    def count(self, rows: int, bytes_read: int) -> None:
        """Count rows of this source that were read."""
        self.rows += rows
        self.bytes_read = bytes_read

    def settle(self, request: RunRequest, clock: Clock) -> Plan:
        """Read the first rows and settle the column questions on them.

        A source that breaks among them is settled on those before; `blocks` raises what broke it.

        Raises:
            EncodingError: They are in another encoding than expected: nothing of the source is a row then.
        """
        wanted = wanted_columns(self.mapping)
        slots = {position: slot for slot, position in enumerate(wanted)}
        self._rest = self.reader.blocks(wanted)
        self._head, rows = [], 0
        try:
            for block in self._rest:
                self._head.append(block)
                rows += len(block.rows)
                if rows >= SETTLING_ROWS:
                    break
        except EncodingError:
            raise
        except SourceError as error:
            self._rest = _breaking(error)
        since_at = None if request.since_s is None else int(clock.now()) - request.since_s
        tables = [Table(block.columns, slots) for block in self._head]
        plan = settle(
            self.mapping, tables, today=clock.today(), since_at=since_at, suppressed=self.suppressed
        )
        self.remarks = plan.remarks
        return plan

    def blocks(self) -> Iterator[RowBlock]:
        """Yield every block; those that were read for settling first."""
        head, self._head = self._head, []
        return chain(head, self._rest)

    def close(self) -> None:
        """Let go of the source, also where its blocks were not read to the end."""
        if isinstance(self._rest, Generator):
            self._rest.close()
        self.reader.close()


def _breaking(error: SourceError) -> Iterator[RowBlock]:
    raise error
    yield  # a generator, which raises where its first block is asked for


def open_sources(request: RunRequest, suppressed: Suppressed | None = None) -> list[Opened]:
    """Open all sources and bind their mappings; whatever is wrong with one is told before the first POST.

    Args:
        request: What was asked.
        suppressed: The people of `request.suppress`, where they were read already.
    """
    asked = request.source
    suppressed = load_suppressed(request) if suppressed is None else suppressed
    opened: list[Opened] = []
    unbound: Reader | None = None
    try:
        sources = expand(asked.sources)
        for source in sources:
            if source.kind is SourceKind.PREPARED:
                opened.append(_open_prepared(len(opened), source, request.mapping))
                continue
            reader = unbound = open_reader(
                source,
                format=asked.format,
                encoding=asked.encoding,
                delimiter=asked.delimiter,
                skip_lines=asked.skip_lines,
                no_header=asked.no_header,
                columns=asked.columns,
            )
            with _named(reader.path if len(sources) > 1 else ""):
                mapping = bind_mapping(reader.header, request.mapping)
            check_constants(mapping)
            opened.append(Opened(len(opened), source.path, reader, mapping, view_of(reader, mapping)))
            unbound = None
    except BaseException:
        for done in opened:
            done.close()
        if unbound is not None:
            unbound.close()
        raise
    for done in opened:
        done.suppressed = suppressed
    return opened


@contextmanager
def _named(source: str) -> Iterator[None]:
    """Let a complaint about a mapping say which of several sources it is about."""
    try:
        yield
    except ConfigurationError as error:
        if not source:
            raise
        raise type(error)(f"{source}: {error.message}", error.hint) from None


def is_prepared(source: Opened) -> bool:
    """Return whether a source holds events already: it has no columns, and needs no mapping."""
    return source.reader.format == "prepared"


def _open_prepared(place: int, source: SourcePath, asked: MappingRequest) -> Opened:
    """Check the seal of a prepared folder, and that nothing was asked about columns that it has not.

    Raises:
        ConfigurationError: An option is about a source's text or columns.
        SourceError: The folder is not what was sealed.
    """
    assert source.path is not None
    about = list(asked.typed)
    about += [
        name
        for name, said in (("--map", asked.maps), ("--set", asked.sets), ("--where", asked.where))
        if said
    ]
    if about:
        raise ConfigurationError(
            f"{source.name} is a prepared folder: {', '.join(dict.fromkeys(about))} can't change its events.",
            "Leave them out; what is sent was settled by `capi prepare`. Send other sources in a run of their own.",
        )
    from capi_cli.readers.prepared_folder import PreparedFolderReader  # 4 ms that files do without

    reader = PreparedFolderReader(source.name, source.path)
    lines = reader.manifest.sources[0].mapping if reader.manifest.sources else ()
    view = SourceView(
        path=reader.path,
        format=reader.format,
        notes=reader.notes,
        mapping=tuple(MappingLine(line.field, line.filled_by, "prepared", "") for line in lines),
        unmapped=(),
        export=None,
        assumptions=(),
    )
    return Opened(place, source.path.resolve(), reader, Mapping(entries=()), view)


def bind_mapping(header: Sequence[str], asked: MappingRequest) -> Mapping:
    """Bind what the user said, or what the header suggests, to one source's header."""
    return bind(
        header,
        config=Config(
            event=asked.event_config,
            where=asked.where_config,
            group=asked.group_config,
            path=asked.config_path,
        ),
        maps=asked.maps,
        sets=asked.sets,
        event_id=asked.event_id,
        timezone=asked.timezone,
        default_country=asked.default_country,
        decimal=asked.decimal,
        where=asked.where,
        export=recognise(header),
    )


def view_of(reader: Reader, mapping: Mapping) -> SourceView:
    """Return what a person should see of an opened source."""
    lines, unmapped = mapping_lines(mapping, reader.header)
    return SourceView(
        path=reader.path,
        format=reader.format,
        notes=reader.notes,
        mapping=tuple(lines),
        unmapped=tuple(unmapped),
        export=mapping.export,
        assumptions=(*filter_lines(mapping), *mapping.assumptions),
    )
