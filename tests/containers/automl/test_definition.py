"""What a job asks of the program."""

from pathlib import Path

import pytest
from sagecraft_containers.automl.definition import Definition
from sagecraft_containers.errors import UserError


def test_it_goes_into_json_and_comes_back() -> None:
    definition = Definition("y", features=("a", "b"), algorithms=("xgboost",), validation_fraction=0.1)
    assert Definition.from_json(definition.to_json()) == definition


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"target": ""}', "names no target"),
        ('{"target": "y", "metric": "F1"}', "has 'metric', which is none of algorithms, compressed, content_type"),
        ("[]", "is no JSON object"),
        ("{", "definition.json, cannot be read"),
    ],
)
def test_a_wrong_one_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "definition.json").write_text(text)
    with pytest.raises(UserError, match=message):
        Definition.read(tmp_path / "definition.json")
