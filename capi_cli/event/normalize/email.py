"""`em`: an e-mail address in lower case, or a finding where it does not look like one.

Source: Meta, "Customer information parameters", em: trim, lower-case.
"""

from capi_cli.event.findings import Finding

_MAILTO = "mailto:"
_SEPARATORS = (",", ";", "|", "/", " ", "\n")


def normalize_email(value: str) -> str | Finding | None:
    """Return an e-mail address in lower case.

    It must look like `x@y.z`, with one `@` and no white space, `,`, `;`, `<`, `>`. Letters of every script
    stay.

    Args:
        value: One address as a person typed it, trimmed.

    Source: docs/normalization.md, em; Meta, "Customer information parameters", em.
    """
    text = value.lower()
    if text[:7] == _MAILTO:
        text = text[7:].strip()
    if not text:
        return None
    local, at, domain = text.partition("@")
    if (
        local
        and at
        and "@" not in domain
        and "." in domain[1:-1]
        and domain[0] != "."
        and domain[-1] != "."
        and "," not in text
        and ";" not in text
        and "<" not in text
        and ">" not in text
        and " " not in text
        and text.isprintable()  # no other white space, nothing invisible
    ):
        return text
    if text.count("@") > 1 and any(separator in text for separator in _SEPARATORS):
        return Finding("em-several")
    return Finding("em-shape")
