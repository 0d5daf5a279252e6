"""Uploads from Spark, for tables that outgrow one machine: `capi_cli.spark.upload(df, mapping, store=…)`.

The same mapping, preparing, sinks and summary as on one machine. docs/spark.md tells how it is run on Databricks, EMR
and Dataproc.
"""

import os
import threading
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from capi_cli.cli import options as known
from capi_cli.cli import request, settings
from capi_cli.errors import ConfigurationError
from capi_cli.mapping.config import Config, load_config, read_config
from capi_cli.private import shown
from capi_cli.runs.progress import Observer, SilentObserver

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from capi_cli.runs.spark.upload import Uploaded

__all__ = ["upload"]

_TAKEN: Final = tuple(
    option
    for option in (*known.SOURCE, *known.MAPPING, *known.DESTINATION, *known.SENDING, *known.JUDGING)
    if option.name
    in (
        "since suppress limit map set event_id timezone decimal default_country where dataset_id graph_url api_version "
        "sandbox test_event_code gzip dry_run batch_size concurrency retry_for timeout resend max_error_rate"
    ).split()
)


def upload(
    df: "DataFrame",
    mapping: "str | Path | Mapping[str, Any]",
    *,
    store: str,
    store_format: str = "parquet",
    token_file: str | None = None,
    tasks: int | None = None,
    wave_events: int | None = None,
    name: str = "DataFrame",
    observer: Observer | None = None,
    stop: threading.Event | None = None,
    **options: Any,
) -> "Uploaded":
    """Send the events of a DataFrame to Meta's Conversions API, each once, and tell what happened to every row.

    The token is never an argument: executors find it in their environment (`META_ACCESS_TOKEN`) or in `token_file`.

    Args:
        df: The rows; columns of any type that Arrow knows.
        mapping: The path of a capi.toml, or what it would hold: `{"event": {…}, "timezone": "Europe/Berlin"}`.
        store: A folder that every executor can reach, for receipts, rejects and events under way.
        store_format: `parquet` or `delta`, of receipts and rejects.
        token_file: A file that every executor can read.
        tasks: Most tasks that send at once; as many as there are slots without it.
        wave_events: Events that are sent between two looks of the driver.
        name: What messages call the table.
        observer: Told of the run's moments.
        stop: Set it to end the run after the wave under way.
        options: Those of `capi upload`, by name: `dataset_id="123"`, `concurrency=16`, `since="7d"`, `dry_run=True`.

    Returns:
        `summary`, as `capi upload --output json` prints it, and `receipts` and `rejects` as DataFrames. What stopped
        the run stands in `summary.error`, its exit code in `summary.exit_code`; nothing is raised for it.

    Raises:
        ConfigurationError: pyspark is missing, an option is unknown, or the mapping is wrong in itself.
        UsageError: The value of an option does not parse.
    """
    from capi_cli.runs.spark import require_pyspark

    require_pyspark()
    from capi_cli.runs.spark.request import STORE_FORMATS, SparkRequest
    from capi_cli.runs.spark.secrets import TokenPlace
    from capi_cli.runs.spark.upload import SparkRun

    if store_format not in STORE_FORMATS:
        raise ConfigurationError(f"store_format can't be {shown(store_format)}.", "Say parquet or delta.")
    said = settings.resolve(_typed(options), os.environ, _TAKEN, config=_config(mapping))
    if not (said.get("dataset_id") or said.get("sandbox") or said.get("dry_run")):
        raise request.missing_dataset()
    asked = SparkRequest(
        store=store,
        format=store_format,
        token=TokenPlace(file=token_file),
        tasks=tasks,
        wave_events=wave_events,
    )
    run = SparkRun(
        df.sparkSession,
        request.run_request("upload", [name], said),
        asked,
        observer or SilentObserver(),
        stop or threading.Event(),
    )
    return run.carry_out(lambda: df, name)


def _config(mapping: "str | Path | Mapping[str, Any]") -> Config:
    if isinstance(mapping, Mapping):
        return read_config(mapping)
    return load_config(Path(mapping))


def _typed(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as they would be typed: texts, and switches."""
    names = {option.name: option for option in _TAKEN}
    found: dict[str, Any] = {}
    for name, value in options.items():
        if name not in names:
            near = get_close_matches(name, names, n=1, cutoff=0.6)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(names)}."
            raise ConfigurationError(f"capi_cli.spark.upload has no option {name}.", hint)
        option = names[name]
        if option.parse is None:
            found[name] = bool(value)
        elif option.many:
            found[name] = _several(value)
        elif value is not None:
            found[name] = str(value)
    return found


def _several(value: Any) -> list[str]:
    """Return an option that may be given several times: pairs of a mapping, one text, or several."""
    if isinstance(value, Mapping):
        return [f"{key}={one}" for key, one in value.items()]
    return [str(one) for one in ([value] if isinstance(value, str | Path) else value)]
