"""The search itself: each form in which a marker could show is found where it is planted, and no plain word."""

import base64
import gzip
import hashlib
import hmac
import json
from urllib.parse import quote

import pytest

from tests.privacy.markers import APP_SECRET, PERSON, TOKEN, find, proof
from tests.privacy.scene import Scene, unpacked

EMAIL, NORMALIZED = PERSON["email"]
DIGEST = hashlib.sha256(NORMALIZED.encode()).digest()
PLANTED = [
    EMAIL.encode(),
    NORMALIZED.upper().encode(),
    quote(EMAIL, safe="").encode(),
    json.dumps({"name": PERSON["first_name"][0]}).encode(),
    json.dumps([PERSON["last_name"][0]], ensure_ascii=False).encode(),
    PERSON["city"][0].encode("utf-16"),
    b"Quokka.Zeph\n  yrine+7@Wombat\n  mail.example",
    b"\x1b[31mQuokka.\x1b[0mZephyrine",
    *(base64.b64encode(before + EMAIL.encode() + b"tail") for before in (b"", b"a", b"ab")),
    base64.urlsafe_b64encode(b"..." + PERSON["phone"][0].encode()),
    PERSON["phone"][1].encode(),
    PERSON["birthday"][1].encode(),
    DIGEST.hex().upper().encode(),
    b"\0\0" + DIGEST + b"\0",
    base64.b64encode(DIGEST),
    b"Bearer " + TOKEN.encode(),
    TOKEN[11:19].lower().encode(),
    b"..." + TOKEN[-8:].encode(),
    base64.b64encode(b"x" + TOKEN.encode()),
    proof()[20:28].encode(),
]


@pytest.mark.parametrize("planted", PLANTED, ids=range(len(PLANTED)))
def test_what_is_planted_is_found(planted: bytes) -> None:
    assert find(b"some words " + planted + b" and more", place="x")
    assert any(find(one, place="x") for one in unpacked(gzip.compress(b"words " + planted)))


def test_words_and_masked_samples_are_no_leak() -> None:
    assert (
        find(
            b"Q\xe2\x80\xa2@W.example +491 X EAA token 19 customers in Llan, 2026-03-29T10:00:00Z", place="x"
        )
        == []
    )


def test_what_a_place_may_hold_is_allowed_there_alone() -> None:
    assert find(EMAIL.encode(), place="x", cells=True) == []
    assert find(DIGEST.hex().encode(), place="x", sent=True) == []
    assert find(TOKEN.encode(), place="x", cells=True, sent=True)
    assert find(EMAIL.encode(), place="x", sent=True)
    assert find(DIGEST.hex().encode(), place="x", cells=True)


def test_the_proof_is_the_standard_librarys() -> None:
    assert proof() == hmac.new(APP_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()


def test_files_of_every_folder_are_searched_and_those_outside_are_noticed(scene: Scene) -> None:
    (scene.root / "tmp" / "spool").write_text(EMAIL)
    (scene.work / "orders.rejects.csv").write_text(f"{EMAIL},{TOKEN}")
    scene.heard.append("/dev/shm/elsewhere")
    assert {leak.place for leak in scene.leaks()} == {
        "tmp/spool",
        "work/orders.rejects.csv",
        "/dev/shm/elsewhere",
    }
