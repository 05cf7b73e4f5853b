"""Which files of a channel are read, and which are refused: `data_utils.py` of `aws/sagemaker-xgboost-container`."""

from pathlib import Path

import pytest
from sagecraft_containers.data.content_type import DataFormat
from sagecraft_containers.errors import UserError
from sagecraft_containers.xgboost.training.channel import read_sources
from sagecraft_containers.xgboost.training.files import data_files

from .synthetic import as_csv, as_libsvm, as_parquet, as_recordio, synthetic


def channel(directory: Path, **files: bytes) -> Path:
    for name, content in files.items():
        file = directory / "train" / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return directory / "train"


def test_files_three_folders_deep_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    directory = channel(tmp_path, z=b"1,2", a__b__part=b"1,2", _SUCCESS=b"")
    assert [file.name for file in data_files(directory, DataFormat.CSV)] == ["part", "z"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({".DS_Store": b"x", "a": b"1,2"}, "Hidden file found in the data path: 'train/.DS_Store'."),
        ({"a__.part.crc": b"x"}, "Hidden file found in the data path: 'train/a/.part.crc'."),
        ({"a__b__c__part": b"1,2"}, "The file 'train/a/b/c/part' lies deeper than 3 folders"),
        ({"_metadata": b"1,2", "a": b"1,2"}, "XGBoost would read the file 'train/_metadata' as csv, too"),
    ],
)
def test_a_file_that_awss_container_does_not_take_as_it_is_meant_is_refused(
    tmp_path: Path, files: dict[str, bytes], told: str
) -> None:
    with pytest.raises(UserError) as caught:
        data_files(channel(tmp_path, **files), DataFormat.CSV)
    assert str(caught.value).startswith(told)


def test_markers_with_content_are_passed_over_where_awss_container_does_so(tmp_path: Path) -> None:
    directory = channel(tmp_path, _metadata=b"x", a=b"y")
    assert [file.name for file in data_files(directory, DataFormat.PARQUET)] == ["a"]


def test_an_older_image_reads_one_folder_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGECRAFT_IMAGE_VERSION", "1.5-1")
    assert len(data_files(channel(tmp_path / "one", a__x=b"1,2", a__y=b"1,2"), DataFormat.CSV)) == 2
    with pytest.raises(UserError, match=r"XGBoost 1\.5-1 reads one folder of a channel alone, but there are files in "):
        data_files(channel(tmp_path / "two", a__x=b"1,2", b__y=b"1,2"), DataFormat.CSV)


@pytest.mark.parametrize(
    ("write", "data"),
    [
        (as_libsvm, DataFormat.LIBSVM),
        (as_parquet, DataFormat.PARQUET),
        (as_recordio, DataFormat.RECORDIO_PROTOBUF),
    ],
)
def test_files_without_rows_are_passed_over_beside_others(write: object, data: DataFormat) -> None:
    assert callable(write)
    features, labels = synthetic()
    empty = write(features[:0], labels[:0]) if data is DataFormat.PARQUET else b""
    table = read_sources({"a": empty, "b": write(features, labels)}, data, weighted=False)
    assert table is not None
    assert table.rows == len(labels)
    with pytest.raises(UserError, match="None of the files has a row: a, b"):
        read_sources({"a": empty, "b": empty}, data, weighted=False)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "part: the file is empty; expected rows of csv"),
        (b'"1","2","3"\n"0","3","4"\n', "part, line 1: a cell is quoted"),
        (b'1,2,3\n0,"4",5\n' * 5000, "part, line 2: a cell is quoted"),
        (b'1,2,"\r",4\n', "part, line 1: a cell is quoted"),
        (b'1,2,"' + b"9" * 140_000 + b'"\n', "part, line 1: a cell is quoted"),
        (b"\x1f\x8b\x08\x00 any", "part: the file is compressed by gzip; set CompressionType"),
        (b"1,2,\x00\n", "part, line 1: '\x00' in column 3 is not a finite number"),
    ],
)
def test_csv_that_is_no_plain_table_of_numbers_is_a_users_error(content: bytes, told: str) -> None:
    with pytest.raises(UserError) as caught:
        read_sources({"part": content}, DataFormat.CSV, weighted=False)
    assert str(caught.value).startswith(told)


@pytest.mark.parametrize("repeat", [1, 5000], ids=["short", "long"])
@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\n"])
def test_lines_of_csv_may_end_in_any_way(end: bytes, repeat: int) -> None:
    content = b"\xef\xbb\xbf" + (b"1,2,3" + end + b"0,4,5" + end) * repeat
    table = read_sources({"part": content}, DataFormat.CSV, weighted=False)
    assert table is not None
    assert table.labels is not None
    assert (table.rows, table.columns, table.labels[:2].tolist()) == (2 * repeat, 2, [1, 0])


def test_csv_of_a_request_or_a_script_never_raises_the_readers_own_error() -> None:
    from sagecraft_containers.data.csv_text import read_csv
    from sagecraft_containers.errors import DataError

    for content in (b'1,"' + b"9" * 140_000 + b'"\n', b'1,"\x00"\n'):
        with pytest.raises(DataError):
            read_csv(content)


def test_compressed_files_are_told_of_in_every_format() -> None:
    for data in DataFormat:
        with pytest.raises(UserError, match="compressed by gzip"):
            read_sources({"part": b"\x1f\x8b\x08" + as_csv(*synthetic())}, data, weighted=False)
