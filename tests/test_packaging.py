"""What is declared is what is used, and the wheel is all that a fresh environment needs beside its dependencies."""

import ast
import json
import subprocess
import sys
import sysconfig
import time
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import capi_cli

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NEEDED = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
COME_ALONG = {"httpcore": "of httpx", "py4j": "of pyspark", "_typeshed": "for the type checker alone"}
NEVER_IMPORTED = {"tzdata"}  # data alone: zoneinfo reads it where the system has none
EXTRAS = {
    canonicalize_name(Requirement(one).name)
    for many in PROJECT["optional-dependencies"].values()
    for one in many
}


def imported() -> set[str]:
    """Return what the modules of capi import that is neither theirs nor Python's."""
    found: set[str] = set()
    for path in (ROOT / "capi_cli").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.partition(".")[0])
    return {name for name in found if name not in sys.stdlib_module_names} - {"capi_cli"}


def test_every_dependency_is_used_and_every_import_is_declared() -> None:
    used = {canonicalize_name(name) for name in imported() - COME_ALONG.keys()}
    assert NEEDED - used == NEVER_IMPORTED
    assert used - NEEDED <= EXTRAS


def test_every_dependency_has_a_lower_bound_and_no_upper_one() -> None:
    for line in PROJECT["dependencies"]:
        signs = [one.operator for one in Requirement(line).specifier]
        assert signs == [">="], line


@pytest.mark.system
def test_the_wheel_works_in_a_fresh_environment(tmp_path: Path) -> None:
    """Its dependencies are those of this environment, so that no network is needed; nothing else of it is."""
    wheels, fresh = tmp_path / "wheels", tmp_path / "fresh"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    run([*pip, "wheel", "--no-deps", "--wheel-dir", str(wheels), str(ROOT)], tmp_path)
    (wheel,) = wheels.glob("capi_cli-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"capi_cli/py.typed", "capi_cli/report/page.html.jinja"} <= set(names)
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"capi_cli"}
    run([sys.executable, "-m", "venv", "--without-pip", str(fresh)], tmp_path)
    python = fresh / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    site = run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], tmp_path
    ).strip()
    run([*pip, "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)], tmp_path)
    # Behind the fresh packages, and without this environment's .pth files, which name the source tree.
    Path(site, "dependencies.pth").write_text(
        f"import sys; sys.path.append({sysconfig.get_path('purelib')!r})\n"
    )
    capi = python.with_name("capi")
    facts = json.loads(run([str(capi), "--version", "--output", "json"], tmp_path))
    assert facts["version"] == capi_cli.__version__ == PROJECT["version"]
    lead = {"email": "ana@example.com", "event_time": int(time.time()) - 3600, "event_name": "Lead", "id": 1}
    (tmp_path / "leads.jsonl").write_text(json.dumps(lead) + "\n")
    where = run([str(python), "-c", "import capi_cli; print(capi_cli.__file__)"], tmp_path)
    assert Path(where.strip()).is_relative_to(fresh)
    options = ("--set", "action_source=other", "--map", "event_id=id", "--state-dir", str(tmp_path / "state"))
    judged = run(
        [str(capi), "validate", "leads.jsonl", *options, "--report", "page.html", "--output", "json"],
        tmp_path,
    )
    assert json.loads(judged)["events_prepared"] == 1
    assert (tmp_path / "page.html").stat().st_size > 10_000


def run(argv: list[str], folder: Path, code: int = 0) -> str:
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=110)
    assert done.returncode == code, done.stderr
    return done.stdout
