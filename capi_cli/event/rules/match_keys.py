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
        "The cell holds no letter and no digit, so it counts as empty.",
        "A name, place or id.",
        "Meta compares letters and digits only; a cell without any matches nobody.",
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
        "The value looks like {detail}, not SHA-256, so it is left out.",
        "A plain value, or a SHA-256 of 64 hex digits.",
        "Meta compares SHA-256 only; another hash matches nobody.",
        "Export plain values, or hash with SHA-256.",
        "32 hex digits (MD5) → 64 hex digits (SHA-256)",
    ),
    _warning(
        "hash-of-empty",
        "The value is the SHA-256 of an empty cell or of a word like “null”, so it is left out.",
        "The hash of a value, or an empty cell.",
        "All rows with this hash would be one person to Meta.",
        "Where the export hashes, let it leave empty cells empty.",
        "`e3b0c442…b855` (the hash of nothing) → an empty cell",
    ),
    _warning(
        "hash-mixed",
        "Some cells of the column arrived hashed, others plain{detail}; both are sent.",
        "A column that is all plain or all hashed.",
        "It is often the sign of two exports glued together, one of which hashed in another spelling.",
        "Check where the hashed rows come from; where you can, export plain values throughout.",
        "`ana@example.com` in one row, 64 hex digits in the next",
    ),
)

_CONTACTS = (
    _warning(
        "em-shape",
        "This is not an e-mail address, so it is left out.",
        "One address like name@example.com: one @, a dot after it, no spaces or commas.",
        "Meta matches whole addresses only.",
        "Mend the cell, or map the column that holds the address: --map em=COLUMN.",
        "`jane@shop` → `jane@shop.com`",
    ),
    _warning(
        "em-several",
        "Several e-mail addresses stand in one cell, so they are left out.",
        "One address, or a separator that says where the cell is to be split.",
        "Hashed together, two addresses match nobody; apart, each of them can.",
        'In capi.toml, under [event.user_data], say what stands between them: em = { column = "COLUMN", '
        'separator = ";" }.',
        "`jane@shop.com; j@home.org` → two values",
    ),
    _warning(
        "ph-no-country",
        "The phone number has no calling code, and no country to read it by is known, so it is left out.",
        "A number with + and calling code, or a country for the row or the file.",
        "Meta matches numbers with calling code only. A guessed one would match a stranger.",
        "Add --default-country CC (such as US), or map the rows' country: --map country=COLUMN.",
        "`(650) 555-1212` with --default-country US → `16505551212`",
    ),
    _warning(
        "ph-taken-as-international",
        "The phone number has no + and no country, but reads as an international number, and was read so.",
        "A + before numbers that begin with a calling code.",
        "It is right for most exports that dropped the +, and wrong where the digits were national.",
        "Write the +, or add --default-country CC.",
        "`442071838750` → `442071838750`",
    ),
    _warning(
        "ph-other-country",
        "The digits are no phone number of the row's country but one of another, and were read as that.",
        "A + before numbers of other countries, or the row's own country.",
        "It is most likely right; read in the row's country it would match nobody.",
        "Write the +, or map the rows' country: --map country=COLUMN.",
        "`442071838750` in a file with --default-country US → `442071838750`",
    ),
    _warning(
        "ph-impossible",
        "This can't be a phone number of its country, so it is left out.",
        "One number, with area code, of 7 to 15 digits with its calling code.",
        "Meta matches whole numbers only; a cut or doubled one matches nobody, or a stranger.",
        'Mend the cell. Where it holds several numbers: ph = { column = "COLUMN", separator = ";" } in capi.toml, '
        "under [event.user_data].",
        "`555-1212` (no area code) → `(650) 555-1212`",
    ),
    _warning(
        "ph-spreadsheet",
        "A spreadsheet has damaged this phone number: its last digits are gone, so it is left out.",
        "All digits of the number.",
        "The lost digits can't be had back, and what is left belongs to nobody.",
        "Export again with the column formatted as text, not from a sheet that was saved as CSV.",
        "`4.47912E+11` → `447911123456`",
    ),
)

_PERSON = (
    _info(
        "ge-unknown",
        "The gender is neither f nor m nor a word for them that is known, so it is left out.",
        "f, m, female, male, woman, man, Mrs, Mr, ….",
        "Meta takes f and m only.",
        "Nothing to do where it is meant so; else write f or m.",
        "`weiblich` → `f`",
    ),
    _warning(
        "db-format",
        "The date of birth is in a layout that has to be named, so it is left out.",
        "1997-02-16, 19970216, or a layout that is named in capi.toml.",
        "02/03/1997 is 2 March in London and 3 February in New York; a guess is wrong for one of them.",
        'In capi.toml, under [event.user_data], name the layout: db = { column = "COLUMN", format = "%d/%m/%Y" }.',
        '`02/03/1997` with format = "%d/%m/%Y" → `19970302`',
    ),
    _warning(
        "db-range",
        "The date of birth is not on the calendar, before 1900 or in the future, so it is left out.",
        "A day from 1900-01-01 to today.",
        "Meta takes years from 1900 to now. Placeholder dates would make one person of many.",
        "Leave unknown dates empty. Where day and month are swapped, name the layout in capi.toml, under "
        '[event.user_data]: db = { column = "COLUMN", format = "%d/%m/%Y" }.',
        "`1997-02-30` → an empty cell",
    ),
    _warning(
        "db-spreadsheet",
        "The date of birth is a spreadsheet's day number, so it is left out.",
        "YYYY-MM-DD or YYYYMMDD.",
        "Two ways of counting days are in use, four years apart.",
        "Export again with the column formatted as a date (YYYY-MM-DD).",
        "`35477` → `1997-02-16`",
    ),
    _warning(
        "doby-range",
        "This is not a year of birth from 1900 to now, so it is left out.",
        "Four digits.",
        "Meta compares the four digits.",
        "Write the year in full.",
        "`97` → `1997`",
    ),
    _warning(
        "dobm-range",
        "This is not a month from 1 to 12, so it is left out.",
        "A number from 1 to 12.",
        "Meta compares two digits.",
        "Write the month as a number.",
        "`Feb` → `02`",
    ),
    _warning(
        "dobd-range",
        "This is not a day from 1 to 31, so it is left out.",
        "A number from 1 to 31.",
        "Meta compares two digits.",
        "Write the day as a number.",
        "`16th` → `16`",
    ),
    _warning(
        "external-id-plain",
        "The external_id is marked plain but is an e-mail address, so it is left out.",
        "An id that says nothing about the person.",
        "It would leave this machine unhashed.",
        "Take plain = true away, so that it is hashed, or map another column.",
        "`jane@shop.com` → `c-1042`",
    ),
)

_PLACES = (
    _warning(
        "st-unknown",
        "This is no state or province of {detail}; its letters are sent as they are.",
        "A state's or province's two-letter code or name.",
        "In the US and Canada Meta compares two-letter codes.",
        "Mend the cell, or map the rows' country: --map country=COLUMN.",
        "`Kalifornien` → `California`",
    ),
    _warning(
        "zp-lost-zeros",
        "The US postcode has three or four digits; the zeros that it lost in front were put back.",
        "Five digits.",
        "Spreadsheets take leading zeros away; Meta compares all five digits.",
        "Nothing to do; export the column as text to be rid of the warning.",
        "`2139` → `02139`",
    ),
    _warning(
        "zp-shape",
        "This is not a US postcode, so it is left out.",
        "Five digits, or five and four.",
        "Meta compares the first five digits.",
        "Mend the cell, or map the rows' country: --map country=COLUMN.",
        "`99` → `99501`",
    ),
    _warning(
        "zp-other-country",
        "The row counts as US, but its postcode has letters; it is sent as one of another country.",
        "The row's own country.",
        "Postcodes are read by the country of the row, or else by --default-country.",
        "Map the rows' country: --map country=COLUMN.",
        "`M1 1AE` → `m11ae`",
    ),
    _warning(
        "country-unknown",
        "This is no country's code or name, so it is left out.",
        "An ISO code of two or three letters, or a name.",
        "Meta compares two-letter codes; cutting a name to two letters makes another country of it.",
        "Write the two-letter code, such as US or DE.",
        "`Untied States` → `US`",
    ),
)

RULES: tuple[Rule, ...] = (*_ANY_KEY, *_CONTACTS, *_PERSON, *_PLACES)
