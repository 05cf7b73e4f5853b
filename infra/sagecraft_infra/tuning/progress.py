"""How far a tuning job has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sagecraft_infra.jobs.lookup import the_job
from sagecraft_infra.noun.job import Job, JobKind
from sagecraft_infra.target import Target


@dataclass(frozen=True)
class Trial:
    """A training job of a tuning job.

    Attributes:
        number: 1 is the first.
        name: The training job's name.
        status: Its status.
        value: Of the objective metric, if it has one yet.
        hyperparameters: What was tried out, by name.
    """

    number: int
    name: str
    status: str
    value: float | None
    hyperparameters: dict[str, str]


@dataclass(frozen=True)
class TuningProgress:
    """A tuning job and its trials.

    Attributes:
        job: The tuning job.
        trials: In the order in which they were created.
    """

    job: Job
    trials: tuple[Trial, ...]

    @property
    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = self.job.description["HyperParameterTuningJobConfig"]
        return config

    @property
    def metric(self) -> str:
        """The name of the objective metric."""
        return str(self._objective["MetricName"])

    @property
    def maximizes(self) -> bool:
        """Whether a greater value is a better one."""
        return self._objective["Type"] == "Maximize"

    @property
    def _objective(self) -> dict[str, str]:
        described = self.job.description
        definitions = [described.get("TrainingJobDefinition", {}), *described.get("TrainingJobDefinitions", [])]
        objectives = [self._config.get("HyperParameterTuningJobObjective")]
        objectives += [each.get("TuningObjective") for each in definitions]
        found: dict[str, str] = next(each for each in objectives if each is not None)
        return found

    @property
    def planned(self) -> int | None:
        """How many trials there will be at most; `None` if that is not limited."""
        planned: int | None = self._config["ResourceLimits"].get("MaxNumberOfTrainingJobs")
        return planned

    @property
    def valued(self) -> tuple[tuple[Trial, float], ...]:
        """The trials that have a value, with it."""
        return tuple((trial, trial.value) for trial in self.trials if trial.value is not None)

    @property
    def best(self) -> Trial | None:
        """The best trial so far."""
        if not self.valued:
            return None
        return (max if self.maximizes else min)(self.valued, key=lambda pair: pair[1])[0]

    @property
    def ranges(self) -> dict[str, str]:
        """The scale of each tuned hyperparameter: Linear, Logarithmic, … or Categorical."""
        described = self.job.description
        definitions = [described.get("TrainingJobDefinition", {}), *described.get("TrainingJobDefinitions", [])]
        found = [self._config.get("ParameterRanges"), *(each.get("HyperParameterRanges") for each in definitions)]
        return {name: scale for ranges in found if ranges is not None for name, scale in _scales(ranges)}

    def best_so_far(self) -> list[float]:
        """The best value up to each of the trials that have one."""
        better = max if self.maximizes else min
        reached: list[float] = []
        for _, value in self.valued:
            reached.append(better([*reached[-1:], value]))
        return reached


def take_tuning_progress(target: Target, region: str, kind: JobKind, name: str) -> TuningProgress:
    """How far a tuning job has come.

    Raises:
        UserError: There is no such tuning job.
    """
    job = the_job(target, region, name, (kind,))
    pages = target.sagemaker(region).get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
    found = [
        each
        for page in pages.paginate(HyperParameterTuningJobName=name, SortBy="CreationTime", SortOrder="Ascending")
        for each in page["TrainingJobSummaries"]
    ]
    trials = (
        Trial(
            number=number,
            name=each["TrainingJobName"],
            status=each["TrainingJobStatus"],
            value=each.get("FinalHyperParameterTuningJobObjectiveMetric", {}).get("Value"),
            hyperparameters=dict(each["TunedHyperParameters"]),
        )
        for number, each in enumerate(found, 1)
    )
    return TuningProgress(job, tuple(trials))


def _scales(ranges: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for member, each in ((member, each) for member, listed in ranges.items() for each in listed):
        match member:
            case "CategoricalParameterRanges":
                yield each["Name"], "Categorical"
            case "ContinuousParameterRanges" | "IntegerParameterRanges":
                yield each["Name"], each.get("ScalingType", "Auto")
            case _:  # AutoParameters have no range until SageMaker chooses one
                yield each["Name"], "Auto"
