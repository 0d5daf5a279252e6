"""Rules of items, lists, nested values, URLs, device facts, limited data use, consent and custom properties."""

from typing import Final

from capi_cli.event.findings import Rule
from capi_cli.event.rules.severities import error, info, warning

_WHY_PERSONAL = (
    "Meta reads it as personal data that was not hashed (2804016), and may refuse or restrict the dataset."
)
_CONTENTS = '[{"id": "SKU-1", "quantity": 2, "item_price": 9.9}]'

_ITEM_RULES = (
    warning(
        code="contents-unreadable",
        message="The contents can't be read as a list of items, so they are left out.",
        expected=f"JSON text such as {_CONTENTS}",
        why="Meta refuses contents that are not a list of objects (2804019).",
        fix="Correct the cell; or map lists of ids, quantities and prices: --map custom_data.contents.id=COLUMN.",
        example=f"SKU-1 (2x) → {_CONTENTS}",
    ),
    warning(
        code="contents-item-without-id",
        message="Items without an id were left out of the contents: {detail}.",
        expected="An id in every item, the same as in your catalog.",
        why="Meta refuses an event with an item without id (2804008).",
        fix="Fill the ids in the export, or map the column that holds them: --map custom_data.contents.id=COLUMN.",
        example='{"quantity": 2} → {"id": "SKU-1", "quantity": 2}',
    ),
    warning(
        code="contents-member-unreadable",
        message="Quantities, prices or categories that can't be read were left out of the contents: {detail}.",
        expected="Numbers for quantity and item_price; in_store, curbside or home_delivery for delivery_category.",
        why="Meta refuses text where it wants a number.",
        fix="Correct the cells; where prices have a decimal comma, add --decimal , to the command.",
        example='"item_price": "9,90" → 9.9 with --decimal ,',
    ),
    warning(
        code="contents-lists-differ",
        message="A list of quantities or prices is not as long as the list of {detail} ids; it is left out.",
        expected="As many parts in every list: SKU-1;SKU-2 with 2;1 and 9.90;5.00.",
        why="Which price belongs to which item can't be known.",
        fix="Correct the cell. An unknown part is an empty one: 9.90;;5.00.",
        example="SKU-1;SKU-2 with quantities 2 → 2;1",
    ),
    warning(
        code="json-unreadable",
        message="The cell can't be read as a JSON object, so {detail} is left out.",
        expected='JSON text such as {"store_code": "12"}.',
        why="Meta refuses text where it wants an object (2804019).",
        fix="Correct the cell, or leave the column out of the mapping.",
        example='store_code=12 → {"store_code": "12"}',
    ),
    warning(
        code="list-unreadable",
        message="The cell begins like a JSON list but can't be read as one, so it is left out.",
        expected='["SKU-1", "SKU-2"], or SKU-1;SKU-2 with a separator named.',
        why="Meta refuses a broken list (2804019).",
        fix='Correct the cell; or name the sign between the parts in capi.toml: separator = ";".',
        example='["SKU-1", → ["SKU-1", "SKU-2"]',
    ),
)
_CELL_RULES = (
    warning(
        code="formula-error",
        message="The cell holds a failed formula ({detail}), so it counts as empty.",
        expected="The value that the formula should have given.",
        why="The word would be sent to Meta as if it were a value.",
        fix="Mend the formula in the spreadsheet and save the file again.",
        example="#REF! → 19.90",
    ),
    warning(
        code="boolean-unreadable",
        message="The cell can't be read as yes or no, so it is left out.",
        expected="true or false, yes or no, 1 or 0.",
        why="Meta refuses other words where it wants yes or no.",
        fix="Correct the cells, or leave the column out of the mapping.",
        example="maybe → false",
    ),
    warning(
        code="custom-property-personal",
        message="A custom property holds an e-mail address or a phone number, or is named like one, so it is left out.",
        expected="Nothing that names a person.",
        why=_WHY_PERSONAL,
        fix="If it is a match key, map it as one, and it is hashed: --map em=COLUMN or --map ph=COLUMN. Else take the "
        "column out of the mapping.",
        example="custom_data.contact: ana@example.com → --map em=contact",
    ),
    warning(
        code="text-personal",
        message="A text under custom_data holds an e-mail address or a phone number, so it is left out.",
        expected="Nothing that names a person.",
        why=_WHY_PERSONAL,
        fix="Map another column to this field; for e-mail addresses --map em=COLUMN, for phones --map ph=COLUMN.",
        example="order_id: ana@example.com → 1001",
    ),
    warning(
        code="url-without-scheme",
        message="The URL does not begin with https:// or another scheme, so it is left out.",
        expected="https://www.example.com/thanks",
        why="Meta refuses a website event whose URL has no scheme, and compares its domain with your verified ones.",
        fix="Export full URLs; or for all rows: --set event_source_url=https://www.example.com/.",
        example="www.example.com/thanks → https://www.example.com/thanks",
    ),
    warning(
        code="url-personal-data",
        message="An e-mail address or a phone number in the URL's query was cut out.",
        expected="URLs that name no person.",
        why=_WHY_PERSONAL,
        fix="Nothing to do here. Tell who runs the website: its pages hand such URLs to every tracker on them.",
        example="https://www.example.com/?email=ana@example.com → https://www.example.com/?email=",
    ),
    warning(
        code="extinfo-unreadable",
        message="The device facts (extinfo) can't be read as a list, so they are left out.",
        expected="A JSON list of 16 texts, or 16 parts between |.",
        why="Meta refuses an app event with a broken extinfo (2804043).",
        fix="Correct the cell, or the step that writes it.",
        example='["a2", → ["a2", "com.example.app", …]',
    ),
    warning(
        code="extinfo-parts",
        message="The device facts (extinfo) have {detail} parts instead of 16, so they are left out.",
        expected="16 parts; an unknown one is empty but keeps its place.",
        why="Meta reads each part by its place, and refuses an app event with a wrong extinfo (2804043).",
        fix="Add the missing parts as empty ones.",
        example="a2|com.example.app|1.0 → a2|com.example.app|1.0||14|||||||||||",
    ),
    warning(
        code="extinfo-platform",
        message="The device facts (extinfo) do not begin with a2 or i2, so they are left out.",
        expected="a2 for Android or i2 for iOS as the first part.",
        why="Meta refuses an app event without the platform (2804043).",
        fix="Put a2 or i2 in the first place.",
        example="android|… → a2|…",
    ),
    warning(
        code="extinfo-os-version",
        message="The device facts (extinfo) lack the version of the system, so they are left out.",
        expected="The version as the fifth part: 17.4.1.",
        why="Meta refuses an app event without it (2804043).",
        fix="Put the version in the fifth place.",
        example="i2|com.example.app|1.0|100||… → i2|com.example.app|1.0|100|17.4.1|…",
    ),
)
_PRIVACY_RULES = (
    error(
        code="processing-option-unknown",
        message="data_processing_options holds another word than LDU.",
        expected="LDU to limit the use of the person's data, [] not to, by_state to limit it for people of the US "
        "states for which Meta has a code.",
        why="What a person asked for about their data is never guessed, and Meta ignores words that it does not know.",
        fix="Correct the cell: LDU, by_state, [], or nothing.",
        example="limited → LDU",
    ),
    error(
        code="processing-code-unknown",
        message="Limited data use (LDU) was asked for, and its {detail} is none that can be read.",
        expected="Country: US, 1 or 0. State: a US state's code or name, Meta's code (1000, 1001, …), or 0. "
        "0 asks Meta to locate the person.",
        why="With a wrong code Meta would not limit the use of the person's data as asked.",
        fix="Correct the cell; 0 for both asks Meta to locate the person by the IP address.",
        example="state: Paris → 0",
    ),
    info(
        code="processing-place-without-code",
        message="Meta has no code of this place for limited data use (LDU), so 0 is sent, which asks it to look.",
        expected="The US, and of its states CA, CO, CT, DE, FL, MD, MN, MT, NE, NH, NJ, OR, RI or TX.",
        why="Meta limits data use where a state's law asks for it, and knows the others by no code.",
        fix="Nothing to do. --set data_processing_options=by_state asks for it only where there is a code.",
        example="NY → 0",
    ),
    error(
        code="ldu-without-state",
        message="Limited data use (LDU) was asked for, but neither a state with a code nor an IP address is there.",
        expected="data_processing_options_state, or st with country US; or client_ip_address.",
        why="Meta limits data use by state, and can locate a person only by the IP address.",
        fix="Add --map st=COLUMN with --default-country US, or --map data_processing_options_state=COLUMN; or "
        "--map client_ip_address=COLUMN.",
        example="LDU with state CA → country 1, state 1000",
    ),
    info(
        code="ldu-not-offered",
        message="Meta limits data use in some US states only; this is none of them, so no limit is asked for.",
        expected="CA, CO, CT, DE, FL, MD, MN, MT, NE, NH, NJ, OR, RI or TX.",
        why="Meta limits data use in those states only.",
        fix="Nothing to do. --set data_processing_options=LDU asks for it everywhere, and lets Meta locate the person.",
        example="NY → sent without data_processing_options",
    ),
    info(
        code="person-suppressed",
        message="The person stands in the suppression list, so the row is left out.",
        expected="Rows of people who did not ask to be forgotten.",
        why="Who asked to be forgotten is not sent, whatever the file says. Rows are compared by what would be sent of "
        "their e-mail addresses and phones.",
        fix="Nothing to do. The list is what --suppress names, or suppress in capi.toml.",
        example="Ana@Example.com in the list → rows with ana@example.com are not sent",
    ),
    info(
        code="consent-denied",
        message="The person did not consent, so the row is left out.",
        expected="granted or denied, yes or no, true or false, 1 or 0.",
        why="Without a yes a person's data is not used.",
        fix='Nothing to do. consent_denied = "ldu" in capi.toml sends such rows with limited data use.',
        example="denied → not sent",
    ),
    warning(
        code="consent-unclear",
        message="The consent cell is empty or not understood, so the row is treated as without consent.",
        expected="granted or denied, yes or no, true or false, 1 or 0.",
        why="Without a clear yes a person's data is not used.",
        fix="Correct the cells, or map the column that holds the answer: --map consent=COLUMN.",
        example="maybe → denied",
    ),
)

RULES: Final[tuple[Rule, ...]] = (*_ITEM_RULES, *_CELL_RULES, *_PRIVACY_RULES)
