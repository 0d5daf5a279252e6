import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from capi_cli.delivery.batch import Batch
from capi_cli.delivery.receipt import Outcome, Receipt
from capi_cli.errors import ConfigurationError
from capi_cli.sinks.discard import Discard
from capi_cli.sinks.folder import Folder

Make = Callable[..., Batch]


def test_a_batch_becomes_a_file_of_lines(batch_of: Make, tmp_path: Path) -> None:
    batch = batch_of(3, number=7)
    assert Folder(tmp_path / "out").send(batch) == [Receipt(batch=batch, outcome=Outcome.UNSENT)]
    (written,) = (tmp_path / "out").iterdir()
    assert written.name == "events-000007.jsonl"
    assert written.read_bytes() == b'{"n":0}\n{"n":1}\n{"n":2}\n'


def test_parts_get_files_of_their_own(batch_of: Make, tmp_path: Path) -> None:
    folder, batch = Folder(tmp_path), batch_of(4)
    folder.send(batch.part(0, 2))
    folder.send(batch.part(2, 4))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "events-000001-0002.jsonl",
        "events-000001.jsonl",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_only_the_owner_can_read_it(batch_of: Make, tmp_path: Path) -> None:
    Folder(tmp_path).send(batch_of(1))
    (written,) = tmp_path.iterdir()
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_to_stops_the_run(batch_of: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    (receipt,) = Folder(tmp_path / "file").send(batch_of(2))
    assert (receipt.outcome, len(receipt.batch)) == (Outcome.UNSENT, 2)
    assert isinstance(receipt.stop, ConfigurationError)


def test_a_dry_run_sends_nothing(batch_of: Make) -> None:
    batch = batch_of(2)
    assert Discard().send(batch) == [Receipt(batch=batch, outcome=Outcome.UNSENT)]
