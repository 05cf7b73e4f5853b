"""Models that are made from model packages."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.hosting.model import served_container

from tests.emulator.control_plane import ACCOUNT, IMAGE, REGION, ROLE, ControlPlane
from tests.emulator.registry.packages import ALONE, DATA, OTHER, SPECIFICATION, package_of, shared_with

SMALL = {"Name": "small", "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://bucket/small.tar.gz"}]}


@pytest.fixture
def client(control_plane: ControlPlane) -> Any:
    """A client where there is a group."""
    control_plane.client.create_model_package_group(ModelPackageGroupName="group")
    return control_plane.client


def test_a_model_serves_what_its_package_says(control_plane: ControlPlane, client: Any) -> None:
    environment = {"A": "package", "B": "package"}
    containers = [{"Image": IMAGE, "ModelDataUrl": DATA, "Environment": environment}]
    arn = package_of(
        client,
        "group",
        InferenceSpecification={**SPECIFICATION, "Containers": containers},
        AdditionalInferenceSpecifications=[SMALL],
        ModelApprovalStatus="Approved",
    )
    container = {"ModelPackageName": arn, "Environment": {"B": "model"}}
    client.create_model(ModelName="of-package", Containers=[container], ExecutionRoleArn=ROLE)
    model = client.describe_model(ModelName="of-package")
    assert (model["Containers"], "PrimaryContainer" in model) == ([container], False)
    served = served_container(control_plane.record("Model", "of-package").body)
    assert (served["Image"], served["ModelDataUrl"]) == (IMAGE, DATA)
    assert served["Environment"] == {"A": "package", "B": "model"}
    small = {"ModelPackageName": "group/1", "InferenceSpecificationName": "small"}
    client.create_model(ModelName="small", PrimaryContainer=small, ExecutionRoleArn=ROLE)
    served = served_container(control_plane.record("Model", "small").body)
    assert served["ModelDataUrl"] == "s3://bucket/small.tar.gz"


def test_a_package_of_its_own_needs_no_approval(client: Any) -> None:
    client.create_model_package(ModelPackageName="alone", InferenceSpecification=ALONE)
    client.create_model(ModelName="m", PrimaryContainer={"ModelPackageName": "alone"}, ExecutionRoleArn=ROLE)


@pytest.mark.parametrize("status", ["PendingManualApproval", "Rejected"])
def test_a_version_that_is_not_approved_is_not_deployed(client: Any, status: str) -> None:
    # "For versioned models, the value of this parameter must be set to Approved to deploy the model":
    # `ModelApprovalStatus` of https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
    arn = package_of(client, "group", ModelApprovalStatus=status)
    with pytest.raises(ClientError, match=rf"{arn}, because its ModelApprovalStatus is {status}\. Approve it first"):
        client.create_model(ModelName="m", PrimaryContainer={"ModelPackageName": arn}, ExecutionRoleArn=ROLE)
    client.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    client.create_model(ModelName="m", PrimaryContainer={"ModelPackageName": arn}, ExecutionRoleArn=ROLE)


@pytest.mark.parametrize(
    ("container", "message"),
    [
        ({"ModelPackageName": "group/9"}, r"ModelPackage .*:model-package/group/9 does not exist\."),
        ({"ModelPackageName": "group"}, r"ModelPackage .*:model-package/group does not exist\."),
        ({"ModelPackageName": "group/1", "Image": IMAGE}, "either ModelPackageName or Image, not both"),
        ({"ModelPackageName": "group/1", "InferenceSpecificationName": "x"}, "specification 'x'. It has small"),
        ({"Image": IMAGE, "InferenceSpecificationName": "x"}, "give its ModelPackageName too"),
        ({"ModelPackageName": "group/2"}, "has 2 containers; this emulator hosts models of one container"),
    ],
)
def test_a_package_that_cannot_be_deployed_is_refused(client: Any, container: dict[str, Any], message: str) -> None:
    package_of(client, "group", ModelApprovalStatus="Approved", AdditionalInferenceSpecifications=[SMALL])
    two = {**SPECIFICATION, "Containers": [{"Image": IMAGE}, {"Image": IMAGE}]}
    package_of(client, "group", ModelApprovalStatus="Approved", InferenceSpecification=two)
    with pytest.raises(ClientError, match=message):
        client.create_model(ModelName="m", PrimaryContainer=container, ExecutionRoleArn=ROLE)


def test_another_account_deploys_what_is_shared_with_it(control_plane: ControlPlane, client: Any) -> None:
    arn = package_of(client, "group", ModelApprovalStatus="Approved")
    policy = shared_with(OTHER, "group", "sagemaker:CreateModel")
    client.put_model_package_group_policy(ModelPackageGroupName="group", ResourcePolicy=policy)
    role = ROLE.replace(ACCOUNT, OTHER)
    other = control_plane.client_of(OTHER, REGION)
    other.create_model(ModelName="m", PrimaryContainer={"ModelPackageName": arn}, ExecutionRoleArn=role)
