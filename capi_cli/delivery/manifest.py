"""The manifest of a prepared folder: what its parts hold, and the seal that shows a change. Pure.

The seal is the SHA-256 of the manifest without its `seal`, as compact JSON with sorted keys, which is what
`jq -jcS 'del(.seal)'` prints. It shows damage and edits; it is no signature.
"""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson

FORMAT: Final = "capi-prepared"
FORMAT_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of events.

    Attributes:
        name: Of the file, within the folder.
        events: Lines.
        bytes: Of the file, compressed where it is.
        sha256: Of the file's bytes.
    """

    name: str
    events: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What filled one field: a column's name, a template or a constant; never a cell."""

    field: str
    filled_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSource:
    """One source: its format, its rows and its mapping; not its name, which may be a person's."""

    format: str
    rows: int
    mapping: tuple[Filled, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What stands in `manifest.json` beside its seal; instants are Unix seconds or ISO 8601 UTC."""

    capi_version: str
    rules_version: str
    created_at: str
    rows_read: int
    rows_filtered: int
    rows_rejected: int
    rows_skipped: int
    events: int
    oldest_event_time: int | None
    newest_event_time: int | None
    match_keys: dict[str, int]
    sources: tuple[PreparedSource, ...]
    parts: tuple[Part, ...]

    @property
    def seal(self) -> str:
        """The seal of this manifest."""
        return seal_of(self._members())

    def encode(self) -> bytes:
        """Return `manifest.json`, sealed, to be read by people too."""
        return orjson.dumps(self._members() | {"seal": self.seal}, option=orjson.OPT_INDENT_2) + b"\n"

    def _members(self) -> dict[str, Any]:
        return {"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(self)}


def seal_of(members: dict[str, Any]) -> str:
    """Return the seal that fits the members; a `seal` among them is passed over."""
    sealed = {name: value for name, value in members.items() if name != "seal"}
    return hashlib.sha256(orjson.dumps(sealed, option=orjson.OPT_SORT_KEYS)).hexdigest()


def decode_manifest(text: bytes) -> Manifest:
    """Return the manifest of its JSON text.

    Raises:
        ValueError: It is no manifest, is of another version, or its seal does not fit; with what to say.
    """
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ValueError("is no JSON") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError("is no manifest of `capi prepare`")
    if found.get("format_version") != FORMAT_VERSION:
        raise ValueError("is of a format that this version of capi does not read")
    if found.get("seal") != seal_of(found):
        raise ValueError("was changed after it was sealed")
    members = {name: value for name, value in found.items() if name in Manifest.__slots__}
    try:
        members["parts"] = tuple(Part(**part) for part in found["parts"])
        members["sources"] = tuple(
            PreparedSource(
                format=source["format"],
                rows=source["rows"],
                mapping=tuple(Filled(**line) for line in source["mapping"]),
            )
            for source in found["sources"]
        )
        return Manifest(**members)
    except (KeyError, TypeError):
        raise ValueError("lacks what a manifest says") from None
