"""`ge`: `f` or `m`, from the words that Meta's parameter builder knows, all of them English.

Anything else is absent: Meta takes two initials, and a wrong guess matches the wrong people.

Source: Meta, "Customer information parameters", ge; the word list of Meta's parameter builder.
"""

from capi_cli.event.findings import Finding

_FEMALE = """
    f female woman girl lady miss ms mrs madam ma'am she her hers herself daughter mother mom mama mommy
    aunt niece sister wife girlfriend bride widow queen princess duchess countess empress goddess maiden
    lass gal chick dame belle
"""
_MALE = """
    m male man boy gentleman guy sir mister mr he him his himself son father dad daddy papa uncle nephew
    brother husband boyfriend groom widower king prince duke count emperor god lord lad fellow chap bloke
    dude
"""
_TITLES_WITH_A_DOT = {"mrs.": "f", "ms.": "f", "mr.": "m"}  # written so as often as not
_INITIALS = {
    **dict.fromkeys(_FEMALE.split(), "f"),
    **dict.fromkeys(_MALE.split(), "m"),
    **_TITLES_WITH_A_DOT,
}


def normalize_gender(value: str) -> str | Finding | None:
    """Return `f` or `m`; a finding of severity info for anything else.

    Source: docs/normalization.md, ge; Meta, "Customer information parameters", ge.
    """
    return _INITIALS.get(value.lower()) or Finding("ge-unknown")
