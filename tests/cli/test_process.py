"""The real program in a process of its own: what it imports, what it needs, and what a terminal shows."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from capi_cli.cli.signals import Signals
from tests.cli.conftest import TOKEN

ROOT = Path(__file__).parents[2]
FAKE = Path(__file__).with_name("slow_run.py")
PROGRAM = (sys.executable, "-m", "capi_cli")
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and terminals as on POSIX")


def run(*argv: str, env: dict[str, str] | None = None, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environ = {"PYTHONPATH": str(ROOT), **(env or {})}
    line = [*PROGRAM, *argv]
    return subprocess.run(line, capture_output=True, text=True, env=environ, cwd=cwd, timeout=60, check=False)


def imported(*argv: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "capi_cli", *argv],
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=True,
    )  # fmt: skip
    names = (
        line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time")
    )
    return {name.partition(".")[0] for name in names}


def test_the_version_imports_next_to_nothing() -> None:
    for argv in (("--version",), ("--version", "--output", "json")):
        assert not imported(*argv) & {"typer", "rich", "pyarrow", "httpx", "numpy", "orjson", "platformdirs"}


@pytest.mark.parametrize("argv", [("--help",), ("upload", "--help"), ("sandbox", "--help")])
def test_help_imports_neither_arrow_nor_http(argv: tuple[str, ...]) -> None:
    assert not imported(*argv) & {"pyarrow", "httpx", "numpy", "orjson", "phonenumbers", "pycountry", "rich"}


def test_httpx_comes_without_its_command_line() -> None:
    code = (
        "import sys; from capi_cli.runs.no_pandas import refuse_pandas; refuse_pandas(); import httpx; "
        "sys.exit(bool({'httpx._main', 'rich', 'click'} & set(sys.modules)) or not httpx.Client)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0


def test_an_empty_environment_is_enough(tmp_path: Path) -> None:
    done = run("upload", "orders.csv", "--output", "json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (12, "credentials")
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, "capi 0.1.0\n")


def test_a_terminal_of_few_letters_is_no_reason_to_fail(tmp_path: Path) -> None:
    done = run("explain", env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}, cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


@POSIX
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("explain --output json | head -c 1", ""),
        ("explain | head -n 1", ""),
        ("validate o.csv {event} 2>/dev/null | head -n 1", ""),
        ("explain >&-", ""),
        ("explain em-shape >/dev/null 2>&-", ""),
        ("validate o.csv {event} 0>&- 1>&- 2>&-", ""),
        (
            "explain --output json >/dev/full",
            "stdout can't be written (No space left on device)",
        ),
        ("validate o.csv {event} >/dev/null 2>/dev/full", ""),
        ("--version >&-", ""),
    ],
)
def test_a_stream_that_is_closed_or_full_or_left_is_no_failure(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "o.csv").write_text("email,order_id\na@x.com,1\nb@x.com,2\n")
    event = f"--set event_name=Lead --set action_source=email --set event_time={int(time.time()) - 3600}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{sys.executable} -m capi_cli {line.format(event=event)}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CAPI_WORKERS": "1"},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert told in done.stderr
    assert bool(done.stderr) == bool(told)


def slow_run(*argv: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, str(FAKE), "upload", "o.csv", "--dataset-id", "1234567", *argv],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "META_ACCESS_TOKEN": TOKEN},
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if "under way" in line:
            return process
    raise AssertionError("the run never began")


@POSIX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_in_order(number: signal.Signals, code: int) -> None:
    process = slow_run("--output", "json")
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert json.loads(out)["exit_code"] == code
    assert "requests in flight are awaited" in err
    assert TOKEN not in out + err


@POSIX
def test_timeout_of_coreutils_signals_twice_in_one_breath_and_the_run_still_ends_in_order() -> None:
    process = slow_run("--output", "json")
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 143
    assert json.loads(out)["exit_code"] == 143


@POSIX
def test_a_signal_that_meets_the_lock_of_the_stop_event_does_not_wait_for_it() -> None:
    signals = Signals()
    with signals.orderly(lambda: None):

        def interrupted() -> None:  # where a handler finds the main thread now and then
            with signals.stop._cond:  # type: ignore[attr-defined]
                signals.receive(signal.SIGTERM)

        thread = threading.Thread(target=interrupted, daemon=True)
        thread.start()
        thread.join(timeout=10)
    assert not thread.is_alive(), "the handler waits for a lock that its own thread holds"
    assert signals.exit_code == 143


@POSIX
def test_a_second_signal_leaves_at_once() -> None:
    process = slow_run("--set", "stubborn=yes")
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=5)
    assert process.returncode == 143


@pytest.mark.system
@POSIX
def test_the_live_display_in_a_real_terminal(tmp_path: Path) -> None:
    assert shutil.which("tmux"), "tmux stands in for a terminal here"
    socket = tmp_path / "socket"

    def tmux(*argv: str) -> str:
        line = ["tmux", "-S", str(socket), *argv]
        return subprocess.run(line, capture_output=True, text=True, timeout=20, check=True).stdout

    def wait_for(words: str) -> str:
        for _ in range(200):
            if words in (shown := tmux("capture-pane", "-p")):
                return shown
            time.sleep(0.1)
        raise AssertionError(f"{words!r} never came up:\n{shown}")

    environ = f"env PYTHONPATH={ROOT} META_ACCESS_TOKEN={TOKEN}"
    command = f"{environ} {sys.executable} {FAKE} upload o.csv --dataset-id 1234567"
    tmux("new-session", "-d", "-x", "100", "-y", "40", f"{command}; echo exit $?; sleep 30")
    try:
        assert "1,234.50 EUR" in wait_for("Send? [y/N]")
        tmux("send-keys", "y", "Enter")
        live = wait_for("left exports/orders.csv")
        assert "events accepted" in live
        assert "requests in flight" in live
        wait_for("Meta asks to wait 60 s (code 80004)")
        tmux("send-keys", "C-c")
        wait_for("Ctrl-C again leaves at once.")
        ended = wait_for("exit 130")
        assert "requests in flight" not in ended
        assert "Not finished" in ended
        assert TOKEN not in ended
    finally:
        tmux("kill-server")
