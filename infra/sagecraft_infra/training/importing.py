"""The code of a training job."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sagecraft_catalog import algorithm

from sagecraft_infra.code import references
from sagecraft_infra.code.members import Members
from sagecraft_infra.code.module import Module, call, dict_of, literal, pascal
from sagecraft_infra.noun.importable import Existing

if TYPE_CHECKING:
    from sagecraft_infra.target import Target

_LONGEST_PREFIX: Final = 49
"""As `TrainingJob.name_prefix` takes it."""
_LONGEST_DEPLOYED_SECONDS: Final = 45 * 60
"""As `JobRealization.DEPLOY` takes it."""
_TIMESTAMP: Final = re.compile(r"(-\d{4}-\d{2}-\d{2}-\d{2}-\d{2}-\d{2}(-\d{3})?|-\d{10,14}|-[0-9a-f]{10}(-\d{1,2})?)$")
"""What the SDKs put behind a name, and what our own jobs have there."""
_DEFAULTS: Final = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}
_DEFAULT_SECONDS: Final = 30 * 60


def write(module: Module, target: "Target", region: str, existing: Existing) -> dict[str, dict[str, str]]:
    """Writes the code of a training job into a module.

    Returns:
        Nothing that could be imported: CloudFormation has no type for it.
    """
    client = target.sagemaker(region)
    shape = client.meta.service_model.operation_model("CreateTrainingJob").input_shape
    members = Members(existing.description, shape)
    members.take("TrainingJobName")
    hyperparameters = members.take("HyperParameters", default={})
    uri = members.take("AlgorithmSpecification", "TrainingImage")
    inputs = members.take("InputDataConfig", default=[])
    known = _algorithm(uri, region, hyperparameters, inputs)
    mode = members.take("AlgorithmSpecification", "TrainingInputMode", default="File")
    output_bucket, output_prefix = references.split_uri(members.take("OutputDataConfig", "S3OutputPath")) or ("", "")
    channels = dict_of({each["ChannelName"]: written for each in inputs if (written := _channel(module, each, mode))})
    output = references.bucket(module, output_bucket, "output_bucket")
    seconds = members.take("StoppingCondition", "MaxRuntimeInSeconds", default=86_400)
    keywords: dict[str, str | None] = {
        "container": "" if uri is None else references.container(module, uri, known),
        "inputs": channels,
        "output_bucket": output,
        "output_prefix": literal(output_prefix.rstrip("/")),
        "hyperparameters": dict_of({name: _number(value) for name, value in hyperparameters.items()})
        if hyperparameters
        else None,
        **_machines(module, members),
        "output_key": _key(module, members, "output_key", "OutputDataConfig", "KmsKeyId"),
        "max_runtime": _duration(module, seconds, default=_DEFAULT_SECONDS),
        "max_wait": _spot(module, members),
        "checkpoints_prefix": _checkpoints(members, output_bucket),
        "network_isolation": _isolation(members, known),
        **_network(module, target, region, members),
        "metric_definitions": _metrics(members, known),
        "environment": references.strings(environment) if (environment := members.take("Environment")) else None,
        "retry_attempts": _optional(members.take("RetryStrategy", "MaximumRetryAttempts")),
        "role": references.role(module, members.take("RoleArn")),
        "name_prefix": literal(_name_prefix(existing.name)),
        "realization": _realization(module, seconds),
    }
    if keywords["output_prefix"] == literal("models"):
        del keywords["output_prefix"]
    members.take_default(int(existing.description["ResourceConfig"].get("InstanceCount", 1)) > 1, _TRAFFIC)
    # Those that SageMaker describes although nobody asked for them.
    members.take_default(False, "AlgorithmSpecification", "EnableSageMakerMetricsTimeSeries")
    members.take_default("NONE", "OutputDataConfig", "CompressionType")
    references.not_expressed(module, members)
    module.ours("TrainingJob")
    variable = "training_job"
    module.statement(f"{variable} = {call('TrainingJob', 'self', literal(pascal(variable)), **keywords)}")
    references.tags(module, target, region, existing.arn, variable)
    return {}


_TRAFFIC: Final = "EnableInterContainerTrafficEncryption"


def _algorithm(
    uri: str | None, region: str, hyperparameters: Mapping[str, str], inputs: list[dict[str, Any]]
) -> tuple[str, str] | None:
    """AWS's algorithm, if the construct would take the job as it is."""
    known = None if uri is None else references.algorithm_of(uri, region, "training")
    if known is None:
        return None
    rules = algorithm(known[0])
    types = {each["ContentType"].partition(";")[0].strip() for each in inputs if each.get("ContentType")}
    refused = rules.check_hyperparameters(hyperparameters) or (rules.content_types and types - {*rules.content_types})
    return None if refused else known


def _channel(module: Module, channel: Mapping[str, Any], mode: str) -> str | None:
    name = channel["ChannelName"]
    members = Members(channel)
    members.take("ChannelName")
    uri = members.take("DataSource", "S3DataSource", "S3Uri")
    place = None if uri is None else references.split_uri(uri)
    simple = members.take_default("S3Prefix", "DataSource", "S3DataSource", "S3DataType")
    if place is None or not simple:
        module.comment(f"Not expressed: the channel {name}, whose data source is {channel['DataSource']!r}")
        return None
    module.ours("TrainingInput")
    input_mode = members.take("InputMode", default=mode)
    distribution = members.take("DataSource", "S3DataSource", "S3DataDistributionType", default="FullyReplicated")
    compression = members.take("CompressionType", default="None")
    members.take_default("None", "RecordWrapperType")
    written = call(
        "TrainingInput",
        bucket=references.bucket(module, place[0]),
        prefix=literal(place[1]),
        content_type=_optional(members.take("ContentType")),
        input_mode=_optional(input_mode, default="File"),
        distribution=_optional(distribution, default="FullyReplicated"),
        compression=_optional(compression, default="None"),
    )
    for path, value in members.left.items():
        module.comment(f"Not expressed: {path} = {value!r} of the channel {name}")
    return written


def _machines(module: Module, members: Members) -> dict[str, str | None]:
    instance_type = members.take("ResourceConfig", "InstanceType", default=_DEFAULTS["InstanceType"])
    if instance_type != _DEFAULTS["InstanceType"]:
        module.ours("InstanceType")
    count = members.take("ResourceConfig", "InstanceCount", default=1)
    volume = members.take("ResourceConfig", "VolumeSizeInGB", default=_DEFAULTS["VolumeSizeInGB"])
    return {
        "instance_type": None
        if instance_type == _DEFAULTS["InstanceType"]
        else call("InstanceType.of", literal(instance_type)),
        "instance_count": _optional(count, default=1),
        "volume_gib": _optional(volume, default=_DEFAULTS["VolumeSizeInGB"]),
        "volume_key": _key(module, members, "volume_key", "ResourceConfig", "VolumeKmsKeyId"),
    }


def _key(module: Module, members: Members, wanted: str, *path: str) -> str | None:
    identifier = members.take(*path)
    return references.key(module, identifier, wanted) if identifier else None


def _network(module: Module, target: "Target", region: str, members: Members) -> dict[str, str | None]:
    subnets = members.take("VpcConfig", "Subnets")
    groups = members.take("VpcConfig", "SecurityGroupIds", default=[])
    if not subnets:
        return {}
    vpc, subnet_names, group_names = references.network(module, target, region, subnets, groups)
    return {
        "vpc": vpc,
        "subnets": references.expressions(subnet_names),
        "security_groups": references.expressions(group_names),
    }


def _spot(module: Module, members: Members) -> str | None:
    seconds = members.take("StoppingCondition", "MaxWaitTimeInSeconds")
    spot = members.take("EnableManagedSpotTraining", default=False)
    return _duration(module, seconds) if spot and seconds is not None else None


def _checkpoints(members: Members, output_bucket: str) -> str | None:
    uri = members.take("CheckpointConfig", "S3Uri")
    place = None if uri is None else references.split_uri(uri)
    members.take_default("/opt/ml/checkpoints", "CheckpointConfig", "LocalPath")
    if place is None:
        return None
    # The construct keeps them in the bucket of the artefacts; `not_expressed` has what is elsewhere.
    if place[0] != output_bucket:
        members.put(uri, "CheckpointConfig", "S3Uri")
        return None
    return literal(place[1])


def _isolation(members: Members, known: tuple[str, str] | None) -> str | None:
    isolated = members.take("EnableNetworkIsolation", default=False)
    return _optional(isolated, default=references.default_isolation(known))


def _metrics(members: Members, known: tuple[str, str] | None) -> str | None:
    own = [] if known is None else [(each.name, each.regex) for each in algorithm(known[0]).metric_definitions]
    given = members.take("AlgorithmSpecification", "MetricDefinitions", default=[])
    declared = {each["Name"]: each["Regex"] for each in given if (each["Name"], each["Regex"]) not in own}
    return references.strings(declared) if declared else None


def _realization(module: Module, seconds: int) -> str | None:
    if seconds <= _LONGEST_DEPLOYED_SECONDS:
        return None
    module.ours("JobRealization")
    module.comment("It may run for longer than a deployment can wait: 'sagecraft run TrainingJob' runs it.")
    return "JobRealization.BY_HAND"


def _duration(module: Module, seconds: int, *, default: int | None = None) -> str | None:
    if seconds == default:
        return None
    module.cdk("Duration")
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds % size == 0 and seconds >= size:
            return call(f"Duration.{unit}", literal(seconds // size))
    return call("Duration.seconds", literal(seconds))


def _name_prefix(name: str) -> str:
    """What the names of further jobs begin with; the construct puts a hash behind it."""
    return _TIMESTAMP.sub("", name).lower()[:_LONGEST_PREFIX].rstrip("-")


def _number(text: str) -> str:
    """A hyperparameter as a number, where SageMaker gets the same text for it."""
    for kind in (int, float):
        try:
            if str(kind(text)) == text:
                return text if text.lower() not in {"nan", "inf", "-inf"} else literal(text)
        except ValueError:
            continue
    return literal(text)


def _optional(value: Any, *, default: Any = None) -> str | None:
    return None if value == default else literal(value)
