"""What is wrong with a `CreateTrainingJob` request that the service model does not see.

Source: `CreateTrainingJob` and the shapes in it in the SageMaker API reference, and "Setting up training jobs to access
datasets" in the developer guide.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from sagecraft_catalog import UnknownInstanceType, algorithm

from sagecraft_emulator.container.images import built_in_algorithm
from sagecraft_emulator.errors import NotDone

DEFAULT_MAX_RUNTIME_SECONDS: Final = 86_400
LONGEST_RUNTIME_SECONDS: Final = 2_419_200
SCRIPT: Final = "sagemaker_program"
"""The hyperparameter that names a script which trains in the algorithm's place, with hyperparameters of its own."""
_UNSUPPORTED: Final = ("MlflowConfig", "ModelPackageConfig", "ServerlessJobConfig")


def problems(request: Mapping[str, Any]) -> Iterator[str]:
    """Everything that is wrong, one sentence each."""
    if "AlgorithmSpecification" not in request:
        yield (
            "1 validation error detected: Value null at 'algorithmSpecification' failed to satisfy constraint: Member "
            "must not be null"
        )
        return
    specification = request["AlgorithmSpecification"]
    if "AlgorithmName" in specification:
        yield NotDone("AlgorithmSpecification.AlgorithmName is not supported by this emulator; name the TrainingImage.")
    elif "TrainingImage" not in specification:
        yield "AlgorithmSpecification must name the TrainingImage."
    if "MetricDefinitions" in specification:
        from sagecraft_emulator.metrics.expression import problems as metric_problems  # noqa: PLC0415 - it imports RE2

        yield from metric_problems(specification["MetricDefinitions"])
    for member in _UNSUPPORTED:
        if request.get(member):
            yield NotDone(f"{member} is not supported by this emulator; leave it out.")
    if "ResourceConfig" not in request:
        yield "ResourceConfig is required."
    else:
        yield from _resource_problems(request["ResourceConfig"])
        yield from _algorithm_problems(request)
    yield from _stopping_problems(request)
    channels = request.get("InputDataConfig", [])
    yield from _repeated("Channel names", [channel["ChannelName"] for channel in channels])
    groups = [group["InstanceGroupName"] for group in request.get("ResourceConfig", {}).get("InstanceGroups", [])]
    for channel in channels:
        if channel["ChannelName"] in {".", ".."}:
            yield f"Channel name '{channel['ChannelName']}' names no directory of its own; use letters and digits."
        yield from _channel_problems(channel, channel.get("InputMode", specification["TrainingInputMode"]), groups)


def _algorithm_problems(request: Mapping[str, Any]) -> Iterator[str]:
    """What AWS's own algorithm, where it is one that trains, demands of the instances and of waiting for them."""
    resources, stopping = request["ResourceConfig"], request.get("StoppingCondition", {})
    name = built_in_algorithm(request["AlgorithmSpecification"].get("TrainingImage", ""))
    if name is None or SCRIPT in request.get("HyperParameters", {}):
        return
    if request.get("EnableManagedSpotTraining"):
        yield from algorithm(name).check_wait(stopping.get("MaxWaitTimeInSeconds", 0))
    groups = resources.get("InstanceGroups") or [resources]
    count = sum(group.get("InstanceCount", 0) for group in groups)
    for group in groups:
        with suppress(UnknownInstanceType):  # one that is newer than the catalog
            found = algorithm(name).check_instances(instance_type=group.get("InstanceType", ""), instance_count=count)
            yield from (problem for _, problem in found)


def _resource_problems(resources: Mapping[str, Any]) -> Iterator[str]:
    if "InstancePreferences" in resources:
        yield NotDone("ResourceConfig.InstancePreferences is not supported by this emulator; use InstanceType.")
    elif groups := resources.get("InstanceGroups"):
        if "InstanceType" in resources or "InstanceCount" in resources:
            yield "ResourceConfig gives InstanceGroups; leave InstanceType and InstanceCount out."
        yield from _repeated("InstanceGroupNames", [group["InstanceGroupName"] for group in groups])
        if sum(group["InstanceCount"] for group in groups) == 0:
            yield "ResourceConfig.InstanceGroups has no instance; set an InstanceCount to 1 or more."
    elif "InstanceType" not in resources or "InstanceCount" not in resources:
        yield "ResourceConfig must give InstanceType and InstanceCount, or InstanceGroups."
    elif resources["InstanceCount"] == 0:
        yield "ResourceConfig.InstanceCount is 0; it must be at least 1."


def _stopping_problems(request: Mapping[str, Any]) -> Iterator[str]:
    stopping = request.get("StoppingCondition", {})
    wait, runtime = stopping.get("MaxWaitTimeInSeconds"), stopping.get("MaxRuntimeInSeconds", 0)
    if runtime > LONGEST_RUNTIME_SECONDS:
        yield f"MaxRuntimeInSeconds is {runtime}; it must be at most {LONGEST_RUNTIME_SECONDS}, 28 days."
    if not request.get("EnableManagedSpotTraining"):
        if wait is not None:
            yield "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true"
    elif wait is None:
        yield "MaxWaitTimeInSeconds is required in StoppingCondition when EnableManagedSpotTraining is true."
    elif wait < runtime:
        yield f"MaxWaitTimeInSeconds, {wait}, must be at least MaxRuntimeInSeconds, {runtime}."


def _channel_problems(channel: Mapping[str, Any], mode: str, groups: Sequence[str]) -> Iterator[str]:
    name, sources = f"Channel '{channel['ChannelName']}'", channel["DataSource"]
    if "FileSystemDataSource" in sources:
        yield NotDone(
            f"{name} has a FileSystemDataSource; this emulator has neither Amazon EFS nor FSx for Lustre. Copy the "
            "data to S3 and give an S3DataSource."
        )
    elif "S3DataSource" not in sources:
        yield f"{name} must have an S3DataSource."
    else:
        yield from _source_problems(name, sources["S3DataSource"], mode, groups)
    if channel.get("RecordWrapperType", "None") == "RecordIO" and mode != "Pipe":
        yield f"{name} has RecordWrapperType RecordIO, which needs the input mode Pipe, not {mode}."


def _source_problems(name: str, source: Mapping[str, Any], mode: str, groups: Sequence[str]) -> Iterator[str]:
    data_type = source["S3DataType"]
    augmented = data_type == "AugmentedManifestFile"
    if data_type not in {"S3Prefix", "ManifestFile", "AugmentedManifestFile"}:
        yield NotDone(
            f"{name} has S3DataType '{data_type}'; this emulator supports AugmentedManifestFile, ManifestFile and "
            "S3Prefix."
        )
    elif augmented and mode != "Pipe":
        yield f"{name} has S3DataType AugmentedManifestFile, which needs the input mode Pipe, not {mode}."
    elif mode == "FastFile" and data_type != "S3Prefix":
        yield f"{name} has S3DataType {data_type}, but the input mode FastFile supports S3Prefix only."
    if augmented and not source.get("AttributeNames"):
        yield f"{name} has S3DataType AugmentedManifestFile and must give the AttributeNames to read from it."
    if not augmented and source.get("AttributeNames"):
        yield f"{name} gives AttributeNames, which need the S3DataType AugmentedManifestFile, not {data_type}."
    unknown = [group for group in source.get("InstanceGroupNames", []) if group not in groups]
    if unknown:
        yield (
            f"{name} names InstanceGroupNames that ResourceConfig does not have: {', '.join(unknown)}; it has: "
            f"{', '.join(groups) or 'none'}."
        )


def _repeated(what: str, names: Sequence[str]) -> Iterator[str]:
    if len(set(names)) != len(names):
        repeated = ", ".join(name for name, times in Counter(names).items() if times > 1)
        yield f"{what} must be unique, got: {', '.join(names)} ({repeated} more than once)."
