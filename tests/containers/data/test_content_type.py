import pytest
from sagecraft_catalog import algorithm
from sagecraft_containers.data.content_type import DataFormat, data_format
from sagecraft_containers.errors import UserError


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/csv", DataFormat.CSV),
        ("Text/CSV; label_size=1; charset=utf8", DataFormat.CSV),
        ("csv", DataFormat.CSV),
        ("text/libsvm ;charset=utf8", DataFormat.LIBSVM),
        ("text/x-libsvm", DataFormat.LIBSVM),
        ("application/x-parquet", DataFormat.PARQUET),
        ("application/x-recordio-protobuf", DataFormat.RECORDIO_PROTOBUF),
    ],
)
def test_content_types_of_the_built_in_algorithm_are_known(content_type: str, expected: DataFormat) -> None:
    assert data_format(content_type) is expected


def test_every_content_type_of_the_catalog_is_known() -> None:
    assert {data_format(content_type) for content_type in algorithm("xgboost").content_types} == set(DataFormat)


def test_unknown_type_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UserError, match="ContentType 'application/json' is not supported; use one of csv, text/csv"):
        data_format("application/json")


def test_label_of_another_size_is_refused() -> None:
    with pytest.raises(UserError, match="label_size=0, but the label is one column, the first"):
        data_format("text/csv; label_size=0")
