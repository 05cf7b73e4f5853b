"""Training jobs: their requests, their records, and what may be asked of them when."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sagecraft_emulator.caller import Caller
from sagecraft_emulator.errors import ApiError, InvalidTransition, validation_error
from sagecraft_emulator.states import TERMINAL
from sagecraft_emulator.store import Store
from sagecraft_emulator.work_protocol import TrainingJobs

from .kind import Operation, ResourceKind

DEFAULT_MAX_RUNTIME_SECONDS: Final = 86_400
UNSUPPORTED: Final = (
    "DebugRuleConfigurations",
    "ExperimentConfig",
    "MlflowConfig",
    "ModelPackageConfig",
    "ProfilerRuleConfigurations",
    "ServerlessJobConfig",
    "TensorBoardOutputConfig",
)


class TrainingJobKind(ResourceKind):
    """`CreateTrainingJob` and its siblings."""

    kind, arn_type, spoken = "TrainingJob", "training-job", "training job"
    plural, list_member = "TrainingJobs", "TrainingJobSummaries"

    def __init__(self, store: Store, training_jobs: TrainingJobs) -> None:
        super().__init__(store)
        self._training_jobs = training_jobs

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), "StopTrainingJob": self.stop}

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins a training job.

        Raises:
            ApiError: The request contradicts itself, asks for what cannot be run here, or its name is taken.
        """
        problems = list(_problems(request))
        if problems:
            raise validation_error(" ".join(problems))
        now = time.time()
        request["StoppingCondition"] = {
            "MaxRuntimeInSeconds": DEFAULT_MAX_RUNTIME_SECONDS,
            **request.get("StoppingCondition", {}),
        }
        request["OutputDataConfig"].setdefault("KmsKeyId", "")
        request["AlgorithmSpecification"].setdefault("EnableSageMakerMetricsTimeSeries", False)
        body = {
            "ModelArtifacts": {"S3ModelArtifacts": ""},
            "SecondaryStatus": "Starting",
            "SecondaryStatusTransitions": [
                {"Status": "Starting", "StartTime": now, "StatusMessage": "Preparing the instances for training"}
            ],
            **{
                flag: request.get(flag, False)
                for flag in (
                    "EnableNetworkIsolation",
                    "EnableInterContainerTrafficEncryption",
                    "EnableManagedSpotTraining",
                )
            },
        }
        record = self.add(caller, request, status="InProgress", body=body)
        self._training_jobs.start(record.key)
        return {"TrainingJobArn": record.arn}

    def stop(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to stop a training job.

        Raises:
            ApiError: There is none of that name, or it has ended.
        """
        record = self.record(caller, request["TrainingJobName"])
        try:
            self.store.update(record.key, status="Stopping")
        except InvalidTransition:
            status = self.record(caller, record.key.name).status
            raise validation_error(
                f"The request was rejected because the training job is in status {status}."
            ) from None
        if record.status != "Stopping":
            self._training_jobs.stop(record.key)
        return {}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Removes the record of a training job that has ended; its objects in S3 stay.

        Raises:
            ApiError: There is none of that name, or it has not ended.
        """
        record = self.record(caller, request["TrainingJobName"])
        if record.status not in TERMINAL[self.kind]:
            raise validation_error(
                f"The request was rejected because the training job is in status {record.status}. "
                "Stop it first; a training job can be deleted when it is Completed, Failed or Stopped."
            )
        self.store.delete(record.key)
        return {}

    def taken(self, arn: str) -> ApiError:
        """AWS's answer to a name that is taken."""
        return ApiError(
            "ResourceInUse",
            "Training job names must be unique within an AWS account and region, and a training job with this name "
            f"already exists ({arn})",
        )

    def missing(self, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text does not name it
        """AWS's answer to a name that there is not."""
        return validation_error("Requested resource not found.")


def _problems(request: Mapping[str, Any]) -> Iterator[str]:
    specification = request["AlgorithmSpecification"]
    if "AlgorithmName" in specification:
        yield "AlgorithmSpecification.AlgorithmName is not supported by this emulator; name the TrainingImage."
    elif "TrainingImage" not in specification:
        yield "AlgorithmSpecification must name the TrainingImage."
    for member in UNSUPPORTED:
        if request.get(member):
            yield f"{member} is not supported by this emulator; leave it out."
    if "ResourceConfig" not in request:
        yield "ResourceConfig is required."
    else:
        yield from _resource_problems(request["ResourceConfig"])
    if request["OutputDataConfig"].get("CompressionType", "GZIP") != "GZIP":
        yield "OutputDataConfig.CompressionType must be GZIP in this emulator; leave it out."
    yield from _stopping_problems(request)
    channels = request.get("InputDataConfig", [])
    names = [channel["ChannelName"] for channel in channels]
    if len(set(names)) != len(names):
        yield f"Channel names must be unique, got: {', '.join(names)}."
    for channel in channels:
        yield from _channel_problems(channel, specification)


def _resource_problems(resources: Mapping[str, Any]) -> Iterator[str]:
    if "InstanceGroups" in resources:
        yield "ResourceConfig.InstanceGroups is not supported by this emulator; use InstanceType and InstanceCount."
    elif "InstanceType" not in resources or "InstanceCount" not in resources:
        yield "ResourceConfig must give InstanceType and InstanceCount."
    elif resources["InstanceCount"] != 1:
        yield (
            f"ResourceConfig.InstanceCount is {resources['InstanceCount']}; this emulator trains on 1 instance. "
            "Set it to 1."
        )


def _stopping_problems(request: Mapping[str, Any]) -> Iterator[str]:
    stopping = request.get("StoppingCondition", {})
    if request.get("EnableManagedSpotTraining") and "MaxWaitTimeInSeconds" not in stopping:
        yield "MaxWaitTimeInSeconds is required in StoppingCondition when EnableManagedSpotTraining is true."
    if stopping.get("MaxWaitTimeInSeconds", DEFAULT_MAX_RUNTIME_SECONDS) < stopping.get("MaxRuntimeInSeconds", 0):
        yield (
            f"MaxWaitTimeInSeconds, {stopping['MaxWaitTimeInSeconds']}, must be at least MaxRuntimeInSeconds, "
            f"{stopping['MaxRuntimeInSeconds']}."
        )


def _channel_problems(channel: Mapping[str, Any], specification: Mapping[str, Any]) -> Iterator[str]:
    name = channel["ChannelName"]
    mode = channel.get("InputMode", specification["TrainingInputMode"])
    if mode != "File":
        yield f"Channel '{name}' has input mode '{mode}'; this emulator supports 'File'."
    source = channel["DataSource"].get("S3DataSource")
    if source is None:
        yield f"Channel '{name}' must have an S3DataSource."
    elif source["S3DataType"] != "S3Prefix":
        yield f"Channel '{name}' has S3DataType '{source['S3DataType']}'; this emulator supports 'S3Prefix'."
    if channel.get("RecordWrapperType", "None") != "None":
        yield f"Channel '{name}' has RecordWrapperType '{channel['RecordWrapperType']}'; this emulator supports 'None'."
