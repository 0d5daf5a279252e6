"""Rules of an event beside its hashed match keys: names, times, money, items, URLs, plain keys, whole rows.

The words are for a person with a messy export who has never read Meta's documentation. The tables stand by
subject in the files beside this one; this is their order in the manual.
"""

from typing import Final

from capi_cli.event.findings import Rule
from capi_cli.event.rules import (
    cell_values,
    event_names,
    event_times,
    line_items,
    money,
    needs,
    plain_keys,
    whole_file,
)

RULES: Final[tuple[Rule, ...]] = (
    *event_names.RULES,
    *event_times.RULES,
    *money.RULES,
    *line_items.RULES,
    *cell_values.RULES,
    *plain_keys.RULES,
    *needs.RULES,
    *whole_file.RULES,
)
