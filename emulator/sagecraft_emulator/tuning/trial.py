"""The training jobs that a tuning job launched, as its answers tell them.

A tuning job's record lists them under `_Trials`; all else is read from the training jobs' own records, so that there is
one truth about each.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_emulator.errors import RecordMissing
from sagecraft_emulator.jobs.states import ENDED
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .definition import TuningDefinition, tuning_definitions

TRIALS: Final = "_Trials"
"""In a tuning job's record: `[{"Name": …, "Definition": index, "HyperParameters": {…}}, …]`, in order of launch."""
_TIMES: Final = ("TrainingStartTime", "TrainingEndTime")
_IMPROVEMENT: Final = 0.01


@dataclass(frozen=True)
class Trial:
    """A training job of a tuning job.

    Attributes:
        record: The training job's.
        definition: What it was launched by.
        tuned: The hyperparameters that were chosen for it, as text.
        tuning_job_name: The tuning job that launched it.
    """

    record: Record
    definition: TuningDefinition
    tuned: Mapping[str, str]
    tuning_job_name: str

    @property
    def has_ended(self) -> bool:
        """Whether it is Completed, Failed or Stopped."""
        return self.record.status in ENDED

    @property
    def value(self) -> float | None:
        """The final value of the objective; None while it runs, and when it failed or reported none."""
        if self.record.status not in {"Completed", "Stopped"}:
            return None
        for datum in self.record.body.get("FinalMetricDataList", ()):
            if datum["MetricName"] == self.definition.metric_name and math.isfinite(datum["Value"]):
                return float(datum["Value"])
        return None

    @property
    def objective_status(self) -> str:
        """`Pending`, `Succeeded` or `Failed`."""
        if not self.has_ended:
            return "Pending"
        return "Failed" if self.value is None else "Succeeded"

    @property
    def can_be_retried(self) -> bool:
        """Whether it failed for a fault of the service's."""
        return self.record.status == "Failed" and self.record.body.get("FailureReason", "").startswith(
            "InternalServerError"
        )

    def summary(self) -> dict[str, Any]:
        """It as a `HyperParameterTrainingJobSummary`."""
        body, definition = self.record.body, self.definition
        summary: dict[str, Any] = {
            "TrainingJobName": self.record.key.name,
            "TrainingJobArn": self.record.arn,
            "TuningJobName": self.tuning_job_name,
            "CreationTime": self.record.created,
            "TrainingJobStatus": self.record.status,
            "TunedHyperParameters": dict(self.tuned),
            "ObjectiveStatus": self.objective_status,
            **{member: body[member] for member in (*_TIMES, "FailureReason") if member in body},
        }
        if definition.name is not None:
            summary["TrainingJobDefinitionName"] = definition.name
        if self.value is not None:
            summary["FinalHyperParameterTuningJobObjectiveMetric"] = {
                "Type": definition.objective_type,
                "MetricName": definition.metric_name,
                "Value": self.value,
            }
        return summary


def read_trials(store: Store, tuning_job: Record) -> list[Trial]:
    """The training jobs of a tuning job, in order of launch, but for those that were deleted."""
    definitions = tuning_definitions(tuning_job.body)
    trials = []
    for each in tuning_job.body.get(TRIALS, ()):
        try:
            record = store.get(trial_key(tuning_job.key, each["Name"]))
        except RecordMissing:
            continue
        trials.append(Trial(record, definitions[each["Definition"]], each["HyperParameters"], tuning_job.key.name))
    return trials


def trial_key(tuning_job: RecordKey, name: str) -> RecordKey:
    """What names the record of a tuning job's training job."""
    return tuning_job._replace(kind="TrainingJob", name=name)


def best(trials: Iterable[Trial]) -> Trial | None:
    """The trial with the best objective, the earlier one of equals; None when there is none.

    Trials of definitions with different objectives cannot be compared; then there is no best one.
    """
    found: Trial | None = None
    for trial in trials:
        if trial.value is None:
            continue
        if found is None or found.value is None:
            found = trial
        elif _objective(trial.definition) != _objective(found.definition):
            return None
        elif trial.definition.is_better(trial.value, found.value):
            found = trial
    return found


def counters(trials: Sequence[Trial]) -> dict[str, dict[str, int]]:
    """`TrainingJobStatusCounters` and `ObjectiveStatusCounters`."""
    statuses = [trial.record.status for trial in trials]
    retryable = sum(trial.can_be_retried for trial in trials)
    objectives = [trial.objective_status for trial in trials]
    return {
        "TrainingJobStatusCounters": {
            "Completed": statuses.count("Completed"),
            "InProgress": statuses.count("InProgress") + statuses.count("Stopping"),
            "RetryableError": retryable,
            "NonRetryableError": statuses.count("Failed") - retryable,
            "Stopped": statuses.count("Stopped"),
        },
        "ObjectiveStatusCounters": {status: objectives.count(status) for status in ("Succeeded", "Pending", "Failed")},
    }


def _objective(definition: TuningDefinition) -> tuple[str, str]:
    return definition.metric_name, definition.objective_type


def not_improving(trials: Iterable[Trial]) -> int:
    """How many training jobs have ended since the last that improved the best objective by more than 1 %."""
    reached: float | None = None
    count = 0
    for trial in sorted(trials, key=lambda each: each.record.body.get("TrainingEndTime", each.record.modified)):
        value = trial.value
        if value is None:
            continue
        is_better = reached is None or trial.definition.is_better(value, reached)
        if reached is None or (is_better and abs(value - reached) > _IMPROVEMENT * abs(reached)):
            count = 0
        else:
            count += 1
        reached = value if is_better else reached
    return count
