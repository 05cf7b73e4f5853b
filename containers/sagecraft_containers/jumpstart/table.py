"""The rows of a job: CSV without a header, the target in the first column, and which of the features are categories.

Source: "Input and Output interface for the LightGBM algorithm", and the same of CatBoost, in the developer guide.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.data.content_type import split_media_type
from sagecraft_containers.errors import DataError, UserError

CSV: Final = "text/csv"
VALIDATION_FRACTION: Final = 0.2
"""How much of the rows validates, where a job gives no others for it."""
_SEED: Final = 200
_TRAINING, _VALIDATION = ("training", "train"), "validation"


@dataclass(frozen=True)
class Rows:
    """The rows of one use.

    Attributes:
        features: Columns `feature_0`, `feature_1` and so on.
        target: Of each row.
    """

    features: pd.DataFrame
    target: "pd.Series[Any]"


@dataclass(frozen=True)
class Data:
    """All of a job's.

    Attributes:
        training: What is learnt from.
        validation: What tells when to stop.
        categories: The places of the features that are categories, from 0.
    """

    training: Rows
    validation: Rows
    categories: Sequence[int]


def read_data(paths: ContainerPaths, channels: Mapping[str, Mapping[str, Any]], shares: Path) -> Data:
    """Reads a job's rows.

    Args:
        paths: This host's files.
        channels: What the job says of each channel.
        shares: What other hosts have, a folder for each channel.

    Raises:
        UserError: A channel is missing, or what is in it is not what it has to be.
    """
    name = next((each for each in _TRAINING if each in channels), None)
    if name is None:
        raise UserError(f"The channel 'training' is missing; the job has {', '.join(channels) or 'none'}.")
    roots = [paths.channel_directory(name), shares / name]
    nested = any((root / _TRAINING[1]).is_dir() for root in roots)
    directories = [root / _TRAINING[1] if nested else root for root in roots]
    _check(name, channels[name])
    table = _read(name, directories)
    if _VALIDATION in channels:
        _check(_VALIDATION, channels[_VALIDATION])
        kept = _read(_VALIDATION, [paths.channel_directory(_VALIDATION), shares / _VALIDATION])
    elif nested and any((root / _VALIDATION).is_dir() for root in roots):
        kept = _read(f"{name}/{_VALIDATION}", [root / _VALIDATION for root in roots])
    else:
        kept = table.sample(frac=VALIDATION_FRACTION, random_state=_SEED)
        table = table.drop(kept.index)
        print(
            f"There is no validation data: {VALIDATION_FRACTION:.0%} of the rows, drawn with the seed {_SEED}, are it."
        )
    if kept.shape[1] != table.shape[1]:
        raise UserError(
            f"The validation data has {kept.shape[1]} columns, and the training data {table.shape[1]}; both begin with "
            "the target, and then have the same features."
        )
    if not len(kept):
        raise UserError(f"The channel '{name}' has {len(table)} rows; it must have 3 or more, for some validate.")
    return Data(_rows(table), _rows(kept), _categories(name, roots, table.shape[1] - 1))


def feature_names(count: int) -> list[str]:
    """What the features are called in a model."""
    return [f"feature_{place}" for place in range(count)]


def _rows(table: pd.DataFrame) -> Rows:
    features = table.iloc[:, 1:]
    return Rows(features.set_axis(feature_names(features.shape[1]), axis=1), table.iloc[:, 0])


def _check(name: str, channel: Mapping[str, Any]) -> None:
    content_type = channel.get("ContentType") or CSV
    if split_media_type(content_type)[0] != CSV:
        raise UserError(f"The channel '{name}' has ContentType '{content_type}', which is not supported; use {CSV}.")
    if channel.get("TrainingInputMode") == "Pipe":
        raise UserError(f"The channel '{name}' has the input mode Pipe, but the script reads files; use File.")


def _read(name: str, directories: Sequence[Path]) -> pd.DataFrame:
    """All files of a channel, one below the other."""
    files = [file for directory in directories if directory.is_dir() for file in _files(directory)]
    if not files:
        raise UserError(f"The channel '{name}' has no file whose name ends in .csv; the script reads no other.")
    tables: list[pd.DataFrame] = []
    for file in sorted(files, key=lambda each: each.name):
        table = _read_file(file, f"{name}/{file.name}")
        if tables and table.shape[1] != tables[0].shape[1]:
            raise DataError(
                f"the rows have {table.shape[1]} columns, but those of the first file {tables[0].shape[1]}; make all "
                "alike",
                source=f"{name}/{file.name}",
            )
        tables.append(table)
    whole = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0]
    if whole.shape[1] < 2:
        raise UserError(f"The channel '{name}' has one column; the first is the target, and features have to follow.")
    return whole


def _files(directory: Path) -> Iterator[Path]:
    """The CSV files right in a directory; behind the name of another host's, that of the host stands."""
    for file in directory.iterdir():
        named = file.with_suffix("") if file.suffix.startswith(".algo-") else file
        if file.is_file() and named.suffix == ".csv":
            yield file


def _read_file(file: Path, source: str) -> pd.DataFrame:
    try:
        return pd.read_csv(file, header=None)
    except UnicodeDecodeError as error:
        raise DataError(f"the text is not UTF-8: {error.reason} at byte {error.start}", source=source) from error
    except pd.errors.EmptyDataError:
        raise DataError("there is no data; expected rows of comma-separated values", source=source) from None
    except pd.errors.ParserError as error:
        raise DataError(f"the rows cannot be read as CSV: {error}".strip(), source=source) from error


def _categories(name: str, roots: Sequence[Path], features: int) -> list[int]:
    """The places that the one JSON file beside the data names, from 1 since the target is 0."""
    files = [file for root in roots if root.is_dir() for file in root.glob("*.json*")]
    if not files:
        return []
    if len({file.name.partition(".json")[0] for file in files}) > 1:
        raise UserError(
            f"The channel '{name}' has several JSON files; the one is the list of the categorical features."
        )
    source = f"{name}/{files[0].name}"
    try:
        content = json.loads(files[0].read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"the list of categorical features is not JSON: {error}", source=source) from error
    places: Any = next(iter(content.values()), []) if isinstance(content, dict) else None
    if not isinstance(places, list) or not all(type(each) is int and 1 <= each <= features for each in places):
        raise DataError(
            f'the categorical features are {content!r}; expected such as {{"cat_index_list": [1, 3]}}, with whole '
            f"numbers from 1 to {features}",
            source=source,
        )
    return [each - 1 for each in places]
