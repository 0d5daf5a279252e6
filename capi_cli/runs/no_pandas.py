"""Keep pyarrow from importing pandas in our own processes: capi never uses it, and it is not free.

Where pandas is installed, pyarrow imports it at the first list it converts: half a second and 40 MB in every
process. Where it is not, pyarrow looks for it again at every conversion: a fifth of the time of preparing.
Called only where the process is capi's own; a program that uses capi as a library keeps its pandas.
"""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class _Refusing:
    """A finder that says at once that there is no pandas."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse pandas; know nothing of other modules."""
        if name == "pandas":
            raise ModuleNotFoundError("capi does not use pandas", name=name)
        return None


def refuse_pandas(*, only_if_missing: bool = False) -> None:
    """Answer every later `import pandas` at once with "not there".

    Args:
        only_if_missing: Do so only where it is not installed anyway: for processes that are not capi's own.
    """
    if "pandas" in sys.modules or any(finder is _Refusing for finder in sys.meta_path):
        return
    if only_if_missing and importlib.util.find_spec("pandas") is not None:
        return
    sys.meta_path.insert(0, _Refusing)
