"""What a source's name says: its format, its compression, and whether a folder or pattern passes over it."""

from pathlib import PurePath
from typing import Final

FORMATS: Final = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
COMPRESSIONS: Final = (".gz", ".zst", ".bz2", ".zip")
KINDS: Final = " ".join(FORMATS)
MANIFEST: Final = "manifest.json"


def format_of_name(name: str) -> str | None:
    """Return `csv`, `jsonl` or `parquet` by the name's ending, compression endings aside; None for another."""
    path = PurePath(name.lower())
    if path.suffix in COMPRESSIONS:
        path = path.with_suffix("")
    return FORMATS.get(path.suffix)


def is_data(name: str) -> bool:
    """Whether a folder or pattern that holds the name means it: no rejects file, nothing hidden, of a known format."""
    hidden = name.startswith((".", "_"))
    return not hidden and ".rejects." not in name and format_of_name(name) is not None


def is_part(name: str) -> bool:
    """Whether it is a part that `capi prepare` writes."""
    return name.startswith("part-") and ".ndjson" in name
