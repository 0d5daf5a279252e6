"""The HTTP client: one pool of connections, TLS verified, proxies and CA bundles of the environment honoured."""

import os
import ssl
from pathlib import Path
from typing import Final

import httpx

from capi_cli.errors import ConfigurationError
from capi_cli.sinks.deadline import Deadline, bound
from capi_cli.sinks.settings import PARTNER_AGENT, GraphSettings

KEEP_ALIVE_S: Final = 15.0
CA_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def open_client(
    settings: GraphSettings, deadline: Deadline, transport: httpx.BaseTransport | None = None
) -> httpx.Client:
    """Return a client for these settings; `transport` stands in for the network in tests.

    Raises:
        ConfigurationError: A proxy or CA bundle in the environment that can't be used.
    """
    encrypted = settings.graph_url.startswith("https:")
    limits = httpx.Limits(
        max_connections=settings.connections + 1,
        max_keepalive_connections=settings.connections + 1,
        keepalive_expiry=KEEP_ALIVE_S,
    )
    timeout = httpx.Timeout(settings.timeout_s, connect=min(settings.connect_timeout_s, settings.timeout_s))
    # Without TLS no roots are read, which takes longer than a request; this context would trust nobody.
    verify = _trust() if encrypted and transport is None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        client = httpx.Client(
            transport=transport,
            verify=verify,
            limits=limits,
            timeout=timeout,
            follow_redirects=False,
            # A loopback sandbox is never asked for through a proxy: it would see the token.
            trust_env=encrypted,
            headers={"User-Agent": PARTNER_AGENT, "Accept": "application/json"},
        )
    except (ValueError, ImportError, httpx.InvalidURL, OSError):
        raise ConfigurationError(
            "The proxy that the environment names can't be used.",
            "Set HTTPS_PROXY to http://HOST:PORT, or unset it; ALL_PROXY counts too.",
        ) from None
    bound(client, deadline)
    return client


def _trust() -> ssl.SSLContext:
    """Return the context that trusts httpx's roots, or those that the first of CA_VARIABLES names."""
    for name in CA_VARIABLES:
        place = os.environ.get(name)
        if not place:
            continue
        try:
            if Path(place).is_dir():
                return ssl.create_default_context(capath=place)
            return ssl.create_default_context(cafile=place)
        except (OSError, ValueError):  # ssl.SSLError is an OSError
            raise ConfigurationError(
                f"The CA bundle that {name} names can't be read.",
                f"Point {name} at a PEM file, or unset it.",
            ) from None
    return httpx.create_ssl_context(trust_env=False)
