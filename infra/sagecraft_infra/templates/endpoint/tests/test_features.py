"""What the model learns from."""

import csv
from pathlib import Path

from sagecraft_project.features import DATA, features, prepare, read_passengers, split

ALLEN = {
    "Pclass": "3",
    "Sex": "female",
    "Age": "",
    "SibSp": "1",
    "Parch": "0",
    "Fare": "7.25",
    "Embarked": "Q",
}


def test_a_passenger_becomes_numbers() -> None:
    assert features(ALLEN, typical_age=28.0) == [3, 1, 28.0, 1, 0, 7.25, 0, 1, 0]
    assert features({**ALLEN, "Age": "4"}, typical_age=28.0)[2] == 4.0


def test_a_fifth_of_the_passengers_is_kept_apart() -> None:
    passengers = read_passengers()
    train, validation = split(passengers)

    assert len(train) + len(validation) == len(passengers)
    assert len(validation) == -(-len(passengers) // 5)
    assert not {each["Name"] for each in train} & {each["Name"] for each in validation}


def test_the_files_have_the_label_first_and_numbers_alone(tmp_path: Path) -> None:
    prepare(DATA, tmp_path)

    for channel in ("train", "validation"):
        with (tmp_path / channel / "passengers.csv").open(newline="") as file:
            rows = [[float(value) for value in row] for row in csv.reader(file)]
        assert {len(row) for row in rows} == {10}
        assert {row[0] for row in rows} == {0.0, 1.0}
