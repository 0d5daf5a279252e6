"""Upload the three samples to the bundled sandbox: what `make demo` runs, with nothing but `capi` installed."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from make_samples import make, now

HERE = Path(__file__).parent
STORE_ORDERS = """capi upload orders.csv --sandbox --yes --timezone Europe/Berlin --where status=paid \\
    --set event_name=Purchase --set action_source=physical_store --map event_time=created_at"""
WEB_ORDERS = "capi upload orders.jsonl --sandbox --yes"
WAREHOUSE = "capi upload orders.parquet --sandbox --yes --config warehouse.toml"


def main() -> int:
    """Re-date the samples in a folder of their own, upload them one by one, and add up what was accepted."""
    program = Path(sys.executable).with_name("capi")
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("CAPI_", "META_", "FB_"))
    }
    accepted = 0
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), now())
        Path(folder, "warehouse.toml").write_bytes((HERE / "warehouse.toml").read_bytes())
        for command in (STORE_ORDERS, WEB_ORDERS, WAREHOUSE):
            print(f"\n$ {command}", flush=True)
            words = [str(program), *shlex.split(command.replace("\\\n", ""))[1:], "--output", "json"]
            done = subprocess.run(words, cwd=folder, env=clean, stdout=subprocess.PIPE, check=False)
            if done.returncode != 0:
                print(f"`capi` ended with exit code {done.returncode}.", file=sys.stderr)
                return 1
            summary = json.loads(done.stdout)
            accepted += summary["events_accepted"]
            print(
                f"{summary['rows_read']:,} rows read, {summary['events_accepted']:,} events accepted, "
                f"{summary['rows_filtered']:,} filtered, {summary['rows_rejected']:,} rejected, "
                f"{summary['duration_s']:.1f} s"
            )
    print(f"\n{accepted:,} events accepted by the sandbox, from CSV, JSON lines and Parquet.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
