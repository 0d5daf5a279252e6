"""A rule's mend with the user's own names in it: lines for capi.toml that can be copied as they are.

The rules themselves show `COLUMN`, one layout and one zone as examples, since they are read in the manual too.
"""

import json

from capi_cli.event.rules import rule
from capi_cli.event.rules.event_times import EXAMPLE_LAYOUT, EXAMPLE_ZONE, OF_YOUR_LAYOUT

LAYOUTS = ("time-format-unknown", "time-day-or-month")  # their details name the layouts


def mend(code: str, detail: str = "") -> str:
    """Return the rule's mend; the layouts that the finding's detail names stand in the place of the example's."""
    fix = rule(code).fix
    if code not in LAYOUTS or not detail:
        return fix
    first, *others = detail.split(" or ")
    or_else = "".join(f', or format = "{layout}", whichever is true of this file' for layout in others)
    return fix.replace(EXAMPLE_LAYOUT, first).replace(OF_YOUR_LAYOUT, or_else)


def with_names(fix: str, *, column: str = "", timezone: str | None = None) -> str:
    """Return a mend with the column that fills the field, and the zone that was named, in its lines for capi.toml.

    Args:
        fix: From `mend`.
        column: As the header spells it; empty where the field has none or several, or where its name is a
            person's data.
        timezone: That of the field or the file.
    """
    if column:
        fix = fix.replace('column = "COLUMN"', f"column = {json.dumps(column, ensure_ascii=False)}")
    return fix.replace(f'timezone = "{EXAMPLE_ZONE}"', f'timezone = "{timezone}"') if timezone else fix
