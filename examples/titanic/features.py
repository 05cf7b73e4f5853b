"""Prepares the passengers of the Titanic for training.

    python examples/titanic/features.py INPUT.csv OUTPUT_FOLDER

The app calls `prepare` when it is synthesized (`Dataset(preparation=...)`). It writes CSV files as SageMaker's built-in
XGBoost reads them: no header, the label in the first column, numbers alone.

    train/       passengers that the model learns from
    validation/  passengers that say when to stop learning
    test/        a fifth of all passengers, held out: neither training nor the choice of features saw them
"""

import csv
import re
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

Passenger = dict[str, str]

FEATURES: Final = (
    "class",
    "is_female",
    "age",
    "age_is_known",
    "fare_per_head",
    "siblings_and_spouses",
    "parents_and_children",
    "family_size",
    "is_alone",
    "is_mr",
    "is_mrs",
    "is_miss",
    "is_master",
    "deck_is_known",
    "embarked_cherbourg",
    "embarked_queenstown",
    "embarked_southampton",
)
"""The columns of the files, after the label."""

HELD_OUT: Final = 5
"""One passenger in so many is held out; of the rest, one in so many is for validation."""

_TITLES: Final = {
    "Mlle": "Miss",
    "Ms": "Miss",
    "Mme": "Mrs",
    "Lady": "Mrs",
    "the Countess": "Mrs",
    "Mr": "Mr",
    "Mrs": "Mrs",
    "Miss": "Miss",
    "Master": "Master",
}


def prepare(source: Path, output: Path) -> None:
    """Writes `train/`, `validation/` and `test/` into `output`, the same files for the same input.

    Args:
        source: The passengers, a CSV file with a header.
        output: An empty folder.
    """
    with source.open(newline="", encoding="utf-8") as file:
        passengers = list(csv.DictReader(file))
    rest, test = split(passengers)
    train, validation = split(rest)
    ages = typical_ages(train)
    for channel, rows in {"train": train, "validation": validation, "test": test}.items():
        folder = output / channel
        folder.mkdir(parents=True)
        with (folder / "passengers.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([passenger["Survived"], *features(passenger, ages)] for passenger in rows)


def split(passengers: Sequence[Passenger]) -> tuple[list[Passenger], list[Passenger]]:
    """Takes out every fifth of the survivors and every fifth of the others: the share of survivors stays the same."""
    kept: list[Passenger] = []
    taken: list[Passenger] = []
    seen: defaultdict[str, int] = defaultdict(int)
    for passenger in passengers:
        seen[passenger["Survived"]] += 1
        (taken if seen[passenger["Survived"]] % HELD_OUT == 0 else kept).append(passenger)
    return kept, taken


def title(passenger: Passenger) -> str:
    """The title in `Futrelle, Mrs. Jacques Heath (Lily May Peel)`; ranks and professions count as `Mr` or `Mrs`."""
    found = re.search(r", ([^.]+)\.", passenger["Name"])
    written = "" if found is None else found[1]
    return _TITLES.get(written, "Mr" if passenger["Sex"] == "male" else "Mrs")


def typical_ages(passengers: Iterable[Passenger]) -> dict[str, float]:
    """The median age of each title, for those whose age nobody wrote down: a Master is a child, a Mrs is not."""
    known: defaultdict[str, list[float]] = defaultdict(list)
    for passenger in passengers:
        if passenger["Age"]:
            known[title(passenger)].append(float(passenger["Age"]))
    return {each: statistics.median(ages) for each, ages in known.items()}


def features(passenger: Passenger, ages: dict[str, float]) -> list[float]:
    """One passenger as numbers, in the order of `FEATURES`.

    Args:
        passenger: A row of the source.
        ages: What `typical_ages` says of the passengers that are learnt from, never of those held out.
    """
    siblings, parents = int(passenger["SibSp"]), int(passenger["Parch"])
    family = siblings + parents + 1
    titled = title(passenger)
    age = float(passenger["Age"]) if passenger["Age"] else ages[titled]
    return [
        int(passenger["Pclass"]),
        int(passenger["Sex"] == "female"),
        age,
        int(bool(passenger["Age"])),
        round(float(passenger["Fare"]) / family, 4),
        siblings,
        parents,
        family,
        int(family == 1),
        *(int(titled == each) for each in ("Mr", "Mrs", "Miss", "Master")),
        int(bool(passenger["Deck"])),
        *(int(passenger["Embarked"] == each) for each in "CQS"),
    ]


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
