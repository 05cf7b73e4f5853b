"""What IAM has to allow the caller of a SageMaker operation: on which resources, with which condition keys.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sagecraft_catalog import dns_suffix, partition

from sagecraft_emulator.api.caller import Caller

from .passed_roles import passed_roles
from .role_session import SAGEMAKER
from .volume_keys import Stored, volume_keys

TagsOf = Callable[[str], Mapping[str, str]]
"""The tags of the resource of an ARN."""

_NOUN: Final = re.compile(r"(?:Create|Describe|Delete|Update|Stop|Start)(?P<noun>[A-Z]\w+)")
_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_RESOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "CreateEndpoint": ("Endpoint", "EndpointConfig"),
    "UpdateEndpoint": ("Endpoint", "EndpointConfig"),
    "UpdateEndpointWeightsAndCapacities": ("Endpoint",),
    "ListTrainingJobsForHyperParameterTuningJob": ("HyperParameterTuningJob",),
    "CreatePresignedNotebookInstanceUrl": ("NotebookInstance",),
    "CreatePresignedDomainUrl": ("UserProfile",),
    "CreateAutoMLJobV2": ("AutoMLJob",),
    "DescribeAutoMLJobV2": ("AutoMLJob",),
    "ListCandidatesForAutoMLJob": (),
    "CreateImageVersion": ("Image",),
    "ListImageVersions": ("Image",),
    "ListAliases": ("Image", "ImageVersion"),
    "StartPipelineExecution": ("Pipeline",),
    "ListPipelineExecutions": ("Pipeline",),
    "ListPipelineVersions": ("Pipeline",),
    "BatchDescribeModelPackage": ("ModelPackage",),
    "ListModelPackages": ("ModelPackage",),
    "DescribeFeatureMetadata": ("FeatureGroup",),
    "UpdateFeatureMetadata": ("FeatureGroup",),
    **dict.fromkeys(
        ("DeleteModelPackageGroupPolicy", "GetModelPackageGroupPolicy", "PutModelPackageGroupPolicy"),
        ("ModelPackageGroup",),
    ),
}
"""The nouns that an operation is on, where these are more or others than the one in its name."""
_ARNS: Final = ("ResourceArn", "PipelineExecutionArn", "PipelineArn")
"""The members that name by its ARN what a request is on."""
_PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "App": ("DomainId", "UserProfileName SpaceName", "AppType", "AppName"),
    "Domain": ("DomainId",),
    "ImageVersion": ("ImageName", "Version"),
    "Space": ("DomainId", "SpaceName"),
    "UserProfile": ("DomainId", "UserProfileName"),
}
"""The members that an ARN ends with, where these are more or others than a name; of those in one text, the first."""

_ARN_TYPES: Final = {"AutoMLJob": "automl-job"}
"""What stands before the name in an ARN, where that is not the noun with hyphens."""

_DEFINITIONS: Final = ("", "TrainingJobDefinition.", "TrainingJobDefinitions.")
_AUTOML: Final = ("SecurityConfig.", "AutoMLJobConfig.SecurityConfig.")
_VARIANTS: Final = ("ProductionVariants.", "ShadowProductionVariants.")
_FILE_SYSTEM: Final = "InputDataConfig.DataSource.FileSystemDataSource."
_USERS: Final = ("DefaultUserSettings.", "UserSettings.")
_SPECS: Final = (
    "ResourceSpec.",
    *(f"{place}*.DefaultResourceSpec." for place in (*_USERS, "DefaultSpaceSettings.", "SpaceSettings.")),
)


def _in(places: tuple[str, ...], *members: str) -> tuple[str, ...]:
    return tuple(place + member for place in places for member in members)


_CONDITION_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "AppNetworkAccessType": ("AppNetworkAccessType",),
    "AcceleratorTypes": ("AcceleratorTypes", *_in(_VARIANTS, "AcceleratorType")),
    "DirectInternetAccess": ("DirectInternetAccess",),
    "DomainSharingOutputKmsKeyArn": _in(_USERS, "SharingSettings.S3KmsKeyId"),
    "EnableRemoteDebug": ("RemoteDebugConfig.EnableRemoteDebug",),
    "FileSystemAccessMode": _in(_DEFINITIONS, _FILE_SYSTEM + "FileSystemAccessMode"),
    "FileSystemDirectoryPath": _in(_DEFINITIONS, _FILE_SYSTEM + "DirectoryPath"),
    "FileSystemId": _in(_DEFINITIONS, _FILE_SYSTEM + "FileSystemId"),
    "FileSystemType": _in(_DEFINITIONS, _FILE_SYSTEM + "FileSystemType"),
    "ImageArns": _in(_SPECS, "SageMakerImageArn"),
    "ImageVersionArns": _in(_SPECS, "SageMakerImageVersionArn"),
    "InstanceTypes": (
        "InstanceType",
        *_in(_SPECS, "InstanceType"),
        "ProcessingResources.ClusterConfig.InstanceType",
        "TransformResources.InstanceType",
        *_in(_DEFINITIONS, "ResourceConfig.InstanceType", "ResourceConfig.InstanceGroups.InstanceType"),
        *_in(
            _DEFINITIONS,
            "HyperParameterTuningResourceConfig.InstanceType",
            "HyperParameterTuningResourceConfig.InstanceConfigs.InstanceType",
        ),
        *_in(_VARIANTS, "InstanceType"),
    ),
    "InterContainerTrafficEncryption": _in(
        (*_DEFINITIONS, *_AUTOML, "NetworkConfig."), "EnableInterContainerTrafficEncryption"
    ),
    "KeepAlivePeriod": ("ResourceConfig.KeepAlivePeriodInSeconds",),
    "MaxRuntimeInSeconds": _in(_DEFINITIONS, "StoppingCondition.MaxRuntimeInSeconds"),
    "MinimumInstanceMetadataServiceVersion": (
        "InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion",
    ),
    "ModelArn": ("ModelName", *_in(_VARIANTS, "ModelName")),
    "NetworkIsolation": _in((*_DEFINITIONS, "NetworkConfig."), "EnableNetworkIsolation"),
    "NotebookInstanceLifecycleConfigArns": ("LifecycleConfigName",),
    "OutputKmsKeyArn": (
        "ProcessingOutputConfig.KmsKeyId",
        "TransformOutput.KmsKeyId",
        *_in(_DEFINITIONS, "OutputDataConfig.KmsKeyId"),
    ),
    "PipelineVersionId": ("PipelineVersionId",),
    "RemoteAccess": ("SpaceSettings.RemoteAccess",),
    "RootAccess": ("RootAccess",),
    "ServerlessMaxConcurrency": _in(_VARIANTS, "ServerlessConfig.MaxConcurrency"),
    "ServerlessMemorySize": _in(_VARIANTS, "ServerlessConfig.MemorySizeInMB"),
    "StudioLifecycleConfigArns": (
        *_in(_SPECS, "LifecycleConfigArn"),
        *_in((*_USERS, "DefaultSpaceSettings.", "SpaceSettings."), "*.LifecycleConfigArns"),
    ),
    "VolumeKmsKeyArn": (
        "HomeEfsFileSystemKmsKeyId",
        "KmsKeyId",
        "ProcessingResources.ClusterConfig.VolumeKmsKeyId",
        "TransformResources.VolumeKmsKeyId",
        *_in(_AUTOML, "VolumeKmsKeyId"),
        *_in(_DEFINITIONS, "ResourceConfig.VolumeKmsKeyId", "HyperParameterTuningResourceConfig.VolumeKmsKeyId"),
    ),
    "VpcSecurityGroupIds": (
        "SecurityGroupIds",
        *_in(_USERS, "SecurityGroups"),
        "NetworkConfig.VpcConfig.SecurityGroupIds",
        *_in((*_DEFINITIONS, *_AUTOML), "VpcConfig.SecurityGroupIds"),
    ),
    "VpcSubnets": (
        "SubnetId",
        "SubnetIds",
        "NetworkConfig.VpcConfig.Subnets",
        *_in((*_DEFINITIONS, *_AUTOML), "VpcConfig.Subnets"),
    ),
}
"""Where in a request the values of `sagemaker:…` keys stand; every element of a list is meant."""
_OF_PACKAGE: Final = {
    "modelapprovalstatus": ["ModelApprovalStatus"],
    "modellifecycle:stage": ["ModelLifeCycle", "Stage"],
    "modellifecycle:stagestatus": ["ModelLifeCycle", "StageStatus"],
}
"""Of the operations that make or change a model package alone, for others filter by such members."""
_LISTS: Final = frozenset(
    {
        "AcceleratorTypes",
        "ImageArns",
        "ImageVersionArns",
        "InstanceTypes",
        "NotebookInstanceLifecycleConfigArns",
        "StudioLifecycleConfigArns",
        "VpcSecurityGroupIds",
        "VpcSubnets",
    }
)
"""Keys that have several values, and so are asked for with `ForAllValues` and `ForAnyValue`."""
_OLDER: Final = {
    "DomainSharingOutputKmsKeyArn": "DomainSharingOutputKmsKey",
    "OutputKmsKeyArn": "OutputKmsKey",
    "VolumeKmsKeyArn": "VolumeKmsKey",
}
"""What policies called keys before, and still may."""


@dataclass(frozen=True)
class Demand:
    """One permission.

    Attributes:
        action: As IAM names it.
        resource: An ARN, or `*`.
        context: The condition keys of the request, by their names in lower case.
        or_role: A role that may have it in the place of the caller, or None.
    """

    action: str
    resource: str
    context: Mapping[str, object] = field(default_factory=dict)
    or_role: str | None = None


def demands(
    operation: str,
    request: Mapping[str, Any],
    caller: Caller,
    tags_of: TagsOf,
    known: Mapping[str, object],
    stored: Stored,
) -> Iterator[Demand]:
    """The permissions that a request needs, in the order in which they are asked for.

    Who hands a role to SageMaker needs the permission to pass it, who makes something with tags, to tag it, and who
    names a key for volumes, to let SageMaker use that.

    Args:
        operation: Such as `CreateEndpoint`.
        request: Its members, not yet checked.
        caller: Whose it is.
        tags_of: Knows the tags of what is there.
        known: Condition keys that AWS knows of what is there.
        stored: Knows the members of what is there.
    """
    given = {**known, **dict(_keys(operation, request, caller)), **_tags(request)}
    resources = list(resource_arns(operation, request, caller))
    if isinstance(token := request.get("CallbackToken"), str):  # which only what waits for it says more of
        resources = [arn for arn in [stored(caller.arn("pipeline-callback", token)).get("PipelineExecutionArn")] if arn]
    for arn in resources or ["*"]:
        yield Demand(f"sagemaker:{operation}", arn, {**given, **resource_tags(tags_of(arn))})
    for role_arn in passed_roles(request):
        yield Demand("iam:PassRole", role_arn, {"iam:passedtoservice": SAGEMAKER})
    if request.get("Tags") and operation.startswith("Create"):
        for arn in resources[:1]:
            yield Demand("sagemaker:AddTags", arn, {**_tags(request), "sagemaker:taggingaction": operation})
    for each in volume_keys(operation, request, resources, caller, stored):
        yield Demand("kms:CreateGrant", _key_arn(each.key, caller), _of_grant(caller), each.role_arn)


def invocation_demand(endpoint_name: str, headers: Mapping[str, str], caller: Caller, tags_of: TagsOf) -> Demand:
    """The permission that an invocation needs; header names are lower case."""
    arn = caller.arn("endpoint", endpoint_name)
    model = headers.get("x-amzn-sagemaker-target-model")
    target = {} if model is None else {"sagemaker:targetmodel": model}
    return Demand("sagemaker:InvokeEndpoint", arn, {**target, **resource_tags(tags_of(arn))})


def resource_arns(operation: str, request: Mapping[str, Any], caller: Caller) -> Iterator[str]:
    """The ARNs of what a request is on; none for an operation that is on none in particular."""
    arn = next((request[each] for each in _ARNS if isinstance(request.get(each), str)), None)
    if arn is not None:
        yield arn
        return
    match = _NOUN.fullmatch(operation)
    for noun in _RESOURCES.get(operation, () if match is None else (match["noun"],)):
        if noun == "ModelPackage":
            yield from _package_arns(request, caller)
            continue
        path = [_member(request, members) for members in _PATHS.get(noun, (f"{noun}Name",))]
        if len(path) == 1 and path[0].startswith("arn:"):
            yield path[0]
        elif any(path) or operation == "CreateDomain":  # whose ID is not known before it is made
            yield _arn(noun, "/".join(each or "*" for each in path), caller)


def _package_arns(request: Mapping[str, Any], caller: Caller) -> Iterator[str]:
    """The ARNs of the model packages that a request is on: of a group, all of its versions."""
    listed = request.get("ModelPackageArnList")
    for given in [request.get("ModelPackageArn"), *(listed if isinstance(listed, list) else [])]:
        if isinstance(given, str):
            yield _arn("ModelPackage", given, caller)
    name, group = request.get("ModelPackageName"), request.get("ModelPackageGroupName")
    if isinstance(group, str):
        of_group = _arn("ModelPackageGroup", group, caller)
        yield f"{of_group.replace(':model-package-group/', ':model-package/')}/*"
    elif isinstance(name, str):
        yield _arn("ModelPackage", name, caller)


def _member(request: Mapping[str, Any], members: str) -> str:
    """The first of some members that a request has; nothing without any."""
    values = (request.get(member) for member in members.split())
    return next((str(value) for value in values if isinstance(value, str | int)), "")


def _arn(noun: str, name: str, caller: Caller) -> str:
    """The ARN of a resource; AWS spells those of what is in a domain, and of versions of images, in lower case."""
    if name.startswith("arn:"):
        return name
    return caller.arn(_ARN_TYPES.get(noun) or _WORDS.sub("-", noun).lower(), name.lower() if noun in _PATHS else name)


def _keys(operation: str, request: Mapping[str, Any], caller: Caller) -> Iterator[tuple[str, object]]:
    """The `sagemaker:…` condition keys that a request has."""
    for key, paths in _CONDITION_KEYS.items():
        if key == "ModelArn" and operation.endswith("Model"):
            continue  # the model is what the operation is on
        values = [_value(key, value, caller) for path in paths for value in _at(request, path.split("."))]
        if values:
            for name in (key, _OLDER.get(key, key)):
                yield f"sagemaker:{name}".lower(), values if key in _LISTS or len(values) > 1 else values[0]
    if operation in {"CreateModelPackage", "UpdateModelPackage"}:
        yield from _package_keys(request)


def _package_keys(request: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """The condition keys of what a request says of a model package."""
    for key, path in _OF_PACKAGE.items():
        for value in _at(request, path):
            yield f"sagemaker:{key}", str(value)
    metadata = request.get("CustomerMetadataProperties")
    for key, value in metadata.items() if isinstance(metadata, Mapping) else ():
        yield f"sagemaker:customermetadataproperties/{key}".lower(), str(value)
    removed = [str(key) for key in _at(request, ["CustomerMetadataPropertiesToRemove"])]
    if removed:
        yield "sagemaker:customermetadatapropertiestoremove", removed


def _at(given: object, path: list[str]) -> Iterator[object]:
    """What stands at a path, in every element of the lists on the way."""
    match given:
        case list():
            for each in given:
                yield from _at(each, path)
        case Mapping() if path and path[0] == "*":
            for each in given.values():
                yield from _at(each, path[1:])
        case Mapping() if path:
            yield from _at(given.get(path[0]), path[1:])
        case str() | int() | float() if not path:
            yield given


def _value(key: str, value: object, caller: Caller) -> str:
    """A member as policies ask for it: a name as an ARN, a boolean as a word."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    match key:
        case "ModelArn":
            return _arn("Model", text, caller)
        case "NotebookInstanceLifecycleConfigArns":
            return _arn("NotebookInstanceLifecycleConfig", text, caller)
        case "DomainSharingOutputKmsKeyArn" | "OutputKmsKeyArn" | "VolumeKmsKeyArn":
            return _key_arn(text, caller)
        case _:
            return text


def _key_arn(key: str, caller: Caller) -> str:
    """The ARN of a key or an alias, which a request may name otherwise."""
    if key.startswith("arn:"):
        return key
    resource = key if key.startswith("alias/") else f"key/{key}"
    return f"arn:{partition(caller.region)}:kms:{caller.region}:{caller.account}:{resource}"


def _of_grant(caller: Caller) -> dict[str, object]:
    """The condition keys of a grant that SageMaker makes for somebody.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    return {
        "kms:calleraccount": caller.account,
        "kms:grantisforawsresource": "true",
        "kms:viaservice": f"sagemaker.{caller.region}.{dns_suffix(caller.region)}",
    }


def _tags(request: Mapping[str, Any]) -> dict[str, object]:
    given, removed = (value if isinstance(value := request.get(name), list) else [] for name in ("Tags", "TagKeys"))
    tags = [each for each in given if isinstance(each, Mapping)]
    keys = [str(each.get("Key")) for each in tags] + [str(key) for key in removed]
    found: dict[str, object] = {f"aws:requesttag/{each.get('Key')}".lower(): str(each.get("Value")) for each in tags}
    return {**found, "aws:tagkeys": keys} if keys else found


def resource_tags(tags: Mapping[str, str]) -> dict[str, object]:
    """The condition keys of the tags of what a request is on."""
    return {
        f"{prefix}:resourcetag/{key}".lower(): value for key, value in tags.items() for prefix in ("aws", "sagemaker")
    }
