"""From one request to one reply: the sandbox without its sockets.

A request passes version, token, dataset, body, then each event's rules; the first refusal stands, and nothing of a
refused request is processed. Faults answer before that, or instead of the reply after it.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import Any, Literal

import orjson

from capi_cli.errors import CapiError
from capi_cli.event import limits
from capi_cli.sandbox import inspection, quality
from capi_cli.sandbox.access import Access, without_secrets
from capi_cli.sandbox.answers import Drop, Plan, error_named, plan_for, refusal_for
from capi_cli.sandbox.bodies import (
    BadBodyError,
    Request,
    parse_body,
    parse_data,
    parse_query,
    split_events,
    uncompressed,
)
from capi_cli.sandbox.counting import count
from capi_cli.sandbox.faults import OF_QUALITY, Dice, Faults
from capi_cli.sandbox.graph import GraphError, Reply, encode_error, encode_success, encode_value, new_trace_id
from capi_cli.sandbox.memory import Memory
from capi_cli.sandbox.rules import judge_event, remarks_of

Check = Literal["full", "none"]
_MAX_MESSAGES = 10


def judge_request(events: list[Any], now_s: float) -> GraphError | None:
    """Return why Meta would refuse these events: their number, or the first bad one."""
    if not events:
        return GraphError(code=100, subcode=2804019, detail="$['data'] must not be empty")
    if len(events) > limits.MAX_EVENTS_PER_REQUEST:
        most = limits.MAX_EVENTS_PER_REQUEST
        return GraphError(code=100, subcode=2804019, detail=f"$['data'] must have at most {most} items")
    for index, event in enumerate(events):
        if (error := judge_event(event, now_s, index)) is not None:
            return error
    return None


class Endpoint:
    """Answers requests as Graph would. Safe for several threads."""

    def __init__(
        self,
        access: Access,
        *,
        faults: Faults,
        check: Check = "full",
        gzip_allowed: bool = False,
        locale: str = "en_US",
        now: Callable[[], float] = time.time,
        save: Callable[[bytes, Reply | None, str], None] | None = None,
    ) -> None:
        self.access = access
        self.memory = Memory()
        self._check = check
        self._gzip_allowed = gzip_allowed
        self._locale = locale
        self._now = now
        self._save = save
        self._dice = Dice(faults)
        self._lock = Lock()
        self._expired = False

    @property
    def faults(self) -> Faults:
        """The faults in force."""
        return self._dice.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        with self._lock:
            self._dice = Dice(faults)
            self._expired = False

    def answer(self, request: Request, wait: Callable[[float], object]) -> Reply | Drop:
        """Return the reply, or the decision to close the connection without one.

        Args:
            request: What came.
            wait: Called with seconds where a fault asks for latency.
        """
        pieces = [piece for piece in request.path.split("/") if piece]
        if pieces[:1] == ["_sandbox"]:
            return self._answer_control(request, pieces)
        if request.method == "POST" and pieces[-1:] == ["events"] and len(pieces) in (2, 3):
            return self._answer_events(request, pieces, wait)
        return self._answer_inspection(request, pieces)

    # --- events -------------------------------------------------------------------------------------------------

    def _answer_events(
        self, request: Request, pieces: list[str], wait: Callable[[float], object]
    ) -> Reply | Drop:
        counts = self.memory.counts
        with self._lock:
            counts.requests += 1
            counts.bytes += len(request.body)
            hits = self._dice.roll()
            counts.faults += bool(hits)
            self._expired = any(fault.name == "expire" for fault in hits)
        plan = plan_for(hits, dataset_id=pieces[-2], locale=self._locale)
        if plan.latency_s:
            wait(plan.latency_s)
        if plan.before is not None:
            return plan.before
        try:
            reply = self._count(request) if self._check == "none" else self._judge(request, pieces, plan)
        except BadBodyError as bad:
            reply = self._refuse(bad.error, plan)
        if plan.after is not None and reply.status == 200:
            self._keep(request, plan.after)
            return plan.after
        if plan.half_reply:
            reply = _changed(reply, cut=len(reply.body) // 2, remarks=f"{reply.remarks}, half of the reply")
        reply = _changed(reply, headers=(*reply.headers, *plan.headers))
        if reply.status == 200:
            self._keep(request, reply)
        return reply

    def _keep(self, request: Request, answer: Reply | Drop) -> None:
        if self._save is not None:
            reply = answer if isinstance(answer, Reply) else None
            self._save(without_secrets(request), reply, request.headers.get("content-type", ""))

    def _count(self, request: Request) -> Reply:
        """Answer without judging: `user_data` stands once in every event, in JSON and in forms."""
        body = uncompressed(request, gzip_allowed=True)
        number = (
            count(body, b'"user_data"') or count(body, b"%22user_data%22") or count(body, b'\\"user_data\\"')
        )
        with self._lock:
            counts = self.memory.counts
            counts.accepted_requests += 1
            counts.received += number
            counts.processed += number
        return encode_success(number, [], new_trace_id())

    def _judge(self, request: Request, pieces: list[str], plan: Plan) -> Reply:
        body = bytes(uncompressed(request, gzip_allowed=self._gzip_allowed))
        if len(pieces) == 3 and (error := self.access.judge_version(pieces[0])) is not None:
            return self._refuse(error, plan)
        params = {**parse_query(request.query), **parse_body(request, body)}
        error = self.access.judge_token(request.headers, params) or self.access.judge_dataset(pieces[-2])
        if error is not None:
            return self._refuse(error, plan)
        events = parse_data(params)
        now_s = self._now()
        if (error := judge_request(events, now_s)) is not None:
            return self._refuse(error, plan)
        with self._lock:
            refusals = self._dice.roll(events)
        if refusals:
            return self._refuse(refusal_for(refusals[0]), plan)
        spellings = split_events(body, events)
        self.memory.record(events, spellings, now_s, test=bool(params.get("test_event_code")))
        messages = [*plan.messages, *_collect_remarks(events)]
        return encode_success(max(0, len(events) - plan.short), messages, self._trace(plan))

    def _refuse(self, error: GraphError, plan: Plan | None = None) -> Reply:
        with self._lock:
            self.memory.counts.refused_requests += 1
            self.memory.counts.refusals[error.name] += 1
        trace_id = new_trace_id() if plan is None else self._trace(plan)
        return encode_error(error, locale=self._locale, trace_id=trace_id)

    @staticmethod
    def _trace(plan: Plan) -> str | None:
        return new_trace_id() if plan.with_trace else None

    # --- looking ------------------------------------------------------------------------------------------------

    def _answer_inspection(self, request: Request, pieces: list[str]) -> Reply:
        params = parse_query(request.query)
        if request.method == "POST":
            try:
                params |= parse_body(request, uncompressed(request, gzip_allowed=self._gzip_allowed))
            except BadBodyError as bad:
                return self._refuse(bad.error)
        if pieces and pieces[0][:1] == "v" and pieces[0][1:2].isdigit():
            if (error := self.access.judge_version(pieces[0])) is not None:
                return self._refuse(error)
            pieces = pieces[1:]
        if pieces == ["api_version"]:
            return encode_value({"api_version": limits.DEFAULT_API_VERSION})
        if (error := self.access.judge_token(request.headers, params)) is not None:
            return self._refuse(error)
        if self._expired:
            return self._refuse(GraphError(code=190, subcode=463, status=401, is_transient=None))
        method = str(params.get("method") or request.method).upper()  # a form with method=GET reads, too
        found = self._look(method, pieces, params)
        return self._refuse(found) if isinstance(found, GraphError) else encode_value(found)

    def _look(self, method: str, pieces: list[str], params: dict[str, Any]) -> dict[str, Any] | GraphError:
        now_s = self._now()
        fields = str(params.get("fields", ""))
        match method, pieces:
            case "GET", ["debug_token"]:
                input_token = str(params.get("input_token", ""))
                error = self.access.judge_token({"authorization": f"Bearer {input_token}"}, params)
                valid = error is None or error.code != 190
                return inspection.debug_token(input_token, is_valid=valid, now_s=now_s)
            case "GET", ["dataset_quality"]:
                if self.access.judge_dataset(str(params.get("dataset_id", ""))) is not None:
                    return GraphError(code=100, subcode=2044055, detail="The dataset_id does not exist.")
                return self._look_at_quality(fields)
            case "GET", [dataset_id] if self.access.judge_dataset(dataset_id) is None:
                return inspection.dataset(dataset_id, fields, self.memory.counts, now_s)
            case _:
                return GraphError(code=100, subcode=33, type="GraphMethodException")

    def _look_at_quality(self, fields: str) -> dict[str, Any] | GraphError:
        by_name = {fault.name: fault for fault in self.faults.faults if fault.name in OF_QUALITY}
        if "quality" in by_name:
            return error_named(by_name["quality"])
        with self.memory.lock:
            return quality.dataset_quality(fields, self.memory.counts, sparse="quality-sparse" in by_name)

    # --- the sandbox's own ----------------------------------------------------------------------------------------

    def _answer_control(self, request: Request, pieces: list[str]) -> Reply:
        match request.method, pieces[1:]:
            case "GET", ["state"]:
                return _own(encode_value(self.state()))
            case "POST", ["faults"]:
                try:
                    asked = orjson.loads(request.body)
                    self.faults = Faults.parse(*map(str, asked["faults"]))
                except CapiError as error:
                    return _own_error(f"{error.message} {error.hint}")
                except (orjson.JSONDecodeError, KeyError, TypeError):
                    return _own_error('Send {"faults": ["throttle:0.1", "drop-after:first=2"]}.')
                return _own(encode_value({"faults": self.faults.texts()}))
            case _:
                return _own_error("Known: GET /_sandbox/state, POST /_sandbox/faults.")

    def state(self) -> dict[str, Any]:
        """Return the counts so far and the faults in force."""
        with self._lock, self.memory.lock:
            counts = self.memory.counts
            return {
                "dataset_id": self.access.dataset_id,
                "check": self._check,
                "faults": self.faults.texts(),
                "requests": counts.requests,
                "requests_accepted": counts.accepted_requests,
                "requests_refused": counts.refused_requests,
                "requests_faulted": counts.faults,
                "bytes": counts.bytes,
                "events_received": counts.received,
                "events_processed": counts.processed,
                "duplicates": counts.duplicates,
                "duplicates_same_bytes": counts.duplicates_same_bytes,
                "duplicates_other_bytes": counts.duplicates_other_bytes,
                "test_events": counts.test_events,
                "by_event_name": dict(counts.by_name),
                "by_action_source": dict(counts.by_source),
                "match_keys": dict(counts.keys),
                "refusals": dict(counts.refusals),
            }


def _collect_remarks(events: list[dict[str, Any]]) -> list[str]:
    found: dict[str, None] = {}
    for event in events:
        for remark in remarks_of(event):
            found[remark] = None
            if len(found) >= _MAX_MESSAGES:
                return list(found)
    return list(found)


def _changed(reply: Reply, **changes: Any) -> Reply:
    return replace(reply, **changes)


def _own(reply: Reply) -> Reply:
    return _changed(reply, remarks="sandbox")


def _own_error(words: str) -> Reply:
    return Reply(status=400, body=orjson.dumps({"error": words}), remarks="sandbox: not understood")
