"""Media types by the extension of a file."""

import pytest
from sagecraft_infra.errors import UserError
from sagecraft_infra.hosting.content_type import content_type_of


@pytest.mark.parametrize(
    ("file", "media_type"),
    [
        ("rows.csv", "text/csv"),
        ("a/b/Rows.CSV", "text/csv"),
        ("q.json", "application/json"),
        ("x.libsvm", "text/libsvm"),
    ],
)
def test_the_extension_says_the_media_type(file: str, media_type: str) -> None:
    assert content_type_of(file) == media_type


def test_an_unknown_extension_names_those_that_are_known() -> None:
    with pytest.raises(UserError, match=r"media type of 'rows\.xlsx' is not clear.*\.csv, \.json.*--content-type"):
        content_type_of("rows.xlsx")
