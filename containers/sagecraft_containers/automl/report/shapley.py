"""The SHAP values of a model: of the columns as they are, or of the words where there is one text alone."""

import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sagecraft_containers.automl.data.columns import WORDS, Kind
from sagecraft_containers.automl.data.dataset import Dataset
from sagecraft_containers.automl.model import Model
from sagecraft_containers.automl.problem import Array

_EXPLAINED: Final = 30
_BACKGROUND: Final = 20
_PARTS: Final = f"{WORDS[:4]}({WORDS[4:]})"
_MOST_WORDS: Final = 60
"""Of a text that is longer, the words behind these stay as they are."""


@dataclass(frozen=True)
class Text:
    """A text, and what its words do.

    Attributes:
        parts: The words, and what stands between them.
        values: Of each part; shape (parts, labels).
    """

    parts: tuple[str, ...]
    values: Array


@dataclass(frozen=True)
class Shapley:
    """What moves the answers, and how far.

    Attributes:
        what: Columns or words.
        names: Theirs.
        values: Of each row; shape (rows, names, labels).
        expected: The answers that they add up from; shape (labels,).
        texts: Those that were explained by their words.
    """

    what: str
    names: tuple[str, ...]
    values: Array
    expected: Array
    texts: Sequence[Text] = ()


def shapley(dataset: Dataset, model: Model) -> Shapley:
    """Explains some rows of the training data."""
    interpret_loops()
    places = np.random.default_rng(dataset.seed).permutation(len(dataset.training))
    some = dataset.training.features.iloc[places[: _EXPLAINED + _BACKGROUND]]
    (only, *others) = dataset.schema.used
    if only.kind is Kind.TEXT and not others:
        return _of_words(some[:_EXPLAINED], model, dataset.seed)
    return _of_columns(some, model, dataset.seed)


def interpret_loops() -> None:
    """Has shap's loops interpreted: they are short here, and to compile them takes longer than the rest of a report.

    Once Numba is there it is too late: what it has made ready to be compiled would meet what it no longer compiles.
    """
    if "numba" not in sys.modules:
        os.environ.setdefault("NUMBA_DISABLE_JIT", "1")


def _of_columns(some: pd.DataFrame, model: Model, seed: int) -> Shapley:
    # The explainer mixes rows column by column, and knows numbers alone: it mixes the places of the cells.
    cells = np.tile(np.arange(len(some))[:, np.newaxis], len(some.columns))

    def answers(mixed: Array) -> Array:
        whole = mixed.astype(int)
        frame = pd.DataFrame({name: some[name].to_numpy()[whole[:, place]] for place, name in enumerate(some)})
        return _answers(model, frame.astype(some.dtypes.to_dict()))

    background = cells[-min(_BACKGROUND, len(some)) :]
    explained = [_explained(answers, row, background, seed) for row in cells[:_EXPLAINED]]
    expected = np.mean([each for _, each in explained], axis=0)
    return Shapley("columns", tuple(map(str, some)), np.stack([values for values, _ in explained]), expected)


def _of_words(some: pd.DataFrame, model: Model, seed: int) -> Shapley:
    (name,) = some
    texts, expected = [], []
    for cell in some[name].dropna():
        parts = re.split(_PARTS, str(cell))
        words = list(range(1, len(parts), 2))[:_MOST_WORDS]
        if words:
            values, base = _explained(
                _without(parts, words, name, model), np.ones(len(words)), np.zeros((1, len(words))), seed
            )
            whole = np.zeros((len(parts), values.shape[1]))
            whole[words] = values
            texts.append(Text(tuple(parts), whole))
            expected.append(base)
    names = sorted({part.lower() for text in texts for part in text.parts[1::2]})
    place_of = {name: place for place, name in enumerate(names)}
    values = np.zeros((len(texts), len(names), len(expected[0])))
    for row, text in enumerate(texts):
        for part, moved in zip(text.parts[1::2], text.values[1::2], strict=True):
            values[row, place_of[part.lower()]] += moved
    return Shapley("words", tuple(names), values, np.mean(expected, axis=0), texts)


def _without(parts: Sequence[str], words: Sequence[int], name: Any, model: Model) -> Callable[[Array], Array]:
    """Answers to a text that lacks some of its words."""

    def answers(kept: Array) -> Array:
        texts = []
        for row in kept:
            left = list(parts)
            for place, is_kept in zip(words, row, strict=True):
                if not is_kept:
                    left[place] = ""
            texts.append("".join(left))
        return _answers(model, pd.DataFrame({name: pd.Series(texts, dtype=object)}))

    return answers


def _explained(answers: Callable[[Array], Array], row: Array, background: Array, seed: int) -> tuple[Array, Array]:
    """Values of shape (features, labels), and the mean answers to the background."""
    import shap  # noqa: PLC0415 - large, and of an extra

    masker = shap.maskers.Independent(background, max_samples=len(background))
    # Row by row: of several, shap 0.51 works out the main effects of all but the first, which nobody asks for.
    evaluations = 2 * len(row) + 1
    explained = shap.PermutationExplainer(answers, masker, seed=seed)(
        row[np.newaxis], max_evals=evaluations, batch_size=evaluations, silent=True
    )
    return explained.values[0], np.atleast_1d(explained.base_values[0])


def _answers(model: Model, frame: pd.DataFrame) -> Array:
    given = model.frame_answers(frame)
    return given.reshape(len(given), -1)
