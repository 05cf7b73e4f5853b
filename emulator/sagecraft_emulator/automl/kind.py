"""AutoML jobs: their requests and records, in both versions of the API."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.api.paging import page
from sagecraft_emulator.errors import ApiError, validation_error
from sagecraft_emulator.jobs.kind import JobKind
from sagecraft_emulator.state.store import Record, RecordKey
from sagecraft_emulator.surroundings.surroundings import Surroundings
from sagecraft_emulator.tuning.trial import read_trials

from . import request as automl_request
from .parts import CANDIDATES, PARTS, RESOLVED
from .request import PROBLEMS, TABULAR, problem_of, version_1, version_2

VERSION: Final = "_Version"
"""In a record: 1 where `CreateAutoMLJob` made it."""
_LISTED: Final = (
    "AutoMLJobName",
    "AutoMLJobArn",
    "AutoMLJobStatus",
    "AutoMLJobSecondaryStatus",
    "CreationTime",
    "EndTime",
    "LastModifiedTime",
    "FailureReason",
    "PartialFailureReasons",
)


class AutoMLJobKind(JobKind):
    """`CreateAutoMLJob`, `CreateAutoMLJobV2` and their siblings; SageMaker keeps AutoML jobs for ever."""

    case_sensitive = False
    kind, arn_type, spoken = "AutoMLJob", "automl-job", "AutoML job"
    plural, list_member = "AutoMLJobs", "AutoMLJobSummaries"

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {
            "CreateAutoMLJob": self.create_version_1,
            "CreateAutoMLJobV2": self.create,
            "DescribeAutoMLJob": self.describe_version_1,
            "DescribeAutoMLJobV2": self.describe,
            "ListAutoMLJobs": self.list,
            "ListCandidatesForAutoMLJob": self.list_candidates,
            "StopAutoMLJob": self.stop,
        }

    def create_version_1(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins a job that is asked for in the first version of the API.

        Raises:
            ApiError: Its channels have several targets or weights, or as for every job.
        """
        for member in ("TargetAttributeName", "SampleWeightAttributeName"):
            named = {each.get(member) for each in request["InputDataConfig"]}
            if len(named) > 1:
                told = ", ".join(sorted(f"'{each}'" for each in named if each is not None))
                raise validation_error(f"All channels must have the same {member}, got {told}.")
        return self.create(caller, {**version_2(request), VERSION: 1})

    def problems(self, caller: Caller, request: Mapping[str, Any]) -> Iterator[str]:  # noqa: ARG002 - the same for all
        """Everything that is wrong with a request, and that the service model does not see; one sentence each."""
        return automl_request.problems(request)

    def look(self, surroundings: Surroundings, caller: Caller, request: Mapping[str, Any]) -> None:
        """Refuses input or output that AWS would."""
        role_arn = request["RoleArn"]
        for channel in request["AutoMLJobInputDataConfig"]:
            surroundings.objects.require_input(caller, role_arn, channel["DataSource"]["S3DataSource"]["S3Uri"])
        surroundings.objects.require_region(caller, request["OutputDataConfig"]["S3OutputPath"])

    def body(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a new job's record besides, or in place of, those of its request."""
        channels = [
            {
                "ChannelType": "training",
                "ContentType": automl_request.CONTENT_TYPES[0],
                "CompressionType": "None",
                **each,
            }
            for each in request["AutoMLJobInputDataConfig"]
        ]
        return {"AutoMLJobInputDataConfig": channels, "AutoMLJobSecondaryStatus": "Starting"}

    def taken(self, arn: str) -> ApiError:
        """AWS's answer to a name that is taken."""
        return ApiError(
            "ResourceInUse",
            f"AutoML job names must be unique within an AWS account and region, and an AutoML job with this name "
            f"already exists ({arn})",
        )

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text tells the name
        """AWS's answer to a name that there is not."""
        return ApiError("ResourceNotFound", f"Could not find an AutoML job with name {name}")

    def describe_version_1(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The members of a job that was asked for in the first version of the API.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeAutoMLJob.html, which says that
        those of the second cannot be described.
        """
        record = self.record(caller, request["AutoMLJobName"])
        if record.body.get(VERSION) != 1:
            raise validation_error(
                f"The AutoML job {record.key.name} was created by CreateAutoMLJobV2; use DescribeAutoMLJobV2."
            )
        view = self.view(record)
        resolved = view.pop("ResolvedAttributes", {})
        tabular = resolved.pop("AutoMLProblemTypeResolvedAttributes", {}).get("TabularResolvedAttributes", {})
        return {**view, **version_1(record.body), "ResolvedAttributes": {**resolved, **tabular}}

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered for a record, in the form of the second version."""
        body, status = record.body, record.status
        member, config = problem_of(body)
        view = {
            **super().view(record),
            "AutoMLProblemTypeConfigName": PROBLEMS[member],
            "AutoMLJobSecondaryStatus": _secondary(status, body["AutoMLJobSecondaryStatus"]),
        }
        if "AutoMLEndTime" in body:
            view["EndTime"] = body["AutoMLEndTime"]
        resolved = body.get(RESOLVED)
        if resolved is not None:
            view["ResolvedAttributes"] = {
                "AutoMLJobObjective": resolved["AutoMLJobObjective"],
                "CompletionCriteria": config.get("CompletionCriteria", {}),
            }
            if member == TABULAR:
                tabular = {"TabularResolvedAttributes": {"ProblemType": resolved["ProblemType"]}}
                view["ResolvedAttributes"]["AutoMLProblemTypeResolvedAttributes"] = tabular
        return view

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the jobs, in a few words each."""
        answer = super().list(caller, request)
        summaries = [{name: each[name] for name in _LISTED if name in each} for each in answer[self.list_member]]
        return {**answer, self.list_member: summaries}

    def list_candidates(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the candidates of a job."""
        record = self.record(caller, request["AutoMLJobName"])
        wanted = {"CandidateName": request.get("CandidateNameEquals"), "CandidateStatus": request.get("StatusEquals")}
        passing = [
            each
            for each in self._candidates(record)
            if all(value is None or each[member] == value for member, value in wanted.items())
        ]
        sort_by = request.get("SortBy", "CreationTime")
        descending = (
            request.get("SortOrder", "Descending" if sort_by == "CreationTime" else "Ascending") == "Descending"
        )

        def position(each: Mapping[str, Any]) -> tuple[Any, str]:
            return _sort_key(each, sort_by), each["CandidateName"]

        return page(passing, request, "Candidates", position, dict, descending=descending)

    def _candidates(self, record: Record) -> Sequence[dict[str, Any]]:
        """Those that are known; of a search, each training job that it has begun is one."""
        told: Sequence[dict[str, Any]] = record.body.get(CANDIDATES, [])
        training = record.body.get(PARTS, {}).get("training")
        if training is None or training["Kind"] != "HyperParameterTuningJob":
            return told
        from . import candidate as candidates  # noqa: PLC0415 - loads NumPy

        objective = candidates.Objective.of(record.body)
        names = {each["CandidateName"] for each in told}
        search = self.store.get(RecordKey(training["Kind"], record.key.account, record.key.region, training["Name"]))
        others = [each.record for each in read_trials(self.store, search) if each.record.key.name not in names]
        return [*told, *(candidates.measured(each.key.name, each, objective) for each in others)]


def _secondary(status: str | None, reached: str) -> str:
    """The secondary status of a job, which its own steps say but for how it ended."""
    if status in {"Failed", "Stopping", "Stopped"} or (status == "Completed" and reached == "Starting"):
        return str(status)
    return reached


def _sort_key(candidate: Mapping[str, Any], sort_by: str) -> Any:
    match sort_by:
        case "Status":
            return candidate["CandidateStatus"]
        case "FinalObjectiveMetricValue":
            return candidate.get("FinalAutoMLJobObjectiveMetric", {}).get("Value", float("-inf"))
        case _:
            return candidate["CreationTime"]
