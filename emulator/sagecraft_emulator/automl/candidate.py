"""Candidates, as the API tells of them.

Source: `AutoMLCandidate` in the SageMaker API reference.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_catalog import AUTOML_RESPONSE_KEYS
from sagecraft_containers.automl.problem import METRICS, ProblemType

from sagecraft_emulator.state.store import Record

from .parts import RESOLVED
from .places import Places
from .request import is_forecast
from .steps import LATENCY, MEASURED, image_uri

_NOT_OBJECTIVES: Final = frozenset({LATENCY, "LogLoss"})
"""Metrics that have no `MetricName`, but a `StandardMetricName` alone."""


@dataclass(frozen=True)
class Objective:
    """What candidates are compared by.

    Attributes:
        problem: The problem, such as `Regression`; None of a forecast.
        metric: The metric, such as `RMSE`.
    """

    problem: ProblemType | None
    metric: str

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Objective":
        """That of an AutoML job's record, once its data are analyzed."""
        resolved = body[RESOLVED]
        problem = None if is_forecast(body) else ProblemType(resolved["ProblemType"])
        return cls(problem, resolved["AutoMLJobObjective"]["MetricName"])

    @property
    def is_maximized(self) -> bool:
        """Whether more of it is better."""
        return self.problem is not None and next(
            each.higher_is_better for each in METRICS[self.problem] if each.name == self.metric
        )

    def final(self, values: Mapping[str, float]) -> dict[str, Any] | None:
        """The `FinalAutoMLJobObjectiveMetric` of a candidate's validation; None where it has none."""
        value = values.get(self.metric)
        if value is None or not math.isfinite(value):
            return None
        return {
            "Type": "Maximize" if self.is_maximized else "Minimize",
            "MetricName": self.metric,
            "StandardMetricName": self.metric,
            "Value": value,
        }


def measured(name: str, training: Record, objective: Objective) -> dict[str, Any]:
    """The candidate that a training job has made, with what its log told."""
    data = training.body.get("FinalMetricDataList", ())
    values = {datum["MetricName"]: float(datum["Value"]) for datum in data}
    parts = {
        part: {key.partition(":")[2]: value for key, value in values.items() if key.startswith(f"{part}:")}
        for part in ("train", "validation")
    }
    candidate = _candidate(name, training, objective, parts["train"], parts["validation"], values.get(LATENCY))
    reason = training.body.get("FailureReason")
    return {
        **candidate,
        "CandidateStatus": training.status,
        **({"FailureReason": reason} if reason is not None else {}),
        **_times(training),
    }


def of_row(name: str, row: Mapping[str, Any], training: Record, objective: Objective) -> dict[str, Any]:
    """A candidate that is a row of the leaderboard of an ensemble."""
    candidate = _candidate(name, training, objective, row.get("train", {}), row.get("validation", {}), row.get(LATENCY))
    failure = row.get("failure")
    return {
        **candidate,
        "CandidateStatus": "Completed" if failure is None else "Failed",
        **({"FailureReason": failure} if failure is not None else {}),
        **_times(training),
    }


def served(candidate: Mapping[str, Any], artefacts: str, region: str, objective: Objective) -> dict[str, Any]:
    """A candidate with what serves it."""
    container: dict[str, Any] = {"Image": image_uri(region), "ModelDataUrl": artefacts, "Environment": {}}
    if objective.problem is not None:
        keys = AUTOML_RESPONSE_KEYS if objective.problem.is_classification else AUTOML_RESPONSE_KEYS[:1]
        container["Environment"] = {
            "SAGEMAKER_INFERENCE_OUTPUT": keys[0],
            "SAGEMAKER_INFERENCE_SUPPORTED": ",".join(keys),
        }
    return {
        **candidate,
        "InferenceContainers": [container],
        "InferenceContainerDefinitions": {"CPU": [container]},
    }


def explained(candidate: Mapping[str, Any], places: Places, *, forecasts: bool) -> dict[str, Any]:
    """A candidate with where its reports are; of one that forecasts, with where it is compared with the past."""
    name = candidate["CandidateName"]
    locations = {"Explainability": places.explainability(name), "ModelInsights": places.insights(name)}
    if forecasts:
        locations["BacktestResults"] = places.backtest(name)
    properties = {**candidate["CandidateProperties"], "CandidateArtifactLocations": locations}
    return {**candidate, "CandidateProperties": properties}


def _candidate(
    name: str,
    training: Record,
    objective: Objective,
    train: Mapping[str, float],
    validation: Mapping[str, float],
    latency: float | None,
) -> dict[str, Any]:
    final = objective.final(validation)
    step = {
        "CandidateStepType": "AWS::SageMaker::TrainingJob",
        "CandidateStepArn": training.arn,
        "CandidateStepName": training.key.name,
    }
    data = [*_data("Train", train), *_data("Validation", validation)]
    if latency is not None:
        data += _data("Validation", {LATENCY: latency})
    return {
        "CandidateName": name,
        **({} if final is None else {"FinalAutoMLJobObjectiveMetric": final}),
        "ObjectiveStatus": "Failed" if final is None else "Succeeded",
        "CandidateSteps": [step],
        "CandidateProperties": {"CandidateMetrics": data},
    }


def _data(part: str, values: Mapping[str, float]) -> Sequence[dict[str, Any]]:
    return [
        {
            **({} if name in _NOT_OBJECTIVES else {"MetricName": name}),
            "StandardMetricName": name,
            "Value": value,
            "Set": part,
        }
        for name, value in values.items()
        if name in {LATENCY, *MEASURED} and math.isfinite(value)
    ]


def _times(training: Record) -> dict[str, float]:
    end = training.body.get("TrainingEndTime")
    return {
        "CreationTime": training.created,
        "LastModifiedTime": training.modified,
        **({} if end is None else {"EndTime": end}),
    }
