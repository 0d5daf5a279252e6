"""What one invocation was asked to do: options, environment and capi.toml, merged into frozen values."""

from dataclasses import dataclass
from pathlib import Path

from capi_cli.event import limits


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRequest:
    """Which sources, and how their text is read."""

    sources: tuple[str, ...]
    format: str | None = None  # csv, jsonl, parquet
    encoding: str | None = None
    delimiter: str | None = None
    skip_lines: int = 0
    no_header: bool = False
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingRequest:
    """What the user said about columns and fields; `config` is the parsed capi.toml."""

    maps: tuple[tuple[str, str], ...] = ()  # (FIELD, COLUMN) as typed
    sets: tuple[tuple[str, str], ...] = ()  # (FIELD, VALUE)
    event_id: str | None = None
    timezone: str | None = None
    default_country: str | None = None
    decimal: str | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    config_path: Path | None = None
    event_config: dict[str, object] | None = None  # the [event] table
    where_config: dict[str, object] | None = None
    group_config: dict[str, object] | None = None
    typed: tuple[str, ...] = ()  # options about the source's text and columns, as on the command line


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """One run of upload, validate, preview or prepare.

    Durations are seconds. `token` is never shown: its repr is left out here.
    """

    command: str
    source: SourceRequest
    mapping: MappingRequest
    dataset_id: str | None = None
    graph_url: str = limits.DEFAULT_GRAPH_URL
    api_version: str = limits.DEFAULT_API_VERSION
    sandbox: bool = False
    test_event_code: str | None = None
    dry_run: bool = False
    since_s: int | None = None
    suppress: tuple[Path, ...] = ()  # lists of people who asked to be forgotten
    batch_size: int = limits.MAX_EVENTS_PER_REQUEST
    concurrency: int = 8
    limit: int | None = None
    rejects_path: Path | None = None
    max_error_rate: float = 0.1
    preflight_full: bool = False
    retry_for_s: float | None = None  # None: 900, or 120 while no request of the run has ever succeeded
    timeout_s: float = 60.0
    report_path: Path | None = None
    resend: bool = False
    state_dir: Path | None = None
    lock_wait_s: float = 0.0
    keep_for_s: float = 400.0 * limits.DAY_S  # how long the ledger remembers an event
    token_in_body: bool = False
    gzip: bool = False
    out: Path | None = None  # where prepare writes
    compress: str | None = None  # of its parts: zstd
    workers: int | None = None  # processes that prepare; None: by the size of the source and the cores
