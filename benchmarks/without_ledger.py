"""The same `capi`, with the ledger taken out: what the ledger costs is the difference. Never for real uploads."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def run_without() -> None:
    gc.disable()  # until `capi` says how often to look for cycles: what is imported here, it imports after that
    from capi_cli.__main__ import main
    from capi_cli.ledger.fates import Ledger, NullLedger
    from capi_cli.runs import run

    @contextmanager
    def no_ledger(*_: object) -> Iterator[Ledger]:
        yield NullLedger()

    run.run_ledger = no_ledger
    gc.enable()
    main()


if __name__ == "__main__":
    run_without()
