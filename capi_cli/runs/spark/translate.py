"""What Spark raises, in our words and without a cell: its messages repeat values.

So only its own name of the error is shown, [TABLE_OR_VIEW_NOT_FOUND], never its text.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from capi_cli.errors import CapiError
from capi_cli.runs.spark.guard import BUG

_TOLD: Final = re.compile(rf"CapiError: ({BUG}[^\n]+)")


@contextmanager
def told(kind: type[CapiError], doing: str, hint: str) -> Iterator[None]:
    """Translate what Spark raises."""
    try:
        yield
    except (PySparkException, Py4JError) as error:
        found = _TOLD.search(str(error))
        if found is not None:
            hint = "Please report it with these words; no cell of your table is in them."
            raise CapiError(found[1], hint) from None
        raise kind(f"Spark failed while {doing}: {name_of(error)}.", hint) from None


@contextmanager
def unlogged() -> Iterator[None]:
    """Keep pyspark from writing an error to stderr that is expected, and caught."""
    logger = logging.getLogger("DataFrameQueryContextLogger")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def name_of(error: Exception) -> str:
    """Return Spark's own name of an error, or its class."""
    if isinstance(error, PySparkException) and (condition := error.getCondition()):
        return f"[{condition}]"
    java = getattr(error, "java_exception", None)
    return type(error).__name__ if java is None else str(java.getClass().getSimpleName())
