"""Foreign exceptions, translated in one place: every exception of httpx becomes a fault, sorted by what was sent.

A test holds the table complete against httpx. No text of a foreign exception is passed on: it may hold a header.
"""

import ssl
from typing import Final

import httpx

from capi_cli.delivery.reply import Fault, FaultKind

# The most specific class decides. After the request began, only a reply tells what became of it.
KINDS: Final[dict[type[Exception], tuple[FaultKind, str]]] = {
    httpx.ConnectError: (FaultKind.NOT_SENT, "the server can't be reached"),
    httpx.ConnectTimeout: (FaultKind.NOT_SENT, "connecting took too long"),
    httpx.PoolTimeout: (FaultKind.NOT_SENT, "no connection came free"),
    httpx.ProxyError: (FaultKind.NOT_SENT, "the proxy refuses to connect"),
    httpx.ReadTimeout: (FaultKind.TIMEOUT, "the server is silent"),
    httpx.WriteTimeout: (FaultKind.TIMEOUT, "the server takes no more bytes"),
    httpx.TimeoutException: (FaultKind.TIMEOUT, "too slow"),
    httpx.ReadError: (FaultKind.BROKEN, "while reading the answer"),
    httpx.WriteError: (FaultKind.BROKEN, "while sending"),
    httpx.CloseError: (FaultKind.BROKEN, "while closing"),
    httpx.NetworkError: (FaultKind.BROKEN, "network"),
    httpx.RemoteProtocolError: (FaultKind.BROKEN, "the answer is not HTTP, or was cut off"),
    httpx.DecodingError: (FaultKind.BROKEN, "the answer can't be unpacked"),
    httpx.TooManyRedirects: (FaultKind.BROKEN, "redirects"),
    httpx.ProtocolError: (FaultKind.BROKEN, "protocol"),
    httpx.LocalProtocolError: (FaultKind.REQUEST, "a header or the address can't be sent"),
    httpx.UnsupportedProtocol: (FaultKind.REQUEST, "the address is neither http nor https"),
    httpx.InvalidURL: (FaultKind.REQUEST, "the address can't be read"),
    httpx.CookieConflict: (FaultKind.BROKEN, "cookies"),
    httpx.TransportError: (FaultKind.BROKEN, "transport"),
    httpx.HTTPStatusError: (FaultKind.BROKEN, "status"),
    httpx.RequestError: (FaultKind.BROKEN, "request"),
    httpx.HTTPError: (FaultKind.BROKEN, "HTTP"),
    httpx.StreamError: (FaultKind.BROKEN, "the answer was read out of order"),
    OSError: (FaultKind.BROKEN, "the system refused"),
}
FOREIGN: Final = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, httpx.CookieConflict, OSError)


def fault_of(error: Exception) -> Fault:
    """Return the fault that an exception of httpx stands for."""
    certificate = _certificate_error(error) if isinstance(error, httpx.ConnectError) else None
    if certificate is not None:
        return Fault(
            kind=FaultKind.TLS, detail=getattr(certificate, "verify_message", "") or "no reason given"
        )
    for ancestor in type(error).__mro__:
        if ancestor in KINDS:
            kind, detail = KINDS[ancestor]
            return Fault(kind=kind, detail=detail)
    return Fault(kind=FaultKind.BROKEN, detail=type(error).__name__)


def _certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return the certificate's fault among the causes; other TLS faults may pass and are tried again."""
    for _ in range(8):
        if error is None or isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None
