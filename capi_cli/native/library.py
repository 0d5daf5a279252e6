"""Load the library that was built when the package was installed (`hatch_build.py`), where there is one."""

import ctypes
import os
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

VERSION: Final = 11  # of the functions' signatures, as version.c says
SWITCH: Final = "CAPI_KERNELS"  # "off" leaves the library alone
_NAME: Final = {"win32": "libkernels.dll", "darwin": "libkernels.dylib"}.get(sys.platform, "libkernels.so")
PATH: Final = Path(__file__).with_name(_NAME)
# Functions that return a number.
_COUNTING: Final = (
    "capi_count",
    "capi_digest",
    "capi_objects",
    "capi_remember",
    "capi_cells",
    "capi_utf8_end",
    "capi_standing",
    "capi_take_standing",
    "capi_times",
    "capi_amounts",
)
_TRIAL: Final = b"The quick brown fox jumps over the lazy dog, and seventeen more words follow after it."


@cache
def library() -> ctypes.CDLL | None:
    """Return the library; None where there is none that holds its trial."""
    if os.environ.get(SWITCH) == "off" or not PATH.exists():
        return None
    try:
        found = ctypes.CDLL(str(PATH))
        found.capi_version.restype = ctypes.c_int32
        if found.capi_version() != VERSION:
            return None
        for name in _COUNTING:
            getattr(found, name).restype = ctypes.c_int64
    except (OSError, AttributeError):  # of another machine, or not ours
        return None
    return found if _holds(found) else None


def _holds(found: ctypes.CDLL) -> bool:
    """Hash a few texts of one and two blocks: what is hashed wrongly matches nobody, and nobody would notice."""
    for length in (0, 3, 55, 56, 64, len(_TRIAL)):
        said = ctypes.create_string_buffer(64)
        found.capi_digest_text(_TRIAL, ctypes.c_int64(length), said)
        if said.raw.decode("ascii", "replace") != sha256(_TRIAL[:length]).hexdigest():
            return False
    return True
