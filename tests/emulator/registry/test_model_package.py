"""Model packages."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.state.store import Record

from tests.emulator.control_plane import ACCOUNT, IMAGE, REGION, ControlPlane

from .packages import ALONE, DATA, SPECIFICATION, package_of

PREFIX = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"


@pytest.fixture
def client(control_plane: ControlPlane) -> Any:
    """A client where there is a group."""
    control_plane.client.create_model_package_group(ModelPackageGroupName="group")
    return control_plane.client


def versions(client: Any, **filters: Any) -> list[int]:
    listed = client.list_model_packages(ModelPackageGroupName="group", **filters)["ModelPackageSummaryList"]
    return [each["ModelPackageVersion"] for each in listed]


def test_versions_are_numbered_and_no_number_is_used_again(client: Any) -> None:
    assert [package_of(client, "group") for _ in range(3)] == [f"{PREFIX}:model-package/group/{n}" for n in (1, 2, 3)]
    client.delete_model_package(ModelPackageName=f"{PREFIX}:model-package/group/3")
    client.delete_model_package(ModelPackageName="group/1")
    assert package_of(client, f"{PREFIX}:model-package-group/group").endswith("group/4")
    assert versions(client) == [2, 4]


def test_a_version_tells_what_it_was_registered_with(client: Any) -> None:
    metrics = {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://bucket/quality.json"}}}
    members = {
        "ModelPackageDescription": "The first",
        "ModelMetrics": metrics,
        "MetadataProperties": {"CommitId": "abc", "GeneratedBy": f"{PREFIX}:training-job/job"},
        "DriftCheckBaselines": {"ModelQuality": {"Statistics": metrics["ModelQuality"]["Statistics"]}},
        "CustomerMetadataProperties": {"team": "growth"},
        "ModelCard": {"ModelCardContent": "{}", "ModelCardStatus": "Draft"},
        "SkipModelValidation": "All",
        "Domain": "MACHINE_LEARNING",
        "Task": "CLASSIFICATION",
        "ModelLifeCycle": {"Stage": "Development", "StageStatus": "Approved"},
    }
    package_of(client, "group", **members)
    view = client.describe_model_package(ModelPackageName="group/1")
    assert {name: view[name] for name in members} == members
    assert view["InferenceSpecification"] == SPECIFICATION
    assert (view["ModelPackageStatus"], view["ModelApprovalStatus"]) == ("Completed", "PendingManualApproval")
    assert view["ModelPackageStatusDetails"] == {"ValidationStatuses": [], "ImageScanStatuses": []}
    assert (view["ModelPackageGroupName"], view["ModelPackageVersion"]) == ("group", 1)
    # A version has no name of its own: "Model package state change" in
    # https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
    assert "ModelPackageName" not in view
    metadata = client.describe_model_package(ModelPackageName="group/1", IncludedData="MetadataOnly")
    assert metadata["ModelCard"] == {"ModelCardStatus": "Draft"}


def test_a_package_of_its_own_has_a_name_and_no_approval(client: Any) -> None:
    request = {"ModelPackageName": "alone", "InferenceSpecification": ALONE, "ClientToken": "once"}
    arn = client.create_model_package(**request, Tags=[{"Key": "a", "Value": "b"}])["ModelPackageArn"]
    assert arn == f"{PREFIX}:model-package/alone"
    assert client.create_model_package(**request)["ModelPackageArn"] == arn
    assert client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    with pytest.raises(ClientError, match=f"Model Package already exists: {arn}"):
        client.create_model_package(**{**request, "ClientToken": "twice"})
    view = client.describe_model_package(ModelPackageName=arn)
    assert view["ModelPackageName"] == "alone"
    assert "ModelApprovalStatus" not in view
    with pytest.raises(ClientError, match=f"ModelPackage {arn} is not versioned"):
        client.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    client.delete_model_package(ModelPackageName="alone")
    with pytest.raises(ClientError, match=rf"ModelPackage {arn} does not exist\."):
        client.describe_model_package(ModelPackageName="alone")


def test_a_request_that_comes_twice_makes_one_version(client: Any) -> None:
    assert package_of(client, "group", ClientToken="once") == package_of(client, "group", ClientToken="once")
    assert versions(client) == [1]


def test_lists_have_the_versions_of_a_group_or_what_stands_alone(client: Any) -> None:
    for status in ("Approved", "Rejected", "PendingManualApproval", "Approved"):
        package_of(client, "group", ModelApprovalStatus=status)
    client.create_model_package_group(ModelPackageGroupName="another")
    package_of(client, "another")
    for name in ("beta", "alpha"):
        client.create_model_package(ModelPackageName=name, InferenceSpecification=ALONE)

    def names(**request: Any) -> list[str]:
        listed = client.list_model_packages(SortBy="Name", **request)["ModelPackageSummaryList"]
        return [each["ModelPackageArn"].removeprefix(f"{PREFIX}:model-package/") for each in listed]

    assert names() == ["alpha", "beta"]
    assert names(ModelPackageType="Versioned") == ["another/1", "group/1", "group/2", "group/3", "group/4"]
    assert len(names(ModelPackageType="Both")) == 7
    assert names(ModelPackageType="Both", NameContains="alp") == ["alpha"]
    assert names(ModelPackageGroupName="group", ModelApprovalStatus="Approved") == ["group/1", "group/4"]
    assert versions(client, SortOrder="Descending") == [4, 3, 2, 1]
    created = client.describe_model_package(ModelPackageName="group/2")["CreationTime"]
    assert 1 not in versions(client, CreationTimeAfter=created)
    page = client.list_model_packages(ModelPackageGroupName="group", MaxResults=3)
    following = client.list_model_packages(ModelPackageGroupName="group", NextToken=page["NextToken"])
    assert [each["ModelPackageVersion"] for each in following["ModelPackageSummaryList"]] == [4]
    with pytest.raises(ClientError, match=rf"ModelPackageGroup {PREFIX}:model-package-group/none does not exist\."):
        client.list_model_packages(ModelPackageGroupName="none")


def test_ten_versions_and_more_are_sorted_by_their_numbers(client: Any) -> None:
    for _ in range(11):
        package_of(client, "group")
    assert versions(client, SortBy="Name", MaxResults=20) == list(range(1, 12))


def test_an_update_changes_what_it_names(client: Any) -> None:
    arn = package_of(client, "group", CustomerMetadataProperties={"a": "1", "b": "2"})
    another = {"Name": "small", "Containers": [{"Image": IMAGE}]}
    client.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="Good",
        CustomerMetadataProperties={"c": "3"},
        CustomerMetadataPropertiesToRemove=["a"],
        AdditionalInferenceSpecificationsToAdd=[another],
        SourceUri="https://example.com/run",
        ModelCard={"ModelCardContent": '{"model_overview": {}}'},
        ModelLifeCycle={"Stage": "Production", "StageStatus": "Live", "StageDescription": "since today"},
    )
    view = client.describe_model_package(ModelPackageName=arn)
    assert (view["ModelApprovalStatus"], view["ApprovalDescription"]) == ("Approved", "Good")
    assert view["CustomerMetadataProperties"] == {"b": "2", "c": "3"}
    assert view["AdditionalInferenceSpecifications"] == [another]
    assert view["ModelLifeCycle"]["Stage"] == "Production"
    assert view["LastModifiedTime"] > view["CreationTime"]
    client.update_model_package(ModelPackageArn=arn, ModelCard={"ModelCardStatus": "Approved"})
    card = client.describe_model_package(ModelPackageName=arn)["ModelCard"]
    assert card == {"ModelCardContent": '{"model_overview": {}}', "ModelCardStatus": "Approved"}
    with pytest.raises(ClientError, match="must have different names, got 'small' twice"):
        client.update_model_package(ModelPackageArn=arn, AdditionalInferenceSpecificationsToAdd=[another])
    with pytest.raises(ClientError, match="at most 50 CustomerMetadataProperties; it would have 52"):
        client.update_model_package(
            ModelPackageArn=arn, CustomerMetadataProperties={f"k{number}": "v" for number in range(50)}
        )
    with pytest.raises(ClientError, match="ModelCardContent must be a JSON object"):
        client.update_model_package(ModelPackageArn=arn, ModelCard={"ModelCardContent": "no"})


def test_several_versions_are_described_at_once(client: Any) -> None:
    arn = package_of(client, "group")
    missing = f"{PREFIX}:model-package/group/9"
    found = client.batch_describe_model_package(ModelPackageArnList=[arn, missing])
    assert found["ModelPackageSummaries"][arn]["ModelPackageVersion"] == 1
    assert found["ModelPackageSummaries"][arn]["InferenceSpecification"] == SPECIFICATION
    error = found["BatchDescribeModelPackageErrorMap"][missing]
    assert error == {"ErrorCode": "ValidationException", "ErrorResponse": f"ModelPackage {missing} does not exist."}


def test_a_package_of_an_algorithm_has_its_container_with_the_artefact(client: Any) -> None:
    training = {"TrainingImage": IMAGE, "SupportedTrainingInstanceTypes": ["ml.m5.large"], "TrainingChannels": []}
    channel = {"Name": "train", "SupportedContentTypes": ["text/csv"], "SupportedInputModes": ["File"]}
    made = client.create_algorithm(
        AlgorithmName="trees",
        TrainingSpecification={**training, "TrainingChannels": [channel]},
        InferenceSpecification={**ALONE, "Containers": [{"Image": IMAGE}]},
    )
    for name in ("trees", made["AlgorithmArn"]):
        source = {"SourceAlgorithms": [{"AlgorithmName": name, "ModelDataUrl": DATA}]}
        arn = client.create_model_package(ModelPackageGroupName="group", SourceAlgorithmSpecification=source)
        view = client.describe_model_package(ModelPackageName=arn["ModelPackageArn"])
        assert view["InferenceSpecification"]["Containers"] == [{"Image": IMAGE, "ModelDataUrl": DATA}]
        assert view["SourceAlgorithmSpecification"] == source
    assert client.list_algorithms()["AlgorithmSummaryList"][0]["AlgorithmStatus"] == "Completed"
    client.delete_algorithm(AlgorithmName="trees")
    with pytest.raises(ClientError, match=rf"Algorithm {PREFIX}:algorithm/trees does not exist\."):
        client.create_model_package(ModelPackageGroupName="group", SourceAlgorithmSpecification=source)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"ModelPackageName": "name"}, "Both ModelPackageName and ModelPackageGroupName are provided"),
        ({"ModelPackageGroupName": None}, "Missing ARN"),
        ({"ModelPackageGroupName": "none"}, r"ModelPackageGroup .*:model-package-group/none does not exist\."),
        ({"InferenceSpecification": None}, "must have an InferenceSpecification or a SourceAlgorithmSpecification"),
        ({"InferenceSpecification": {"Containers": [{}]}}, "1 validation error detected: Every container .* an Image"),
        (
            {
                "ValidationSpecification": {
                    "ValidationRole": f"arn:aws:iam::{ACCOUNT}:role/work",
                    "ValidationProfiles": [],
                }
            },
            "ValidationSpecification is not supported by this emulator",
        ),
        ({"CertifyForMarketplace": True}, "CertifyForMarketplace is not supported by this emulator"),
        ({"Tags": [{"Key": "a", "Value": "b"}]}, "a version uses the tags of its group"),
        ({"ModelCard": {"ModelCardContent": "[]"}}, "ModelCardContent must be a JSON object"),
        (
            {"AdditionalInferenceSpecifications": [{"Name": "a", "Containers": [{"Image": IMAGE}]}] * 2},
            "must have different names, got 'a' twice",
        ),
        (
            {"ModelPackageGroupName": None, "ModelPackageName": "alone"},
            "InferenceSpecification must have SupportedTransformInstanceTypes where there is no ModelPackageGroupName",
        ),
        (
            {
                "ModelPackageGroupName": None,
                "ModelPackageName": "alone",
                "InferenceSpecification": {**ALONE, "Containers": [{"Image": IMAGE, "Environment": {"A": "1"}}]},
            },
            "Environment variable map cannot be specified when using non-versioned ModelPackages",
        ),
    ],
)
def test_what_cannot_be_registered_is_refused(client: Any, request_: dict[str, Any], message: str) -> None:
    request = {"ModelPackageGroupName": "group", "InferenceSpecification": SPECIFICATION, **request_}
    with pytest.raises(ClientError, match=message):
        client.create_model_package(**{name: each for name, each in request.items() if each is not None})
    assert versions(client) == []


def test_an_update_is_an_event_that_says_what_has_changed(control_plane: ControlPlane, client: Any) -> None:
    told: list[tuple[str | None, list[str]]] = []

    def listen(before: Record | None, after: Record) -> None:
        del before
        if after.key.kind == "ModelPackage":
            told.append((after.status, after.body.get("_UpdatedModelPackageFields", [])))

    control_plane.store.on_change(listen)
    arn = package_of(client, "group")
    client.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="Good")
    assert told == [("Completed", []), ("Completed", ["ApprovalDescription", "ModelApprovalStatus"])]


def test_packages_are_of_an_account_and_a_region(control_plane: ControlPlane, client: Any) -> None:
    package_of(client, "group")
    elsewhere = Caller(ACCOUNT, "eu-west-1")
    listed = control_plane.service.call("ListModelPackages", {"ModelPackageType": "Both"}, elsewhere)
    assert json.loads(json.dumps(listed)) == {"ModelPackageSummaryList": []}
