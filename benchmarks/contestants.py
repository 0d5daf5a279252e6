"""The command lines that are compared: capi, the official SDK, a hand-written script, and the floors."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import orjson
from measure import Command, Spent, run

HERE = Path(__file__).parent
DATASET = "1234567890123456"
CAPI = (sys.executable, "-m", "capi_cli")
_WITHOUT_LEDGER = (sys.executable, str(HERE / "without_ledger.py"))
_ENVIRON = {"META_ACCESS_TOKEN": "a-token-for-the-benchmark", "META_DATASET_ID": DATASET}
MAPPING = (
    "--set event_name=Purchase --set action_source=physical_store "
    "--map event_time=created_at --map external_id=customer_id --output json"
).split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where a benchmark works, and with how many rows."""

    folder: Path
    rows: int
    sdk_rows: int
    url: str  # of the sink

    def export(self, kind: str, rows: int | None = None) -> Path:
        """Return the export of that many rows in that format."""
        return self.folder / f"orders-{rows or self.rows}.{kind}"

    @property
    def state(self) -> Path:
        """The state folder of the runs that are measured."""
        return self.folder / "state"

    def fresh_state(self) -> None:
        """Forget what was uploaded."""
        shutil.rmtree(self.state, ignore_errors=True)

    def capi(self, *words: str, url: str | None = None, ledger: bool = True) -> Command:
        """Return a command of capi."""
        program = CAPI if ledger else _WITHOUT_LEDGER
        more = _ENVIRON | {"CAPI_STATE_DIR": str(self.state), "CAPI_GRAPH_URL": url or self.url}
        return Command(line=(*program, *words), folder=self.folder, more=more)

    def upload(self, path: Path, *more: str, url: str | None = None, ledger: bool = True) -> Command:
        """Return the upload of an export, without asking."""
        return self.capi("upload", str(path), *MAPPING, "--yes", *more, url=url, ledger=ledger)

    def prepare(self, path: Path) -> Command:
        """Return a dry run: from the file to batches, every row judged, no POST."""
        return self.upload(path, "--dry-run")

    def validate(self, path: Path) -> Command:
        """Return the judgement of an export."""
        return self.capi("validate", str(path), *MAPPING)

    def python(self, *words: str) -> Command:
        """Return a command of the interpreter alone."""
        return Command(line=(sys.executable, *words), folder=self.folder, more={})

    def script(self, path: Path, *, sends: bool) -> Command:
        """Return the hand-written script, sending or not."""
        return self._baseline("baseline_script.py", path, sends)

    def sdk(self, path: Path, *, sends: bool) -> Command:
        """Return the program that uses the official SDK, sending or not."""
        return self._baseline("baseline_sdk.py", path, sends)

    @property
    def upload_url(self) -> str:
        """Where the baselines post."""
        return f"{self.url}/v26.0/{DATASET}/events"

    def _baseline(self, name: str, path: Path, sends: bool) -> Command:
        url = [self.upload_url] if sends else []
        return self.python(str(HERE / name), str(path), *url)

    def floor(self, name: str, *words: str) -> float:
        """Return the seconds of one floor."""
        return float(run(self.python(str(HERE / "floors.py"), name, *words)).said)


def check_events(spent: Spent, rows: int) -> Spent:
    """Make sure that capi lost nothing on the way: a quick run that dropped rows would win."""
    summary = orjson.loads(spent.said)
    if summary["events_prepared"] + summary["rows_skipped"] != rows:
        raise SystemExit(f"{rows} rows became {summary['events_prepared']} events: {summary['findings']}")
    return spent


def seconds_for(spent: Spent, rows: int) -> float:
    """Return what a baseline would have taken for so many rows: its start, and its work in proportion."""
    done, own_s = spent.said.split()
    return spent.wall_s - float(own_s) + float(own_s) * rows / int(done)
