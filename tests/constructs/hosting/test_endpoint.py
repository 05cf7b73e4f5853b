from typing import Any

import pytest
from aws_cdk import App, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Match, Template
from sagecraft_constructs import (
    AlgorithmImage,
    DataCapture,
    Endpoint,
    EndpointConfig,
    InstanceType,
    InvalidProps,
    Model,
    ModelData,
    ProductionVariant,
)

from tests.constructs.stack import make_bucket, make_job, make_stack, resources, statements
from tests.constructs.template_checks import assert_clean

XGBOOST = AlgorithmImage(name="xgboost", version="1.7-1")


def make_model(stack: Any, name: str = "Model", **props: Any) -> Model:
    return Model(stack, name, container=XGBOOST, **props)


def test_a_trained_model_answers_and_every_part_waits_for_what_it_needs() -> None:
    stack = make_stack()
    job = make_job(stack)
    model = make_model(stack, model_data=job.model_data, environment={"A": "b"})
    config = EndpointConfig(stack, "Config", production_variants=[ProductionVariant(model=model)])
    Endpoint(stack, "Endpoint", endpoint_config=config, endpoint_name="titanic")
    template = Template.from_stack(stack)
    (declared,) = template.find_resources("AWS::SageMaker::Model").values()
    logical_id = next(iter(template.find_resources("Custom::SageMakerTrainingJob")))
    assert declared["Properties"] == {
        "EnableNetworkIsolation": True,
        "ExecutionRoleArn": {"Fn::GetAtt": [stack.get_logical_id(_resource(model.role)), "Arn"]},
        "PrimaryContainer": {
            "Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
            "ModelDataUrl": {"Fn::GetAtt": [logical_id, "S3ModelArtifacts"]},
            "Environment": {"A": "b"},
        },
    }
    assert any(name.startswith("ModelRoleDefaultPolicy") for name in declared["DependsOn"])
    (properties,) = resources(stack, "AWS::SageMaker::EndpointConfig")
    assert properties == {
        "ProductionVariants": [
            {
                "VariantName": "AllTraffic",
                "ModelName": {"Fn::GetAtt": [stack.get_logical_id(_resource(model)), "ModelName"]},
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
                "InitialVariantWeight": 1,
            }
        ]
    }
    (properties,) = resources(stack, "AWS::SageMaker::Endpoint")
    assert properties == {
        "EndpointConfigName": {"Fn::GetAtt": [stack.get_logical_id(_resource(config)), "EndpointConfigName"]},
        "EndpointName": "titanic",
    }
    assert_clean(stack)


def test_a_role_of_a_model_may_read_its_artefact_and_no_other() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    make_model(stack, model_data=ModelData.from_bucket(bucket, "models/one/model.tar.gz"))
    (read,) = [each for each in statements(stack, "ModelRole") if each["Action"] == "s3:GetObject"]
    assert str(read["Resource"]).endswith("'/models/one/model.tar.gz*']]}")
    assert not [each for each in statements(stack, "ModelRole") if "s3:PutObject" in each["Action"]]
    assert_clean(stack)


def test_a_weight_of_zero_stays_zero() -> None:
    stack = make_stack()
    model = make_model(stack)
    variants = [
        ProductionVariant(model=model, name="a", initial_variant_weight=0),
        ProductionVariant(
            model=model, name="b", initial_instance_count=2, instance_type=InstanceType.of("ml.c5.xlarge")
        ),
    ]
    EndpointConfig(stack, "Config", production_variants=variants)
    (properties,) = resources(stack, "AWS::SageMaker::EndpointConfig")
    assert [
        (each["VariantName"], each["InitialVariantWeight"], each["InitialInstanceCount"], each["InstanceType"])
        for each in properties["ProductionVariants"]
    ] == [("a", 0, 1, "ml.m5.large"), ("b", 1, 2, "ml.c5.xlarge")]


def test_keys_capture_and_vpc_reach_the_template() -> None:
    stack = make_stack()
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["us-east-1a"],
        private_subnet_ids=["subnet-0123456789abcdef0"],
        private_subnet_route_table_ids=["rtb-0123456789abcdef0"],
    )
    bucket = make_bucket(stack)
    model = make_model(stack, vpc=vpc, network_isolation=False)
    EndpointConfig(
        stack,
        "Config",
        production_variants=[ProductionVariant(model=model)],
        volume_key=kms.Key(stack, "Key", enable_key_rotation=True),
        data_capture=DataCapture(bucket=bucket, prefix="captured", sampling_percentage=20),
        data_capture_role=model.role,
    )
    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::SageMaker::EndpointConfig",
        {
            "KmsKeyId": {"Fn::GetAtt": [Match.string_like_regexp("^Key"), "Arn"]},
            "DataCaptureConfig": {
                "EnableCapture": True,
                "InitialSamplingPercentage": 20,
                "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            },
        },
    )
    template.has_resource_properties(
        "AWS::SageMaker::Model",
        {"EnableNetworkIsolation": False, "VpcConfig": {"Subnets": ["subnet-0123456789abcdef0"]}},
    )
    assert_clean(stack)


def test_every_problem_of_every_variant_is_told_at_once() -> None:
    stack = make_stack()
    model = make_model(stack)
    with pytest.raises(InvalidProps) as caught:
        EndpointConfig(
            stack,
            "Config",
            production_variants=[
                ProductionVariant(model=model, initial_instance_count=0),
                ProductionVariant(model=model, instance_type=InstanceType.of("ml.m5.lrge"), initial_variant_weight=-1),
            ],
            data_capture=DataCapture(bucket=make_bucket(stack), prefix="x", sampling_percentage=0),
        )
    for part in (
        "EndpointConfig 'Stack/Config': ",
        "2 variants have the name 'AllTraffic'",
        "initial_instance_count: should be at least 1, got 0.",
        "'ml.m5.lrge' is not an instance type for hosting.",
        "initial_variant_weight: should be at least 0, got -1.",
        "data_capture_role: is needed",
        "sampling_percentage should be 1 to 100, got 0.",
    ):
        assert part in str(caught.value)


def test_a_bad_endpoint_name_is_refused() -> None:
    stack = make_stack()
    config = EndpointConfig.from_endpoint_config_name(stack, "Config", "existing")
    with pytest.raises(InvalidProps, match="endpoint_name: EndpointName 'my_endpoint' does not match"):
        Endpoint(stack, "Endpoint", endpoint_config=config, endpoint_name="my_endpoint")


def test_existing_resources_have_names_and_arns() -> None:
    stack = make_stack()
    model = Model.from_model_name(stack, "Model", "existing")
    config = EndpointConfig.from_endpoint_config_name(stack, "Config", "existing")
    endpoint = Endpoint.from_endpoint_name(stack, "Endpoint", "existing")
    assert (model.model_name, config.endpoint_config_name, endpoint.endpoint_name) == ("existing",) * 3
    assert str(stack.resolve(model.model_arn)).endswith(":sagemaker:us-east-1:123456789012:model/existing']]}")
    assert str(stack.resolve(config.endpoint_config_arn)).endswith("endpoint-config/existing']]}")
    assert str(stack.resolve(endpoint.endpoint_arn)).endswith("endpoint/existing']]}")


def test_an_invoker_may_ask_the_one_endpoint() -> None:
    stack = make_stack()
    endpoint = Endpoint.from_endpoint_name(stack, "Endpoint", "existing")
    endpoint.grant_invoke(iam.Role(stack, "Client", assumed_by=iam.AccountRootPrincipal()))
    (allowed,) = statements(stack, "ClientDefaultPolicy")
    assert allowed["Action"] == "sagemaker:InvokeEndpoint"
    assert str(allowed["Resource"]).endswith("endpoint/existing']]}")


def test_metrics_are_of_the_only_variant_or_of_the_one_named() -> None:
    stack = make_stack()
    model = make_model(stack)
    one = EndpointConfig(stack, "One", production_variants=[ProductionVariant(model=model)])
    two = EndpointConfig(
        stack, "Two", production_variants=[ProductionVariant(model=model, name=name) for name in ("a", "b")]
    )
    metric = Endpoint(stack, "First", endpoint_config=one).metric_invocations()
    assert (metric.namespace, metric.metric_name, metric.statistic) == ("AWS/SageMaker", "Invocations", "Sum")
    assert (metric.dimensions or {})["VariantName"] == "AllTraffic"
    second = Endpoint(stack, "Second", endpoint_config=two)
    with pytest.raises(InvalidProps, match="a metric is of one variant; give one of a, b"):
        second.metric_model_latency()
    latency = second.metric_model_latency(variant="b")
    assert (latency.metric_name, latency.statistic) == ("ModelLatency", "p99")
    assert second.metric_cpu_utilization(variant="a").namespace == "/aws/sagemaker/Endpoints"


def test_tags_reach_every_part() -> None:
    stack = make_stack()
    config = EndpointConfig(stack, "Config", production_variants=[ProductionVariant(model=make_model(stack))])
    Endpoint(stack, "Endpoint", endpoint_config=config)
    Tags.of(stack).add("team", "data")
    for kind in ("Model", "EndpointConfig", "Endpoint"):
        (properties,) = resources(stack, f"AWS::SageMaker::{kind}")
        assert properties["Tags"] == [{"Key": "team", "Value": "data"}]


def test_an_endpoint_in_another_stack_than_its_bucket_has_no_finding() -> None:
    data = make_stack(name="Data")
    root = data.node.root
    assert isinstance(root, App)
    stack = make_stack(name="Serving", app=root)
    job = make_job(stack, bucket=make_bucket(data))
    model = make_model(stack, model_data=job.model_data)
    config = EndpointConfig(stack, "Config", production_variants=[ProductionVariant(model=model)])
    Endpoint(stack, "Endpoint", endpoint_config=config)
    assert_clean(stack)


def _resource(construct: Any) -> Any:
    return construct.node.default_child
