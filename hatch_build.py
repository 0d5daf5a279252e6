"""Build the hot path's library with the C compiler of the machine, where there is one; capi works without it.

The library has no Python in it (see capi_cli/native/native.h): a wheel that holds it suits every Python of its
platform, and one that does not is pure.
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = "capi_cli/native"
NAMES = {"win32": "libkernels.dll", "darwin": "libkernels.dylib"}  # as in capi_cli/native/library.py


class KernelsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles beside the sources, where an editable install finds it, and packs it into wheels."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the library, and say in the wheel's name that it holds it."""
        if self.target_name != "wheel":
            return
        folder = Path(self.root) / FOLDER
        library = folder / NAMES.get(sys.platform, "libkernels.so")
        if not self._compile(sorted(folder.glob("*.c")), library):
            library.unlink(missing_ok=True)  # an older one would be packed, and refused when it is loaded
            return
        build_data["pure_python"] = False
        build_data["tag"] = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["artifacts"].append(f"/{library.relative_to(self.root).as_posix()}")

    def _compile(self, sources: list[Path], library: Path) -> bool:
        if os.environ.get("CAPI_KERNELS") == "off":
            return False
        compiler = (
            shlex.split(os.environ.get("CC", ""))
            or [found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))][:1]
        )
        if not compiler:
            self.app.display_info("No C compiler: capi is installed without its library for speed.")
            return False
        half_done = library.with_suffix(f".{os.getpid()}")
        options = ["-O3", "-shared", "-fvisibility=hidden", *([] if sys.platform == "win32" else ["-fPIC"])]
        try:
            subprocess.run(
                [*compiler, *options, "-o", str(half_done), *map(str, sources)],
                check=True,
                capture_output=True,
                timeout=120,
            )
            half_done.replace(library)
        except (OSError, subprocess.SubprocessError) as error:
            half_done.unlink(missing_ok=True)
            self.app.display_warning(f"capi is installed without its library for speed: {error}")
            return False
        return True
