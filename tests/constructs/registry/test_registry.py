"""Groups and versions of models, and what is deployed of them."""

from typing import Any

import pytest
from aws_cdk import RemovalPolicy, Tags
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Match, Template
from sagecraft_constructs import (
    AlgorithmImage,
    ContinuousDelivery,
    Endpoint,
    EndpointConfig,
    InstanceType,
    InvalidProps,
    JobRealization,
    Model,
    ModelApprovalStatus,
    ModelData,
    ModelMetrics,
    ModelPackage,
    ModelPackageGroup,
    ProductionVariant,
    TuningDefinition,
)

from tests.constructs.stack import make_bucket, make_job, make_stack, make_tuning, resources, statements, tuning_props
from tests.constructs.template_checks import assert_clean

XGBOOST = AlgorithmImage(name="xgboost", version="1.7-1")
ARN = "arn:<AWS::Partition>:sagemaker:us-east-1:123456789012"


def test_a_job_is_registered_approved_and_served_and_the_endpoint_follows() -> None:
    stack = make_stack()
    job = make_job(stack)
    group = ModelPackageGroup(
        stack,
        "Group",
        model_package_group_name="titanic",
        description="Who survives",
        deploying_accounts=["111111111111"],
        registering_accounts=["222222222222"],
        removal_policy=RemovalPolicy.DESTROY,
    )
    version = job.register(
        "Version",
        group=group,
        approval_status=ModelApprovalStatus.APPROVED,
        metrics=ModelMetrics(model_quality="s3://b/quality.json", data_quality_constraints="s3://b/data.json"),
        customer_metadata={"logloss": job.metric_value("train:logloss")},
        realtime_instance_types=[InstanceType.M5_LARGE],
    )
    model = Model.from_model_package(stack, "Model", package=version, environment={"A": "b"})
    config = EndpointConfig(stack, "Config", production_variants=[ProductionVariant(model=model)])
    endpoint = Endpoint(stack, "Endpoint", endpoint_config=config)
    ContinuousDelivery(stack, "Delivery", group=group, endpoint=endpoint, role=model.role, emails=["a@example.com"])
    Tags.of(stack).add("team", "growth")
    template = Template.from_stack(stack)

    (package,) = template.find_resources("AWS::SageMaker::ModelPackage").values()
    properties = package["Properties"]
    job_id = next(iter(template.find_resources("Custom::SageMakerTrainingJob")))
    assert properties["InferenceSpecification"] == {
        "Containers": [
            {
                "Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
                "ModelDataUrl": {"Fn::GetAtt": [job_id, "S3ModelArtifacts"]},
            }
        ],
        "SupportedContentTypes": ["text/csv"],
        "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    quality = {"ContentType": "application/json", "S3Uri": "s3://b/quality.json"}
    data = {"ContentType": "application/json", "S3Uri": "s3://b/data.json"}
    baselines = {"ModelQuality": {"Statistics": quality}, "ModelDataQuality": {"Constraints": data}}
    assert properties["ModelMetrics"] == properties["DriftCheckBaselines"] == baselines
    assert properties["MetadataProperties"] == {"GeneratedBy": {"Fn::GetAtt": [job_id, "TrainingJobArn"]}}
    assert properties["CustomerMetadataProperties"] == {"logloss": {"Fn::GetAtt": [job_id, "Metrics.train_logloss"]}}
    group_id = next(iter(template.find_resources("AWS::SageMaker::ModelPackageGroup")))
    assert (properties["ModelPackageGroupName"], properties["ModelApprovalStatus"]) == ({"Ref": group_id}, "Approved")
    # A version takes no tags: `Tags` of https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
    assert "Tags" not in properties
    assert (package["DeletionPolicy"], package["UpdateReplacePolicy"]) == ("Retain", "Retain")
    template.has_resource_properties(
        "AWS::SageMaker::ModelPackageGroup", {"Tags": [{"Key": "team", "Value": "growth"}]}
    )
    (declared,) = resources(stack, "AWS::SageMaker::Model")
    version_id = next(iter(template.find_resources("AWS::SageMaker::ModelPackage")))
    assert declared["PrimaryContainer"] == {"ModelPackageName": {"Ref": version_id}, "Environment": {"A": "b"}}
    (served,) = template.find_resources("AWS::SageMaker::Endpoint").values()
    assert any(name.startswith("DeliveryDelivered") for name in served["DependsOn"])
    assert_clean(stack)
    actions = {
        action
        for each in statements(stack, "DeliveryRole")
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    assert {each for each in actions if each.startswith("sagemaker:")} == {
        f"sagemaker:{action}"
        for action in (
            "AddTags",
            "CreateEndpointConfig",
            "CreateModel",
            "DeleteEndpointConfig",
            "DeleteModel",
            "DescribeEndpoint",
            "DescribeEndpointConfig",
            "DescribeModel",
            "ListTags",
            "UpdateEndpoint",
        )
    }


def test_a_group_is_shared_by_a_policy_of_its_own_and_of_its_versions() -> None:
    stack = make_stack()
    group = ModelPackageGroup(stack, "Group", model_package_group_name="titanic", deploying_accounts=["111111111111"])
    group.add_to_resource_policy(
        iam.PolicyStatement(
            sid="More",
            principals=[iam.AccountPrincipal("333333333333")],
            actions=["sagemaker:ListModelPackages"],
            resources=[group.versions_arn],
        )
    )
    (declared,) = resources(stack, "AWS::SageMaker::ModelPackageGroup")
    policy = declared["ModelPackageGroupPolicy"]
    assert [each["Sid"] for each in policy["Statement"]] == ["DeployGroup", "DeployVersions", "More"]
    assert policy["Statement"][1]["Action"] == [
        "sagemaker:DescribeModelPackage",
        "sagemaker:ListModelPackages",
        "sagemaker:CreateModel",
    ]
    assert policy["Statement"][1]["Resource"]["Fn::Join"][1][-1].endswith("model-package/titanic/*")
    alone = make_stack(name="Alone")
    ModelPackageGroup(alone, "Group")
    (kept,) = Template.from_stack(alone).find_resources("AWS::SageMaker::ModelPackageGroup").values()
    assert "ModelPackageGroupPolicy" not in kept["Properties"]
    assert kept["DeletionPolicy"] == "Retain"


def test_who_registers_and_approves_is_allowed_that_alone() -> None:
    stack = make_stack()
    group = ModelPackageGroup.from_model_package_group_name(stack, "Group", "titanic")
    for name, grant in (("Read", group.grant_read), ("Add", group.grant_register), ("Approve", group.grant_approve)):
        grant(iam.Role(stack, name, assumed_by=iam.AccountRootPrincipal()))
    by_role = {name: str(statements(stack, f"{name}DefaultPolicy")) for name in ("Read", "Add", "Approve")}
    assert {name for name, said in by_role.items() if "CreateModelPackage" in said} == {"Add"}
    assert {name for name, said in by_role.items() if "UpdateModelPackage" in said} == {"Approve"}
    assert all("model-package/titanic/*" in said for said in by_role.values())
    assert_clean(stack)


def test_the_best_model_of_a_search_is_registered() -> None:
    stack = make_stack()
    tuning = make_tuning(stack)
    tuning.register("Version", group=ModelPackageGroup(stack, "Group"))
    (declared,) = resources(stack, "AWS::SageMaker::ModelPackage")
    assert declared["ModelApprovalStatus"] == "PendingManualApproval"
    assert "HyperParameterTuningJobArn" in str(declared["MetadataProperties"])


def test_a_version_of_elsewhere_is_served_with_the_role_that_is_given() -> None:
    stack = make_stack()
    arn = "arn:aws:sagemaker:us-east-1:999999999999:model-package/theirs/3"
    package = ModelPackage.from_model_package_arn(stack, "Theirs", arn)
    Model.from_model_package(stack, "Model", package=package)
    Template.from_stack(stack).has_resource_properties(
        "AWS::SageMaker::Model", {"PrimaryContainer": {"ModelPackageName": arn}, "EnableNetworkIsolation": True}
    )
    assert not any("s3:GetObject" in str(each) for each in statements(stack, "ModelRole"))


def test_a_delivery_reads_further_artefacts_and_tells_a_topic_that_is_there() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    model = Model(stack, "Model", container=XGBOOST, model_data=ModelData.from_bucket(bucket, "first/model.tar.gz"))
    group = ModelPackageGroup.from_model_package_group_name(stack, "Group", "titanic")
    endpoint = Endpoint.from_endpoint_name(stack, "Endpoint", "served")
    more = ModelData(bucket=bucket, uri=bucket.s3_url_for_object("pipelines"), prefix="pipelines/")
    delivery = ContinuousDelivery(
        stack, "Delivery", group=group, endpoint=endpoint, role=model.role, emails=["a@example.com"], model_data=[more]
    )
    assert "pipelines/*" in str(statements(stack, "ModelRole"))
    Template.from_stack(stack).has_resource_properties(
        "AWS::Events::Rule",
        {
            "EventPattern": {
                "detail": {"EndpointName": ["served"], "EndpointStatus": Match.any_value()},
                "detail-type": ["SageMaker Endpoint State Change"],
            }
        },
    )
    assert delivery.topic.topic_arn


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"content_types": []}, "content_types: there are none"),
        ({"response_types": []}, "response_types: there are none"),
        ({"customer_metadata": {}}, "customer_metadata: should be 1 to 50 properties, got 0"),
        ({"description": "x" * 1025}, "description: has 1025 characters; 1024 at most"),
        ({"realtime_instance_types": [InstanceType.of("ml.m5.lage")]}, "realtime_instance_types: .*ml.m5.large"),
        ({"transform_instance_types": [InstanceType.of("ml.t2.medium")]}, "transform_instance_types: "),
        ({"approval_status": "Aproved"}, "approval_status: should be a ModelApprovalStatus, got 'Aproved'"),
    ],
)
def test_a_version_that_cannot_be_is_refused(props: dict[str, Any], message: str) -> None:
    stack = make_stack()
    with pytest.raises(InvalidProps, match=message):
        ModelPackage(stack, "Version", group=ModelPackageGroup(stack, "Group"), container=XGBOOST, **props)


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"model_package_group_name": "no_underscores"}, "ModelPackageGroupName 'no_underscores' does not match"),
        ({"deploying_accounts": ["1234"]}, "deploying_accounts: '1234' is no account"),
        (
            {"registering_accounts": ["123456789012"]},
            "registering_accounts: '123456789012' is the account of the stack",
        ),
        ({"deploying_accounts": ["111111111111"] * 2}, "'111111111111' is given twice"),
    ],
)
def test_a_group_that_cannot_be_is_refused(props: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidProps, match=message):
        ModelPackageGroup(make_stack(), "Group", **props)


def test_a_version_that_is_not_approved_is_not_served() -> None:
    stack = make_stack()
    version = ModelPackage(stack, "Version", group=ModelPackageGroup(stack, "Group"), container=XGBOOST)
    with pytest.raises(InvalidProps, match="'Stack/Version' is PendingManualApproval, and SageMaker deploys approved"):
        Model.from_model_package(stack, "Model", package=version)


def test_what_the_deployment_does_not_run_or_has_several_containers_is_not_registered() -> None:
    stack = make_stack()
    group = ModelPackageGroup(stack, "Group")
    for number, realization in enumerate((JobRealization.BY_HAND, JobRealization.PIPELINE_STEP)):
        job = make_job(
            stack, f"Job{number}", bucket=make_bucket(make_stack(name=f"Data{number}")), realization=realization
        )
        with pytest.raises(InvalidProps, match=rf"register: the job is run '{realization}', .* by a RegisterModelStep"):
            job.register("Version", group=group)
    bucket = make_bucket(make_stack(name="Other"))
    of_definition = ("inputs", "objective", "ranges", "hyperparameters")
    given = {each: tuning_props(bucket)[each] for each in of_definition}
    definitions = [
        TuningDefinition(**given, name=name, container=AlgorithmImage(name="xgboost", version=version))
        for name, version in (("a", "1.7-1"), ("b", "1.5-1"))
    ]
    alone: dict[str, Any] = {**dict.fromkeys(of_definition), "container": None}
    search = make_tuning(stack, bucket=bucket, definitions=definitions, **alone)
    with pytest.raises(
        InvalidProps, match="container: is needed, because the definitions of the tuning job have several"
    ):
        search.register("Version", group=group)
    search.register("Version", group=group, container=XGBOOST)


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({}, "emails: nobody would be told"),
        ({"emails": ["nobody"]}, "emails: 'nobody' is no email address"),
        ({"emails": ["a@example.com"] * 2}, r"emails: 'a@example\.com' is given 2 times"),
    ],
)
def test_a_delivery_that_tells_nobody_is_refused(props: dict[str, Any], message: str) -> None:
    stack = make_stack()
    group = ModelPackageGroup.from_model_package_group_name(stack, "Group", "titanic")
    endpoint = Endpoint.from_endpoint_name(stack, "Endpoint", "served")
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    with pytest.raises(InvalidProps, match=message):
        ContinuousDelivery(stack, "Delivery", group=group, endpoint=endpoint, role=role, **props)
