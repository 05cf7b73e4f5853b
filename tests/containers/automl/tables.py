"""Small tables with something to learn in them."""

import csv
import random
from collections.abc import Sequence
from pathlib import Path

from sagecraft_containers.automl.data.analysis import Analysis, analyze
from sagecraft_containers.automl.definition import Definition

Row = Sequence[object]
HEADER = ("id", "age", "city", "note", "since", "empty", "same", "target")


def people(rows: int = 80) -> list[list[object]]:
    """Of each kind of column one; the target follows from the age and a word of the note."""
    draw = random.Random(0)
    table: list[list[object]] = []
    for number in range(rows):
        age: object = draw.randint(18, 80) if number % 9 else ""
        word = draw.choice(("calm", "angry"))
        city = draw.choice(("Oslo", "Rome", "Bern"))
        note = f"{draw.choice(('Ada', 'Ben', 'Cyd'))}, a {word} person no{number}"
        since = f"20{draw.randint(10, 24)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        target = "yes" if word == "calm" or (age != "" and int(str(age)) > 60) else "no"
        table.append([number, age, city, note, since, "", "x", target])
    return table


def write(directory: Path, rows: Sequence[Row], header: Row | None = HEADER, name: str = "table.csv") -> Path:
    """A channel with one more file."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([*([] if header is None else [header]), *rows])
    return directory


def analyzed(directory: Path, rows: int = 80, **definition: object) -> Analysis:
    """The analysis of `people`."""
    given = {"target": "target", **definition}
    return analyze(Definition.from_json(given), write(directory / "training", people(rows)))
