"""Training jobs: their requests, their records, and what may be asked of them when."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sagecraft_emulator.caller import Caller

from .job import JobKind

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


class TrainingJobKind(JobKind):
    """`CreateTrainingJob` and its siblings."""

    kind, arn_type, spoken = "TrainingJob", "training-job", "training job"
    plural, list_member = "TrainingJobs", "TrainingJobSummaries"

    def problems(self, caller: Caller, request: Mapping[str, Any]) -> Iterator[str]:  # noqa: ARG002 - the same for all
        """Everything that is wrong with a request, and that the service model does not see; one sentence each."""
        return _problems(request)

    def body(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a new job's record besides, or in place of, those of its request."""
        now = time.time()
        return {
            "AlgorithmSpecification": {"EnableSageMakerMetricsTimeSeries": False, **request["AlgorithmSpecification"]},
            "OutputDataConfig": {"KmsKeyId": "", **request["OutputDataConfig"]},
            "StoppingCondition": {
                "MaxRuntimeInSeconds": DEFAULT_MAX_RUNTIME_SECONDS,
                **request.get("StoppingCondition", {}),
            },
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
