"""The README, the pages and the samples say what is so."""

import csv
import importlib.util
import json
import re
import shlex
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

import capi_cli
from capi_cli.cli.app import COMMANDS
from capi_cli.errors import CapiError
from capi_cli.event.rules import catalogue
from tests.cli.conftest import Capi, FakeRun

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SAMPLES = ("orders.csv", "orders.jsonl", "orders.parquet")


def load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_readme_shows_both_commands_on_its_first_screen() -> None:
    first_screen = "\n".join(README.splitlines()[:20])
    assert "make demo" in first_screen
    assert "make test" in first_screen


def test_the_readme_lists_the_commands_that_there_are() -> None:
    assert set(re.findall(r"^\| `capi (\w+)", README, re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize("page", ["README.md", "docs/exit-codes.md"])
def test_every_exit_code_is_explained(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\d, ]+) \|", text, re.MULTILINE)
    told = {int(code) for row in rows for code in row.split(",")}
    ours = {kind.exit_code for kind in CapiError.__subclasses__() if kind.__module__ == "capi_cli.errors"}
    assert told == ours | {0, 1, 3, 130, 143}


def test_the_commands_of_the_readme_and_the_demo_parse(capi: Capi, fake: FakeRun) -> None:
    (shown,) = re.findall(
        r"^capi upload orders\.csv --sandbox \\\n.*?\n(?=```)", README, re.MULTILINE | re.DOTALL
    )
    lines = [shown.replace("\\\n", "")]
    demo = (ROOT / "samples" / "demo.py").read_text(encoding="utf-8")
    lines += [line.replace("\\\\\n", "") for line in re.findall(r'"(capi upload [^"]*)"', demo)]
    assert len(lines) == 4
    Path("warehouse.toml").write_bytes((ROOT / "samples" / "warehouse.toml").read_bytes())
    for line in lines:
        answer = capi(*shlex.split(line)[1:])
        assert (answer.code, answer.err) == (0, ""), line
    assert [request.source.sources[0] for request in fake.requests[1:]] == list(SAMPLES)


def test_the_page_of_all_findings_is_up_to_date() -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert page == load("docs/make_rules.py").page(), "run `make docs`"
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == list(catalogue())


def test_links_between_pages_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == capi_cli.__version__
    assert f"## {capi_cli.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_committed_samples_are_what_the_script_writes(tmp_path: Path) -> None:
    make_samples = load("samples/make_samples.py")
    make_samples.make(tmp_path, make_samples.COMMITTED_AT)
    for name in ("orders.csv", "orders.jsonl"):
        assert (tmp_path / name).read_bytes() == (ROOT / "samples" / name).read_bytes()
    ours, fresh = (pq.read_table(folder / "orders.parquet") for folder in (ROOT / "samples", tmp_path))
    assert ours.equals(fresh)


def test_fresh_samples_are_young_enough_for_meta(tmp_path: Path) -> None:
    until = datetime(2027, 3, 28, 12, 0, tzinfo=UTC)  # the day on which Berlin's clocks change
    load("samples/make_samples.py").make(tmp_path, until)
    with (tmp_path / "orders.csv").open(encoding="utf-8") as file:
        local = [datetime.fromisoformat(row["created_at"]) for row in csv.DictReader(file)]
    ages = [until - at.replace(tzinfo=ZoneInfo("Europe/Berlin")) for at in local]
    assert timedelta(0) < min(ages) < max(ages) < timedelta(days=6, hours=12)
    for line in (tmp_path / "orders.jsonl").read_text(encoding="utf-8").splitlines():
        assert 0 < until.timestamp() - json.loads(line)["event_time"] < 6.5 * 86_400
