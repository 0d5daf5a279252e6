"""What to do after one POST: one table from HTTP status, Graph code, subcode and kind of fault to a decision.

1. The body's code and subcode decide; the HTTP status only where there is no code. Texts never do.
2. `maybe` says that the events may have been processed all the same; who gives up then must call them unknown.
3. A code that this table does not know stops the run, unless Graph calls it transient.

Source: Meta, "Handle errors", "Rate limiting", "Marketing API error reference"; field reports for 2804xxx.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from capi_cli.delivery.reply import Fault, FaultKind, GraphError, Parsed
from capi_cli.errors import CapiError, ConfigurationError, CredentialsError


class Scale(StrEnum):
    """Which back-off applies."""

    FAULT = "fault"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Every event of the request was received."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A passing fault: the same request again, after at least `floor_s`."""

    scale: Scale
    reason: str
    floor_s: float = 0.0
    maybe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Refused for its content, nothing processed. Where not `sure`, the request itself may be at fault."""

    sure: bool
    code: str
    reason: str
    hint: str = ""
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """An answer came, and does not say that every event was received."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Every batch would fail like this one: nobody's rows are at fault. `code` as in a receipt."""

    error: CapiError
    code: str


Decision = Accepted | Again | Split | Unknown | Stop

NEW_TOKEN: Final = (
    "Make a token in Events Manager → your dataset → Settings → Conversions API → Generate access token, "
    "and put it into META_ACCESS_TOKEN or a file named by --token-file."
)
_PROOF: Final = (
    "Set META_APP_SECRET to the secret of the app that the token belongs to (developers.facebook.com → the app → "
    "Settings → Basic); requests are signed with it. A wrong one is refused too: unset it where the app asks for none."
)
RIGHTS: Final = (
    "In Business settings give the system user of the token the right 'Manage' on the dataset, or make a new "
    "token in Events Manager → your dataset → Settings → Generate access token."
)
DATASET: Final = (
    "Check --dataset-id (Events Manager shows it under Settings), and that the token belongs to it. "
)
_GRAPH_URL: Final = (
    "Check --graph-url and --api-version; without them capi sends to https://graph.facebook.com."
)

TRANSIENT: Final[dict[int, bool]] = {  # code → may have been processed
    1: True,  # unknown
    2: True,  # service down
    5000: True,  # unknown
    21009: False,  # dataset not ready
}
QUOTA: Final = frozenset({4, 17, 32, 341, 613, *range(80000, 80015)})
CREDENTIALS: Final[dict[int, tuple[str, str]]] = {
    3: ("the app lacks a capability", RIGHTS),
    10: ("a permission is missing", RIGHTS),
    102: ("the session has ended", NEW_TOKEN),
    104: ("the app secret proof is missing or wrong", _PROOF),
    190: ("the access token is not valid, or has expired", NEW_TOKEN),
    368: (
        "Meta has blocked this account or app for a policy reason",
        "Look at Account quality in Business support home; run the same command again when the block is lifted.",
    ),
    803: ("the dataset does not exist, or the token has no right on it", DATASET + RIGHTS),
    2044055: ("the dataset does not exist", DATASET + RIGHTS),
}
CONFIGURATION: Final[dict[int, tuple[str, str]]] = {
    105: ("the request has too many parameters", _GRAPH_URL),
    2500: ("Graph could not read the request", _GRAPH_URL),
    2635: (
        "this Graph API version is retired",
        "Choose a newer one: --api-version v26.0 (or META_API_VERSION).",
    ),
}
AS_META_SAYS: Final = "Mend the row as Meta says and upload the rejects file again."
DATA_HINTS: Final[dict[int, str]] = {
    2804003: "The event is older than Meta takes: 7 days, 62 for physical_store.",
    2804004: "event_time lies in the future; check the time zone (--timezone).",
    2804008: "Give every item of contents an id.",
    2804009: "A Purchase needs a value: --map value=COLUMN.",
    2804010: "A Purchase needs a currency: --map currency=COLUMN or --set currency=EUR.",
    2804016: "A personal value stands in a field that is not hashed, such as a custom property; leave it out.",
    2804019: "The field that Meta names has the wrong shape, or is missing.",
    2804023: "A value needs a currency: --map currency=COLUMN or --set currency=EUR.",
    2804036: "lead_id must be the 15 to 17 digits of the Meta lead.",
    2804043: "extinfo must have 16 parts, the first and the fifth filled.",
    2804050: "The match keys fit too many people; map an e-mail address, a phone number or an external_id.",
    2804063: "Map messaging_channel.",
    2804066: "Meta does not take this event_name for business_messaging.",
}


def decide(answer: Parsed | Fault, *, sent: int) -> Decision:
    """Return what to do after one POST of `sent` events."""
    if isinstance(answer, Fault):
        return _after_fault(answer)
    if answer.error is not None and answer.error.code:
        return _by_code(answer, answer.error)
    return _by_status(answer, sent)


def _after_fault(fault: Fault) -> Decision:
    match fault.kind:
        case FaultKind.NOT_SENT:
            return Again(scale=Scale.FAULT, reason=f"no connection ({fault.detail})")
        case FaultKind.TIMEOUT:
            return Again(scale=Scale.FAULT, reason=f"no answer in time ({fault.detail})", maybe=True)
        case FaultKind.BROKEN:
            return Again(scale=Scale.FAULT, reason=f"the connection broke ({fault.detail})", maybe=True)
        case FaultKind.TLS:
            error = ConfigurationError(
                f"The server's certificate is not trusted ({fault.detail}); nothing was sent.",
                "Behind a proxy that opens TLS, name its CA bundle in SSL_CERT_FILE; else check the clock "
                "and --graph-url.",
            )
            return Stop(error=error, code="tls")
        case FaultKind.REQUEST:
            error = ConfigurationError(
                f"The request could not be made ({fault.detail}); nothing was sent.",
                "Check --graph-url, --dataset-id and the proxy variables (HTTPS_PROXY).",
            )
            return Stop(error=error, code="request")
        case _:
            assert_never(fault.kind)


def _by_code(answer: Parsed, error: GraphError) -> Decision:
    code, label = error.code, refusal_code(error)
    if code == 100:
        return _invalid_parameter(answer, error, label)
    reason = f"{_meta_says(error)}"
    if code in QUOTA:
        return Again(scale=Scale.QUOTA, reason=f"Meta asks to slow down ({label})", floor_s=answer.wait_s)
    if code in TRANSIENT or code < 0:
        return _passing(answer, label, maybe=TRANSIENT.get(code, True))
    if code in CREDENTIALS or 200 <= code <= 299:
        what, hint = CREDENTIALS.get(code, CREDENTIALS[10])
        return Stop(error=CredentialsError(f"Meta refused the request: {what} ({reason}).", hint), code=label)
    if code in CONFIGURATION:
        what, hint = CONFIGURATION[code]
        return Stop(
            error=ConfigurationError(f"Meta refused the request: {what} ({reason}).", hint), code=label
        )
    if error.is_transient or answer.status in (408, 429) or answer.status >= 500:
        return _passing(answer, label, maybe=True)
    return Stop(
        error=ConfigurationError(
            f"Meta refused the request with a code that capi does not know ({reason}).",
            "Look the code up in Meta's error reference; `capi doctor` checks token, dataset and version.",
        ),
        code=label,
    )


def _invalid_parameter(answer: Parsed, error: GraphError, label: str) -> Decision:
    if error.subcode in (33, 34):
        what = "the dataset does not exist, or the token has no right on it"
        message = f"Meta refused the request: {what} ({_meta_says(error)})."
        return Stop(error=CredentialsError(message, DATASET + RIGHTS), code=label)
    reason = error.text or "Meta refused the event without saying why"
    if is_data_subcode(error.subcode):
        hint = DATA_HINTS.get(error.subcode, AS_META_SAYS)
        return Split(sure=True, code=label, reason=reason, hint=hint, index=error.index)
    if error.is_transient:
        return _passing(answer, label, maybe=True)
    return Split(sure=False, code=label, reason=reason, hint=AS_META_SAYS, index=error.index)


def _by_status(answer: Parsed, sent: int) -> Decision:
    status, label = answer.status, f"http-{answer.status}"
    if 200 <= status < 300:
        if not answer.is_json:
            return _passing(answer, f"HTTP {status}, not Graph's answer", maybe=True)
        if answer.error is None and answer.events_received == sent:
            return Accepted()
        received = "no count" if answer.events_received is None else f"{answer.events_received}"
        return Unknown(reason=f"Meta answered with {received} for {sent} events")
    if status == 429:
        return Again(scale=Scale.QUOTA, reason="Meta asks to slow down (HTTP 429)", floor_s=answer.wait_s)
    transient = answer.error is not None and answer.error.is_transient
    if status >= 500 or transient or status in (400, 408, 425) or status < 200:
        # A 400 without a code is some gateway's; Graph names one.
        return _passing(answer, f"HTTP {status}", maybe=status >= 500 or status == 408)
    if status == 413:
        hint = "The request is too large for the server: choose a smaller --batch-size."
        return Split(sure=True, code=label, reason="The server finds the request too large.", hint=hint)
    if status in (401, 403):
        message = f"The server refused the request (HTTP {status}) without a Graph code."
        return Stop(
            error=CredentialsError(message, "A proxy or firewall may stand between. " + NEW_TOKEN), code=label
        )
    if status == 407:
        message = "The proxy asks for a login (HTTP 407)."
        return Stop(error=ConfigurationError(message, "Put user and password into HTTPS_PROXY."), code=label)
    what = "with a redirect, which capi does not follow" if status < 400 else "as Graph would not"
    message = f"The server answered {what} (HTTP {status})."
    return Stop(error=ConfigurationError(message, _GRAPH_URL), code=label)


def _passing(answer: Parsed, what: str, *, maybe: bool) -> Again:
    reason = what if what.startswith("HTTP") else f"a passing fault at Meta ({what})"
    return Again(scale=Scale.FAULT, reason=reason, floor_s=answer.wait_s, maybe=maybe)


def is_data_subcode(subcode: int) -> bool:
    """Tell whether a subcode of code 100 speaks of an event's content: 2804xxx, Conversions API."""
    return 2_804_000 <= subcode <= 2_804_999


def refusal_code(error: GraphError) -> str:
    """Return `meta-<code>-<subcode>`, as it stands in rejects files and receipts."""
    return f"meta-{error.code}-{error.subcode}"


def _meta_says(error: GraphError) -> str:
    label = refusal_code(error)
    return f"{label}: {error.text.rstrip('.')}" if error.text else label
