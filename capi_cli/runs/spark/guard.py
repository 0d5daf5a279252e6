"""What goes wrong in a task, told without a cell: Spark prints the text of exceptions into logs and messages."""

from collections.abc import Iterator
from typing import Final, TypeVar

from capi_cli.bugs import place_of
from capi_cli.errors import CapiError

Item = TypeVar("Item")

BUG: Final = "A bug in capi: "


def guarded(items: Iterator[Item], doing: str) -> Iterator[Item]:
    """Yield the items; an unexpected exception becomes one that names its kind and place alone."""
    try:
        yield from items
    except CapiError:
        raise
    except Exception as error:  # noqa: BLE001 -- its text may hold a cell
        where = place_of(error.__traceback__)
        raise CapiError(f"{BUG}{type(error).__name__} at {where} while {doing}.") from None
