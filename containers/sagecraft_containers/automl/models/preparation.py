"""From the columns as they are to what an algorithm takes; all of it scikit-learn's."""

from enum import StrEnum
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    QuantileTransformer,
    StandardScaler,
    TargetEncoder,
)

from sagecraft_containers.automl.data.columns import WORDS, Column, Kind, Schema, rare
from sagecraft_containers.automl.problem import Array, ProblemType


class Style(StrEnum):
    """What an algorithm needs of its features."""

    SCALED = "scaled"
    """Of a like size and without gaps: for linear models."""
    TREES = "trees"
    """Numbers as they are: for trees, which split at any value and at missing ones."""
    CODED = "coded"
    """The same, with few categories as whole numbers before all else: for trees that split sets of these."""
    ALL_CODED = "coded with many categories"
    """With many categories so, too."""

    @property
    def is_of_trees(self) -> bool:
        """Whether features need be of no size."""
        return self is not Style.SCALED


_SKEWED: Final = 1.0
_FEW_NUMBERS: Final = 10
"""A number of few values is a category, too, for what cannot split at it."""
_QUANTILES: Final = 200
_TREE_TOKENS: Final = 200
"""More words than this are condensed for trees, which look at one feature after another."""
_TREE_COMPONENTS: Final = 48
_MOST_TOKENS: Final = 30_000


def preparation(schema: Schema, style: Style, problem: ProblemType, rows: int, seed: int) -> Any:
    """Prepares the used columns.

    Args:
        schema: What they are.
        style: For what kind of algorithm.
        problem: What is to be predicted.
        rows: How many there are to learn from.
        seed: Of what is drawn.
    """
    by_kind: dict[Kind, list[Column]] = {}
    for column in schema.used:
        by_kind.setdefault(column.kind, []).append(column)
    coded = coded_columns(schema, style)
    steps: list[tuple[str, Any, Any]] = []
    for kind, columns in by_kind.items():
        names = [column.name for column in columns]
        match kind:
            case Kind.NUMERIC:
                steps += _numbers(columns, style, rows)
            case Kind.CATEGORICAL | Kind.MANY_CATEGORIES if names[0] in coded:
                steps.insert(0, (kind, _codes(), names))
            case Kind.CATEGORICAL:
                steps.append(("categories", _one_hot(rows), names))
            case Kind.MANY_CATEGORIES:
                steps.append(("many", _target_encoder(style, problem, seed), names))
            case Kind.DATETIME:
                steps.append(("dates", _dates(style), names))
            case Kind.TEXT:
                steps += [
                    (f"text {place}", _text(column, style, rows, seed), column.name)
                    for place, column in enumerate(columns)
                ]
    features = ColumnTransformer(steps, sparse_threshold=0 if style.is_of_trees else 0.3)
    return (
        make_pipeline(features, FunctionTransformer(with_codes, kw_args={"count": len(coded)})) if coded else features
    )


def coded_columns(schema: Schema, style: Style) -> list[str]:
    """Those that become whole numbers, before all others."""
    kinds = {Style.CODED: {Kind.CATEGORICAL}, Style.ALL_CODED: {Kind.CATEGORICAL, Kind.MANY_CATEGORIES}}
    return [column.name for column in schema.used if column.kind in kinds.get(style, set())]


def with_codes(features: Array, count: int) -> pd.DataFrame:
    """Features of which the first ones are whole numbers, and the others are not."""
    codes, others = pd.DataFrame(features[:, :count].astype(np.int32)), pd.DataFrame(features[:, count:])
    return pd.concat([codes, others], axis=1, ignore_index=True)


def _codes() -> OrdinalEncoder:
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)


def _numbers(columns: list[Column], style: Style, rows: int) -> list[tuple[str, Any, list[str]]]:
    names = [column.name for column in columns]
    if style is not Style.SCALED:
        return [("numbers", "passthrough", names)]
    skewed = [column.name for column in columns if abs(column.skew) > _SKEWED]
    others = [name for name in names if name not in skewed]
    quantiles = QuantileTransformer(n_quantiles=min(_QUANTILES, rows), output_distribution="normal", random_state=0)
    steps: list[tuple[str, Any, list[str]]] = [
        ("skewed numbers", make_pipeline(_filled(), quantiles), skewed),
        ("numbers", make_pipeline(_filled(), StandardScaler()), others),
        ("few numbers", _one_hot(rows), [column.name for column in columns if 2 < column.distinct <= _FEW_NUMBERS]),
    ]
    return [step for step in steps if step[2]]


def _filled() -> SimpleImputer:
    return SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)


def _one_hot(rows: int) -> OneHotEncoder:
    return OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=max(3, rows // 1000))


def _target_encoder(style: Style, problem: ProblemType, seed: int) -> Any:
    kinds = {
        ProblemType.BINARY: "binary",
        ProblemType.MULTICLASS: "multiclass",
        ProblemType.REGRESSION: "continuous",
    }
    encoder = TargetEncoder(target_type=kinds[problem], cv=3, random_state=seed)
    return make_pipeline(encoder, StandardScaler()) if style is Style.SCALED else encoder


def _dates(style: Style) -> Any:
    parts = FunctionTransformer(date_parts)
    return make_pipeline(parts, _filled(), StandardScaler()) if style is Style.SCALED else parts


def date_parts(times: pd.DataFrame) -> Array:
    """Of each time its days since 1970, year, month, day of the month and of the week, and hour; NaN where missing."""
    parts: list[Array] = []
    for name in times:
        values = times[name].dt
        days = (times[name] - pd.Timestamp(0)) / pd.Timedelta(days=1)
        parts += [
            each.to_numpy(dtype=np.float64, na_value=np.nan)
            for each in (days, values.year, values.month, values.day, values.day_of_week, values.hour)
        ]
    return np.column_stack(parts)


def text_of(values: "pd.Series[Any]") -> list[str]:
    """A column's cells, and nothing for a missing one."""
    return [str(value) for value in values.fillna("")]


def text_lengths(values: "pd.Series[Any]") -> Array:
    """How many characters and how many words each text has."""
    texts = text_of(values)
    return np.array([[len(text), len(text.split())] for text in texts], dtype=np.float64).reshape(len(texts), 2)


def _text(column: Column, style: Style, rows: int, seed: int) -> Any:
    words = TfidfVectorizer(
        min_df=min(rare(rows), 5) if style is Style.SCALED else rare(rows),
        max_features=_MOST_TOKENS,
        token_pattern=WORDS,
        sublinear_tf=True,
    )
    steps: list[Any] = [FunctionTransformer(text_of), words]
    if style is not Style.SCALED and column.tokens > _TREE_TOKENS:
        steps.append(TruncatedSVD(_TREE_COMPONENTS, random_state=seed))
    lengths: list[Any] = [FunctionTransformer(text_lengths)]
    if style is Style.SCALED:
        lengths.append(StandardScaler())
    return make_union(make_pipeline(*steps), make_pipeline(*lengths))
