"""Tables that are larger than what this machine takes."""

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sagecraft_containers.automl.data import spool
from sagecraft_containers.automl.data.analysis import analyze
from sagecraft_containers.automl.data.spool import bounded, filtered, largest_bytes, spooled
from sagecraft_containers.automl.definition import Definition

from tests.containers.automl.tables import write


def table(rows: int = 3000) -> pa.Table:
    targets = ["common" if row % 10 else "rare" for row in range(rows)]
    batch = pa.record_batch({"x": [str(row) for row in range(rows)], "y": targets})
    return spooled(batch.schema, [batch.slice(0, 7), batch.slice(7)])


def test_a_table_is_mapped_from_a_file_that_nobody_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = pa.total_allocated_bytes()
    mapped = table()
    assert mapped["x"][2999].as_py() == "2999"
    assert list(tmp_path.iterdir()) == []
    assert pa.total_allocated_bytes() - before < mapped.nbytes / 10


def test_rows_are_left_out_batch_by_batch() -> None:
    whole = table(100)
    assert filtered(whole, np.ones(100, bool)) is whole
    assert filtered(whole, np.arange(100) % 50 == 9)["x"].to_pylist() == ["9", "59"]


def test_of_what_is_too_large_each_class_keeps_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = table()
    assert bounded(whole, "y", 0) is whole
    monkeypatch.setattr(spool, "LARGEST_BYTES", whole.nbytes // 3)
    drawn = bounded(whole, "y", 0)
    assert Counter(drawn["y"].to_pylist()) == {"common": 900, "rare": 100}
    assert drawn.equals(bounded(whole, "y", 0))
    assert not drawn.equals(bounded(whole, "y", 1))
    monkeypatch.setattr(spool, "LARGEST_BYTES", whole.nbytes // 3000)
    assert Counter(bounded(whole, "y", 0)["y"].to_pylist()) == {"common": 10, "rare": 10}


def test_of_a_target_of_many_values_rows_are_drawn_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "LARGEST_BYTES", table().nbytes // 3)
    assert bounded(table(), "x", 0).num_rows == pytest.approx(1000, abs=100)


def test_no_more_is_learnt_from_than_aws_reads_on_one_machine() -> None:
    assert 0 < largest_bytes() <= 5 << 30


def test_a_sample_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[number, number % 5, "ab"[number % 2]] for number in range(400)]
    directory = write(tmp_path / "training", rows, ("a", "b", "target"))
    whole = analyze(Definition("target"), directory)
    assert (whole.rows, len(whole.dataset.training)) == (400, 400)
    monkeypatch.setattr(spool, "LARGEST_BYTES", 3000)
    analysis = analyze(Definition("target"), directory)
    assert analysis.rows == 400
    assert 50 < len(analysis.dataset.training) < 350
    assert analysis.notes[0].endswith(f": a sample of {len(analysis.dataset.training)} of its 400 rows is learnt from.")
