"""From a request's bytes to its parameters: JSON, form and multipart bodies, and the query.

`data` may be a real array, JSON text of one, or a list of JSON texts: all of them were seen to work. A compressed
body is refused unless asked for, since nobody knows whether Meta takes one.

Source: Meta, "Using the API" (samples); Graph reference, ads-pixel/events; field reports for the JSON forms.
"""

import re
import zlib
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

import orjson

from capi_cli.sandbox.graph import GraphError, path_error

MAX_BODY_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came, header names in lower case."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str]
    body: bytes | bytearray = b""


class BadBodyError(Exception):
    """The body can't be read; `error` is what Graph says to it."""

    def __init__(self, error: GraphError) -> None:
        super().__init__(error.name)
        self.error = error


def parse_query(query: str) -> dict[str, Any]:
    """Return the parameters of a query string, the last of a name."""
    return dict(parse_qsl(query, keep_blank_values=True)) if query else {}


def uncompressed(request: Request, *, gzip_allowed: bool) -> bytes | bytearray:
    """Return the body without its content encoding; refuse one that is not allowed or broken."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        return request.body
    if encoding != "gzip" or not gzip_allowed:
        raise BadBodyError(
            GraphError(
                code=100, detail=f"The content encoding {encoding[:20]!r} is not supported.", status=400
            )
        )
    stream = zlib.decompressobj(wbits=31)
    try:
        body = stream.decompress(request.body, MAX_BODY_BYTES)
    except zlib.error as error:
        raise BadBodyError(GraphError(code=100, detail="The gzip body is damaged.")) from error
    if not stream.eof or stream.unconsumed_tail:
        raise BadBodyError(GraphError(code=100, detail="The gzip body is cut short or too large."))
    return body


def parse_body(request: Request, body: bytes | bytearray) -> dict[str, Any]:
    """Return the parameters of a body by its content type; a body without a type is read as a form."""
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if not body:
        return {}
    if kind == "application/json":
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise BadBodyError(GraphError(code=100, detail="The body is not valid JSON.")) from error
        if not isinstance(found, dict):
            raise BadBodyError(GraphError(code=100, detail="The body must be a JSON object."))
        return found
    if kind == "multipart/form-data":
        return _parse_multipart(content_type, body)
    return _parse_form(body)


def _parse_form(body: bytes | bytearray) -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise BadBodyError(GraphError(code=100, detail="The form is not UTF-8.")) from error
    for name, value in pairs:
        # PHP's form of a list: data[0]=…&data[1]=…, or data[]=…
        if _ITEM.fullmatch(name):
            found.setdefault("data", []).append(value)
        else:
            found[name] = value
    return found


_ITEM = re.compile(r"data\[\d*\]")


def _parse_multipart(content_type: str, body: bytes | bytearray) -> dict[str, Any]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise BadBodyError(GraphError(code=100, detail="The multipart body is damaged."))
    found: dict[str, Any] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found[name] = content.decode("utf-8", "replace")
    return found


def parse_data(params: dict[str, Any]) -> list[Any]:
    """Return the events of `data`, in whichever of its forms it came."""
    data = params.get("data")
    if isinstance(data, str):
        try:
            data = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise BadBodyError(path_error("$['data']", "must be an array")) from error
    if data is None:
        raise BadBodyError(path_error("$['data']", "is required"))
    if not isinstance(data, list):
        raise BadBodyError(path_error("$['data']", "must be an array"))
    if data and isinstance(data[0], str):
        return [_parse_item(item, place) for place, item in enumerate(data)]
    return data


def _parse_item(item: Any, index: int) -> Any:
    if not isinstance(item, str):
        return item
    try:
        return orjson.loads(item)
    except orjson.JSONDecodeError as error:
        raise BadBodyError(path_error(f"$['data'][{index}]", "must be an object")) from error


def split_events(body: bytes, events: list[Any]) -> list[bytes]:
    """Return the bytes of each event as they stood in a JSON body, for telling whether two are the same.

    The cut is at `},{"<first member>":`, checked by count and by parsing the outer two; an event in another
    form (a text in a form, spaces between) is encoded anew, which keeps members' order but not their spelling.
    """
    first = next(iter(events[0]), "") if events and isinstance(events[0], dict) else ""
    if first and all(type(event) is dict and next(iter(event), "") == first for event in events):
        name = orjson.dumps(first)
        parts = body.split(b"},{" + name + b":")
        before, found, head = parts[0].partition(b"[{" + name + b":")
        if found and len(parts) == len(events) and b"[" not in before:
            parts[0] = head
            parts[-1] = parts[-1].rpartition(b"}]")[0]
            if all(_is_event(name, parts[place], events[place]) for place in (0, -1)):
                return parts
    return [orjson.dumps(event).partition(b":")[2][:-1] for event in events]


def _is_event(name: bytes, part: bytes, event: Any) -> bool:
    try:
        return bool(orjson.loads(b"{" + name + b":" + part + b"}") == event)
    except orjson.JSONDecodeError:
        return False
