"""What `line` reads is what typer reads, and what it leaves to typer is what typer has something to say about."""

import os
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capi_cli.cli.app import COMMANDS
from capi_cli.cli.by_typer import call
from capi_cli.cli.invocation import Invocation
from capi_cli.cli.line import read_line
from capi_cli.cli.option import Command
from capi_cli.cli.signals import Signals
from capi_cli.cli.voice import Voice
from capi_cli.errors import UsageError
from tests.cli.test_process import imported

INVOCATION = Invocation(voice=Voice(), signals=Signals(), environ=dict(os.environ))
COMMAND: dict[str, Command] = {name: import_module(f"capi_cli.cli.{name}").command for name in COMMANDS}
VALUES = st.sampled_from(["a.csv", "b", "", "-", "em=email", "--yes", "x=y=z", "-7", "é", "=", "1 2"])


def typers(name: str, words: list[str]) -> dict[str, Any] | None:
    seen: list[dict[str, Any]] = []

    def run(invocation: Invocation, typed: dict[str, Any]) -> int:
        seen.append(typed)
        return 0

    try:
        call(name, replace(COMMAND[name], run=run), words, INVOCATION)
    except UsageError:
        return None
    return seen[0] if seen else None  # none where a page of help was shown


def lines(name: str) -> st.SearchStrategy[tuple[str, list[str]]]:
    command = COMMAND[name]
    flags = [option.flag for option in command.options]
    flags += [f"-{option.short}" for option in command.options if option.short]
    flag = st.sampled_from(flags)
    pieces = st.one_of(
        VALUES.map(lambda value: [value]),
        flag.map(lambda one: [one]),
        st.tuples(flag, VALUES).map(list),
        st.tuples(flag, VALUES).map(lambda pair: ["=".join(pair)]),
        st.sampled_from(
            [["--"], ["-qv"], ["-nx"], ["--nothing"], ["-x"], ["--sourc", "a"], ["---"], ["-n=3"]]
        ),
    )
    return st.lists(pieces, max_size=6).map(lambda found: (name, [word for piece in found for word in piece]))


@settings(deadline=None)  # the first call builds typer's own types
@given(st.sampled_from(sorted(COMMANDS)).flatmap(lines))
def test_a_line_is_read_as_typer_reads_it(line: tuple[str, list[str]]) -> None:
    name, words = line
    found = read_line(COMMAND[name], words)
    if found is not None:
        assert found == typers(name, words)


@pytest.mark.parametrize(
    "line",
    [
        "upload a.csv b.csv --map em=email --map ph=phone --set=event_name=Lead -y --limit 3 --limit 4",
        "upload -- --yes -",
        "validate - --format csv --output=json",
        "runs",
        "runs abc --last 3",
        "explain em-shape --no-color",
        "preview a.csv -n 3",
        "sandbox --fault http=503 --fault latency=0.3 -q",
        "doctor",
        "upload a.csv --dataset-id= --event-id -x",
    ],
)
def test_usual_lines_are_read_without_typer(line: str) -> None:
    name, *words = line.split()
    found = read_line(COMMAND[name], words)
    assert found is not None
    assert found == typers(name, words)


@pytest.mark.parametrize("line", ["upload", "runs a b", "upload a --help", "upload a -h", "upload a --map"])
def test_help_and_mistakes_are_left_to_typer(line: str) -> None:
    name, *words = line.split()
    assert read_line(COMMAND[name], words) is None


def test_a_line_without_mistake_loads_no_typer() -> None:
    assert not imported("explain", "em-shape", "--output", "json") & {"typer", "pydantic", "rich"}
