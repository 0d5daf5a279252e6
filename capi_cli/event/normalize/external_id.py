"""`external_id` and `app_user_id`: an id of the advertiser's own, in one spelling.

Source: Meta, "Customer information parameters", external_id; Meta's parameter builder and Node SDK.
"""

from capi_cli.event.findings import Finding
from capi_cli.event.normalize.text import compose, without_blanks


def normalize_external_id(value: str) -> str | Finding | None:
    """Return an id in lower case, without white space. It must equal what the site's pixel sends.

    Source: docs/normalization.md, external_id; Meta's parameter builder.
    """
    text = value.lower()
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return compose(without_blanks(text)) or Finding("nothing-left")


def normalize_app_user_id(value: str) -> str | Finding | None:
    """Return an app's own id of a person in lower case.

    Source: docs/normalization.md, app_user_id; the Node SDK, the only one that knows the key.
    """
    return value.lower() or None


def check_plain_id(text: str) -> str | Finding:
    """Return an id that is sent unhashed, or a finding where it would be an e-mail address in the clear."""
    return Finding("external-id-plain") if "@" in text else text
