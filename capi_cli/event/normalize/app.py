"""app_data: the sixteen facts about a device."""

from typing import Final

from capi_cli.event.findings import Finding
from capi_cli.event.limits import EXTINFO_PARTS
from capi_cli.event.normalize.json_text import Json, read_json, scalar_text, write_json
from capi_cli.event.normalize.text import clean

PLATFORMS: Final = ("a2", "i2")  # Android, iOS
_OS_VERSION: Final = 4  # position


def normalize_extinfo(text: str) -> str | Finding | None:
    """Return the sixteen parts as JSON text, from a JSON list or from parts between `|`.

    An unknown part is an empty text in its place. Platform (first) and OS version (fifth) are required.

    Source:
        Meta, "App data parameters", extinfo.
    """
    text = clean(text)
    if not text:
        return None
    if text.startswith("["):
        try:
            found = read_json(text)
            parts = [_part(part) for part in found] if isinstance(found, list) else []
        except ValueError:  # also for a number of absurd size
            return Finding("extinfo-unreadable")
    else:
        parts = [clean(part) for part in text.split("|")]
    if len(parts) != EXTINFO_PARTS:
        return Finding("extinfo-parts", detail=str(len(parts)))
    parts[0] = parts[0].lower()
    if parts[0] not in PLATFORMS:
        return Finding("extinfo-platform")
    if not parts[_OS_VERSION]:
        return Finding("extinfo-os-version")
    return write_json(list(parts))


def _part(part: Json) -> str:
    return scalar_text(part) or ""
