"""The sandbox in a process of its own, and as `capi sandbox` serves it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from capi_cli.errors import ConfigurationError
from capi_cli.sandbox.faults import Faults
from capi_cli.sandbox.main import SandboxOptions, serve
from capi_cli.sandbox.process import start_process

DATASET = "1234567890"
TOKEN = "SANDBOX-TOKEN"


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_child_judges_counts_and_ends(open_client, make_event, now_s, tmp_path):
    folder = tmp_path / "received"
    with start_process(dataset_id=DATASET, token=TOKEN, now_s=now_s, save_dir=folder) as running:
        client = open_client(running.port)
        assert client.send(make_event())[1]["events_received"] == 1
        assert client.send(make_event("website", {"user_data": {}}))[0] == 400
        running.set_faults(Faults.parse("http=503"))
        assert client.send(make_event())[0] == 503
        state = running.state()
        assert (state["requests"], state["events_received"], state["faults"]) == (3, 1, ["http=503"])
        assert running.url == f"http://127.0.0.1:{running.port}"
    running.stop()
    assert not is_alive(running.pid)
    assert len(list(folder.iterdir())) == 2
    with pytest.raises(ConfigurationError):
        running.state()


def test_a_child_keeps_the_token_off_its_command_line():
    with start_process(token=TOKEN) as running:
        command = Path(f"/proc/{running.pid}/cmdline")
        if not command.exists():
            pytest.skip("needs /proc")
        assert TOKEN.encode() not in command.read_bytes()


def test_a_child_that_cannot_start_says_why(sandbox):
    with pytest.raises(ConfigurationError) as caught:
        start_process(port=sandbox.port)
    assert str(sandbox.port) in caught.value.message


def test_a_child_ends_when_its_parent_dies():
    script = (
        "import os\n"
        "from capi_cli.sandbox.process import start_process\n"
        "print(start_process().pid, flush=True)\n"
        "os._exit(0)\n"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=30, check=True)
    pid = int(found.stdout)
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(pid)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to one process there")
def test_a_child_leaves_ctrl_c_to_its_parent():
    with start_process() as running:
        os.kill(running.pid, signal.SIGINT)
        time.sleep(0.1)
        assert running.state()["requests"] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to one process there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_ends_cleanly_on_a_signal(number):
    script = (
        "from capi_cli.sandbox.main import SandboxOptions, serve\n"
        "raise SystemExit(serve(SandboxOptions(port=0, faults=('http=503:0.5',))))\n"
    )
    with subprocess.Popen([sys.executable, "-W", "error", "-c", script], stderr=subprocess.PIPE) as child:
        assert child.stderr is not None
        first = child.stderr.readline().decode()
        assert "http://127.0.0.1:" in first
        assert "http=503:0.5" in child.stderr.readline().decode()
        child.send_signal(number)
        rest = child.stderr.read().decode()
        assert child.wait(10) == 0
    assert "Stopped after 0 requests" in rest and "Traceback" not in rest


def test_options_do_not_show_the_token():
    options = SandboxOptions(token=TOKEN, app_secret="the-secret")
    assert TOKEN not in repr(options) and "the-secret" not in repr(options)


def test_a_wrong_fault_is_told_before_serving():
    from capi_cli.errors import UsageError

    with pytest.raises(UsageError):
        serve(SandboxOptions(port=0, faults=("nonsense",)))


def test_the_sandbox_shares_only_tables_with_the_client():
    script = (
        "import sys\n"
        "import capi_cli.sandbox.main, capi_cli.sandbox.process\n"
        "import orjson\n"
        "print(orjson.dumps(sorted(n for n in sys.modules if n.startswith('capi_cli'))).decode())\n"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=30, check=True)
    names = orjson.loads(found.stdout)
    foreign = [name for name in names if not name.startswith("capi_cli.sandbox")]
    assert foreign == [
        "capi_cli",
        "capi_cli.errors",
        "capi_cli.event",
        "capi_cli.event.fields",
        "capi_cli.event.limits",
        "capi_cli.own_files",
        "capi_cli.private",
    ]
