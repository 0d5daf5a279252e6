"""Numbers and money: a cell becomes the text of a JSON number, exact, in one canonical form.

Rules of this file:

- The work is on decimal text, never on floats: `19.90` becomes `19.9`, `20.00` becomes `20`, no exponent.
- A comma is a thousands sign only in the form `1,234.56`; any other comma needs the decimal sign said.
- Signs of currencies are taken off with a warning; one that contradicts the row's currency is an error.
"""

import re
from decimal import Context, Decimal
from typing import Final

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.text import clean

MAX_DIGITS: Final = 30  # ours: longer numbers are ids in the wrong column
MAX_EXACT_DIGITS: Final = 15  # decimal digits that every double keeps; more of them after a point are noise
MAX_MEANT_DECIMALS: Final = 8  # ours: no price has more (satoshi have 8)

_AS_A_DOUBLE = Context(prec=MAX_EXACT_DIGITS)  # 19.990000000000002 is 19.99
_CANONICAL = re.compile(r"(?:0|-?[1-9][0-9]{0,29})(?:\.[0-9]{0,7}[1-9])?").fullmatch
_PLAIN = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,8})?").fullmatch
_PLAIN_COMMA = re.compile(r"-?[0-9]{1,30}(?:,[0-9]{1,8})?").fullmatch
_DECIMAL = re.compile(r"[0-9]*\.?[0-9]*").fullmatch
_SCIENTIFIC = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,3}").fullmatch
_LETTER_POINT = r"(?<=[^\W\d_])\.|(?<=/)\."  # `Rs.500` is five hundred; `$.50` is a half
_PARTS = re.compile(
    rf"((?:[^0-9.,]|{_LETTER_POINT})*)([.,]?[0-9][0-9.,' \u00a0\u2009\u202f\u2019]*)(.*)", re.DOTALL
).fullmatch
_SPACED = re.compile(r"[0-9]{1,3}(?:[' \u00a0\u2009\u202f\u2019][0-9]{3})+(?:[.,][0-9]+)?").fullmatch
_SPACES = re.compile(r"[' \u00a0\u2009\u202f\u2019]")
_COMMA_GROUPS = re.compile(r"[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]+)?").fullmatch
_POINT_GROUPS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?").fullmatch
_COMMA_DECIMAL = re.compile(r"[0-9]*,[0-9]+").fullmatch
_NOT_FINITE = frozenset({"nan", "inf", "infinity", "infinite", "∞"})
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\uff0d": "-"})

# National currencies and unions of ISO 4217; no metals, funds or test codes.
CURRENCIES: Final = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD
    KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK
    NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD
    SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF
    XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()
)

_SIGNS: Final = {
    "$": "USD CAD AUD NZD SGD HKD MXN ARS CLP COP TWD BRL UYU DOP JMD TTD BSD BBD BZD BMD BND FJD KYD NAD",
    "€": "EUR",
    "£": "GBP EGP GIP FKP SHP LBP SYP SDG SSP",
    "¥": "JPY CNY",
    "￥": "JPY CNY",
    "円": "JPY",
    "元": "CNY",
    "₹": "INR",
    "rs": "INR PKR LKR NPR MUR SCR",
    "rs.": "INR PKR LKR NPR MUR SCR",
    "₩": "KRW KPW",
    "₺": "TRY",
    "tl": "TRY",
    "₽": "RUB",
    "₪": "ILS",
    "₫": "VND",
    "đ": "VND",
    "₴": "UAH",
    "₦": "NGN",
    "₱": "PHP CUP",
    "฿": "THB",
    "₡": "CRC",
    "₲": "PYG",
    "₸": "KZT",
    "₼": "AZN",
    "₾": "GEL",
    "৳": "BDT",
    "kr": "SEK NOK DKK ISK",
    "kr.": "DKK SEK NOK ISK",
    "zł": "PLN",
    "kč": "CZK",
    "ft": "HUF",
    "lei": "RON MDL",
    "лв": "BGN",
    "лв.": "BGN",
    "fr": "CHF",
    "fr.": "CHF",
    "sfr.": "CHF",
    "r": "ZAR",
    "rm": "MYR",
    "rp": "IDR",
    "s/": "PEN",
    "s/.": "PEN",
    "us$": "USD",
    "ca$": "CAD",
    "c$": "CAD NIO",
    "au$": "AUD",
    "a$": "AUD",
    "nz$": "NZD",
    "hk$": "HKD",
    "s$": "SGD",
    "nt$": "TWD",
    "mx$": "MXN",
    "r$": "BRL",
    "euro": "EUR",
    "euros": "EUR",
}
_MEANT: Final = {sign: frozenset(codes.split()) for sign, codes in _SIGNS.items()}


def decimal_text(number: Decimal) -> str:
    """Return a finite number as JSON, without exponent, trailing zeros or float noise.

    Raises:
        ValueError: It has more than 30 digits before or after the point.
    """
    if not number.is_finite() or abs(number.adjusted()) > MAX_DIGITS:
        raise ValueError("not a number that JSON can carry in full")
    return _canonical(format(number, "f"))


def _canonical(text: str) -> str:
    """Return decimal text in its one form: no leading or trailing zeros, no `-0`, no noise of doubles."""
    negative = text[0] == "-"
    whole, _, fraction = text.lstrip("-").partition(".")
    whole = whole.lstrip("0")
    fraction = fraction.rstrip("0")
    if len(fraction) > MAX_MEANT_DECIMALS and len((whole + fraction).lstrip("0")) > MAX_EXACT_DIGITS:
        return _canonical(format(_AS_A_DOUBLE.plus(Decimal(text)), "f"))
    if fraction:
        text = f"{whole or '0'}.{fraction}"
    elif whole:
        text = whole
    else:
        return "0"
    return "-" + text if negative else text


def normalize_number(value: str, *, decimal: str | None) -> str | Finding | None:
    """Return a number as JSON text.

    Args:
        value: One number as a person or a program wrote it.
        decimal: `,` or `.` where the user said which sign stands before the decimals.

    Source:
        Meta, "Standard parameters", value: no thousands sign, no symbol.
    """
    return normalize_value(value, decimal=decimal, currency=None)


def normalize_value(value: str, *, decimal: str | None, currency: str | None) -> str | Finding | None:
    """Return an amount of money as JSON text; its currency's sign goes, with a warning.

    Args:
        value: One amount.
        decimal: `,` or `.` where the user said which sign stands before the decimals.
        currency: ISO 4217 of the row, upper-case; None where there is none or it is compared elsewhere.
    """
    if decimal != ",":
        if _CANONICAL(value):
            return value
        if _PLAIN(value):
            return _canonical(value)
    elif _PLAIN_COMMA(value):
        return _canonical(value.replace(",", "."))
    text = clean(value).translate(_MINUS)
    if not text:
        return None
    if text.lstrip("+-").lower() in _NOT_FINITE:
        return Finding("number-not-finite")
    negative, text = _take_sign(text)
    if _SCIENTIFIC(text):
        return _scientific(text, negative)
    meant, body = _take_currency(text)
    if meant is None:
        return Finding("number-unreadable")
    if body.startswith("-"):
        negative, body = True, body[1:]
    if meant == frozenset() or (currency and meant is not _ANY and currency not in meant):
        return Finding("value-currency-contradicts", detail=f" ({currency})" if currency else "")
    digits = _plain_digits(body, decimal)
    if isinstance(digits, Finding):
        return digits
    found = _canonical("-" + digits if negative else digits)
    return found if meant is _ANY else Finding("number-symbol", found)


def _take_sign(text: str) -> tuple[bool, str]:
    """Take off a sign: before, behind (`12.50-`, as SAP writes it), or the accountants' parentheses."""
    if text.startswith("(") and text.endswith(")"):
        return True, text[1:-1].strip()
    if text.startswith("-"):
        return True, text[1:].lstrip()
    if text.endswith("-") and text[-2:-1].isdigit():
        return True, text[:-1]
    return False, text[1:].lstrip() if text.startswith("+") else text


_ANY: Final = CURRENCIES


def _take_currency(text: str) -> tuple[frozenset[str] | None, str]:
    """Return the currencies that the signs around a number may mean, and the number.

    The first is all of them where no sign stands there, none where two signs contradict each other, and
    None where what stands there is no currency.
    """
    parts = _PARTS(text)
    if not parts:
        return None, text
    before, body, behind = (part.strip() for part in parts.groups())
    if before.endswith("-"):
        before, body = before[:-1].rstrip(), "-" + body
    meant: frozenset[str] = _ANY
    for sign in (before, behind):
        if sign:
            one = currencies_of_sign(sign)
            if one is None:
                return None, body
            meant = one if meant is _ANY else meant & one
    return meant, body


def currencies_of_sign(sign: str) -> frozenset[str] | None:
    """Return the currencies that a sign, a code or both (`USD $`) may stand for; None where it is neither."""
    if found := _MEANT.get(sign.lower()):
        return found
    if sign.upper() in CURRENCIES:
        return frozenset({sign.upper()})
    first, _, second = sign.partition(" ")
    if second:
        one, other = currencies_of_sign(first), currencies_of_sign(second.strip())
        return one & other if one is not None and other is not None else None
    return None


def currencies_meant(value: str) -> frozenset[str]:
    """Return the currencies that the sign beside an amount may mean; empty where there is no sign."""
    meant, _ = _take_currency(_take_sign(clean(value).translate(_MINUS))[1])
    return frozenset() if meant is None or meant is _ANY else meant


def _plain_digits(body: str, decimal: str | None) -> str | Finding:
    """Return a number's digits with a point before the decimals, or why they can't be read."""
    if not body.isdigit() and _SPACES.search(body):
        if not _SPACED(body):
            return Finding("number-unreadable")
        body = _SPACES.sub("", body)
    digits = _with_point(body, decimal)
    if isinstance(digits, str) and (
        len(digits) > 2 * MAX_DIGITS or len(digits.partition(".")[0]) > MAX_DIGITS
    ):
        return Finding("number-unreadable")
    return digits


def _with_point(body: str, decimal: str | None) -> str | Finding:
    if decimal == ",":
        if body.isdigit() or _COMMA_DECIMAL(body) or _POINT_GROUPS(body):
            return body.replace(".", "").replace(",", ".")
        return Finding("number-decimal-contradicts", detail=decimal)
    if _DECIMAL(body):
        return body
    if _COMMA_GROUPS(body) and ("." in body or decimal == "."):
        return body.replace(",", "")
    if decimal == ".":
        return Finding("number-decimal-contradicts", detail=decimal)
    return Finding("number-comma")


def _scientific(text: str, negative: bool) -> Finding:
    try:
        found = decimal_text(Decimal(text))
    except ValueError:
        return Finding("number-unreadable")
    return Finding("number-scientific", "-" + found if negative and found != "0" else found)


def normalize_currency(value: str) -> str | Finding | None:
    """Return an ISO 4217 code, upper-case; a sign that stands for one currency alone is read with a warning.

    Source:
        Meta, "Standard parameters", currency: ISO 4217, three letters.
    """
    if value in CURRENCIES:
        return value
    text = clean(value)
    if not text:
        return None
    if text.upper() in CURRENCIES:
        return text.upper()
    meant = _MEANT.get(text.lower(), frozenset())
    if len(meant) == 1:
        (code,) = meant
        return Finding("currency-symbol", code, code)
    like_a_code = text.isascii() and text.isupper() and len(text) == 3  # else it may be a person's name
    return Finding("currency-unknown", detail=f": {text}" if like_a_code else "")
