"""What each fault does to a request: the reply it gives instead, before or after the events were processed."""

from dataclasses import dataclass, field

from capi_cli.sandbox.faults import Fault
from capi_cli.sandbox.graph import HTML_TYPE, GraphError, Reply, encode_error, new_trace_id, usage_headers

_PAGE = b"<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>Sorry, something went wrong.</h1>\
<p>We're working on it and we'll get it fixed as soon as we can.</p></body></html>\n"
_THROTTLE_MINUTES = 1  # ours: short enough to wait for in a trial


@dataclass(frozen=True, slots=True)
class Drop:
    """No reply: the connection closes."""

    remarks: str


@dataclass(slots=True)
class Plan:
    """What the faults that hit this request do to it.

    Attributes:
        before: Given instead of processing anything.
        after: Given instead of the reply, once the events are processed.
    """

    latency_s: float = 0.0
    before: Reply | Drop | None = None
    after: Reply | Drop | None = None
    half_reply: bool = False
    short: int = 0
    with_trace: bool = True
    headers: tuple[tuple[str, str], ...] = ()
    messages: list[str] = field(default_factory=list)


def plan_for(faults: list[Fault], *, dataset_id: str, locale: str) -> Plan:
    """Return what these faults together do; of those that answer, the first stands."""
    plan = Plan()
    plan.with_trace = all(fault.name != "no-trace" for fault in faults)
    trace_id = new_trace_id() if plan.with_trace else None
    for fault in faults:
        match fault.name:
            case "latency":
                plan.latency_s += float(fault.value)
            case "short":
                plan.short += int(fault.value)
            case "usage":
                plan.headers += usage_headers(dataset_id, int(fault.value))
            case "message":
                plan.messages.append(fault.value)
            case "drop-reply":
                plan.half_reply = True
            case "drop-after":
                plan.after = plan.after or Drop("dropped after processing")
            case "http-after":
                plan.after = plan.after or _http(fault, trace_id)
            case "html" | "empty" if int(fault.value) < 400:
                plan.after = plan.after or _page(fault)
            case "no-trace":
                pass
            case _:
                plan.before = plan.before or _answer(fault, dataset_id, locale, trace_id)
    return plan


def _answer(fault: Fault, dataset_id: str, locale: str, trace_id: str | None) -> Reply | Drop:
    match fault.name:
        case "drop-before":
            return Drop("dropped before processing")
        case "http":
            return _http(fault, trace_id)
        case "html" | "empty":
            return _page(fault)
        case "throttle":
            error = _throttle(fault, dataset_id)
        case "transient":
            error = GraphError(code=int(fault.value), status=500, is_transient=True)
        case "expire":
            error = GraphError(code=190, subcode=463, status=401, is_transient=None)
        case _:
            error = error_named(fault)
    return encode_error(error, locale=locale, trace_id=trace_id)


def error_named(fault: Fault) -> GraphError:
    """Return the error whose code, or code/subcode, is the fault's value."""
    code, _, subcode = fault.value.partition("/")
    return GraphError(
        code=int(code),
        subcode=int(subcode) if subcode else None,
        status=401 if code == "190" else 400,
    )


def refusal_for(fault: Fault) -> GraphError:
    """Return the refusal that `refuse=` asks for: a subcode of code 100, `100` alone, or code/subcode."""
    code, _, subcode = fault.value.partition("/")
    if subcode:
        return GraphError(code=int(code), subcode=int(subcode))
    if int(code) > 1_000_000:
        return GraphError(code=100, subcode=int(code))
    return GraphError(code=int(code))


def _http(fault: Fault, trace_id: str | None) -> Reply:
    status = int(fault.value)
    error = GraphError(code=2, status=status, is_transient=True, type="FacebookApiException")
    if status == 500:
        error = GraphError(code=1, status=500, is_transient=True)
    headers = (("Retry-After", str(fault.wait)),) if fault.wait is not None else ()
    reply = encode_error(error, trace_id=trace_id)
    return Reply(status=status, body=reply.body, headers=headers, remarks=f"fault {fault.name}={status}")


def _page(fault: Fault) -> Reply:
    body = _PAGE if fault.name == "html" else b""
    return Reply(status=int(fault.value), body=body, content_type=HTML_TYPE, remarks=f"fault {fault}")


_THROTTLE_SUBCODES = {"17": 2446079, "613": 1487742}


def _throttle(fault: Fault, dataset_id: str) -> GraphError:
    """Return the throttling error in the asked shape; only code 80004 and the account's codes carry a time to regain.

    Source: Meta, "Rate limiting" of the Marketing API.
    """
    shape = fault.value
    if shape == "429":
        wait_s = 1 if fault.wait is None else fault.wait
        return GraphError(code=4, status=429, is_transient=True, headers=(("Retry-After", str(wait_s)),))
    if shape == "200":
        return GraphError(code=4, status=200, is_transient=True)
    minutes = _THROTTLE_MINUTES if fault.wait is None else fault.wait
    headers = usage_headers(dataset_id, 100, minutes) if shape in ("17", "613", "80004") else ()
    return GraphError(
        code=int(shape),
        subcode=_THROTTLE_SUBCODES.get(shape),
        is_transient=True,
        headers=headers,
    )
