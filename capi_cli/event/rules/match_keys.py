"""Rules of the match keys: what the normalizers notice, and what to do about it.

A match key is optional, so nothing here rejects a row; a dropped value costs matches, and a warning says so.
"""

from capi_cli.event.findings import Rule, Severity

_WRONG_HASH = "Meta can't tell a wrongly hashed value from an unknown person: it matches nobody, silently."


def _warning(code: str, message: str, expected: str, why: str, fix: str, example: str = "") -> Rule:
    return Rule(
        code=code,
        severity=Severity.WARNING,
        message=message,
        expected=expected,
        why=why,
        fix=fix,
        example=example,
    )


def _info(code: str, message: str, expected: str, why: str, fix: str, example: str = "") -> Rule:
    return Rule(
        code=code,
        severity=Severity.INFO,
        message=message,
        expected=expected,
        why=why,
        fix=fix,
        example=example,
    )


_ANY_KEY = (
    _warning(
        "absent-word",
        "The cell says “{detail}”, which is taken for an empty one.",
        "A value, or an empty cell.",
        "Thousands of rows that say “null” would all be one person to Meta.",
        "Leave such cells empty in the export. A name or state “Na” and Namibia's code are kept.",
        "`N/A` → an empty cell",
    ),
    _warning(
        "nothing-left",
        "No letter or digit is left once punctuation and spaces are taken out; dropped.",
        "A name, place or id.",
        "Meta compares what is left, and the digest of nothing matches nobody.",
        "Leave the cell empty, or map the column that holds the value.",
        "`---` → an empty cell",
    ),
    _info(
        "arrived-hashed",
        "The value arrived as a SHA-256 and is sent as it is.",
        "A plain value, or 64 hex digits made from a value in Meta's spelling.",
        "What was hashed can't be checked. " + _WRONG_HASH,
        "Where you can, export plain values and let capi normalize and hash them.",
        "`62a14e44…` (64 digits) stays",
    ),
    _warning(
        "hash-wrong-kind",
        "The value looks like {detail}, not SHA-256; dropped.",
        "A plain value, or a SHA-256 of 64 hex digits.",
        "Meta compares SHA-256 only; another digest matches nobody.",
        "Export plain values, or hash with SHA-256.",
        "32 hex digits (MD5) → 64 hex digits (SHA-256)",
    ),
    _warning(
        "hash-of-empty",
        "The value is the SHA-256 of an empty cell or of a word like “null”; dropped.",
        "The digest of a value, or an empty cell.",
        "All rows with this digest would be one person to Meta.",
        "Where the export hashes, let it leave empty cells empty.",
        "`e3b0c442…b855` (the digest of nothing) → an empty cell",
    ),
    _warning(
        "hash-mixed",
        "Some cells of the column arrived hashed, others plain{detail}; both are sent.",
        "A column that is all plain or all hashed.",
        "It is often the sign of two exports glued together, one of which hashed in another spelling.",
        "Check where the hashed rows come from; where you can, export plain values throughout.",
    ),
)

_CONTACTS = (
    _warning(
        "em-shape",
        "Not an e-mail address; dropped.",
        "One address like name@example.com: one @, a dot after it, no spaces or commas.",
        "Meta matches whole addresses only.",
        "Mend the cell, or map the column that holds the address: --map em=COLUMN.",
        "`jane@shop` → `jane@shop.com`",
    ),
    _warning(
        "em-several",
        "Several e-mail addresses in one cell; dropped.",
        "One address, or a separator that says where the cell is to be split.",
        "The digest of two addresses together matches nobody; Meta takes them as a list.",
        'Say what separates them in capi.toml: em = { column = "…", separator = ";" }.',
        "`jane@shop.com; j@home.org` → two values",
    ),
    _warning(
        "ph-no-country",
        "A phone number without calling code, and no country to read it by; dropped.",
        "A number with + and calling code, or a country for the row or the file.",
        "Meta matches numbers with calling code only. A guessed one would match a stranger.",
        "Add --default-country CC (such as US), or map the rows' country: --map country=COLUMN.",
        "`(650) 555-1212` with --default-country US → `16505551212`",
    ),
    _warning(
        "ph-taken-as-international",
        "Digits without + and without a country are a valid international number, and were taken for one.",
        "A + before numbers that begin with a calling code.",
        "It is right for most exports that dropped the +, and wrong where the digits were national.",
        "Write the +, or add --default-country CC.",
        "`442071838750` → `442071838750`",
    ),
    _warning(
        "ph-other-country",
        "Digits that are no number of the row's country but a valid one abroad; taken for that.",
        "A + before numbers of other countries, or the row's own country.",
        "It is most likely right; a wrong country would have made another person of it.",
        "Write the +, or map the rows' country: --map country=COLUMN.",
        "`442071838750` in a file with --default-country US → `442071838750`",
    ),
    _warning(
        "ph-impossible",
        "Not a possible phone number of its country; dropped.",
        "One number, with area code, of 7 to 15 digits with its calling code.",
        "Meta matches whole numbers only; a cut or doubled one matches nobody, or a stranger.",
        'Mend the cell; where it holds several numbers, ph = { column = "…", separator = ";" } in capi.toml.',
        "`555-1212` (no area code) → `(650) 555-1212`",
    ),
    _warning(
        "ph-spreadsheet",
        "A phone number damaged by a spreadsheet: its last digits are gone; dropped.",
        "All digits of the number.",
        "The digits behind the E can't be had back, and what is left belongs to nobody.",
        "Export again with the column formatted as text, not from a sheet that was saved as CSV.",
        "`4.47912E+11` → `447911123456`",
    ),
)

_PERSON = (
    _info(
        "ge-unknown",
        "Neither female nor male in Meta's words; not sent.",
        "f, m, female, male, woman, man, Mrs, Mr, ….",
        "Meta takes f and m only.",
        "Nothing to do where it is meant so; else write f or m.",
        "`weiblich` → `f`",
    ),
    _warning(
        "db-format",
        "A date of birth in an order that nobody stated; dropped.",
        "YYYY-MM-DD or YYYYMMDD, or a stated format.",
        "02/03/1997 is two people, in February and in March; a guess is wrong for half of them.",
        'Say how the column writes dates in capi.toml: db = { column = "…", format = "%d/%m/%Y" }.',
        '`02/03/1997` with format = "%d/%m/%Y" → `19970302`',
    ),
    _warning(
        "db-range",
        "A date of birth that is not on the calendar, before 1900 or in the future; dropped.",
        "A day from 1900-01-01 to today.",
        "Meta takes years from 1900 to now. Placeholder dates would make one person of many.",
        "Leave unknown dates empty; where day and month are swapped, state the format.",
        "`1997-02-30` → an empty cell",
    ),
    _warning(
        "db-spreadsheet",
        "A date of birth as a spreadsheet's day number; dropped.",
        "YYYY-MM-DD or YYYYMMDD.",
        "Two ways of counting days are in use, four years apart.",
        "Export again with the column formatted as a date (YYYY-MM-DD).",
        "`35477` → `1997-02-16`",
    ),
    _warning(
        "doby-range",
        "Not a year of birth from 1900 to now; dropped.",
        "Four digits.",
        "Meta compares the four digits.",
        "Write the year in full.",
        "`97` → `1997`",
    ),
    _warning(
        "dobm-range",
        "Not a month from 1 to 12; dropped.",
        "A number from 1 to 12.",
        "Meta compares two digits.",
        "Write the month as a number.",
        "`Feb` → `02`",
    ),
    _warning(
        "dobd-range",
        "Not a day from 1 to 31; dropped.",
        "A number from 1 to 31.",
        "Meta compares two digits.",
        "Write the day as a number.",
        "`16th` → `16`",
    ),
    _warning(
        "external-id-plain",
        "An external_id marked plain that is an e-mail address; dropped.",
        "An id that says nothing about the person.",
        "It would leave this machine unhashed.",
        "Take plain = true away, so that it is hashed, or map another column.",
        "`jane@shop.com` → `c-1042`",
    ),
)

_PLACES = (
    _warning(
        "st-unknown",
        "Not a state of {detail} by code or name; its letters are sent.",
        "A state's or province's two-letter code or name.",
        "In the US and Canada Meta compares two-letter codes.",
        "Mend the cell, or map the rows' country: --map country=COLUMN.",
        "`Kalifornien` → `California`",
    ),
    _warning(
        "zp-lost-zeros",
        "A US postcode of three or four digits; its leading zeros were put back.",
        "Five digits.",
        "Spreadsheets take leading zeros away; Meta compares all five digits.",
        "Nothing to do; export the column as text to be rid of the warning.",
        "`2139` → `02139`",
    ),
    _warning(
        "zp-shape",
        "Not a US postcode; dropped.",
        "Five digits, or five and four.",
        "Meta compares the first five digits.",
        "Mend the cell, or map the rows' country: --map country=COLUMN.",
        "`9403X` → `94035`",
    ),
    _warning(
        "zp-other-country",
        "A postcode with letters in a row read as US; sent as one of another country.",
        "The row's own country.",
        "Postcodes are read by the country of the row, or else by --default-country.",
        "Map the rows' country: --map country=COLUMN.",
        "`M1 1AE` → `m11ae`",
    ),
    _warning(
        "country-unknown",
        "Not a country's code or name; dropped.",
        "An ISO code of two or three letters, or a name.",
        "Meta compares two-letter codes; cutting a name to two letters makes another country of it.",
        "Write the two-letter code.",
        "`Untied States` → `US`",
    ),
)

RULES: tuple[Rule, ...] = (*_ANY_KEY, *_CONTACTS, *_PERSON, *_PLACES)
