"""Settings → one frozen RunRequest, with the checks that need no file and no network."""

from pathlib import Path
from typing import Any

from capi_cli.cli.settings import Settings
from capi_cli.errors import ConfigurationError, UsageError
from capi_cli.runs.request import MappingRequest, RunRequest, SourceRequest

_SAME_NAME = (
    "dataset_id",
    "graph_url",
    "api_version",
    "sandbox",
    "test_event_code",
    "dry_run",
    "batch_size",
    "concurrency",
    "limit",
    "suppress",
    "max_error_rate",
    "resend",
    "gzip",
    "workers",
    "state_dir",
    "out",
    "compress",
)
_SOURCE = ("format", "encoding", "delimiter", "skip_lines", "no_header", "columns")
_ABOUT_COLUMNS = (*_SOURCE, "map", "set", "event_id", "timezone", "decimal", "default_country", "where")
_OTHER_NAME = {
    "rejects": "rejects_path",
    "report": "report_path",
    "retry_for": "retry_for_s",
    "timeout": "timeout_s",
    "lock_wait": "lock_wait_s",
    "keep_for": "keep_for_s",
}


def run_request(command: str, sources: list[str], settings: Settings) -> RunRequest:
    """Return what the run was asked to do; options that nobody spoke of keep the dataclass's defaults.

    Raises:
        UsageError: Stdin without its format.
        ConfigurationError: A Graph endpoint that the token must not travel to.
    """
    _check_sources(sources, settings)
    if "graph_url" in settings.said:
        from capi_cli.sinks.settings import check_graph_url

        check_graph_url(settings.get("graph_url"))
    given: dict[str, Any] = settings.only(*_SAME_NAME)
    given |= {field: settings.get(name) for name, field in _OTHER_NAME.items() if name in settings.said}
    if "since" in settings.said:
        given["since_s"] = round(settings.get("since"))
    return RunRequest(
        command=command,
        source=SourceRequest(sources=tuple(sources), **settings.only(*_SOURCE)),
        mapping=_mapping(settings),
        preflight_full=settings.get("preflight") == "full",
        token_in_body=settings.token_in_body,
        **given,
    )


def missing_dataset(*, to_ask: bool = False) -> ConfigurationError:
    """Return the error of a run that does not know where to send, or what to ask about."""
    hint = (
        "Say --dataset-id ID, set META_DATASET_ID, or write dataset_id in capi.toml; "
        "Events Manager shows the id under Settings."
    )
    if to_ask:
        return ConfigurationError("No dataset is named, so there is nothing to ask about.", hint)
    return ConfigurationError(
        "No dataset is named, so there is nowhere to send to.", f"{hint} --sandbox needs none."
    )


def _check_sources(sources: list[str], settings: Settings) -> None:
    if any(not source.strip() for source in sources):
        raise UsageError("A SOURCE is empty text.", "Name a file, a glob, a folder, or - for stdin.")
    if "-" in sources and "format" not in settings.said:
        raise UsageError("Stdin has no name that says its format.", "Add --format csv, jsonl or parquet.")


def _mapping(settings: Settings) -> MappingRequest:
    where: tuple[tuple[str, tuple[str, ...]], ...] = settings.get("where", ())
    path: Path | None = settings.config_path
    return MappingRequest(
        maps=settings.get("map", ()),
        sets=settings.get("set", ()),
        where=where,
        config_path=path,
        event_config=settings.event,
        where_config=settings.where,
        group_config=settings.group,
        typed=tuple(
            settings.said[name].place
            for name in _ABOUT_COLUMNS
            if name in settings.said and settings.said[name].place.startswith("--")
        ),
        **settings.only("event_id", "timezone", "decimal", "default_country"),
    )
