"""Rules of records that can't be read as rows: ragged, badly quoted, not text, not JSON.

Readers name these codes in a `BadRow`; such a record is rejected with the line on which it begins, the others
of its file are read.
"""

from typing import Final

from capi_cli.event.findings import Rule, Severity

# What a rejects file adds to the columns of its source. Never mapped; readers and the rejects file know them.
REJECT_COLUMNS: Final = ("_row", "_code", "_field", "_reason", "_hint")


def _unreadable(code: str, message: str, expected: str, why: str, fix: str, example: str) -> Rule:
    return Rule(
        code=code,
        severity=Severity.ERROR,
        message=message,
        expected=expected,
        why=why,
        fix=fix,
        example=example,
    )


RULES: tuple[Rule, ...] = (
    _unreadable(
        "short-row",
        "The row has too few cells: {detail}.",
        "As many cells as the header has columns.",
        "Which cell is missing can't be known; every cell after it would land in the wrong field, and Meta "
        "would be sent a name as a phone number.",
        "Add the missing cells, or put quotes around the cell that holds a line break.",
        "'7,ana@example.com' under a header of three columns → '7,ana@example.com,'",
    ),
    _unreadable(
        "long-row",
        "The row has too many cells: {detail}.",
        "As many cells as the header has columns; further ones only where they are empty.",
        "A cell that holds the delimiter without quotes shifts all cells after it into the wrong fields.",
        "Put quotes around the cell that holds the delimiter.",
        "'7,Smith, Ana,19.99' → '7,\"Smith, Ana\",19.99'",
    ),
    _unreadable(
        "stray-quote",
        "A quote stands inside a cell{detail}.",
        "Quotes around a whole cell; a quote within it doubled.",
        "Where the cell ends can't be known; guessing could join it with the next one.",
        "Double the quote and put quotes around the whole cell.",
        '\'7,6" nail,2\' → \'7,"6"" nail",2\'',
    ),
    _unreadable(
        "unclosed-quote",
        "A cell opens with a quote that does not close{detail}.",
        "A closing quote before the next delimiter or line end, within 1 MiB and 1000 lines.",
        "Until its closing quote, all that follows belongs to the cell: one lost quote would swallow the rest of "
        "the file. So this line is rejected, and reading resumes on the next.",
        "Add the closing quote at the end of the cell.",
        "'7,\"Ana,19.99' → '7,\"Ana\",19.99'",
    ),
    _unreadable(
        "nul-byte",
        "The row holds a NUL character.",
        "Text without the character U+0000.",
        "It is a sign of a damaged or binary file, and a value that holds one matches nobody.",
        "Export the file again, or delete the character.",
        "'ana\\0@example.com' → 'ana@example.com'",
    ),
    _unreadable(
        "bad-encoding",
        "The row holds bytes that are not {detail}.",
        "Text in one encoding throughout the file.",
        "A name in the wrong encoding becomes another hash, which matches nobody.",
        "Save the file as UTF-8, or name its encoding with --encoding.",
        "'José' written as cp1252 in a UTF-8 file",
    ),
    _unreadable(
        "cell-too-large",
        "A cell is larger than 1 MiB.",
        "Cells of at most 1 MiB.",
        "No field of an event is that long; usually line ends were lost.",
        "Look at the line: quotes or line ends are missing there.",
        "a quote that opens on line 7 and closes thousands of lines later",
    ),
    _unreadable(
        "broken-json",
        "The line is not JSON{detail}.",
        "One complete JSON object on each line; NaN and Infinity are not JSON.",
        "A value that was cut off or misread would be sent as something else.",
        "Export the line again; write null where a number is missing.",
        "'{\"value\": NaN}' → '{\"value\": null}'",
    ),
    _unreadable(
        "json-not-object",
        "The line holds {detail}, not an object.",
        "One JSON object on each line.",
        "Without member names nothing says which value is which field.",
        'Write each row as an object: {"email": …, "value": …}.',
        "'[1, 2]' → '{\"a\": 1, \"b\": 2}'",
    ),
    _unreadable(
        "json-too-deep",
        "The line is nested too deeply.",
        "Objects and lists within each other, a few levels.",
        "No field of an event is nested that deeply.",
        "Flatten the member, or leave it out of the export.",
        '{"a": {"a": {"a": … a hundred levels',
    ),
)
