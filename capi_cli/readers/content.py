"""What a source holds, by its first bytes: so that a disguise is named for what it is."""

import re
from typing import Final

from capi_cli.errors import SourceError

_MAGIC: Final = (
    (b"PAR1", "Parquet"),
    (b"PARE", "encrypted Parquet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"ARROW1", "an Arrow file"),
    (b"FEA1", "a Feather file"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xfd7zXZ", "an xz archive"),
)
_ADVICE: Final = {
    "an old Excel workbook (.xls)": "In Excel: Save As, 'CSV UTF-8', then upload that file.",
    "an xz archive": "Unpack it first: `xz -d`.",
    "a 7-Zip archive": "Unpack it first.",
    "a RAR archive": "Unpack it first.",
    "a tar archive": "Unpack it first: `tar -xf`.",
    "an HTML page": "The download gave a page instead of the file, often a login page: download it again.",
    "XML": "Export the table as CSV, JSON lines or Parquet.",
}
_TAR_AT, _TAR = 257, b"ustar"
_CONTROLS: Final = bytes(
    {*range(1, 32)} - set(b"\t\n\r\f\x1a\x1b")
)  # NUL is told of by itself: it may be UTF-16
_HTML = re.compile(rb"\s*<(!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml\b")
_HTML_AFTER_XML = re.compile(rb"<html|<!doctype html", re.IGNORECASE)
_OBJECT = re.compile(rb"\s*\{\s*(\"|\}|$)")
_ARRAY = re.compile(rb"\s*\[\s*[\{\[\]]")


def kind_of(head: bytes, text: bytes) -> str:
    """Return what the first bytes are: `text`, `blank`, `an object` or `an array` of JSON, or another kind's name.

    Args:
        head: As they stand in the file.
        text: The same in UTF-8.
    """
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        return "a tar archive"
    if not text.strip():
        return "blank"
    if _HTML.match(text) or (_XML.match(text) and _HTML_AFTER_XML.search(text)):
        return "an HTML page"
    if _XML.match(text):
        return "XML"
    if _OBJECT.match(text):
        return "an object"
    if _ARRAY.match(text):
        return "an array"
    if len(text) - len(text.translate(None, _CONTROLS)) > len(text) // 20:
        return "binary data"
    return "text"


def empty(name: str) -> SourceError:
    """Return what is said of a source that holds nothing."""
    return SourceError(f"{name} is empty.", "Check the export that should have written it.")


def check_kind(name: str, kind: str, wanted: str) -> None:
    """Refuse a source whose content is not what its name or `--format` says.

    Args:
        name: The source, for the message.
        kind: What `kind_of` said.
        wanted: `csv`, `jsonl` or `parquet`.

    Raises:
        SourceError: With what it is, and what to do.
    """
    if kind == "encrypted Parquet" or (wanted == "parquet" and kind == "Parquet"):
        return  # its reader says the rest
    if kind == "Parquet":
        raise SourceError(f"{name} is a Parquet file.", "Rename it to .parquet, or add --format parquet.")
    if wanted == "parquet":
        shown = {"text": "text", "blank": "text", "an object": "JSON", "an array": "JSON"}.get(kind, kind)
        hint = {"text": "If it is delimited text, add --format csv.", "JSON": "Add --format jsonl."}
        raise SourceError(
            f"{name} is not Parquet; it is {shown}.",
            _ADVICE.get(kind) or hint.get(shown, "Export it as Parquet."),
        )
    if kind in ("text", "blank", "an object", "an array"):
        _check_text(name, kind, wanted)
        return
    raise SourceError(
        f"{name} is {kind}.", _ADVICE.get(kind, "Export the table as CSV, JSON lines or Parquet.")
    )


def _check_text(name: str, kind: str, wanted: str) -> None:
    if wanted == "csv" and kind in ("an object", "an array"):
        raise SourceError(f"{name} holds JSON.", "Rename it to .jsonl, or add --format jsonl.")
    if wanted == "jsonl" and kind == "an array":
        raise SourceError(
            f"{name} is one JSON array, not JSON lines.",
            "Write one object on each line: `jq -c '.[]' orders.json > orders.jsonl`.",
        )
    if wanted == "jsonl" and kind == "text":
        raise SourceError(
            f"{name} does not begin with a JSON object.", "If it is delimited text, add --format csv."
        )
