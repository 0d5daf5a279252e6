"""The same `capi`, with the ledger taken out: what the ledger costs is the difference. Never for real uploads."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from capi_cli.cli.app import main
from capi_cli.ledger.fates import Ledger, NullLedger
from capi_cli.runs import run


@contextmanager
def no_ledger(*_: object) -> Iterator[Ledger]:
    yield NullLedger()


if __name__ == "__main__":
    run.run_ledger = no_ledger
    sys.exit(main(sys.argv[1:]))
