"""Meta's own file header, from its offline event uploader. It says nothing of where the events took place.

All its names are Meta's own or synonyms of theirs, prefixed or in brackets, so that the fields are filled by the
header and the table fills none: recognising it tells the person that the file is understood as what it is.
"""

from capi_cli.mapping.exports.table import Export

_BARE = "email phone em ph fn ln madid extern_id external_id lead_id".split()
_KEYS = (*_BARE, *"gen dob ct st zip country ge db zp".split())
_PREFIXES = ("match_keys.", "user_data.", "user.", "user_")

META_EVENTS = Export(
    name="Meta's own event file",
    fingerprints=tuple(
        ("event_time", "event_name", key)
        for key in (*_BARE, *(f"{prefix}{key}" for prefix in _PREFIXES for key in _KEYS))
    ),
    filled=(),
)
