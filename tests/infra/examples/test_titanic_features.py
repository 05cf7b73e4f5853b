"""The features of the Titanic example."""

import csv
from pathlib import Path

import numpy as np
import pytest

from examples.titanic.features import FEATURES, features, prepare, split, title, typical_ages

SOURCE = Path(__file__).parents[3] / "examples" / "titanic" / "data" / "titanic.csv"


@pytest.fixture(scope="module")
def passengers() -> list[dict[str, str]]:
    with SOURCE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_fifth_is_held_out_with_the_same_share_of_survivors(passengers: list[dict[str, str]]) -> None:
    kept, taken = split(passengers)

    assert (len(kept), len(taken)) == (714, 177)
    share = {"kept": kept, "taken": taken}
    survived = {name: sum(int(each["Survived"]) for each in part) / len(part) for name, part in share.items()}
    assert survived["kept"] == pytest.approx(survived["taken"], abs=0.005)
    assert not {each["Name"] for each in kept} & {each["Name"] for each in taken}


def test_what_is_written_is_numbers_with_the_label_first_and_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        prepare(SOURCE, tmp_path / name)

    for channel, rows in {"train": 572, "validation": 142, "test": 177}.items():
        text = (tmp_path / "one" / channel / "passengers.csv").read_text()
        assert text == (tmp_path / "two" / channel / "passengers.csv").read_text()
        table = np.genfromtxt(text.splitlines(), delimiter=",")
        assert table.shape == (rows, 1 + len(FEATURES))
        assert set(table[:, 0]) == {0, 1}
        assert not np.isnan(table).any()


@pytest.mark.parametrize(
    ("name", "sex", "expected"),
    [
        ("Futrelle, Mrs. Jacques Heath (Lily May Peel)", "female", "Mrs"),
        ("Palsson, Master. Gosta Leonard", "male", "Master"),
        ("Mayne, Mlle. Berthe Antonine", "female", "Miss"),
        ("Butt, Major. Archibald Willingham", "male", "Mr"),
        ("Leader, Dr. Alice (Farnham)", "female", "Mrs"),
    ],
)
def test_a_title_is_one_of_four(name: str, sex: str, expected: str) -> None:
    assert title({"Name": name, "Sex": sex}) == expected


def test_an_unknown_age_is_that_of_others_with_the_same_title() -> None:
    row = {
        "Pclass": "3",
        "Name": "Goodwin, Master. Sidney Leonard",
        "Sex": "male",
        "Age": "",
        "SibSp": "5",
        "Parch": "2",
        "Fare": "46.9",
        "Deck": "",
        "Embarked": "S",
    }

    numbers = dict(zip(FEATURES, features(row, {"Master": 4.0, "Mr": 30.0}), strict=True))

    assert (numbers["age"], numbers["age_is_known"]) == (4.0, 0)
    assert (numbers["family_size"], numbers["is_alone"], numbers["is_master"]) == (8, 0, 1)
    assert numbers["fare_per_head"] == pytest.approx(46.9 / 8, abs=1e-4)
    assert (numbers["embarked_cherbourg"], numbers["embarked_queenstown"], numbers["embarked_southampton"]) == (0, 0, 1)


def test_typical_ages_come_from_those_whose_age_is_known() -> None:
    known = {"Name": "A, Mr. B", "Sex": "male"}

    assert typical_ages([{**known, "Age": "20"}, {**known, "Age": "30"}, {**known, "Age": ""}]) == {"Mr": 25.0}
