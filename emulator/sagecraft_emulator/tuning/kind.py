"""Hyperparameter tuning jobs: their records, and what is told of the training jobs that they launch."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.api.paging import page
from sagecraft_emulator.container.images import ImageRegistry
from sagecraft_emulator.errors import ApiError, RecordMissing
from sagecraft_emulator.jobs.kind import JobKind
from sagecraft_emulator.state.store import Record
from sagecraft_emulator.surroundings.surroundings import Surroundings
from sagecraft_emulator.training import named

from . import request as tuning_request
from .definition import tuning_definitions
from .trial import Trial, best, counters, not_improving, read_trials

OBJECTIVE: Final = "FinalObjectiveMetricValue"
"""Sorted by it, a list leaves out training jobs without one, as the API reference says."""


class HyperParameterTuningJobKind(JobKind):
    """`CreateHyperParameterTuningJob` and its siblings."""

    case_sensitive = False
    kind, arn_type, spoken = "HyperParameterTuningJob", "hyper-parameter-tuning-job", "hyperparameter tuning job"
    plural, list_member = "HyperParameterTuningJobs", "HyperParameterTuningJobSummaries"
    sort_by, sort_order = "Name", "Ascending"
    not_ended_code = "ValidationException"
    searched_as = "HyperParameterTuningJob"

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), "ListTrainingJobsForHyperParameterTuningJob": self.list_training_jobs}

    def problems(self, caller: Caller, request: Mapping[str, Any]) -> Iterator[str]:
        """Everything that is wrong with a request, and that the service model does not see; one sentence each."""
        warm_start = request.get("WarmStartConfig", {})
        names = [
            each.get("HyperParameterTuningJobName") for each in warm_start.get("ParentHyperParameterTuningJobs", [])
        ]
        parents = {name: self._find(caller, name) for name in names if name is not None}
        return tuning_request.problems(request, parents, ImageRegistry(self.store).lacking)

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text tells the name
        """AWS's answer to a name that there is not."""
        return ApiError("ResourceNotFound", f"Amazon SageMaker can't find a tuning job with the name {name}.")

    def look(self, surroundings: Surroundings, caller: Caller, request: Mapping[str, Any]) -> None:
        """Refuses an image, input or output of a training job that AWS would."""
        for definition in tuning_definitions(request):
            named.look(surroundings, caller, definition.training_job("trial", {}))

    def body(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a new job's record besides, or in place of, those of its request."""
        config = request["HyperParameterTuningJobConfig"]
        return {
            "HyperParameterTuningJobConfig": {"TrainingJobEarlyStoppingType": "Off", **config},
        }

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered for a record."""
        trials = read_trials(self.store, record)
        config = record.body["HyperParameterTuningJobConfig"]
        described = [definition.described() for definition in tuning_definitions(record.body)]
        view = {
            **super().view(record),
            **(
                {"TrainingJobDefinitions": described}
                if record.body.get("TrainingJobDefinitions")
                else {"TrainingJobDefinition": described[0]}
            ),
            **counters(trials),
            "Strategy": config["Strategy"],
            "ResourceLimits": config["ResourceLimits"],
            "TuningJobCompletionDetails": {
                **record.body.get("TuningJobCompletionDetails", {}),
                "NumberOfTrainingJobsObjectiveNotImproving": not_improving(trials),
            },
        }
        if (found := best(trials)) is not None:
            view["BestTrainingJob"] = found.summary()
        warm_start = record.body.get("WarmStartConfig", {})
        if warm_start.get("WarmStartType") == "IdenticalDataAndAlgorithm":
            overall = best([*trials, *self._trials_of_parents(record, warm_start)])
            if overall is not None:
                view["OverallBestTrainingJob"] = overall.summary()
        end = record.body.get("HyperParameterTuningEndTime")
        if end is not None:
            view["ConsumedResources"] = {"RuntimeInSeconds": round(end - record.created)}
        return view

    def list_training_jobs(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the training jobs that a tuning job launched."""
        record = self.record(caller, request["HyperParameterTuningJobName"])
        trials = read_trials(self.store, record)
        passing = [each for each in trials if request.get("StatusEquals", each.record.status) == each.record.status]
        if request.get("SortBy") == OBJECTIVE:
            passing = [each for each in passing if each.value is not None]
        sort_by, descending = request.get("SortBy", "Name"), request.get("SortOrder", "Ascending") == "Descending"

        def position(trial: Trial) -> tuple[Any, str]:
            return _sort_key(trial, sort_by), trial.record.key.name

        return page(passing, request, "TrainingJobSummaries", position, Trial.summary, descending=descending)

    def _find(self, caller: Caller, name: str) -> Record | None:
        with suppress(RecordMissing):
            return self.store.get(self.key(caller, name))
        return None

    def _trials_of_parents(self, record: Record, warm_start: Mapping[str, Any]) -> Iterator[Trial]:
        caller = Caller(record.key.account, record.key.region)
        for each in warm_start["ParentHyperParameterTuningJobs"]:
            parent = self._find(caller, each["HyperParameterTuningJobName"])
            if parent is not None:
                yield from read_trials(self.store, parent)


def _sort_key(trial: Trial, sort_by: str) -> Any:
    match sort_by:
        case "CreationTime":
            return trial.record.created
        case "Status":
            return trial.record.status
        case str() if sort_by == OBJECTIVE:
            return trial.value
        case _:
            return trial.record.key.name
