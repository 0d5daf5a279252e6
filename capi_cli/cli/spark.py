"""`capi upload --engine spark`: what it takes and does not take, and the run.

pyspark is imported only once a run begins.
"""

from typing import Any, Final

from capi_cli.cli import request
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.running import carry_out
from capi_cli.cli.settings import Settings
from capi_cli.cli.signals import listen_again
from capi_cli.cli.watching import Watcher
from capi_cli.errors import ConfigurationError, UsageError
from capi_cli.runs.summary import Summary

_NOT_HERE: Final = {
    "encoding": "a table has no text to read",
    "delimiter": "a table has no text to read",
    "skip_lines": "a table has no text to read",
    "no_header": "a table has its columns' names",
    "columns": "a table has its columns' names",
    "rejects": "rejected rows go to --store",
    "report": "the summary has the numbers",
    "state_dir": "receipts are kept in --store",
    "lock_wait": "one run at a time uses a store",
    "workers": "Spark says how many tasks prepare",
}


def upload(invocation: Invocation, said: Settings, sources: list[str], warnings: tuple[str, ...]) -> int:
    """Upload one table, and return the exit code.

    Raises:
        UsageError: Several sources, or no store.
        ConfigurationError: An option that means nothing to Spark, or pyspark is missing.
    """
    _check(said, sources)
    from capi_cli.runs.spark import require_pyspark

    require_pyspark()
    asked = request.run_request("upload", sources, said)

    def work(observer: Watcher, **more: Any) -> Summary:
        from capi_cli.runs.spark.session import open_session, open_table
        from capi_cli.runs.spark.upload import SparkRun

        spark = open_session()
        listen_again(invocation.signals)
        run = SparkRun(spark, asked, spark_request(said), observer, invocation.signals.stop)
        return run.carry_out(lambda: open_table(spark, sources[0]), sources[0]).summary

    return carry_out(invocation, asked, said, work, warnings=warnings)


def spark_request(said: Settings) -> Any:
    """Return what is asked of Spark alone."""
    from capi_cli.runs.spark.request import SparkRequest
    from capi_cli.runs.spark.secrets import TokenPlace

    file = said.get("token_file")
    return SparkRequest(
        store=said.get("store", ""),
        format=said.get("store_format", "parquet"),
        token=TokenPlace(file=None if file is None else str(file)),
    )


def _check(said: Settings, sources: list[str]) -> None:
    if len(sources) != 1 or sources[0] == "-":
        raise UsageError("--engine spark takes one SOURCE.", "Name a table, or a file or folder of Parquet.")
    for name, why in _NOT_HERE.items():
        if name in said.said and said.said[name].place.startswith("--"):
            raise ConfigurationError(
                f"{said.said[name].place} means nothing to --engine spark: {why}.", "Leave it out."
            )
    if said.get("format", "parquet") != "parquet":
        raise ConfigurationError(
            f"--engine spark does not read {said.get('format')}: it would lose what a careful reader keeps.",
            "Read the file with --engine local, or make a table of it with every column as text.",
        )
    if not said.get("store"):
        raise ConfigurationError(
            "--engine spark needs a place for receipts, rejects and events under way.",
            "Add --store LOCATION: a folder that every executor can reach, such as s3://BUCKET/capi.",
        )
