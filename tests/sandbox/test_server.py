"""The server itself: HTTP over loopback, many clients at once, large bodies, an orderly end."""

import socket
import threading
import time

import orjson
import pytest

from capi_cli.errors import ConfigurationError
from capi_cli.sandbox.server import Sandbox

DATASET = "1234567890"
TOKEN = "SANDBOX-TOKEN"
EVENTS = f"/v26.0/{DATASET}/events"


def exchange(port: int, *pieces: bytes) -> bytes:
    """Send raw bytes piece by piece and return all that comes until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.01)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


def head(length: int | None = None, **more: str) -> bytes:
    headers = {"Host": "x", "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    if length is not None:
        headers["Content-Length"] = str(length)
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {**headers, **more}.items()]
    return "\r\n".join([f"POST {EVENTS} HTTP/1.1", *lines, "", ""]).encode()


def test_it_listens_on_loopback_only(sandbox):
    assert sandbox.url == f"http://127.0.0.1:{sandbox.port}"


def test_one_connection_takes_many_requests(client, sandbox, make_event):
    client.send(make_event())
    first = client.connection.sock
    for number in range(20):
        assert client.send(make_event("website", {"event_id": str(number)}))[0] == 200
    assert client.connection.sock is first
    assert client.headers["connection"] == "keep-alive"
    assert sandbox.state()["events_processed"] == 21


def test_requests_may_come_in_pieces_and_in_a_row(sandbox, make_event):
    body = orjson.dumps({"data": [make_event()]})
    request = head(len(body)) + body
    received = exchange(sandbox.port, request[:40], request[40:-10], request[-10:] + request)
    assert received.count(b"HTTP/1.1 200 OK") == 2


def test_chunked_bodies_are_read(sandbox, make_event):
    body = orjson.dumps({"data": [make_event()]})
    chunks = b"".join(b"%x;a=b\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:]))
    received = exchange(sandbox.port, head(Transfer_Encoding="chunked"), chunks, b"0\r\nTrailer: a\r\n\r\n")
    assert b'"events_received":1' in received


@pytest.mark.parametrize("check", ["full", "none"])
def test_bodies_of_any_length_follow_each_other(make_event, tmp_path, check, clock):
    counts = [700, 20, 900, 1, 700, 1000]
    bodies = [
        orjson.dumps({"data": [make_event("website", {"event_id": f"{at}-{n}"}) for n in range(count)]})
        for at, count in enumerate(counts)
    ]
    with Sandbox(dataset_id=DATASET, token=TOKEN, check=check, save_dir=tmp_path, now=clock) as sandbox:
        received = exchange(sandbox.port, *[head(len(body)) + body for body in bodies])
        assert sandbox.state()["events_processed"] == sum(counts)
    assert received.count(b"HTTP/1.1 200 OK") == len(bodies)
    assert [path.read_bytes() for path in sorted(tmp_path.glob("request-*"))] == bodies


def test_large_chunks_follow_each_other(sandbox, make_event):
    body = orjson.dumps({"data": [make_event("website", {"event_id": str(n)}) for n in range(900)]})
    parts = [body[:200_000], body[200_000:350_000], body[350_000:]]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts if part) + b"0\r\n\r\n"
    received = exchange(sandbox.port, head(Transfer_Encoding="chunked"), chunks)
    assert b'"events_received":900' in received


def test_a_client_that_expects_100_is_told_to_continue(sandbox, make_event):
    body = orjson.dumps({"data": [make_event()]})
    received = exchange(sandbox.port, head(len(body), Expect="100-continue"), body)
    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


def test_connection_close_is_honoured(sandbox, make_event):
    body = orjson.dumps({"data": [make_event()]})
    received = exchange(sandbox.port, head(len(body), Connection="close") + body)
    assert b"Connection: close" in received


def test_head_gets_no_body(sandbox):
    received = exchange(sandbox.port, b"HEAD /v26.0/1 HTTP/1.0\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 401 ") and received.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTT", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", 413),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 70_000, 431),
    ],
)
def test_what_is_not_http_is_answered_and_closed(sandbox, request_bytes, status):
    assert exchange(sandbox.port, request_bytes).startswith(b"HTTP/1.1 %d " % status)


def test_many_clients_at_once_lose_nothing(sandbox, open_client, make_event):
    replies: list[int] = []

    def send_all(name: str) -> None:
        client = open_client(sandbox.port)
        for number in range(20):
            events = [make_event("website", {"event_id": f"{name}-{number}-{place}"}) for place in range(5)]
            replies.append(client.send(*events)[1]["events_received"])

    threads = [threading.Thread(target=send_all, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    state = sandbox.state()
    assert (sum(replies), state["events_processed"], state["duplicates"]) == (800, 800, 0)
    assert state["requests"] == state["requests_accepted"] == 160


def test_a_body_of_a_thousand_large_events(client, sandbox, make_event):
    events = [
        make_event("website", {"event_id": str(n), "custom_data.text": "ä" * 2000}) for n in range(1000)
    ]
    assert client.send(*events)[1]["events_received"] == 1000
    assert sandbox.state()["bytes"] > 4_000_000


def test_it_ends_while_clients_are_connected_and_while_one_waits(open_client, make_event):
    from capi_cli.sandbox.faults import Faults

    before = threading.active_count()
    sandbox = Sandbox(faults=Faults.parse("latency=30")).start()
    idle = open_client(sandbox.port)
    idle.ask("GET", "/_sandbox/state")
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=10) as waiting:
        body = orjson.dumps({"data": [make_event()]})
        waiting.sendall(head(len(body)) + body)
        while not sandbox.state()["requests"]:
            time.sleep(0.01)
        begun = time.perf_counter()
        sandbox.stop()
        sandbox.stop()
        assert time.perf_counter() - begun < 3
    assert threading.active_count() == before
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", sandbox.port), timeout=1)


def test_a_taken_port_is_a_clear_error(sandbox):
    with pytest.raises(ConfigurationError) as caught:
        Sandbox(port=sandbox.port).start()
    assert str(sandbox.port) in caught.value.message and "--port" in caught.value.hint


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError) as caught:
        Sandbox(save_dir=tmp_path / "file" / "inner")
    assert "can't save" in caught.value.message
