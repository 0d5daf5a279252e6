"""Meta's own file header, from its offline event uploader. It says nothing of where the events took place.

All its names are Meta's own or synonyms of theirs, prefixed or in brackets, so that the fields are filled by the
header and the table fills none: recognising it tells the person that the file is understood as what it is.
"""

from capi_cli.mapping.exports.table import Export

_ANY_KEY = ("email", "phone", "fn", "ln", "extern_id", "madid", "lead_id", "em", "ph")
_TELLING = ("gen", "doby", "extern_id", "match_keys.email", "match_keys.phone", "item_number", "madid")

META_EVENTS = Export(
    name="Meta's own event file",
    fingerprints=(
        *(("event_time", "event_name", telling, key) for telling in _TELLING for key in _ANY_KEY),
        *(("event_time", "event_name", f"match_keys.{key}") for key in _ANY_KEY),
    ),
    filled=(),
)
