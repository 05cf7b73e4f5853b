"""The rows of JumpStart's scripts, by "Input and Output interface for the LightGBM algorithm" of the guide."""

from pathlib import Path

import pytest
from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.errors import UserError
from sagecraft_containers.jumpstart.table import Data, read_data

LINES = [f"{place % 2},{place},a{place % 3}\n" for place in range(20)]
ROWS, FEW, BEGIN, END = ("".join(lines) for lines in (LINES, LINES[:5], LINES[:8], LINES[8:]))


def read(base: Path, channels: dict[str, dict[str, str | bytes]], content_type: str | None = None) -> Data:
    for channel, files in channels.items():
        for name, content in files.items():
            file = ContainerPaths(base).channel_directory(channel) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
    told = {} if content_type is None else {"ContentType": content_type}
    return read_data(ContainerPaths(base), dict.fromkeys(channels, told), base / "shares")


@pytest.mark.parametrize("channel", ["training", "train"])
def test_a_fifth_of_the_rows_validates_where_no_others_do(tmp_path: Path, channel: str) -> None:
    data = read(tmp_path, {channel: {"data.csv": ROWS}})
    assert (len(data.training.features), len(data.validation.features)) == (16, 4)
    assert [*data.training.features] == ["feature_0", "feature_1"]
    assert {*data.training.features.index}.isdisjoint(data.validation.features.index)
    assert [*data.categories] == []


@pytest.mark.parametrize(
    "channels",
    [
        {"training": {"train/data.csv": ROWS, "validation/data.csv": FEW, "i.json": '{"cat_index_list": [2]}'}},
        {
            "train": {"a.csv": BEGIN, "b.csv": END, "categorical_index.json": '{"cat_index": [2]}'},
            "validation": {"v.csv": FEW},
        },
    ],
)
def test_channels_and_folders_and_several_files_hold_the_rows_and_what_is_a_category(
    tmp_path: Path, channels: dict[str, dict[str, str | bytes]]
) -> None:
    data = read(tmp_path, channels)
    assert (len(data.training.features), len(data.validation.features)) == (20, 5)
    assert [*data.training.target] == [0, 1] * 10
    assert [*data.categories] == [1]


def test_what_other_hosts_have_belongs_to_the_rows(tmp_path: Path) -> None:
    share = tmp_path / "shares" / "training" / "b.csv.algo-2"
    share.parent.mkdir(parents=True)
    share.write_text(ROWS)
    data = read(tmp_path, {"training": {"a.csv": ROWS}})
    assert len(data.training.features) + len(data.validation.features) == 40


@pytest.mark.parametrize(
    ("channels", "told"),
    [
        ({"validation": {"a.csv": ROWS}}, "The channel 'training' is missing; the job has validation."),
        ({"training": {"a.txt": ROWS}}, "The channel 'training' has no file whose name ends in .csv"),
        ({"training": {"a.csv": ""}}, "training/a.csv: there is no data"),
        ({"training": {"a.csv": "0,1\n1,2,3\n"}}, "training/a.csv: the rows cannot be read as CSV: .*saw 3"),
        ({"training": {"a.csv": b"0,\xff\n"}}, "training/a.csv: the text is not UTF-8"),
        ({"training": {"a.csv": ROWS, "b.csv": "1,2\n"}}, "training/b.csv: the rows have 2 columns, but those of the"),
        ({"training": {"a.csv": "1\n0\n"}}, "The channel 'training' has one column; the first is the target"),
        ({"training": {"a.csv": "1,2\n"}}, "The channel 'training' has 1 rows; it must have 3 or more"),
        ({"training": {"a.csv": ROWS}, "validation": {"a.csv": "1,2\n"}}, "The validation data has 2 columns, and the"),
        ({"training": {"a.csv": ROWS, "c.json": '{"l": [0]}'}}, r"training/c.json: .*\[0\].*whole numbers from 1 to 2"),
        ({"training": {"a.csv": ROWS, "c.json": "[1]"}}, r'expected such as {"cat_index_list": \[1, 3\]}'),
        (
            {"training": {"a.csv": ROWS, "c.json": "1,"}},
            "training/c.json: the list of categorical features is no",
        ),
        (
            {"training": {"a.csv": ROWS, "c.json": "{}", "d.json": "{}"}},
            "The channel 'training' has several JSON",
        ),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, channels: dict[str, dict[str, str | bytes]], told: str) -> None:
    with pytest.raises(UserError, match=told):
        read(tmp_path, channels)


def test_another_content_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"'training' has ContentType 'application/x-parquet', .* use text/csv"):
        read(tmp_path, {"training": {"a.csv": ROWS}}, "application/x-parquet")
