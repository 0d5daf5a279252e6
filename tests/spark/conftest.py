"""One real cluster for all tests on Spark: two workers with a Java process each, on loopback alone."""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from capi_cli.cli.app import main
from capi_cli.sandbox.memory import Counts
from capi_cli.sandbox.server import Sandbox

NOW, NOW_S = "2026-09-01T12:00:00+00:00", 1788264000
DATASET, TOKEN = "1234567890123456", "EAAsparkTokenThatNobodyMaySeeQwErTyUiOp"
ROWS = ("rows_filtered", "rows_rejected", "rows_skipped", "rows_prepared")
EVENTS = ("events_accepted", "events_rejected", "events_unknown", "events_unsent")
ENVIRON = {
    "SPARK_LOCAL_IP": "127.0.0.1",
    "PYSPARK_PYTHON": sys.executable,
    "PYSPARK_DRIVER_PYTHON": sys.executable,
    "META_ACCESS_TOKEN": TOKEN,  # inherited by the executors, as on a cluster whose environment holds it
    "CAPI_NOW": NOW,
}


@dataclass
class Cluster:
    """The session, and where it writes."""

    spark: Any
    events: Path  # Spark's event log


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    sql = pytest.importorskip("pyspark.sql")
    events = tmp_path_factory.mktemp("events")
    os.environ.update(ENVIRON)
    builder = sql.SparkSession.builder.master("local-cluster[2,1,1024]").appName("capi tests")
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.adaptive.coalescePartitions.enabled": "false",  # so that few events are several files, and tasks
        "spark.sql.files.maxPartitionBytes": "64k",  # so that small files are several partitions
        "spark.sql.files.openCostInBytes": "1k",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": events.as_uri(),
        "spark.eventLog.compress": "false",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    yield Cluster(spark, events)
    spark.stop()


@dataclass
class Room:
    """A sandbox, a store, and the command line."""

    sandbox: Sandbox
    bodies: Path
    folder: Path
    call: Callable[..., dict[str, Any]]
    said: list[str] = field(default_factory=list)  # everything that was printed
    in_flight: list[int] = field(default_factory=list)  # requests that were being answered when one came

    def watch(self) -> None:
        """Count the requests in flight at the sandbox."""
        endpoint, now, lock = self.sandbox._endpoint, [0], threading.Lock()
        answer = endpoint.answer

        def counted(*asked: Any) -> Any:
            with lock:
                now[0] += 1
                self.in_flight.append(now[0])
            try:
                return answer(*asked)
            finally:
                with lock:
                    now[0] -= 1

        endpoint.answer = counted  # type: ignore[method-assign]

    def forget(self) -> None:
        """Let Meta know nothing yet."""
        for saved in self.bodies.iterdir():
            saved.unlink()
        self.sandbox.memory.counts = Counts()
        self.sandbox.memory._young.clear()

    def events(self) -> list[bytes]:
        """Return the events that the sandbox accepted, byte for byte, sorted."""
        found = []
        for request in sorted(self.bodies.glob("request-*.json")):
            status = orjson.loads(request.with_name(request.name.replace("request", "reply")).read_bytes())
            if status["status"] == 200:
                found += [orjson.dumps(event) for event in orjson.loads(request.read_bytes())["data"]]
        return sorted(found)


@pytest.fixture
def room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Room]:
    monkeypatch.chdir(tmp_path)
    bodies = tmp_path / "bodies"
    with Sandbox(now=lambda: NOW_S, save_dir=bodies, token=TOKEN) as sandbox:
        environ = {
            **ENVIRON,
            "CAPI_STATE_DIR": str(tmp_path / "state"),
            "CAPI_GRAPH_URL": sandbox.url,
            "CAPI_WORKERS": "1",
            "CAPI_STORE": str(tmp_path / "store 100%" / "capi"),
            "META_DATASET_ID": DATASET,
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
        }
        for name, value in environ.items():
            monkeypatch.setenv(name, value)

        def call(source: Path | str, *argv: str, engine: str = "spark") -> dict[str, Any]:
            code = main(("upload", str(source), "--engine", engine, *argv, "--output", "json"))
            out, err = capsys.readouterr()
            found.said += [out, err]
            assert "Traceback" not in err
            summary: dict[str, Any] = json.loads(out)
            assert summary["exit_code"] == code
            assert summary["rows_read"] == sum(summary[name] for name in ROWS)
            assert summary["events_prepared"] == sum(summary[name] for name in EVENTS)
            return summary

        found = Room(sandbox, bodies, tmp_path, call)
        found.watch()
        yield found
