"""`ph`: the digits of a telephone number, calling code first.

Meta matches a number only with its calling code, whatever is typed in the shop: `(650) 555-1212` in the US
and `+1 650 555 1212` are one number. What the country's numbering plan makes of the digits is
libphonenumber's word.

Source: Meta, "Customer information parameters", ph; Google's libphonenumber.
"""

import re
from typing import Any

from capi_cli.event import limits
from capi_cli.event.findings import Finding
from capi_cli.event.normalize import phone_plans
from capi_cli.event.normalize.phone_doubts import may_be_possible, may_be_valid

_PUNCTUATION = b" -.()/\t"
_LABEL = re.compile(r"(?:tel:|p:|['‘’])\s*", re.IGNORECASE)  # `p:` is written by Meta's lead forms
_SCIENTIFIC = re.compile(r"\+?(\d)(?:[.,](\d+))?e\+?(\d+)", re.IGNORECASE)
_FRACTION = re.compile(r"(\+?\d+)[.,]0+")
_EXTENSION = re.compile(
    r"[\s,;(]*(?:ext(?:ensi[oó]n|n)?|x|#|доб|anexo|poste|int(?:erno)?)[\s.:=]*\d{1,7}[)#]?\s*$", re.IGNORECASE
)
_TRUNK_IN_PARENTHESES = re.compile(r"\(\s*0\s*\)")
_PLUS = "+＋"
_FROM_DIGIT_TO_DIGIT = re.compile(r"[0-9](?:.*[0-9])?", re.DOTALL)
_LETTER_OR_PLUS = re.compile(r"[A-Za-z+]")
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_OLD_MEXICAN_MOBILE = re.compile(r"521\d{10}")  # the 1 after 52 went in 2019; WhatsApp still writes it


def normalize_phone(value: str, *, country: str | None) -> str | Finding | None:
    """Return the digits of a phone number, calling code first, no plus.

    Args:
        value: One phone number as a person typed it, trimmed.
        country: ISO alpha-2 of the row, or of the file; None where nobody said, and then only digits that
            are a valid international number pass, with a finding.

    Source: docs/normalization.md, ph; Meta, "Customer information parameters", ph: `(650)555-1212` →
        `16505551212`.
    """
    if value.isascii() and "(0)" not in value and value[-2:] != ".0":
        kept = value.encode().translate(None, _PUNCTUATION).decode()
        if (found := _read_at_once(kept, country)) is not None:
            return found
    return _read_slowly(value, country)


def _read_at_once(kept: str, country: str | None) -> str | Finding | None:
    """Return what the compiled plans are sure of; None where libphonenumber must decide."""
    explicit = kept[:1] == "+"
    digits = kept[1:] if explicit else kept
    if not digits.isdigit():
        return None
    if not explicit and digits[:2] == "00":
        digits, explicit = digits[2:], True
    if explicit or country is None:
        found = phone_plans.international(digits)
        if found is None:
            return None
        plan, national = found
        number = plan.calling_code + national
        if not explicit:
            return (
                Finding("ph-taken-as-international", kept=number)
                if _fits(number) and plan.in_use(national)
                else None
            )
        return number if _fits(number) else None
    domestic_plan = phone_plans.plan(country)
    if domestic_plan is None:
        return None
    domestic = domestic_plan.domestic(digits)
    return domestic if domestic is not None and _fits(domestic) else None


def _read_slowly(value: str, country: str | None) -> str | Finding | None:
    text = value
    while label := _LABEL.match(text):
        text = text[label.end() :]
    if scientific := _SCIENTIFIC.fullmatch(text):
        head, decimals, exponent = scientific[1], scientific[2] or "", int(scientific[3][:4])
        if len(decimals) != exponent:
            return Finding("ph-spreadsheet")
        text = head + decimals  # every digit is there: nothing was lost
    elif fraction := _FRACTION.fullmatch(text):
        text = fraction[1]
    if (extension := _EXTENSION.search(text)) and any(map(str.isdecimal, text[: extension.start()])):
        text = text[: extension.start()]
    typed = _digits(text)
    if typed is None:
        return Finding("ph-impossible")
    digits, explicit = typed
    if not digits:
        return Finding("ph-impossible")
    readings = [digits]
    if _TRUNK_IN_PARENTHESES.search(text):
        readings.append((_digits(_TRUNK_IN_PARENTHESES.sub("", text, count=1)) or typed)[0])
    at_once = {_read_at_once("+" * explicit + reading, country) for reading in readings}
    if len(at_once) == 1 and (found := at_once.pop()) is not None:
        return found
    return read_digits(readings, explicit, country)


def read_digits(readings: list[str], explicit: bool, country: str | None) -> str | Finding:
    """Return the first reading that libphonenumber finds valid, else possible, else a finding.

    Args:
        readings: Digits only; several where a `(0)` may stay or go.
        explicit: Whether a plus stood before them.
        country: ISO alpha-2, or None.
    """
    plan = phone_plans.plan(country) if country is not None else None
    region = country if plan is not None else None
    if plan is not None and not explicit and plan.is_mobile_with_code(readings[-1]):
        return readings[-1]
    possible: list[str] = []
    for digits in readings:
        number = _number(digits, explicit, region)
        if number is not None:
            text = _e164(number)
            if _fits(text) and number.national_number:
                if len(readings) == 1 or _is_valid(number):
                    return text
                possible.append(text)
    if possible:
        return possible[-1]
    digits = readings[-1]
    if _OLD_MEXICAN_MOBILE.fullmatch(digits):
        return read_digits(["52" + digits[3:]], True, None)
    if explicit or digits[:2] == "00":
        return Finding("ph-impossible")
    number = _parse("+" + digits, None) if may_be_valid(digits) else None
    if number is not None and _is_valid(number) and _fits(_e164(number)):
        return Finding(
            "ph-taken-as-international" if region is None else "ph-other-country", kept=_e164(number)
        )
    return Finding("ph-no-country" if region is None else "ph-impossible")


def _digits(text: str) -> tuple[str, bool] | None:
    """Return the digits of a text and whether a plus leads them; None where letters stand among them."""
    if text.isascii():
        return _ascii_digits(text)
    positions = [index for index, c in enumerate(text) if c.isdecimal()]
    if not positions:
        return "", False
    first, last = positions[0], positions[-1] + 1
    inner = text[first:last]
    if "@" in text or any(c.isalpha() or c in _PLUS for c in inner):
        return None
    explicit = any(c in _PLUS for c in text[:first])
    return "".join([str(int(c)) for c in inner if c.isdecimal()]), explicit


def _ascii_digits(text: str) -> tuple[str, bool] | None:
    found = _FROM_DIGIT_TO_DIGIT.search(text)
    if found is None:
        return "", False
    if "@" in text or _LETTER_OR_PLUS.search(found[0]):
        return None
    digits = found[0].encode().translate(None, _NO_DIGITS).decode()
    return digits, "+" in text[: found.start()]


def _number(digits: str, explicit: bool, region: str | None) -> Any | None:
    """Return libphonenumber's reading where the number is possible."""
    if explicit:
        return _possible(digits, None)
    if digits[:2] == "00" and (number := _possible(digits[2:], None)) is not None:
        return number
    return None if region is None else _possible(digits, region)


def _parse(text: str, region: str | None) -> Any | None:
    import phonenumbers

    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _possible(digits: str, region: str | None) -> Any | None:
    """Return the number where its length is possible with an area code; local numbers alone are not.

    Args:
        digits: Digits only.
        region: Where they were typed; None where they begin with a calling code.
    """
    import phonenumbers

    if not may_be_possible(digits, region):
        return None
    number = _parse(digits if region else "+" + digits, region)
    if number is None:
        return None
    verdict = phonenumbers.is_possible_number_with_reason(number)
    return number if verdict == phonenumbers.ValidationResult.IS_POSSIBLE else None


def _is_valid(number: Any) -> bool:
    import phonenumbers

    return bool(phonenumbers.is_valid_number(number))


def _e164(number: Any) -> str:
    import phonenumbers

    return f"{number.country_code}{phonenumbers.national_significant_number(number)}"


def _fits(digits: str) -> bool:
    return limits.MIN_PHONE_DIGITS <= len(digits) <= limits.MAX_PHONE_DIGITS
