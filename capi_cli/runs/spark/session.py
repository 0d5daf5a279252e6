"""The Spark that is there: its session, its tables, and what of its settings would send events twice."""

from pathlib import Path
from typing import Final

from pyspark.sql import DataFrame, SparkSession

from capi_cli.errors import ConfigurationError, SourceError
from capi_cli.runs.spark.secrets import Look, TokenPlace, missing_token
from capi_cli.runs.spark.translate import name_of, told, unlogged

_NO_SPARK: Final = (
    "Say where it is as Spark's own programs are told: spark-defaults.conf, SPARK_REMOTE=sc://HOST, or "
    "PYSPARK_SUBMIT_ARGS='--master … pyspark-shell'; a Spark of its own needs Java 17 or newer."
)


def open_session() -> SparkSession:
    """Return the session that is there, or the one that Spark's own configuration describes.

    Raises:
        ConfigurationError: Spark does not start.
    """
    is_ours = SparkSession.getActiveSession() is None
    try:
        builder = SparkSession.builder.appName("capi").config("spark.ui.showConsoleProgress", "false")
        session = builder.getOrCreate()
        if is_ours and hasattr(session, "_jsc"):  # not on Connect, whose server has a log of its own
            session.sparkContext.setLogLevel("ERROR")
        return session
    except Exception as error:  # noqa: BLE001 -- a dozen kinds, from no Java to no network
        raise ConfigurationError(f"Spark does not start: {name_of(error)}.", _NO_SPARK) from None


def open_table(spark: SparkSession, source: str) -> DataFrame:
    """Return a table of the catalog, or a file or folder of Parquet.

    Raises:
        SourceError: There is none, or Spark may not read it.
    """
    is_path = "`" not in source and ("/" in source or source.endswith(".parquet") or Path(source).exists())
    what = "path" if is_path else "table"
    hint = "A table is named as in SQL (catalog.schema.table, or delta.`PATH`); a path holds Parquet."
    with told(SourceError, f"opening the {what} {source}", hint):
        with unlogged():
            found = spark.read.parquet(source) if is_path else spark.table(source)
            found.schema  # noqa: B018 -- Spark Connect looks only when it is asked
        return found


def check_session(spark: SparkSession) -> None:
    """Refuse a Spark that runs copies of tasks.

    Raises:
        ConfigurationError: Speculation is on. It is a setting of the whole application, read once when it starts.
    """
    if str(spark.conf.get("spark.speculation", "false")).lower() == "true":
        raise ConfigurationError(
            "spark.speculation is on: a copy of a slow task would send the same events once more.",
            "Start Spark with spark.speculation=false; it can't be switched off for one stage.",
        )


def slots(spark: SparkSession) -> int | None:
    """Return how many tasks run at once; None where Spark Connect does not say."""
    try:
        return max(1, int(spark.sparkContext.defaultParallelism))
    except Exception:  # noqa: BLE001 -- Connect has no sparkContext, and says so in ways that change by version
        return None


def is_local(spark: SparkSession) -> bool:
    """Tell whether executors share this machine, and so its loopback."""
    return str(spark.conf.get("spark.master", "")).startswith("local")


def check_token(spark: SparkSession, place: TokenPlace, tasks: int) -> None:
    """Ask some executors whether they find the token, before any row is read.

    Raises:
        CredentialsError: One of them does not.
    """
    with told(ConfigurationError, "starting tasks", "capi-cli has to be installed on every executor."):
        asked = spark.range(0, tasks, 1, tasks).mapInArrow(Look(place).rows, "found boolean").collect()
    if not all(row.found for row in asked):
        raise missing_token(place)
