"""Makes numbers of the passengers of the Titanic.

The stack calls `prepare` when it is synthesized. It writes CSV files as SageMaker's built-in XGBoost reads them: no
header, the label in the first column, numbers alone.
"""

import csv
import statistics
from collections.abc import Sequence
from pathlib import Path

Passenger = dict[str, str]

DATA = Path(__file__).parents[1] / "data" / "titanic.csv"
"""The passengers, a CSV file with a header."""


def read_passengers(source: Path = DATA) -> list[Passenger]:
    """The passengers, in the order of the file."""
    with source.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def split(passengers: Sequence[Passenger]) -> tuple[list[Passenger], list[Passenger]]:
    """Those that the model learns from, and every fifth, which it never learns from."""
    return [each for i, each in enumerate(passengers) if i % 5], list(passengers[::5])


def features(passenger: Passenger, typical_age: float) -> list[float]:
    """One passenger as numbers.

    Args:
        passenger: A row of the file.
        typical_age: In years, for those whose age nobody wrote down.
    """
    return [
        int(passenger["Pclass"]),
        int(passenger["Sex"] == "female"),
        float(passenger["Age"] or typical_age),
        int(passenger["SibSp"]),
        int(passenger["Parch"]),
        float(passenger["Fare"]),
        *(int(passenger["Embarked"] == port) for port in "CQS"),
    ]


def typical_age(passengers: Sequence[Passenger]) -> float:
    """The median of the ages that are known, in years."""
    return statistics.median(float(each["Age"]) for each in passengers if each["Age"])


def prepare(source: Path, output: Path) -> None:
    """Writes `train/` and `validation/` into `output`, the same files for the same input.

    Args:
        source: The passengers.
        output: An empty folder.
    """
    train, validation = split(read_passengers(source))
    age = typical_age(train)
    for channel, passengers in {"train": train, "validation": validation}.items():
        (output / channel).mkdir(parents=True)
        with (output / channel / "passengers.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([each["Survived"], *features(each, age)] for each in passengers)
