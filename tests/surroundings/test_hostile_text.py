"""Names and cells that try to steer the terminal: whatever is printed of them is printable."""

import json
import os
import re
import select
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from capi_cli.cli.app import main

NAME = "or\x1b[31mders\u202e.csv"
CLEAR, TITLE, BACKWARDS, C1 = "\x1b[2J\x1b[H", "\x1b]0;pwn\x07", "\u202e", "\x9b5m"
EVENT = ("--set", "event_name=Purchase", "--set", "action_source=email")
RICHS_OWN = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def hostile(folder: Path) -> Path:
    """Write a source whose name, header and cells all hold escape sequences, in fields that are shown."""
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="seconds")
    lines = [f"order_id,created_at,email,total,currency,x{CLEAR}{C1},y{BACKWARDS}"]
    for row in range(20):
        when = [at, f"{CLEAR}{at}", f"yesterday{TITLE}"][row % 3]
        total, currency = (
            ["5", f"{CLEAR}5", f"5{C1}"][row % 3],
            ["EUR", f"{C1}EUR", f"E{BACKWARDS}R"][row // 3 % 3],
        )
        lines.append(f"{TITLE}{row},{when},{TITLE}a{row}@example.org,{total},{currency},,")
    path = folder / NAME
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "command",
    [
        ("validate", NAME, *EVENT),
        ("validate", NAME, *EVENT, "-v", "--log-format", "json"),
        ("validate", NAME, *EVENT, "--output", "json"),
        ("validate", NAME, *EVENT, "--map", f"em=no{CLEAR}"),
        ("validate", f"nowhere{CLEAR}.csv", *EVENT),
        ("upload", NAME, *EVENT, "--sandbox", "--max-error-rate", "1"),
        ("preview", NAME, *EVENT, "--show-values"),
        ("preview", NAME, *EVENT, "--show-values", "--output", "json"),
        ("init", NAME, "-o", "-"),
        ("init", NAME, "-o", "-", "--output", "json"),
        ("explain", f"em{CLEAR}"),
        (f"valid{CLEAR}",),
        ("validate", f"--ma{CLEAR}"),
    ],
)
def test_nothing_that_is_printed_steers_the_terminal(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...],
) -> None:
    hostile(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAPI_WORKERS", "1")
    main(command)
    out, err = capsys.readouterr()
    assert out + err
    assert {one for one in out + err if not one.isprintable()} <= {"\n"}
    if "--output" in command:
        found = json.loads(out)
        assert (found.get("source") or found["sources"][0]["path"]) == NAME, "a program reads it unchanged"


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo terminal")
def test_the_live_display_lets_only_its_own_codes_through(tmp_path: Path) -> None:
    hostile(tmp_path)
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "capi_cli", "upload", NAME, *EVENT, "--sandbox", "--yes"]
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "CAPI_WORKERS": "1"}
    with subprocess.Popen(
        command, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, env=environ
    ) as process:
        os.close(theirs)
        screen = b""
        until = time.monotonic() + 60
        while time.monotonic() < until and select.select([ours], [], [], 60)[0]:
            try:
                screen += os.read(ours, 65_536)
            except OSError:  # the other side has closed
                break
        process.wait(timeout=60)
    os.close(ours)
    text = screen.decode()
    assert "currency-unknown" in text
    assert not re.search(r"\x1b\[2J|\x1b\]|\x07|\x9b|\u202e|\x1b\[31mders|\x1b\[H", text)
    assert {one for one in RICHS_OWN.sub("", text) if not one.isprintable()} <= {"\n", "\r"}
