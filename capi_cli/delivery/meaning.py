"""What a code of Meta's means, for a person who looks it up: the tables by which delivery decides, in words."""

from capi_cli.delivery.decide import (
    AS_META_SAYS,
    CONFIGURATION,
    CREDENTIALS,
    DATA_HINTS,
    DATASET,
    QUOTA,
    RIGHTS,
    TRANSIENT,
)


def meaning(code: int, subcode: int) -> tuple[str, str]:
    """Return what the code means and how to mend it, one sentence or two each."""
    if code == 100 and subcode in (33, 34):
        return (
            "Meta refused the request: the dataset does not exist, or the token has no right on it.",
            DATASET + RIGHTS,
        )
    if code == 100:
        return "Meta refused the event for what stands in it.", DATA_HINTS.get(subcode, AS_META_SAYS)
    if code in QUOTA:
        return (
            "Meta asks to slow down.",
            "Nothing to mend: capi waits, or says when to run the command again.",
        )
    if code in TRANSIENT or code < 0:
        return "A fault at Meta that passes.", "Nothing to mend: capi tries again, or says when to."
    known = {**CREDENTIALS, **CONFIGURATION}
    if 200 <= code <= 299 or code in known:
        what, hint = known.get(code, CREDENTIALS[10])
        return f"Meta refused the request: {what}.", hint
    return "A code of Meta's that capi does not know.", "Look it up in Meta's error reference."
