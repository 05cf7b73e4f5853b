"""Learning from time series."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from sagecraft_catalog.forecasting import (
    FORECAST_ALGORITHMS,
    FORECAST_FREQUENCY,
    FORECAST_METRICS,
    FORECAST_QUANTILE,
    MOST_FORECAST_STEPS,
    MOST_GROUPING_COLUMNS,
    aggregation_problems,
    filling_problems,
    holiday_problems,
)

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.checks import check_number
from sagecraft_constructs.present import present
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .metric import AutoMLMetric
from .problem import AutoMLProblem, FeatureType, algorithms_config, check_algorithms

_MOST_QUANTILES: Final = 5


@check_props
@dataclass(frozen=True, kw_only=True)
class TimeSeriesForecasting(AutoMLProblem):
    """The next values of time series.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TimeSeriesForecastingJobConfig.html

    Attributes:
        target: The column of the values.
        timestamp: The column of the times.
        item: The column that tells the series apart.
        frequency: The step of the forecast, such as `1D`, `15min` or `M`.
        horizon: How many steps are forecast, at most 500 and a quarter of those in the data.
        groups: Up to five columns that series are grouped by. Left out, none.
        quantiles: Up to five, `p1` to `p99`. Left out, p10, p50 and p90.
        filling: How gaps are filled, by column: `{"sales": {"middlefill": "zero"}}`. Left out, SageMaker's own way.
        aggregation: How values within one step become one, by column. Left out, their sum.
        holidays: The code of the country whose holidays are made use of, such as `DE`. Left out, none.
        algorithms: Which may be used. Left out, all.
        feature_columns: The further columns to learn from, with their types where they are a mapping. Left out, all.
    """

    takes_validation: ClassVar[bool] = False

    target: str
    timestamp: str
    item: str
    frequency: str
    horizon: int
    groups: Sequence[str] = ()
    quantiles: Sequence[str] = ()
    filling: Mapping[str, Mapping[str, str]] | None = None
    aggregation: Mapping[str, Literal["sum", "avg", "first", "min", "max"]] | None = None
    holidays: str | None = None
    algorithms: Sequence[str] = ()
    feature_columns: Mapping[str, FeatureType] | Sequence[str] | None = None

    @property
    def features(self) -> Mapping[str, FeatureType] | Sequence[str] | None:
        """The further columns to learn from; `None` takes all."""
        return self.feature_columns

    @property
    def response_keys(self) -> tuple[str, ...]:
        """None: an answer holds the quantiles of the job."""
        return ()

    def config(self, *, criteria: Mapping[str, Any], features_uri: str | None) -> dict[str, Any]:
        """The `AutoMLProblemTypeConfig` of the request."""
        filling = None if self.filling is None else {column: dict(way) for column, way in self.filling.items()}
        transformations = present(
            Filling=filling or None, Aggregation=dict(self.aggregation) if self.aggregation else None
        )
        return {
            "TimeSeriesForecastingJobConfig": present(
                ForecastFrequency=self.frequency,
                ForecastHorizon=self.horizon,
                ForecastQuantiles=list(self.quantiles) or None,
                TimeSeriesConfig=present(
                    TargetAttributeName=self.target,
                    TimestampAttributeName=self.timestamp,
                    ItemIdentifierAttributeName=self.item,
                    GroupingAttributeNames=list(self.groups) or None,
                ),
                Transformations=transformations or None,
                HolidayConfig=None if self.holidays is None else [{"CountryCode": self.holidays}],
                CompletionCriteria=criteria,
                CandidateGenerationConfig=algorithms_config(self.algorithms),
                FeatureSpecificationS3Uri=features_uri,
            )
        }

    def check(self, problems: Problems, objective: AutoMLMetric | None) -> None:
        """Notes what SageMaker would refuse."""
        if objective is not None and objective not in FORECAST_METRICS:
            allowed = ", ".join(FORECAST_METRICS)
            problems.add("objective", f"time series have no metric '{objective}'. There are {allowed}.")
        if not is_token(self.frequency) and re.fullmatch(FORECAST_FREQUENCY, self.frequency) is None:
            problems.add(
                "frequency",
                f"should be Y, 1 to 11M, 1 to 4W, 1 to 6D, 1 to 23H or 1 to 59min, got '{self.frequency}'.",
            )
        check_number(problems, "horizon", self.horizon, 1, MOST_FORECAST_STEPS)
        for prop, given, most in (
            ("groups", self.groups, MOST_GROUPING_COLUMNS),
            ("quantiles", self.quantiles, _MOST_QUANTILES),
        ):
            if len(given) > most:
                problems.add(prop, f"SageMaker takes {most} at most, got {len(given)}.")
        for quantile in self.quantiles:
            if not is_token(quantile) and re.fullmatch(FORECAST_QUANTILE, quantile) is None:
                problems.add("quantiles", f"should be from p1 to p99, got '{quantile}'.")
        check_algorithms(problems, self.algorithms, FORECAST_ALGORITHMS, "for time series")
        if self.holidays is not None and not is_token(self.holidays):
            for problem in holiday_problems(self.holidays):
                problems.add("holidays", problem)
        self._check_columns(problems)

    def _check_columns(self, problems: Problems) -> None:
        own: dict[str, str] = {}
        for prop, column in (
            ("target", self.target),
            ("timestamp", self.timestamp),
            ("item", self.item),
            *(("groups", group) for group in self.groups),
        ):
            if column in own:
                problems.add(prop, f"'{column}' is named in '{own[column]}' already; name another column.")
            own.setdefault(column, prop)
        for quantile, times in Counter(self.quantiles).items():
            if times > 1:
                problems.add("quantiles", f"'{quantile}' is named {times} times; name it once.")
        for problem in filling_problems(self.filling or {}, self.target):
            problems.add("filling", problem)
        for problem in aggregation_problems(self.aggregation or {}, self.target):
            problems.add("aggregation", problem)
        for column in set(own).intersection(self.feature_columns or ()):
            problems.add("feature_columns", f"'{column}' is declared as a column of another kind; leave it out.")
