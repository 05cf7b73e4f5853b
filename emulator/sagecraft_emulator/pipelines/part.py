"""Steps that are done by one operation of the API: what is asked for, what is waited for, and what came of it."""

import hashlib
import secrets
import string
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_emulator.errors import ApiError, JobFailed, RecordMissing
from sagecraft_emulator.jobs.states import ENDED
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .api import PipelineApi
from .definition.document import Step
from .definition.step_type import API, BEST_CANDIDATE, CHECKS, REPORTS
from .records import pipeline_key

JOBS: Final = frozenset({"AutoMLJob", "HyperParameterTuningJob", "ProcessingJob", "TrainingJob", "TransformJob"})
ENDPOINT: Final = "Endpoint"
ENDPOINT_READY: Final = frozenset({"InService", "Failed"})
_SUFFIX_LENGTH: Final = 10
_PACKAGE: Final = "ModelPackage"
_GROUP: Final = "ModelPackageGroup"
_TUNING: Final = "HyperParameterTuningJob"
_MOST_TRIALS: Final = 100


@dataclass(frozen=True)
class Result:
    """What came of a step.

    Attributes:
        metadata: As `ListPipelineExecutionSteps` answers it.
        properties: What later steps may take from it.
        failure: Why the step fails all the same; None where it has succeeded.
    """

    metadata: Mapping[str, Any]
    properties: Mapping[str, Any]
    failure: str | None = None


class Parts:
    """What the steps of an execution make of SageMaker's resources.

    Args:
        store: Where records are.
        api: What they are made by.
        execution: The record of the execution.
    """

    def __init__(self, store: Store, api: PipelineApi, execution: Record) -> None:
        self._store, self._api, self._execution = store, api, execution

    def key(self, step: Step, name: str) -> RecordKey:
        """What names the record of what a step makes."""
        return self._execution.key._replace(kind=API[step.type].kind, name=name)

    def name(self, step: Step, given: str | None) -> str:
        """What a step's job is to be called, as AWS generates it.

        Args:
            step: The step.
            given: The name that its arguments have.
        """
        made = API[step.type]
        if made.is_named:
            return given or ""
        alphabet = string.ascii_letters + string.digits
        suffix = "".join(secrets.choice(alphabet) for _ in range(_SUFFIX_LENGTH))
        identity = self._execution.key.name.rpartition("/")[2]
        if given is not None:
            return f"{given[: made.longest_name - len(identity) - len(suffix) - 2]}-{identity}-{suffix}"
        begin = f"{made.prefix}{identity}-"
        room = made.longest_name - len(begin) - len(suffix) - 1
        return f"{begin}{step.name.replace('_', '-')[:room].strip('-')}-{suffix}"

    def make(self, step: Step, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Makes what a step asks for; returns the step's metadata.

        Raises:
            ApiError: It is refused.
            JobFailed: The pipeline's role cannot be assumed.
        """
        made = API[step.type]
        operation = made.operation(arguments)
        tags = {
            "sagemaker:pipeline-execution-arn": self._execution.arn,
            "sagemaker:pipeline-name": pipeline_key(self._execution.key).name,
            "sagemaker:pipeline-step-name": step.name,
        }
        request = {
            **arguments,
            "Tags": [*arguments.get("Tags", ()), *({"Key": key, "Value": value} for key, value in tags.items())],
        }
        if made.kind != _PACKAGE:
            request[made.name_member] = name
        else:
            request["ClientToken"] = hashlib.sha256(name.encode()).hexdigest()[:32]  # no second version, if asked again
        if made.kind == _PACKAGE and "ModelPackageGroupName" in arguments:
            self._make_group(arguments["ModelPackageGroupName"])
            request["Tags"] = arguments.get("Tags")  # versions in a group have no tags of their own
        if made.kind == ENDPOINT and self.find(step, name) is not None:
            operation = "UpdateEndpoint"
            request = {member: request[member] for member in ("EndpointName", "EndpointConfigName")}
        answer = self._api.call(operation, {member: each for member, each in request.items() if each is not None})
        return self._metadata(step, answer[f"{made.kind}Arn"])

    def metadata_of(self, step: Step, record: Record) -> dict[str, Any]:
        """The metadata of a step whose part is there."""
        return self._metadata(step, record.arn)

    def finish(self, step: Step, name: str, metadata: Mapping[str, Any]) -> Result:
        """What came of a step whose part is complete.

        Raises:
            ApiError: It cannot be described any more.
        """
        made = API[step.type]
        if made.kind == _PACKAGE:
            asked = {"ModelPackageName": metadata[made.metadata]["Arn"]}
        else:
            asked = {made.name_member: name}
        described = dict(self._api.call(made.operation(step.arguments).replace("Create", "Describe"), asked))
        if made.kind == _TUNING:
            described |= self._trials(asked, described)
        if "BestCandidate" in described:
            properties = described["BestCandidate"].get("CandidateProperties", {})
            described[BEST_CANDIDATE] = _reports(properties.get("CandidateArtifactLocations", {}))
        if step.type in CHECKS:
            return self._checked(step, metadata, described)
        return Result(metadata, described)

    def stop(self, step: Step, name: str) -> None:
        """Has the job of a step stopped, as far as it is one that has not ended."""
        kind = API[step.type].kind
        if kind in JOBS:
            with suppress(ApiError):
                self._api.call(f"Stop{kind}", {f"{kind}Name": name})

    def find(self, step: Step, name: str) -> Record | None:
        """The record of what a step has made; None where it has not."""
        with suppress(RecordMissing):
            return self._store.get(self.key(step, name))
        return None

    def _make_group(self, name: str) -> None:
        """Makes the group of a version, where it is not there.

        Source: `ml_ops/sm-pipelines_preprocess_train_evaluate_batch_transform` of
        https://github.com/aws/amazon-sagemaker-examples, which makes none before its pipeline runs.
        """
        key = self._execution.key._replace(kind=_GROUP, name=name)
        with suppress(RecordMissing):
            self._store.get(key)
            return
        if not name.startswith("arn:"):
            self._api.call(f"Create{_GROUP}", {f"{_GROUP}Name": name})

    def _metadata(self, step: Step, arn: str) -> dict[str, Any]:
        made = API[step.type]
        if step.type not in CHECKS:
            return {made.metadata: {"Arn": arn}}
        told = ("CheckType", "SkipCheck", "RegisterNewBaseline", "ModelPackageGroupName")
        return {
            made.metadata: {"CheckJobArn": arn, **{each: step.members[each] for each in told if each in step.members}}
        }

    def _trials(self, asked: Mapping[str, Any], described: Mapping[str, Any]) -> dict[str, Any]:
        """The training jobs of a tuning job, the best first."""
        request = {**asked, "SortBy": "FinalObjectiveMetricValue", "MaxResults": _MOST_TRIALS}
        objective = described["HyperParameterTuningJobConfig"].get("HyperParameterTuningJobObjective", {})
        order = "Ascending" if objective.get("Type") == "Minimize" else "Descending"
        answer = self._api.call("ListTrainingJobsForHyperParameterTuningJob", {**request, "SortOrder": order})
        return {"TrainingJobSummaries": answer["TrainingJobSummaries"]}

    def _checked(self, step: Step, metadata: Mapping[str, Any], described: Mapping[str, Any]) -> Result:
        """What a check's job has found."""
        outputs = described.get("ProcessingOutputConfig", {}).get("Outputs", [])
        uri = outputs[0]["S3Output"]["S3Uri"].rstrip("/") if outputs else ""
        found: dict[str, Any] = {}
        for file in CHECKS[step.type]:
            what = "Statistics" if file == "statistics.json" else "Constraints"
            calculated = f"{uri}/{file}"
            supplied = step.members.get(f"SuppliedBaseline{what}")
            found[f"CalculatedBaseline{what}"] = calculated
            found[f"BaselineUsedForDriftCheck{what}"] = calculated if supplied is None else supplied
        told = {**metadata[API[step.type].metadata], **found}
        report = f"{uri}/constraint_violations.json"
        if not step.members.get("SkipCheck"):
            with suppress(JobFailed):
                if self._api.read(report).get("violations"):
                    told["ViolationReport"] = report
        result = Result({API[step.type].metadata: told}, {**described, **found})
        if "ViolationReport" in told and step.members.get("FailOnViolation", True):
            noun = step.type.removesuffix("Check")
            failure = f"ClientError: {noun} check failed. See violation report '{report}'."
            return Result(result.metadata, result.properties, failure)
        return result


def _reports(locations: Mapping[str, str]) -> dict[str, str]:
    """Where the reports of the best candidate of an AutoML job are, by the names of the SageMaker SDK."""
    return {
        name: f"{locations[artefact].rstrip('/')}/{file}"
        for name, (artefact, file) in REPORTS.items()
        if artefact in locations
    }


def may_go_on(kind: str) -> bool:
    """Whether what is made of a kind goes on for a while; others are there at once."""
    return kind == ENDPOINT or kind in JOBS


def has_ended(record: Record) -> bool:
    """Whether a record is of a kind that goes on for a while, and does no more."""
    if record.key.kind == ENDPOINT:
        return record.status in ENDPOINT_READY
    return record.key.kind in JOBS and record.status in ENDED


def is_under_way(record: Record) -> bool:
    """Whether what a step has made goes on."""
    return may_go_on(record.key.kind) and not has_ended(record)
