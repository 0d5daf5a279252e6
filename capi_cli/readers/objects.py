"""Which objects an URL names: one object, a pattern, or a prefix that stands for a folder."""

import glob
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from capi_cli.errors import SourceError
from capi_cli.readers.names import KINDS, MANIFEST, is_data, is_part
from capi_cli.readers.remote import RemoteFile
from capi_cli.readers.store import Store, asking, missing, missing_bucket, open_store, split_url

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo

_ANY_DEPTH: Final = "**"


def find_objects(url: str) -> list[RemoteFile]:
    """Return the objects that an URL names, those of a prefix or pattern sorted by key.

    Raises:
        SourceError: There is none, or none that capi reads.
        CredentialsError: The store refused.
    """
    scheme, bucket, key = split_url(url)
    store = open_store(scheme, bucket)
    with asking(url):
        if glob.has_magic(key) and not _is_file(store, f"{bucket}/{key}"):
            return _matching(store, url, key)
        return _named(store, url, key)


def _named(store: Store, url: str, key: str) -> list[RemoteFile]:
    from pyarrow.fs import FileType

    path = f"{store.bucket}/{key}".rstrip("/")
    found = store.files.get_file_info(path)
    if found.type == FileType.File and not key.endswith("/"):
        return [RemoteFile(store, path)]
    if found.type != FileType.Directory:
        bucket = store.files.get_file_info(store.bucket)
        raise missing_bucket(url) if bucket.type == FileType.NotFound else missing(url)
    names = {info.base_name: info.path for info in _listed(store, path, recursive=False)}
    _refuse_prepared(url, list(names))
    chosen = sorted(names[name] for name in names if is_data(name))
    if not chosen:
        raise SourceError(
            f"{url} holds no object that capi reads ({KINDS}).",
            f"Objects below its folders are read by a pattern: '{url.rstrip('/')}/**/*.csv'.",
        )
    return [RemoteFile(store, path) for path in chosen]


def _matching(store: Store, url: str, pattern: str) -> list[RemoteFile]:
    parts = pattern.split("/")
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    base = "/".join([store.bucket, *parts[:fixed]])
    listed = _listed(store, base, recursive=fixed < len(parts) - 1)
    found = [info for info in listed if _matches(parts[fixed:], info.path[len(base) + 1 :].split("/"))]
    chosen = sorted(info.path for info in found if is_data(info.base_name))
    if not chosen:
        passed = "; what it matches are rejects files or of other kinds" if found else ""
        raise SourceError(
            f"No object matches {url}{passed}.", "Check the prefix and the ending of the pattern."
        )
    return [RemoteFile(store, path) for path in chosen]


def _matches(parts: Sequence[str], names: Sequence[str]) -> bool:
    """Whether the parts of a key fit those of a pattern: `*` stays within a part, `**` is any number of them."""
    if not parts:
        return not names
    if parts[0] == _ANY_DEPTH:
        return any(_matches(parts[1:], names[skipped:]) for skipped in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], parts[0]) and _matches(parts[1:], names[1:])


def _listed(store: Store, base: str, *, recursive: bool) -> "list[FileInfo]":
    """Return the objects below a prefix."""
    from pyarrow.fs import FileSelector, FileType

    selector = FileSelector(base, recursive=recursive, allow_not_found=base != store.bucket)
    return [info for info in store.files.get_file_info(selector) if info.type == FileType.File]


def _is_file(store: Store, path: str) -> bool:
    from pyarrow.fs import FileType

    return bool(store.files.get_file_info(path).type == FileType.File)


def _refuse_prepared(url: str, names: Sequence[str]) -> None:
    """Refuse a prepared folder: its seal is checked on a local copy only.

    Raises:
        SourceError: With how to copy it.
    """
    if not any(map(is_part, names)):
        return
    tool = "aws s3 cp --recursive" if url.startswith("s3:") else "gcloud storage cp -r"
    without = "" if MANIFEST in names else f", without its {MANIFEST}"
    raise SourceError(
        f"{url} holds what `capi prepare` wrote{without}; it is sent from a local folder only.",
        f"Copy the whole folder here (`{tool} {url} DIR`), then `capi upload DIR`.",
    )
