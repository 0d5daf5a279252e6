"""`capi init`: look at a source, recognise it or guess, ask what only a person knows, write a capi.toml.

The first 2,000 rows are looked at. A recognised export goes before names, and names before cells; cells fill a
field only where nothing else does, one column alone looks like it, and it is sure. Where events took place
(`action_source`) and in which order a date is written are never guessed.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from capi_cli.errors import ConfigurationError
from capi_cli.mapping.bind import bind
from capi_cli.mapping.exports import recognise
from capi_cli.mapping.header import plain
from capi_cli.readers.block import Reader
from capi_cli.readers.expand import SourceKind, expand
from capi_cli.readers.open import open_reader
from capi_cli.runs.clock import Clock, system_clock
from capi_cli.runs.init_draft import Asker, Draft, Nobody
from capi_cli.runs.init_mapping import complete_mapping
from capi_cli.runs.init_sample import Sample
from capi_cli.runs.init_toml import toml_text
from capi_cli.runs.request import MappingRequest, RunRequest

_SOURCE_OPTIONS: Final = ("format", "encoding", "delimiter", "skip_lines", "no_header", "columns")


@dataclass(frozen=True, slots=True, kw_only=True)
class InitRequest:
    """What to look at, and where to write.

    Attributes:
        run: Source and mapping; what the options said of it stands over what is found.
        path: The file to write; None for nowhere.
    """

    run: RunRequest
    path: Path | None = Path("capi.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialised:
    """What was found and written."""

    draft: Draft
    text: str
    path: Path | None
    format: str
    notes: tuple[str, ...]
    other_sources: int


def init(request: InitRequest, asker: Asker | None = None, clock: Clock | None = None) -> Initialised:
    """Look at the first source, ask, and write the file.

    Raises:
        ConfigurationError: The file is there already, or the options contradict the source.
        SourceError: The source is missing, unreadable, or not what its name says.
    """
    if request.path is not None:
        refuse_existing(request.path)
    clock = clock or system_clock()
    asked = request.run.source
    sources = expand(asked.sources)
    if sources[0].kind is SourceKind.PREPARED:
        raise ConfigurationError(
            f"{sources[0].name} is a prepared folder: its events were mapped already.",
            "`capi upload` sends it as it is; `capi preview` shows its events.",
        )
    reader = open_reader(
        sources[0],
        format=asked.format,
        encoding=asked.encoding,
        delimiter=asked.delimiter,
        skip_lines=asked.skip_lines,
        no_header=asked.no_header,
        columns=asked.columns,
    )
    try:
        _check_header(reader)
        draft = _draft(reader, request.run, asker or Nobody(), clock)
    finally:
        reader.close()
    text = toml_text(draft)
    if request.path is not None:
        _write(request.path, text)
    return Initialised(
        draft=draft,
        text=text,
        path=request.path,
        format=reader.format,
        notes=reader.notes,
        other_sources=len(sources) - 1,
    )


def refuse_existing(path: Path) -> None:
    """Raise where something stands at that path: a mapping of somebody's is never overwritten."""
    if path.exists() or path.is_symlink():
        raise ConfigurationError(
            f"{path} is there already, and capi init overwrites nothing.",
            "Write elsewhere with -o PATH, print it with -o -, or move the file away.",
        )


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        refuse_existing(path)
        raise
    except OSError as error:
        with suppress(OSError):
            if path.is_file() and path.stat().st_size == 0:
                path.unlink()
        raise ConfigurationError(
            f"{path} can't be written: {error.strerror or type(error).__name__}.",
            "Write elsewhere with -o PATH.",
        ) from None


def _check_header(reader: Reader) -> None:
    """Refuse names that look like somebody's data: they would stand in the file."""
    if any(name.strip() and plain(name) in ("(an e-mail address)", "(a number)") for name in reader.header):
        raise ConfigurationError(
            "The source seems to have no header: its first row holds cells, not names.",
            "Name the columns, in order, with --columns NAME,NAME…; it says --no-header too.",
        )


def _draft(reader: Reader, run: RunRequest, asker: Asker, clock: Clock) -> Draft:
    said = run.mapping
    export = recognise(reader.header)
    mapping = bind(
        reader.header,
        maps=said.maps,
        sets=said.sets,
        event_id=said.event_id,
        timezone=said.timezone,
        default_country=said.default_country,
        decimal=said.decimal,
        where=said.where,
        export=export,
        complete=False,
    )
    sample = Sample.of(reader, today=clock.today())
    draft = Draft(
        source=Path(reader.path).name or reader.path,
        rows=sample.rows,
        export=mapping.export,
        assumptions=export.assumed(frozenset(path for path, _ in said.maps + said.sets)) if export else (),
        options=_options(run, reader),
        where=mapping.where,
        group=mapping.group,
    )
    complete_mapping(draft, mapping, sample, asker)
    return draft


def _options(run: RunRequest, reader: Reader) -> dict[str, object]:
    """Return how the source is read, as it was said, so that the next command needs no option."""
    found: dict[str, object] = {}
    for name in _SOURCE_OPTIONS:
        value = getattr(run.source, name)
        if value and not (name == "format" and run.source.sources[0] == "-"):
            found[name] = "tab" if value == "\t" else value
    mapping: MappingRequest = run.mapping
    for name in ("timezone", "default_country", "decimal"):
        if value := getattr(mapping, name):
            found[name] = value
    return found
