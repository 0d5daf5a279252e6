"""Rules of orders whose items stand in rows of their own (`[group]`)."""

from typing import Final

from capi_cli.event.findings import Rule
from capi_cli.event.rules.severities import error

RULES: Final[tuple[Rule, ...]] = (
    error(
        code="group-too-far",
        message="An order with rows above goes on here, too far away to be joined, so these rows are not sent.",
        expected="All rows of an order within 10,000 rows of its first one; within fewer where rows are very large.",
        why="Sent as an event of its own, the rest of an order would be a second purchase at Meta.",
        fix="Sort the file by the column after `by` under [group] in capi.toml and run again. If other orders have "
        "that cell too, name a column there that tells orders apart.",
        example="order 1001 on lines 2 and 15,000 → on lines 2 and 3",
    ),
    error(
        code="group-value-differs",
        message="The rows of one order name different values, and only one of them can be the order's.",
        expected="The order's value in one of its rows, or the same in each of them.",
        why="Meta would be told a purchase of the wrong amount.",
        fix='If each row holds the value of its item, add them up: value = "sum" under [group] in capi.toml. Else '
        "map the column that holds the order's value: --map value=COLUMN.",
        example='rows of 10.00 and 5.00 → one order of 15.00 with value = "sum"',
    ),
)
