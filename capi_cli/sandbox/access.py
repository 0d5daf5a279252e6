"""Who may ask for what: token, appsecret_proof, dataset and version.

Source: Meta, "Using the API", "Access tokens", "Secure requests"; a live probe for the reply to a bad token.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from capi_cli.event import limits
from capi_cli.sandbox.bodies import Request, parse_body, uncompressed
from capi_cli.sandbox.graph import GraphError

NEWEST_VERSION = int(limits.DEFAULT_API_VERSION.removeprefix("v").partition(".")[0])
HIDDEN = b"hidden"  # stands in saved bodies for what nobody should keep
OLDEST_VERSION = 22  # came 2025-01; a version lives at least 2 years for the Conversions API
_VERSION = re.compile(r"v([0-9]{1,3})\.[0-9]", re.ASCII).fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the sandbox asks of a caller. None for a dataset or token: any is taken.

    Attributes:
        app_secret: Whose proof is looked at; None: a proof is passed over.
        proof_required: Whether a request without a proof is refused, as an app with "Require app secret" does.
    """

    dataset_id: str | None = None
    token: str | None = None
    app_secret: str | None = None
    proof_required: bool = True

    def judge_version(self, version: str) -> GraphError | None:
        """Refuse versions that are retired (2635) or that do not exist (2500)."""
        found = _VERSION(version)
        if not found or int(found[1]) > NEWEST_VERSION:
            return GraphError(code=2500, detail=f"Unknown path components: /{version[:20]}")
        if int(found[1]) < OLDEST_VERSION:
            newest = limits.DEFAULT_API_VERSION
            return GraphError(
                code=2635,
                detail="You are calling a deprecated version of the Ads API. "
                f"Please update to the latest version: {newest}.",
            )
        return None

    def judge_token(self, headers: dict[str, str], params: dict[str, Any]) -> GraphError | None:
        """Refuse a missing or wrong token (190, HTTP 401), and a wrong proof of the app's secret (104)."""
        token = find_token(headers, params)
        if not token or (
            self.token is not None and not hmac.compare_digest(token.encode(), self.token.encode())
        ):
            return GraphError(code=190, status=401, is_transient=None)
        if self.app_secret is not None and (self.proof_required or "appsecret_proof" in params):
            proof = str(params.get("appsecret_proof", ""))
            if not hmac.compare_digest(proof.encode(), self._proof_of(token).encode()):
                return GraphError(code=104, type="GraphMethodException")
        return None

    def _proof_of(self, token: str) -> str:
        secret = (self.app_secret or "").encode()
        return hmac.new(secret, token.encode(), hashlib.sha256).hexdigest()

    def judge_dataset(self, dataset_id: str) -> GraphError | None:
        """Refuse a dataset that is not there for this token: 100/33."""
        known = dataset_id.isdecimal() if self.dataset_id is None else dataset_id == self.dataset_id
        if known:
            return None
        return GraphError(code=100, subcode=33, type="GraphMethodException")


def without_secrets(request: Request) -> bytes:
    """Return a body for keeping, uncompressed: as it came, but for the token and the proof where it carries them."""
    body = bytes(uncompressed(request, gzip_allowed=True))
    params = parse_body(request, body)
    for name in ("access_token", "appsecret_proof"):
        if secret := str(params.get(name) or ""):
            for spelling in (secret, quote(secret, safe=""), quote_plus(secret)):
                body = body.replace(spelling.encode(), HIDDEN)
    return body


def find_token(headers: dict[str, str], params: dict[str, Any]) -> str:
    """Return the token of the Authorization header, the body or the query, in that order; empty where none is."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "oauth") and credentials.strip():
        return credentials.strip()
    return str(params.get("access_token") or "")
