"""The schedules of docs/cron.md: each is read as its program reads it, and its command line is one of ours."""

import ast
import configparser
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from capi_cli.cli.app import COMMANDS
from capi_cli.sandbox.server import Sandbox
from tests.cli.conftest import TOKEN, Capi, FakeRun

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cron.md").read_text(encoding="utf-8")
CONFIG, TOKEN_FILE = "/etc/capi/orders.toml", "/etc/capi/token"
FIELD = re.compile(r"[0-9*/,-]+")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def crontab() -> list[str]:
    (text,) = blocks("crontab")
    commands = []
    for line in text.splitlines():
        if line.startswith("#") or re.match(r"[A-Z_]+=", line):
            continue
        *fields, command = line.split(" ", 5)
        assert len(fields) == 5, line
        assert all(FIELD.fullmatch(field) for field in fields), line
        assert "%" not in command, "cron reads it as a new line"
        commands.append(command)
    return commands


def unit(language: str) -> configparser.ConfigParser:
    (text,) = blocks(language)
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def systemd() -> list[str]:
    service = unit("systemd-service")["Service"]
    assert service["Type"] == "oneshot"
    assert service["LoadCredential"] == f"token:{TOKEN_FILE}"
    return [service["ExecStart"].replace("${CREDENTIALS_DIRECTORY}/token", TOKEN_FILE)]


def kubernetes() -> list[str]:
    job = yaml.safe_load(blocks("yaml")[0])
    assert (job["kind"], job["spec"]["concurrencyPolicy"]) == ("CronJob", "Forbid")
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert {each["name"] for each in container["volumeMounts"]} == {each["name"] for each in pod["volumes"]}
    return [shlex.join([*container["command"], *container["args"]])]


def github() -> list[str]:
    workflow = yaml.safe_load(blocks("yaml")[1])
    assert workflow[True]["schedule"][0]["cron"].count(" ") == 4  # YAML 1.1 reads `on` as true
    return [step["run"] for step in workflow["jobs"]["upload"]["steps"] if "run" in step]


def airflow() -> list[str]:
    (text,) = blocks("python")
    return [
        ast.literal_eval(keyword.value)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "bash_command"
    ]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Return a command line as words, its configuration and token standing in this test's folder."""
    config, token = tmp_path / "orders.toml", tmp_path / "token"
    config.write_text('dataset_id = "1234567890"\n[event]\nevent_name = { value = "Purchase" }\n')
    token.write_text(TOKEN)
    token.chmod(0o600)
    Path("capi").mkdir()
    Path("capi/orders.toml").write_text(config.read_text())
    return lambda line: [
        word.replace(CONFIG, str(config)).replace(TOKEN_FILE, str(token)) for word in shlex.split(line)
    ]


@pytest.mark.parametrize("read", [crontab, systemd, kubernetes, github, airflow])
def test_every_schedule_runs_a_command_line_of_ours(
    capi: Capi,
    fake: FakeRun,
    here: Callable[[str], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    read: Callable[[], list[str]],
) -> None:
    commands = read()
    assert commands
    for command in commands:
        program, *argv = here(command)
        assert Path(program).name == "capi"
        assert {"-q", "--config", "--state-dir"} <= set(argv)
        if "--token-file" not in argv:
            monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
        answer = capi(*argv)
        assert (answer.code, answer.err) == (0, ""), command
        assert fake.request.dataset_id == "1234567890"
        assert str(fake.request.state_dir) == "/var/lib/capi"
        assert fake.tokens[-1] == TOKEN


def test_what_is_tried_again_is_what_helps() -> None:
    pod_rules = yaml.safe_load(blocks("yaml")[0])["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    never_again = {1, 2, 3, 5, 10, 11, 12, 13}
    assert set(pod_rules[0]["onExitCodes"]["values"]) == never_again
    assert (
        set(map(int, unit("systemd-service")["Service"]["RestartPreventExitStatus"].split())) == never_again
    )


def test_the_timer_has_a_time_and_is_wanted() -> None:
    timer = unit("systemd-timer")
    assert timer["Timer"]["OnCalendar"] == "*-*-* 05:15:00"
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_the_commands_of_the_first_night_parse(
    capi: Capi, fake: FakeRun, here: Callable[[str], list[str]], tmp_path: Path
) -> None:
    (text,) = blocks("sh")
    doctor, upload = (here(line)[1:] for line in text.splitlines())
    assert doctor[0] in COMMANDS
    assert capi(*upload).code == 0
    assert fake.request.dry_run
    answer = capi(*doctor, "--graph-url", "http://127.0.0.1:1", "--state-dir", str(tmp_path))
    assert answer.code == 4, answer.out  # nobody listens there; everything else was understood


@pytest.mark.skipif(os.name != "posix", reason="cron is of POSIX")
def test_the_crontab_line_runs_without_home_and_terminal(
    here: Callable[[str], list[str]], tmp_path: Path
) -> None:
    """As cron does it: /bin/sh, hardly an environment; umask 077 besides. Silent twice; sent once."""
    source, state, shim = tmp_path / "orders.csv", tmp_path / "state", tmp_path / "bin" / "capi"
    now = datetime.now(UTC).replace(microsecond=0)
    source.write_text(f"id,mail,total,at\n1,ada@example.com,9.50,{now:%Y-%m-%dT%H:%M:%SZ}\n")
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m capi_cli "$@"\n')
    shim.chmod(0o755)
    with Sandbox(dataset_id="1234567890", token=TOKEN) as sandbox:
        (tmp_path / "orders.toml").write_text(
            f'dataset_id = "1234567890"\ngraph_url = "{sandbox.url}"\n[event]\n'
            'event_name = { value = "Purchase" }\nevent_time = "at"\naction_source = { value = "system_generated" }\n'
            '[event.user_data]\nem = "mail"\n[event.custom_data]\n'
            'order_id = "id"\nvalue = "total"\ncurrency = { value = "EUR" }\n'
        )
        line = shlex.join(here(crontab()[0]))
        line = line.replace("/var/lib/capi", str(state)).replace("/srv/exports/orders.csv", str(source))
        for _ in range(2):
            done = subprocess.run(
                ["/bin/sh", "-c", f"umask 077; {line}"],
                env={"PATH": f"{shim.parent}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=60,
                check=False,
            )
            assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert sandbox.state()["events_received"] == 1
    assert not (tmp_path / "orders.rejects.csv").exists()
    assert all(path.stat().st_mode & 0o077 == 0 for path in state.rglob("*"))
