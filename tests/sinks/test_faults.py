import inspect
import ssl

import httpx
import pytest

from capi_cli.delivery.reply import FaultKind
from capi_cli.sinks.faults import FOREIGN, KINDS, fault_of

EXCEPTIONS = sorted(
    (
        found
        for _, found in inspect.getmembers(httpx, inspect.isclass)
        if issubclass(found, Exception) and not issubclass(found, Warning)
    ),
    key=lambda found: found.__name__,
)
NOTHING_LEFT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"}
IMPOSSIBLE = {"LocalProtocolError", "UnsupportedProtocol", "InvalidURL"}
SILENT = {"ReadTimeout", "WriteTimeout", "TimeoutException"}


def made(kind: type[Exception]) -> Exception:
    """Make an exception of httpx without knowing its arguments, with a secret as its text."""
    error = kind.__new__(kind)
    Exception.__init__(error, "Bearer EAAsecret")
    return error


def test_there_are_exceptions_to_translate() -> None:
    assert len(EXCEPTIONS) > 20


@pytest.mark.parametrize("kind", EXCEPTIONS, ids=lambda kind: kind.__name__)
def test_every_exception_of_httpx_is_translated(kind: type[Exception]) -> None:
    assert issubclass(kind, FOREIGN)
    assert any(ancestor in KINDS for ancestor in kind.__mro__ if ancestor.__module__.startswith("httpx"))
    fault = fault_of(made(kind))
    if kind.__name__ in NOTHING_LEFT:
        assert fault.kind is FaultKind.NOT_SENT
    elif kind.__name__ in IMPOSSIBLE:
        assert fault.kind is FaultKind.REQUEST
    elif kind.__name__ in SILENT:
        assert fault.kind is FaultKind.TIMEOUT
    else:
        assert fault.kind is FaultKind.BROKEN
    assert "EAAsecret" not in repr(fault)


def test_a_distrusted_certificate_is_told_apart_from_a_dead_server() -> None:
    error = httpx.ConnectError("x")
    error.__cause__ = ssl.SSLCertVerificationError("certificate verify failed")
    assert fault_of(error).kind is FaultKind.TLS
    error = httpx.ConnectError("x")
    error.__cause__ = ssl.SSLEOFError("unexpected end")
    assert fault_of(error).kind is FaultKind.NOT_SENT


def test_a_system_error_after_the_request_began_may_have_sent_it() -> None:
    assert fault_of(BrokenPipeError()).kind is FaultKind.BROKEN
