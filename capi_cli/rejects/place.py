"""Where a rejects file goes, settled before anything is sent."""

import os
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Final

from capi_cli.errors import ConfigurationError
from capi_cli.own_files import make_own_folder

_ENDINGS: Final = {"csv": ".csv", "jsonl": ".jsonl", "parquet": ".parquet", "prepared": ".csv"}
_DEVICES: Final = (("dev",), ("proc",))
_COMPRESSED: Final = (".gz", ".zst", ".bz2", ".zip")


def choose_path(
    source: Path | None,
    requested: Path | None,
    state_dir: Path,
    *,
    name: str = "stdin",
    format: str = "csv",
    several: bool = False,
    taken: Collection[Path] = (),
) -> Path:
    """Return where the rejects of a source go: as asked, beside the source, or in the state folder.

    It is never compressed, whatever the source is: it is small, and is to be opened in an editor.

    Args:
        source: The file; None for stdin, and for an object of a store.
        requested: `--rejects`; a folder takes the default name.
        state_dir: Where the source's folder is absent or can't be written.
        name: What a source without a file is called: `stdin`, or its URL.
        format: Gives the ending where the source's name has none that fits.
        several: Whether the run has other sources: a file that was asked for is then named after each of them,
            `bad.orders.csv` for `bad.csv` and `orders.csv`, with the ending of its own format.
        taken: Places that other sources of this run have; a number keeps them apart.

    Raises:
        ConfigurationError: The place asked for can't be written.
    """
    if source is not None and source.is_absolute() and source.parts[1:2] in _DEVICES:
        source, name = None, "stdin"  # /dev/stdin, or /dev/fd/63 of a shell's <(…)
    default = _default_name(source if source is not None and source.name else Path(name), format)
    if requested is not None:
        path = requested / default if requested.is_dir() else requested
        if several and path == requested:
            path = path.with_name(f"{path.stem}.{default.replace('.rejects.', '.')}")
        if not _writable(path.parent):
            raise ConfigurationError(
                f"The rejects file can't be written to {path.parent}.",
                "Give --rejects a place in a folder that exists and may be written.",
            )
        return _apart(path, taken)
    if source is not None and _writable(source.parent):
        return _apart(source.parent / default, taken)
    if not _made(state_dir):
        raise ConfigurationError(
            f"The rejects file can be written neither beside the source nor to {state_dir}.",
            "Name a place with --rejects PATH.",
        )
    return _apart(state_dir / default, taken)


def numbered(path: Path, number: int) -> Path:
    """Return the path with a number before its ending: `orders.rejects.1.csv`."""
    return path.with_name(f"{path.stem}.{number}{path.suffix}")


def _default_name(source: Path, format: str) -> str:
    name = Path(source.name)
    if name.suffix.lower() in _COMPRESSED:
        name = name.with_suffix("")
    known = {".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet"}
    if name.suffix.lower() in known:
        return f"{name.stem}.rejects{name.suffix}"
    return f"{name.name}.rejects{_ENDINGS[format]}"


def _apart(path: Path, taken: Collection[Path]) -> Path:
    number, found = 2, path
    while found in taken:
        found, number = numbered(path, number), number + 1
    return found


def _made(folder: Path) -> bool:
    """Whether a file can be made in the state folder, which is made where it is missing."""
    try:
        make_own_folder(folder)
    except OSError:
        return False
    return _writable(folder)


def _writable(folder: Path) -> bool:
    """Whether a file can be made there; permission bits don't tell on every file system."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=".capi-", dir=folder)
    except OSError:
        return False
    os.close(descriptor)
    Path(name).unlink()
    return True
