"""Rules of a whole file: what no single row shows. The thresholds are those of Meta's own archived uploader.

All of them are warnings or less: what is found by looking at a file as a whole decides no row's fate.
"""

from typing import Final

from capi_cli.event.findings import Rule
from capi_cli.event.rules.severities import info, warning

RULES: Final[tuple[Rule, ...]] = (
    warning(
        code="all-filtered",
        message="Every row was filtered, so there is nothing to send.",
        expected="Some rows that match --where, are young enough for --since, and whose people consented.",
        why="A word that the export spells differently since its last update keeps all sales from Meta, and nothing "
        "else would show it.",
        fix="`capi preview` says of the first rows why each is filtered. Correct --where or [where]; nothing to do "
        "where the file truly holds nothing new.",
        example="status=paid after --where, and an export that says Paid out",
    ),
    warning(
        code="no-match-keys-share",
        message="Many rows have no match key that can be used{detail}.",
        expected="At least one usable match key in 95% of the rows.",
        why="Rows without one can't be sent. Often a column is mapped wrongly, or phones lack their country.",
        fix="Look at the mapping that is shown, and at the findings about em and ph; --default-country DE reads "
        "national phone numbers.",
        example="an e-mail column that is filled in every third row",
    ),
    warning(
        code="times-are-dates",
        message="Nearly all events share their time of day, so these are probably dates without times{detail}.",
        expected="The time of each sale, to the minute. Told from 100 rows on, where there are fewer than one "
        "different time of day for every four rows (of the first 1000, as a day has but 1440 minutes).",
        why="Meta credits ads by the hour. All sales of a day at midnight look as if they came before that day's ads.",
        fix="Map the column that holds date and time: --map event_time=COLUMN.",
        example="2024-03-05 00:00:00 in every row",
    ),
    warning(
        code="constant-column",
        message="The same value stands in every row.",
        expected="Values that differ from row to row, in a column of people, orders, times or amounts. Told from 20 "
        "rows on; a constant that was set by hand is none.",
        why="A shop's own e-mail address or phone number in every row matches all sales to one person; one order "
        "number for all makes them one order.",
        fix="Map the column that holds each row's own value, or leave this one out. Nothing to do where it is true, "
        "such as one price for everything.",
        example="info@example.com in every row",
    ),
    info(
        code="order-id-missing-share",
        message="Many purchases have no order_id{detail}.",
        expected="An order_id with every purchase; told where more than a quarter lack it.",
        why="With an order_id the same sale is recognised when it is exported again; Meta uses it for shop sales too.",
        fix="Add --map order_id=COLUMN, with the number of the order or receipt.",
        example="--map order_id=receipt_no",
    ),
    warning(
        code="order-contradicts",
        message="Rows of one order name different people or times, or differ in a column of [where].",
        expected="One customer and one time for each order_id and event_name. The last hundred thousand orders or so "
        "are compared, so one that repeats much later in a large file may go unnoticed.",
        why="Either the order_id column is no order number, or rows were mixed up; sales would be credited to the "
        "wrong people. Where rows are joined, the first that is filled decides: a refund among them may hide the sale.",
        fix="Check the column that is mapped to order_id: --map order_id=COLUMN.",
        example="order 1001 for ana@example.com and for ben@example.com",
    ),
)
