"""`python -m capi_cli.sandbox`: the child of `start_process`. People use `capi sandbox`."""

import signal
import sys

from capi_cli.sandbox.process import run_child

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the parent decides
    raise SystemExit(run_child(sys.stdin.buffer, sys.stdout.buffer))
