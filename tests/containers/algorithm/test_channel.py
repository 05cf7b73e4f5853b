"""A channel's rows: the same kept or streamed, in batches, and what is wrong with them told with the file."""

import io
import resource
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import pytest
from sagecraft_containers.algorithm import channel as module
from sagecraft_containers.algorithm.channel import Channel, Reading
from sagecraft_containers.errors import UserError

from tests.containers.records import dense, sparse

ROWS = np.arange(30.0, dtype=np.float32).reshape(10, 3)
LABELS = np.arange(10, dtype=np.float32)
CSV_ROWS = "".join(f"{label},{','.join(map(str, row))}\n" for label, row in zip(LABELS, ROWS.tolist(), strict=True))


def channel(*files: bytes | str, content_type: str | None = None, **options: Any) -> Channel:
    def sources(epoch: int) -> Iterator[tuple[str, BinaryIO]]:
        for number, content in enumerate(files):
            data = content if isinstance(content, bytes) else content.encode()
            yield f"train/{number}", io.BytesIO(data)

    return Channel("train", content_type, options.pop("reading", Reading()), sources, **options)


@pytest.mark.parametrize("kept_bytes", [0, 1 << 20])
@pytest.mark.parametrize(
    ("content", "content_type"),
    [(dense(ROWS, LABELS), None), (CSV_ROWS, "text/csv"), (CSV_ROWS, "text/csv; charset=utf-8")],
)
def test_each_reading_of_a_channel_has_the_same_rows_in_batches(
    content: bytes | str, content_type: str | None, kept_bytes: int
) -> None:
    both = channel(content, content, content_type=content_type, kept_bytes=kept_bytes)
    assert both.columns == 3
    for _ in range(3):
        batches = list(both.batches(4))
        assert [batch.rows for batch in batches] == [4, 4, 4, 4, 4]
        np.testing.assert_array_equal(np.concatenate([batch.features for batch in batches]), np.tile(ROWS, (2, 1)))
        assert np.concatenate([np.asarray(batch.labels) for batch in batches]).tolist() == [*LABELS, *LABELS]
    assert [batch.rows for batch in both.batches(15)] == [15, 5]
    assert [batch.rows for batch in both.batches(50)] == [20]


def test_a_channel_tells_whether_it_has_so_many_rows() -> None:
    assert [channel(dense(ROWS, LABELS)).has(rows) for rows in (9, 10, 11)] == [True, True, False]
    assert channel(dense(ROWS, LABELS), kept_bytes=0).has(11)  # nobody counts what is too large to be kept


def test_what_is_kept_is_a_part_of_the_memory_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    content = dense(ROWS, LABELS)
    assert channel(content).kept() is not None
    monkeypatch.setattr(module, "memory_bytes", lambda: 10 * ROWS.nbytes)
    assert channel(content).kept() is None
    monkeypatch.undo()
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (10 * ROWS.nbytes, -1))
    assert channel(content).kept() is None


def test_what_is_kept_is_in_memory_once() -> None:
    kept = channel(dense(ROWS, LABELS), dense(ROWS, LABELS))
    first = np.asarray(kept.table().features)
    parts = (kept.head(3), kept.table(), *kept.batches(7), *kept.blocks())
    assert all(np.shares_memory(np.asarray(part.features), first) for part in parts)


def test_csv_may_have_no_label() -> None:
    table = channel("1,2\n3,4\n", content_type="text/csv;label_size=0", reading=Reading(labels=False)).table()
    assert (np.asarray(table.features).tolist(), table.labels) == ([[1, 2], [3, 4]], None)


def test_sparse_rows_are_as_wide_as_the_algorithm_is_told() -> None:
    table = channel(sparse(np.eye(2, 3), np.ones(2)), columns=5).table()
    assert (table.rows, table.columns, table.is_dense) == (2, 5, False)


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (dense(ROWS, LABELS)[:-3], {}, r"^train/0: record 10: .*follow$"),
        (dense(ROWS, LABELS), {"columns": 4}, "^train/0: the rows have 3 features, but expected are 4"),
        (sparse(np.eye(2, 3), np.ones(2)), {"columns": 2}, "^train/0: the rows have 3 features, but expected are 2"),
        (dense(ROWS, None), {}, "^train/0: the rows have no label"),
        ("1,2\nnan,3\n", {"content_type": "text/csv"}, "^train/0: the label of row 2 is missing"),
        (dense(np.array([[1, np.nan]], np.float32), np.ones(1)), {}, "^train/0: a feature is missing"),
        ("1,2\n3,x\n", {"content_type": "text/csv"}, "^train/0, line 2: 'x' in column 2 is not a finite number"),
        (
            dense(ROWS.astype(np.float64), LABELS),
            {"reading": Reading(tensors=("float32_tensor",))},
            "^train/0: record 1: it holds float64_tensor; expected float32_tensor",
        ),
        (b"", {}, "^The channel 'train' holds no data"),
    ],
)
def test_what_is_wrong_with_rows_is_told_with_the_file(
    content: bytes | str, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(UserError, match=told):
        channel(content, **options).table()


@pytest.mark.parametrize(
    ("content_type", "told"),
    [("text/libsvm", "ContentType 'text/libsvm', which is not supported"), ("text/csv;label_size=2", "must be 0 or 1")],
)
def test_a_content_type_that_is_not_read_is_refused_before_any_data(content_type: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        channel(content_type=content_type)


def test_the_line_of_an_error_is_that_of_the_whole_file() -> None:
    from sagecraft_containers.data.csv_blocks import read_csv_blocks
    from sagecraft_containers.errors import DataError

    stream = io.BytesIO(b"1,2\n" * 50 + b"1,x\n")
    with pytest.raises(DataError, match=r"^line 51: 'x' in column 2"):
        list(read_csv_blocks(stream, leading=1, block_bytes=64))
