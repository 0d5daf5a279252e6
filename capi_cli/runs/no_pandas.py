"""Keep libraries from loading in our own processes what capi does not use: it is not free.

Where pandas is installed, pyarrow imports it at the first list it converts: half a second and 40 MB in every
process. Where it is not, pyarrow looks for it, and for dateutil, again at every conversion: a fifth of the time
of preparing. httpx loads its own command line, and rich with it, which takes as long as all the rest of it.
Called only where the process is capi's own; a program that uses capi as a library keeps its pandas.
"""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

HTTPX_COMMAND_LINE: Final = "httpx._main"


class _Refusing:
    """A finder that says at once that some modules are not there."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse those modules; know nothing of others."""
        if name in self._names:
            raise ModuleNotFoundError(f"capi does not use {name}", name=name)
        return None


def refuse_pandas(*, only_if_missing: bool = False) -> None:
    """Answer every later `import pandas` at once with "not there", and that of httpx's command line.

    Args:
        only_if_missing: Do so only where it is not installed anyway: for processes that are not capi's own.
    """
    if any(isinstance(finder, _Refusing) for finder in sys.meta_path):
        return
    names = {name for name in ("pandas", "dateutil") if importlib.util.find_spec(name) is None}
    if not only_if_missing and "pandas" not in sys.modules:
        names |= {"pandas", HTTPX_COMMAND_LINE}
    sys.meta_path.insert(0, _Refusing(frozenset(names)))


def allow_pandas() -> None:
    """Let modules be found again: for Spark, which wants pandas in the driver's process."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Refusing)]
