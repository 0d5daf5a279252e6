"""Every command, in every form of its output: nothing of a person and nothing of the token, in any byte."""

import json
import shutil
from collections.abc import Iterator

import pytest

from capi_cli.sandbox.server import Sandbox
from tests.privacy.conftest import DATASET
from tests.privacy.files import (
    COUNTRY,
    EVENT,
    MAP_ALL,
    MAPPED,
    delimited,
    orders,
    rows,
    wrong_all_at_once,
    wrong_one_by_one,
)
from tests.privacy.markers import APP_SECRET, PERSON, TOKEN, digests
from tests.privacy.scene import Scene

ORDERS = ("orders.csv", *EVENT, *COUNTRY, *MAPPED)
FORMS = [
    (),
    ("-v",),
    ("-q",),
    ("-v", "--log-format", "json"),
    ("-q", "--log-format", "json", "--output", "json"),
    ("-v", "--output", "json", "--report", "page.html"),
]


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(dataset_id=DATASET, token=TOKEN, app_secret=APP_SECRET) as sandbox:
        monkeypatch.setenv("CAPI_GRAPH_URL", sandbox.url)
        yield sandbox


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_a_run_that_sends(scene: Scene, meta: Sandbox, form: tuple[str, ...]) -> None:
    scene.write("orders.csv", orders())
    assert scene.run("validate", *ORDERS, *form).code == 3
    assert scene.run("upload", *ORDERS, *form, "--dry-run").code == 3
    assert scene.run("upload", *ORDERS, *form).code == 3
    assert meta.memory.counts.received == 20
    assert scene.run("upload", *ORDERS, *form).code == 3
    assert meta.memory.counts.received == 20


def test_looking_back(scene: Scene, meta: Sandbox) -> None:
    scene.write("orders.csv", orders())
    scene.run("upload", *ORDERS, "--event-id", "order-{order_id}")
    run_id = json.loads(scene.run("runs", "--output", "json").out)["runs"][0]["run_id"]
    for argv in (("runs",), ("runs", run_id), ("runs", "--order-id", "A-3"), ("doctor",), ("quality",)):
        for form in ((), ("--output", "json"), ("--no-color",)):
            assert scene.run(*argv, *form).code == 0
    assert scene.run("forget", "--order-id", "A-3", "--yes").code == 0
    assert scene.run("forget", "--all", "--yes", "--output", "json").code == 0


def test_looking_ahead(scene: Scene) -> None:
    scene.write("orders.csv", orders())
    for form in ((), ("--output", "json"), ("-n", "21")):
        assert scene.run("preview", *ORDERS, *form).code == 0
    for form in (
        ("-o", "-"),
        ("-o", "one.toml"),
        ("-o", "two.toml", "--output", "json"),
        ("-o", "-", *EVENT),
    ):
        assert scene.run("init", "orders.csv", *form).code == 0
    assert scene.run("explain").code == 0
    assert scene.run("explain", "time-unreadable", "--output", "json").code == 0


def test_two_machines(scene: Scene, meta: Sandbox) -> None:
    scene.write("orders.csv", orders())
    for name, more in (("plain", ()), ("packed", ("--compress", "zstd", "--output", "json", "-v"))):
        folder = str(scene.prepared / name)
        scene.prepared.mkdir(exist_ok=True)
        assert scene.run("prepare", *ORDERS, "-o", folder, *more).code == 3
        assert scene.run("upload", folder, "-v", "--output", "json", "--report", "page.html").code == 0


def test_people_who_asked_to_be_forgotten(scene: Scene, meta: Sandbox) -> None:
    scene.write("orders.csv", orders())
    email, phone, name = (PERSON[key][0] for key in ("email", "phone", "first_name"))
    scene.write("forget.csv", f"email,phone\n{email},\n,{phone}\n{digests()[0]},\n")
    for command in ("validate", "upload", "preview"):
        scene.run(command, *ORDERS, "--suppress", "forget.csv")
    assert "person-suppressed" in scene.run("validate", *ORDERS, "--suppress", "forget.csv").out
    scene.write("wrong.txt", f"{email}\n{name}\n{phone[:9]}\n{digests()[0][:40]}\n")
    assert scene.run("upload", *ORDERS, "--suppress", "wrong.txt", "-v").code == 11


def test_the_bundled_sandbox(scene: Scene) -> None:
    scene.write("orders.csv", orders())
    assert scene.run("upload", *ORDERS, "--sandbox", "-v").code == 3


def test_stdin_in_every_way(scene: Scene, meta: Sandbox) -> None:
    piped = ("-", "--format", "csv", *EVENT, *COUNTRY, *MAPPED)
    text = orders().encode()
    assert scene.run("validate", *piped, stdin=text).code == 3
    assert scene.run("upload", *piped, "--preflight", "full", stdin=text).code == 3
    assert scene.run("preview", *piped, stdin=text).code == 0
    assert scene.run("init", *piped[:3], "-o", "-", stdin=text).code == 0


@pytest.mark.parametrize("command", ["validate", "upload"])
def test_cells_that_are_wrong_in_every_field(scene: Scene, meta: Sandbox, command: str) -> None:
    scene.write("wrong.jsonl", wrong_one_by_one())
    for form in (("-v",), ("-v", "--log-format", "json", "--output", "json", "--report", "page.html")):
        assert scene.run(command, "wrong.jsonl", *MAP_ALL, *form, "--max-error-rate", "1").code == 3
    if command == "upload":
        assert meta.memory.counts.received > 200


def test_looking_at_rows_that_are_wrong_in_every_field(scene: Scene) -> None:
    scene.write("wrong.jsonl", wrong_all_at_once())
    for form in ((), ("--output", "json")):
        assert scene.run("preview", "wrong.jsonl", *MAP_ALL, "-n", "12", *form).code == 0


def test_columns_that_hold_something_else(scene: Scene) -> None:
    """Every column under every other column's name, as a header that was pasted in the wrong order gives it."""
    records = rows(4)
    names = list(records[0])
    for by in range(1, len(names) - 1, 2):
        turned = []
        for record in records:
            first, *rest = record.values()  # an order's number is sent as it is, whatever it holds
            turned.append(dict(zip(names, [first, *rest[by:], *rest[:by]], strict=True)))
        scene.write("turned.csv", delimited(turned))
        scene.run("validate", "turned.csv", *EVENT, "-v", "--max-error-rate", "1", "--report", "page.html")
        scene.run("preview", "turned.csv", *EVENT)
        scene.run("init", "turned.csv", "-o", "-")


def test_a_folder_that_was_meant_for_nobody(scene: Scene) -> None:
    scene.write("orders.csv", orders())
    shutil.rmtree(scene.root / "home")
    assert scene.run("validate", *ORDERS).code == 3
