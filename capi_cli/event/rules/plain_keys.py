"""Rules of the match keys that are not hashed: IP addresses, click and browser ids, lead and device ids."""

from typing import Final

from capi_cli.event.findings import Rule
from capi_cli.event.rules.severities import warning

RULES: Final[tuple[Rule, ...]] = (
    warning(
        code="ip-invalid",
        message="This is no IP address, so it is left out.",
        expected="One IPv4 or IPv6 address: 8.8.8.8 or 2a00:1450::1, without port or spaces.",
        why="Meta can't match it to anybody.",
        fix="Export the visitor's address alone, or leave the column out of the mapping.",
        example="8.8.8.8:443 → 8.8.8.8",
    ),
    warning(
        code="ip-private",
        message="The IP address is a private or reserved one, so it is left out.",
        expected="The public address of the visitor.",
        why="Every office has a 192.168.0.1: it matches nobody. Usually a proxy's address was written down.",
        fix="Have the shop log the visitor's address (X-Forwarded-For), or leave the column out of the mapping.",
        example="192.168.0.1, 10.0.0.7, 127.0.0.1",
    ),
    warning(
        code="fbc-invalid",
        message="This is no click id as the _fbc cookie holds it, so it is left out.",
        expected="fb.1.1709629872123.IwAR2F4…",
        why="Meta can't match a click id of another form.",
        fix="If the column holds the bare fbclid or a landing page's URL: --map fbclid=COLUMN.",
        example="IwAR2F4… → mapped to fbclid: fb.1.1709629872000.IwAR2F4…",
    ),
    warning(
        code="fbp-invalid",
        message="This is no browser id as the _fbp cookie holds it, so it is left out.",
        expected="fb.1.1709629872123.1098115397",
        why="Meta can't match a browser id of another form.",
        fix="Export the whole value of the _fbp cookie, or leave the column out of the mapping.",
        example="1098115397 → fb.1.1709629872123.1098115397",
    ),
    warning(
        code="fbclid-invalid",
        message="This is no click id (fbclid), so it is left out.",
        expected="The fbclid of a landing page's URL, letter for letter; or the whole URL.",
        why="A click id that was changed, also only in its case, matches nobody.",
        fix="Export the fbclid as it came, or map the column that holds the landing page's URL: --map fbclid=COLUMN.",
        example="yes → IwAR2F4…",
    ),
    warning(
        code="lead-id-invalid",
        message="A lead_id has 15 to 17 digits; this one is left out.",
        expected="The id that Meta gave the lead: 123456789012345.",
        why="Meta refuses an event with a wrong lead_id (2804036).",
        fix="Map the column with Meta's id of the lead, not that of your CRM: --map lead_id=COLUMN.",
        example="LEAD-7 → 123456789012345",
    ),
    warning(
        code="id-damaged",
        message="A spreadsheet has rounded this id; its last digits are lost, so it is left out.",
        expected="All digits: 123456789012345.",
        why="A rounded id belongs to somebody else, or to nobody; rounding can't be undone.",
        fix="Export the file again and do not save it from a spreadsheet; or format the column as text first.",
        example="1.23457E+14 → 123456789012345",
    ),
    warning(
        code="madid-zeros",
        message="The advertising id is all zeros, so it is left out.",
        expected="The id of the device.",
        why="A phone gives zeros when its owner does not want to be tracked; they match nobody.",
        fix="Nothing to do.",
        example="00000000-0000-0000-0000-000000000000",
    ),
)
