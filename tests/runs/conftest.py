"""Nothing of the machine's own environment reaches a test of this room."""

import os

import pytest


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    proxies = [name for name in os.environ if name.lower().endswith("_proxy")]
    bundles = ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
    ours = [name for name in os.environ if name.startswith(("CAPI_", "META_", "FB_"))]
    for name in (*proxies, *bundles, *ours):
        monkeypatch.delenv(name, raising=False)
