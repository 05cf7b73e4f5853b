"""The permissions that each operation needs, against AWS's service authorization reference."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.service_model import operation_model
from sagecraft_emulator.authorization.sagemaker_actions import Demand, demands, invocation_demand

from tests.sagemaker_reference import CONDITION_KEYS, RESOURCE_TYPES, TAGGING

CALLER = Caller("123456789012", "eu-west-1")
ROLE = "arn:aws:iam::123456789012:role/work"
KEYS = "arn:aws:kms:eu-west-1:123456789012"
OF_RUNTIMES = {"InvokeEndpoint", "PutRecord", "GetRecord", "BatchGetRecord", "DeleteRecord"}
"""Operations of services beside SageMaker's own, which have their actions among its own."""
NEVER_GIVEN = {("UpdateTrainingJob", "InstanceTypes")}
"""Keys that the reference has for an operation whose request has no such member."""
OF_SOME = {"CreateDomain", "CreateModelPackage", "ListModelPackages"}
"""Operations on what has no name yet, or on all versions of a group."""
KNOWN = {"OwnerUserProfileArn", "SpaceSharingType"}
"""Keys of what is there already, whatever the request says."""


def whole(shape: Shape, depth: int = 0) -> Any:
    """A value with every member that a shape has."""
    match shape:
        case StructureShape():
            return {name: whole(member, depth + 1) for name, member in shape.members.items() if depth < 8}
        case ListShape():
            return [whole(shape.member, depth + 1)]
        case MapShape():
            return {"key": "value"}
    match shape.type_name:
        case "boolean":
            return True
        case "string":
            return ROLE if shape.name == "RoleArn" else "thing"
        case _:
            return 1


def request_of(operation: str) -> dict[str, Any]:
    shape = operation_model(operation).input_shape
    assert shape is not None
    return dict(whole(shape))


def demanded(
    operation: str,
    request: Mapping[str, Any],
    tags: Mapping[str, str] | None = None,
    stored: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Demand]:
    there = stored or {}
    of_tags = {} if tags is None else tags
    return list(demands(operation, request, CALLER, lambda _: of_tags, {}, lambda arn: there.get(arn, {})))


@pytest.mark.parametrize("operation", sorted(RESOURCE_TYPES.keys() - OF_RUNTIMES))
def test_an_operation_is_allowed_on_all_that_it_is_on(operation: str) -> None:
    found = [each.resource for each in demanded(operation, request_of(operation)) if each.action.endswith(operation)]
    types = sorted(RESOURCE_TYPES[operation])
    parts = [arn.removeprefix("arn:aws:sagemaker:eu-west-1:123456789012:").split("/") for arn in found]
    assert [type_ for type_, *_ in parts] == types or (not types and found == ["*"])
    unknown = {"*"} if operation in OF_SOME else set()
    assert {name for _, *names in parts for name in names} <= {"thing", "1"} | unknown


@pytest.mark.parametrize("operation", sorted(RESOURCE_TYPES.keys() - OF_RUNTIMES))
def test_a_request_has_the_condition_keys_of_the_reference(operation: str) -> None:
    context = demanded(operation, request_of(operation))[0].context
    older = {"sagemaker:volumekmskey", "sagemaker:outputkmskey", "sagemaker:domainsharingoutputkmskey"}
    found = {key for key in context if key.startswith("sagemaker:")} - older
    expected = {key for key in CONDITION_KEYS.get(operation, ()) if (operation, key) not in NEVER_GIVEN} - KNOWN
    assert found == {f"sagemaker:{key}".lower() for key in expected}


@pytest.mark.parametrize("operation", sorted(TAGGING))
def test_tagging_is_allowed_on_what_is_tagged(operation: str) -> None:
    arn = CALLER.arn("model", "thing")
    assert [each.resource for each in demanded(operation, {**request_of(operation), "ResourceArn": arn})] == [arn]


def test_conditions_are_met_by_what_the_request_says() -> None:
    request = {
        "TrainingJobName": "job",
        "RoleArn": ROLE,
        "ResourceConfig": {"InstanceType": "ml.m5.large", "VolumeKmsKeyId": "1234"},
        "OutputDataConfig": {"KmsKeyId": "alias/out"},
        "VpcConfig": {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]},
        "EnableNetworkIsolation": False,
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        "Tags": [{"Key": "Team", "Value": "data"}],
    }
    create, hand_over, tag, grant = demanded("CreateTrainingJob", request, {"Owner": "me"})
    assert create.context == {
        "sagemaker:instancetypes": ["ml.m5.large"],
        "sagemaker:volumekmskeyarn": "arn:aws:kms:eu-west-1:123456789012:key/1234",
        "sagemaker:volumekmskey": "arn:aws:kms:eu-west-1:123456789012:key/1234",
        "sagemaker:outputkmskeyarn": "arn:aws:kms:eu-west-1:123456789012:alias/out",
        "sagemaker:outputkmskey": "arn:aws:kms:eu-west-1:123456789012:alias/out",
        "sagemaker:vpcsubnets": ["subnet-1", "subnet-2"],
        "sagemaker:vpcsecuritygroupids": ["sg-1"],
        "sagemaker:networkisolation": "false",
        "sagemaker:maxruntimeinseconds": "60",
        "aws:requesttag/team": "data",
        "aws:tagkeys": ["Team"],
        "aws:resourcetag/owner": "me",
        "sagemaker:resourcetag/owner": "me",
    }
    assert hand_over == Demand("iam:PassRole", ROLE, {"iam:passedtoservice": "sagemaker.amazonaws.com"})
    assert (tag.action, tag.context["sagemaker:taggingaction"]) == ("sagemaker:AddTags", "CreateTrainingJob")
    of_grant = {
        "kms:calleraccount": "123456789012",
        "kms:grantisforawsresource": "true",
        "kms:viaservice": "sagemaker.eu-west-1.amazonaws.com",
    }
    assert grant == Demand("kms:CreateGrant", f"{KEYS}:key/1234", of_grant, ROLE)


@pytest.mark.parametrize(
    ("operation", "request_", "grants"),
    [
        ("CreateNotebookInstance", {"KmsKeyId": "1234", "RoleArn": ROLE}, [("key/1234", None)]),
        ("CreateNotebookInstance", {"RoleArn": ROLE}, []),
        ("StartNotebookInstance", {"NotebookInstanceName": "with-key"}, [("alias/stored", None)]),
        ("StartNotebookInstance", {"NotebookInstanceName": "absent"}, []),
        ("CreateEndpoint", {"EndpointName": "e", "EndpointConfigName": "with-key"}, [("alias/stored", None)]),
        ("CreateEndpoint", {"EndpointName": "e", "EndpointConfigName": "absent"}, []),
        ("CreateEndpointConfig", {"EndpointConfigName": "c", "KmsKeyId": "1234"}, []),
        ("UpdateEndpoint", {"EndpointName": "e", "EndpointConfigName": "with-key"}, []),
        (
            "CreateProcessingJob",
            {"ProcessingResources": {"ClusterConfig": {"VolumeKmsKeyId": "alias/a"}}, "RoleArn": ROLE},
            [("alias/a", ROLE)],
        ),
        (
            "CreateTransformJob",
            {"TransformResources": {"VolumeKmsKeyId": "1234"}, "ModelName": "of-role"},
            [("key/1234", ROLE)],
        ),
        (
            "CreateHyperParameterTuningJob",
            {
                "TrainingJobDefinition": {"ResourceConfig": {"VolumeKmsKeyId": "1"}, "RoleArn": ROLE},
                "TrainingJobDefinitions": [
                    {"HyperParameterTuningResourceConfig": {"VolumeKmsKeyId": "2"}, "RoleArn": ROLE},
                    {"ResourceConfig": {}},
                    None,
                ],
            },
            [("key/1", ROLE), ("key/2", ROLE)],
        ),
        ("CreateTrainingJob", {"ResourceConfig": {"VolumeKmsKeyId": 4}, "RoleArn": ROLE}, []),
        ("CreateTrainingJob", {"ResourceConfig": "none"}, []),
    ],
)
def test_a_key_of_volumes_needs_a_grant(
    operation: str, request_: dict[str, Any], grants: list[tuple[str, str | None]]
) -> None:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html
    stored = {
        CALLER.arn("notebook-instance", "with-key"): {"KmsKeyId": "alias/stored"},
        CALLER.arn("endpoint-config", "with-key"): {"KmsKeyId": "alias/stored"},
        CALLER.arn("model", "of-role"): {"ExecutionRoleArn": ROLE},
    }
    found = [each for each in demanded(operation, request_, stored=stored) if each.action == "kms:CreateGrant"]
    by_key = [(each.resource.removeprefix(f"{KEYS}:"), each.or_role) for each in found]
    assert sorted(by_key) == grants


@pytest.mark.parametrize("tags", [1.5, True, "team", {"Key": "team"}, [1, None]])
def test_tags_that_are_none_are_for_the_service_to_refuse(tags: object) -> None:
    [create, *_] = demanded(
        "CreateModelPackageGroup", {"ModelPackageGroupName": "group", "Tags": tags, "TagKeys": tags}
    )
    assert "aws:requesttag/team" not in create.context


def test_an_invocation_has_the_model_that_it_is_for() -> None:
    headers = {"x-amzn-sagemaker-target-model": "a.tar.gz"}
    assert invocation_demand("titanic", headers, CALLER, lambda _: {}) == Demand(
        "sagemaker:InvokeEndpoint", CALLER.arn("endpoint", "titanic"), {"sagemaker:targetmodel": "a.tar.gz"}
    )


def test_executions_of_pipelines_are_named_by_their_arns_and_callbacks_by_their_tokens() -> None:
    execution = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p/execution/abcdefghijkl"
    for operation in ("StopPipelineExecution", "ListPipelineExecutionSteps", "DescribePipelineDefinitionForExecution"):
        assert [each.resource for each in demanded(operation, {"PipelineExecutionArn": execution})] == [execution]
    pipeline = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/p"
    assert [each.resource for each in demanded("StartPipelineExecution", {"PipelineName": pipeline})] == [pipeline]
    waiting = {"arn:aws:sagemaker:eu-west-1:123456789012:pipeline-callback/token": {"PipelineExecutionArn": execution}}
    (sent,) = demanded("SendPipelineExecutionStepSuccess", {"CallbackToken": "token"}, stored=waiting)
    assert sent.resource == execution


@pytest.mark.parametrize(
    ("operation", "request_", "resource"),
    [
        ("CreateModelPackage", {"ModelPackageGroupName": "group"}, "model-package/group/*"),
        ("CreateModelPackage", {"ModelPackageName": "alone"}, "model-package/alone"),
        ("DescribeModelPackage", {"ModelPackageName": "group/3"}, "model-package/group/3"),
        ("DescribeModelPackage", {"ModelPackageName": CALLER.arn("model-package", "a/1")}, "model-package/a/1"),
        ("UpdateModelPackage", {"ModelPackageArn": CALLER.arn("model-package", "a/1")}, "model-package/a/1"),
        (
            "DescribeModelPackageGroup",
            {"ModelPackageGroupName": CALLER.arn("model-package-group", "group")},
            "model-package-group/group",
        ),
    ],
)
def test_a_model_package_is_named_in_many_ways(operation: str, request_: dict[str, str], resource: str) -> None:
    assert demanded(operation, request_)[0].resource == f"arn:aws:sagemaker:eu-west-1:123456789012:{resource}"
