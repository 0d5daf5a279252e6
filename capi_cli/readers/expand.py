"""Which sources a command's SOURCE arguments name: files, globs, folders, stdin, URLs.

No content is looked at here. A folder or glob passes over rejects files and hidden files; a folder of prepared parts is
one source of its own kind.
"""

import glob
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from capi_cli.errors import SourceError
from capi_cli.readers.names import KINDS, MANIFEST, format_of_name, is_data, is_part
from capi_cli.readers.objects import find_objects
from capi_cli.readers.remote import RemoteFile


class SourceKind(StrEnum):
    """What a source is, before it is opened."""

    FILE = "file"
    STDIN = "stdin"
    PREPARED = "prepared"  # a folder that `capi prepare` wrote
    URL = "url"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePath:
    """One source as the user named it, or as a folder or glob held it.

    Attributes:
        name: For messages.
        kind: What it is.
        path: None for stdin and URLs.
        remote: The object that an URL names.
    """

    name: str
    kind: SourceKind
    path: Path | None = None
    remote: RemoteFile | None = None


def expand(sources: Sequence[str]) -> list[SourcePath]:
    """Return the sources in the order given, a folder's or glob's sorted by name, each file once.

    Raises:
        SourceError: A file is missing, or a folder or glob holds nothing that can be read.
        CredentialsError: A store refused.
    """
    found: list[SourcePath] = []
    seen: set[Path | str] = set()
    for name in sources:
        for source in _expand_one(name):
            real = source.name if source.path is None else source.path.resolve()
            if real in seen and source.kind is not SourceKind.STDIN:
                continue
            seen.add(real)
            found.append(source)
    return found


def _expand_one(name: str) -> Iterable[SourcePath]:
    if name == "-":
        return [SourcePath(name="stdin", kind=SourceKind.STDIN)]
    if "://" in name:
        return [
            SourcePath(name=found.name, kind=SourceKind.URL, remote=found) for found in find_objects(name)
        ]
    path = Path(name).expanduser()
    if path.is_dir():
        return _expand_folder(name, path)
    if path.exists():
        return [SourcePath(name=name, kind=SourceKind.FILE, path=path)]
    if glob.has_magic(name):
        return _expand_glob(name, str(path))
    raise _missing(name, path)


def _expand_folder(name: str, folder: Path) -> list[SourcePath]:
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    parts = [n for n in names if is_part(n)]
    if MANIFEST in names and (parts or not any(format_of_name(n) for n in names)):
        return [SourcePath(name=name, kind=SourceKind.PREPARED, path=folder)]
    if parts:
        raise SourceError(
            f"{name} holds prepared parts but no {MANIFEST}.",
            "Copy the whole folder that `capi prepare` wrote, or name the files one by one if they are "
            "JSON lines of your own.",
        )
    files = [folder / n for n in names if is_data(n)]
    if not files:
        raise SourceError(
            f"{name} holds no file that capi reads ({KINDS}).",
            _folder_hint(name, folder),
        )
    return [SourcePath(name=str(file), kind=SourceKind.FILE, path=file) for file in files]


def _expand_glob(name: str, pattern: str) -> list[SourcePath]:
    matches = [Path(m) for m in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - takes absolute patterns
    files = [m for m in matches if m.is_file() and is_data(m.name)]
    if not files:
        passed = "; what it matches are rejects files or of other kinds" if matches else ""
        raise SourceError(
            f"No file matches {name}{passed}.", "Check the folder and the ending of the pattern."
        )
    return [SourcePath(name=str(file), kind=SourceKind.FILE, path=file) for file in files]


def _folder_hint(name: str, folder: Path) -> str:
    for below in sorted(folder.rglob("*")):
        if below.is_file() and is_data(below.name):
            return f"Files of its folders are read by a pattern: '{name.rstrip('/')}/**/*{below.suffix}'."
    return "Rejects files and hidden files are passed over; name one to read it."


def _missing(name: str, path: Path) -> SourceError:
    folder = path.parent
    if path.is_symlink():
        return SourceError(
            f"{name} is a link to {path.readlink()}, which is not there.", "Mend the link, or name the file."
        )
    if not folder.is_dir():
        return SourceError(f"There is no folder {folder}.", "Check the path.")
    names = [entry.name for entry in folder.iterdir() if not entry.name.startswith(".")]
    near = get_close_matches(path.name, names, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(str(folder / n) for n in near)}?" if near else "Check the path."
    return SourceError(f"There is no file {name}.", hint)
