"""Rules of numbers, amounts of money and their currency."""

from typing import Final

from capi_cli.event.findings import Rule
from capi_cli.event.rules.severities import error, warning

_WHY_NUMBER = (
    "Meta takes plain numbers with a point: 1234.56. Anything else is refused or read as another amount."
)
_WHY_BOTH = "Meta refuses the event (2804010, 2804023), and with it every other event of the same request."

RULES: Final[tuple[Rule, ...]] = (
    error(
        code="number-unreadable",
        message="The cell can't be read as a number.",
        expected="1234.56, also with the currency's sign or code beside it.",
        why=_WHY_NUMBER,
        fix="Correct the cell, or map the column that holds the amount: --map value=COLUMN.",
        example="12 pieces → 12",
    ),
    error(
        code="number-comma",
        message="The number's comma or points can be read two ways; say which one is the decimal sign.",
        expected="A point before the decimals (1234.56 or 1,234.56), or the decimal sign named.",
        why="1,234 is a thousand in New York and one and a bit in Berlin: a wrong guess is wrong by a factor of 1000.",
        fix="Add --decimal , if the comma stands before the cents (1.234,56); --decimal . if it separates thousands.",
        example="1.234,56 → with --decimal , : 1234.56",
    ),
    error(
        code="number-decimal-contradicts",
        message="The number does not fit the decimal sign that was named ({detail}).",
        expected="Every number of the column written in the same way.",
        why="Read by the wrong sign, an amount is wrong by a factor of 100 or 1000.",
        fix="Correct the cell, or --decimal; for one column alone: decimal in its entry of capi.toml.",
        example="19.90 with --decimal , → 19,90",
    ),
    error(
        code="number-not-finite",
        message="The cell holds NaN or infinity instead of a number.",
        expected="A number; or an empty cell where there is none.",
        why="JSON has no such numbers, and Meta refuses the event.",
        fix="Find out why the export divides by zero or lacks the amount, and correct the cell.",
        example="NaN → 19.9",
    ),
    warning(
        code="number-symbol",
        message="The currency's sign beside the number was taken off.",
        expected="The number alone; the currency in its own column.",
        why="Meta takes plain numbers, and reads the currency from the field of that name only.",
        fix="Nothing to do. Make sure that the currency is sent: --map currency=COLUMN or --set currency=EUR.",
        example="€ 12.50 → 12.5",
    ),
    warning(
        code="number-scientific",
        message="The number was written with an exponent; it is sent in full.",
        expected="All digits: 1234567.",
        why="A spreadsheet that writes 1.23457E+06 may have rounded the amount.",
        fix="If a spreadsheet wrote it: format the column as a number and save again.",
        example="1.23457E+06 → 1234567",
    ),
    warning(
        code="number-dropped",
        message="A number other than value can't be used ({detail}), so it is left out.",
        expected="A number as for value.",
        why="The event is complete without it; a wrong value would be refused.",
        fix="`capi explain` of the code in brackets says what is wrong and how to mend it.",
        example="predicted_ltv: 1,5 → 1.5",
    ),
    warning(
        code="integer-unreadable",
        message="The cell can't be read as a whole number, so it is left out.",
        expected="Digits only: 3.",
        why="Meta refuses text or fractions where it wants a whole number.",
        fix="Correct the cell, or map another column.",
        example="num_items: three → 3",
    ),
    error(
        code="currency-unknown",
        message="This is no currency code such as EUR or USD{detail}.",
        expected="EUR, USD, GBP, …",
        why=_WHY_BOTH,
        fix="Correct the cell; or, if all rows are in one currency: --set currency=EUR.",
        example="Dollar → USD",
    ),
    warning(
        code="currency-symbol",
        message="The currency was written as a sign; it is sent as {detail}.",
        expected="A code of three letters: EUR.",
        why="Meta takes codes only.",
        fix="Nothing to do; to silence this, write the code.",
        example="€ → EUR",
    ),
    error(
        code="value-currency-contradicts",
        message="The sign beside the amount is not that of the row's currency{detail}.",
        expected="The same currency in both places.",
        why="One of the two is wrong, and Meta would count, say, 100 pounds as 100 euros.",
        fix="Correct the row, or map the right column: --map currency=COLUMN.",
        example="$ 12.50 with currency EUR",
    ),
    error(
        code="purchase-without-value",
        message="A Purchase needs a value, and this row has none.",
        expected="The amount of the order.",
        why="Meta refuses a Purchase without value (2804009), and with it every other event of the same request.",
        fix="Add --map value=COLUMN, with the column that holds the order's total.",
        example="--map value=total",
    ),
    error(
        code="purchase-without-currency",
        message="A Purchase needs a currency, and this row has none.",
        expected="A code of three letters: EUR.",
        why="Meta refuses a Purchase without currency (2804010), and with it every other event of the same request.",
        fix="Add --set currency=EUR if all rows are in one currency, else --map currency=COLUMN.",
        example="--set currency=USD",
    ),
    error(
        code="value-without-currency",
        message="The row has a value but no currency.",
        expected="A code of three letters beside every value.",
        why="Meta refuses a value without currency (2804023), and with it every other event of the same request.",
        fix="Add --set currency=EUR if all rows are in one currency, else --map currency=COLUMN.",
        example="--set currency=USD",
    ),
    error(
        code="purchase-negative",
        message="A Purchase with a negative value: a refund is not a purchase.",
        expected="A value above zero.",
        why="Meta has no event for refunds. A negative Purchase distorts the reported return of every campaign.",
        fix="Leave refunds out: --where status=paid (the column and the words of your export).",
        example="-49.90, a refund",
    ),
    warning(
        code="value-zero",
        message="The value of the event is zero.",
        expected="The amount of the order.",
        why="Meta takes it, but it tells the campaign that this customer was worth nothing.",
        fix="Map the right column (--map value=COLUMN), or leave out rows without payment with --where.",
        example="0.00 → 19.90",
    ),
    warning(
        code="value-negative",
        message="The value of the event is negative.",
        expected="A value above zero.",
        why="Meta does not say what it makes of negative values; they lower the reported return.",
        fix="Leave such rows out with --where, or map another column: --map value=COLUMN.",
        example="-5, a correction of an earlier sale",
    ),
)
