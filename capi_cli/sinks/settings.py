"""Where and as whom batches are posted, checked once: addresses and secrets that can't work never reach the network."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urlsplit

from capi_cli import __version__
from capi_cli.errors import ConfigurationError, CredentialsError

PARTNER_AGENT: Final = f"capi-cli/{__version__}"
TOKEN_VARIABLES: Final = (
    "META_ACCESS_TOKEN",
    "META_CAPI_ACCESS_TOKEN",
    "FB_CAPI_ACCESS_TOKEN",
    "FB_ACCESS_TOKEN",
)
APP_SECRET: Final = "META_APP_SECRET"
CONNECT_TIMEOUT_S: Final = 10.0
TIMEOUT_S: Final = 60.0

_VERSION: Final = re.compile(r"v\d{1,3}\.\d{1,2}")
_DATASET: Final = re.compile(r"\d{1,32}")
_HTTPS_HINT: Final = (
    "Use https://…; plain http is only for this machine (http://127.0.0.1:PORT), as a sandbox has it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphSettings:
    """One dataset at one Graph endpoint. Secrets are left out of its repr.

    Attributes:
        timeout_s: One request, in all.
        connections: Most connections that are kept open.
        app_secret: Signs requests (`appsecret_proof`) where the app asks for that.
    """

    graph_url: str
    api_version: str
    dataset_id: str
    token: str = field(repr=False)
    token_in_body: bool = False
    test_event_code: str | None = None
    app_secret: str | None = field(default=None, repr=False)
    gzip: bool = False
    timeout_s: float = TIMEOUT_S
    connect_timeout_s: float = CONNECT_TIMEOUT_S
    connections: int = 8

    def __post_init__(self) -> None:
        check_graph_url(self.graph_url)
        if not _VERSION.fullmatch(self.api_version):
            raise ConfigurationError(
                "The API version does not look like v26.0.", "Set --api-version vN.0 (or META_API_VERSION)."
            )
        if not _DATASET.fullmatch(self.dataset_id):
            raise ConfigurationError(
                "The dataset id is not a number.",
                "Copy it from Events Manager → your dataset → Settings into --dataset-id (or META_DATASET_ID).",
            )
        if not _is_one_word(self.token):
            raise CredentialsError(
                "The token is empty or holds characters that no token has, such as a space or a line break.",
                "Copy it again from Events Manager into META_ACCESS_TOKEN or a file named by --token-file.",
            )
        if self.app_secret is not None and not _is_one_word(self.app_secret):
            raise CredentialsError(
                f"{APP_SECRET} holds characters that no secret has, such as a space or a line break.",
                "Copy it again from the app's Settings, Basic; or unset it, where the app asks for no proof.",
            )

    @property
    def root(self) -> str:
        """Return `{graph_url}/{version}`."""
        return f"{self.graph_url.rstrip('/')}/{self.api_version}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine that is talked to."""
        return is_loopback(self.graph_url)


def app_secret_of(environ: Mapping[str, str]) -> str | None:
    """Return the app's secret, with which requests are signed where it is there."""
    return environ.get(APP_SECRET, "").strip() or None


def _is_one_word(secret: str) -> bool:
    return bool(secret) and secret.isascii() and secret.isprintable() and " " not in secret


def check_graph_url(url: str) -> None:
    """Refuse an address that would send the token in the clear, or elsewhere than it looks.

    Raises:
        ConfigurationError: Not https, unless loopback; a user, a query or a fragment in it.
    """
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError("The Graph URL is not a web address.", _HTTPS_HINT)
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ConfigurationError(
            "The Graph URL holds more than scheme, host, port and path.",
            "Leave user, '?' and '#' out of --graph-url.",
        )
    if parts.scheme == "http" and not is_loopback(url):
        raise ConfigurationError(
            f"The Graph URL would send the token unencrypted to {parts.hostname}.", _HTTPS_HINT
        )


def is_loopback(url: str) -> bool:
    """Tell whether an address is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    parts = _split(url)
    host = (parts.hostname or "") if parts is not None else ""
    if host == "localhost":
        return True
    import ipaddress  # which `capi --help` does without

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(url: str) -> SplitResult | None:
    if any(character.isspace() or not character.isprintable() for character in url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return parts
