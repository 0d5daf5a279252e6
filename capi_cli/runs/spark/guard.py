"""What goes wrong on Spark, told without a cell: Spark repeats values, and the text of exceptions, in its messages.

So of what Spark says only its own name of the error is shown, [TABLE_OR_VIEW_NOT_FOUND], never its text.
"""

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException

from capi_cli.errors import CapiError

Item = TypeVar("Item")

_TOLD = re.compile(r"CapiError: (A bug in capi: [^\n]+)")


def guarded(items: Iterator[Item], doing: str) -> Iterator[Item]:
    """Yield the items; an unexpected exception becomes one that names its kind and place alone."""
    try:
        yield from items
    except CapiError:
        raise
    except Exception as error:  # noqa: BLE001 -- its text may hold a cell
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        raise CapiError(f"A bug in capi: {type(error).__name__} at {where} while {doing}.") from None


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


def name_of(error: Exception) -> str:
    """Return Spark's own name of an error, or its class."""
    if isinstance(error, PySparkException) and (condition := error.getCondition()):
        return f"[{condition}]"
    java = getattr(error, "java_exception", None)
    return type(error).__name__ if java is None else str(java.getClass().getSimpleName())
