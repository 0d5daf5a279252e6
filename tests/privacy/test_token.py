"""How the token travels: never in a URL, never in the clear, never to a host that nobody named; signed where asked."""

import json
import logging
import sys
from pathlib import Path

import pytest
from facebook_business.session import FacebookSession

from capi_cli.errors import CredentialsError
from capi_cli.sandbox.server import Sandbox
from tests.privacy.conftest import DATASET
from tests.privacy.echo import Answer, Asked, echo
from tests.privacy.files import COUNTRY, EVENT, MAPPED, orders
from tests.privacy.markers import APP_SECRET, TOKEN, proof
from tests.privacy.scene import Scene

HERE = Path(__file__).parent
UPLOAD = ("upload", "orders.csv", *EVENT, *COUNTRY, *MAPPED, "--retry-for", "0s")
COMMANDS = (UPLOAD, ("doctor",), ("quality",))


def accept(asked: Asked) -> Answer:
    return Answer(200, {}, json.dumps({"events_received": len(asked.events)}).encode())


@pytest.mark.parametrize("in_body", [False, True])
def test_the_token_is_in_no_url(scene: Scene, monkeypatch: pytest.MonkeyPatch, in_body: bool) -> None:
    scene.write("orders.csv", orders(3, 0))
    if in_body:
        scene.write("capi.toml", 'token_in = "body"')
    with echo(accept) as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        for argv in COMMANDS:
            scene.run(*argv)
    assert len(meta.asked) >= 4
    for asked in meta.asked:
        line = f"{asked.method} {asked.path}"
        assert "?" not in line
        assert not any(secret in line for secret in (TOKEN, APP_SECRET, proof()))
        assert (TOKEN in asked.headers.get("authorization", "")) is not in_body
        assert (TOKEN.encode() in asked.body) is (in_body or b"input_token" in asked.body)
        assert APP_SECRET not in str(asked)


def test_the_proof_is_the_sdks_own_and_the_sandbox_asks_for_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.write("orders.csv", orders(3, 0))
    with echo(accept) as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        for argv in COMMANDS:
            scene.run(*argv)
    told = FacebookSession(app_secret=APP_SECRET, access_token=TOKEN)._gen_appsecret_proof()
    assert told == proof()
    assert all(told.encode() in asked.body for asked in meta.asked)
    with Sandbox(dataset_id=DATASET, token=TOKEN, app_secret=APP_SECRET) as sandbox:
        monkeypatch.setenv("CAPI_GRAPH_URL", sandbox.url)
        assert scene.run(*UPLOAD).code == 0
        assert scene.run("doctor").code == 0
        monkeypatch.setenv("META_APP_SECRET", APP_SECRET[::-1])
        refused = scene.run(*UPLOAD, "--resend")
        assert refused.code == 12
        assert "META_APP_SECRET" in refused.err
        monkeypatch.setenv("META_APP_SECRET", f"{APP_SECRET}\n")
        assert scene.run(*UPLOAD, "--resend").code == 0
        monkeypatch.setenv("META_APP_SECRET", "two words")
        assert "META_APP_SECRET" in scene.run(*UPLOAD, "--resend").err
    assert scene.run(*UPLOAD, "--sandbox").code == 12


def test_the_bundled_sandbox_asks_for_the_proof_of_a_known_secret(scene: Scene) -> None:
    scene.write("orders.csv", orders(3, 0))
    assert scene.run(*UPLOAD, "--sandbox").code == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_the_token_nowhere(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    scene.write("orders.csv", orders(3, 0))
    with echo(accept) as elsewhere, echo(lambda _: Answer(status, {"Location": elsewhere.url})) as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        ended = scene.run(*UPLOAD)
        assert (ended.code, "redirect" in ended.err) == (10, True)
        scene.run("doctor")
        scene.run("quality")
    assert len(meta.asked) >= 3
    assert elsewhere.asked == []


@pytest.mark.parametrize("name", ["localhost", "elsewhere"])
def test_a_certificate_that_nobody_signed_is_refused_and_nothing_was_sent(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    scene.write("orders.csv", orders(3, 0))
    with echo(accept, certificate=HERE / f"{name}.pem") as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        for argv in COMMANDS:
            ended = scene.run(*argv)
            said = " ".join((ended.out + ended.err).split())
            assert (ended.code, "certificate" in said, "SSL_CERT_FILE" in said) == (10, True, True), said
        if name == "elsewhere":  # known, and another host's
            monkeypatch.setenv("SSL_CERT_FILE", str(HERE / "elsewhere.pem"))
            assert scene.run(*UPLOAD).code == 10
        assert meta.asked == []


def test_a_bundle_of_the_environment_is_trusted(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.write("orders.csv", orders(3, 0))
    scene.write("../home/.netrc", "machine 127.0.0.1 login capi password Quokka1\n").chmod(0o600)
    with echo(accept, certificate=HERE / "localhost.pem") as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(HERE / "localhost.pem"))
        assert scene.run(*UPLOAD).code == 0
    assert meta.asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    monkeypatch.setenv("SSL_CERT_FILE", str(scene.work / "none.pem"))
    ended = scene.run(*UPLOAD, "--resend")
    assert (ended.code, "SSL_CERT_FILE" in ended.err) == (10, True)


@pytest.mark.parametrize(
    "url", ["http://192.0.2.7", "http://localhost.example.com", f"https://x:{TOKEN}@127.0.0.1"]
)
def test_nothing_goes_in_the_clear_to_another_machine(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    scene.write("orders.csv", orders(3, 0))
    monkeypatch.setenv("CAPI_GRAPH_URL", url)
    for argv in COMMANDS:
        assert scene.run(*argv).code == 10
    scene.write("capi.toml", f'graph_url = "{url}"')
    monkeypatch.delenv("CAPI_GRAPH_URL")
    assert scene.run(*UPLOAD).code == 10


def test_no_body_and_no_header_reaches_a_log(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A program that uses capi may log everything: what the libraries below say then is no leak either."""
    caplog.set_level(logging.DEBUG)
    scene.write("orders.csv", orders(3, 1))
    with echo(accept) as meta:
        monkeypatch.setenv("CAPI_GRAPH_URL", meta.url)
        assert scene.run(*UPLOAD, "--max-error-rate", "1").code == 3
    assert caplog.text
    (scene.root / "log").write_text(caplog.text)
    scene.check()


def test_whoever_writes_a_secret_is_cut_short(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library, or a bug: the streams themselves let no part of a known secret through, whatever told it."""
    of_store = "wJalrXUtnFEMIofTheBucket"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", of_store)
    words = f"Bearer {TOKEN} of {APP_SECRET[:12]}, {of_store[2:14]}"

    def examine(*_: object) -> None:
        print(words)
        sys.stderr.writelines([f"{words}\n", f"in a library: {TOKEN[3:20]}\n"])
        raise CredentialsError(words, words)

    monkeypatch.setattr("capi_cli.runs.doctor.examine", examine)
    for output in ("text", "json"):
        ended = scene.run("doctor", "--output", output)
        assert (ended.code, "in a library: […]" in ended.err) == (12, True)
        assert of_store[2:14] not in ended.out + ended.err
    monkeypatch.delenv("META_ACCESS_TOKEN")
    scene.write("token", f"{TOKEN}\n").chmod(0o600)
    assert "[…]" in scene.run("doctor", "--token-file", "token").err
