from typing import Any

import pytest
from aws_cdk import Duration, Tags, Token
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template
from sagecraft_constructs import (
    AlgorithmImage,
    BatchStrategy,
    DataProcessing,
    ExecutionRole,
    InstanceType,
    InvalidProps,
    Model,
    ModelData,
    SplitType,
    TrainingInput,
)

from tests.constructs.api_checks import assert_is_what_the_api_takes
from tests.constructs.stack import make_bucket, make_job, make_stack, make_transform, resources, statements
from tests.constructs.template_checks import assert_clean

KIND = "Custom::SageMakerTransformJob"
CSV = DataProcessing(input_filter="$[1:]", output_filter="$[0,-1]", join_input=True)


def request_of(stack: Any) -> dict[str, Any]:
    (properties,) = resources(stack, KIND)
    request: dict[str, Any] = properties["Request"]
    return request


def test_the_request_leaves_to_sagemaker_what_is_left_out() -> None:
    stack = make_stack()
    make_transform(stack)
    request = request_of(stack)
    assert set(request) == {"ModelName", "TransformInput", "TransformOutput", "TransformResources"}
    assert request["TransformInput"]["ContentType"] == "text/csv"
    assert request["TransformInput"]["SplitType"] == "Line"
    assert request["TransformOutput"]["AssembleWith"] == "Line"
    assert str(request["TransformOutput"]["S3OutputPath"]).endswith("'/transform/titanic']]}")
    assert request["TransformResources"] == {"InstanceType": "ml.m5.large", "InstanceCount": 1}
    assert_is_what_the_api_takes(request, "CreateTransformJob", "TransformJobName")


def test_optional_props_reach_the_request_and_the_template_is_clean() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    transform = make_transform(
        stack,
        bucket=bucket,
        accept="text/csv",
        assemble_lines=False,
        batch_strategy=BatchStrategy.SINGLE_RECORD,
        max_payload_mb=10,
        max_concurrent_transforms=10,
        data_processing=CSV,
        instance_count=2,
        volume_key=key,
        output_key=key,
        invocation_timeout=Duration.minutes(2),
        invocation_retries=0,
        environment={"A": "b"},
    )
    Tags.of(transform).add("team", "data")
    make_job(stack, bucket=bucket, inputs={"train": transform.output()})
    request = request_of(stack)
    assert request["BatchStrategy"] == "SingleRecord"
    assert request["MaxPayloadInMB"] == request["MaxConcurrentTransforms"] == 10
    assert request["DataProcessing"] == {"InputFilter": "$[1:]", "OutputFilter": "$[0,-1]", "JoinSource": "Input"}
    assert request["ModelClientConfig"] == {"InvocationsTimeoutInSeconds": 120, "InvocationsMaxRetries": 0}
    assert request["TransformOutput"]["AssembleWith"] == "None"
    assert request["TransformOutput"]["Accept"] == "text/csv"
    assert request["Environment"] == {"A": "b"}
    assert request["Tags"] == [{"Key": "team", "Value": "data"}]
    assert "VolumeKmsKeyId" in request["TransformResources"]
    assert_is_what_the_api_takes(request, "CreateTransformJob", "TransformJobName")
    logical_id = next(iter(Template.from_stack(stack).find_resources(KIND)))
    (training,) = resources(stack, "Custom::SageMakerTrainingJob")
    channel = training["Request"]["InputDataConfig"][0]
    assert channel["DataSource"]["S3DataSource"]["S3Uri"] == {
        "Fn::Join": ["", [{"Fn::GetAtt": [logical_id, "S3OutputPath"]}, "/"]]
    }
    assert channel["ContentType"] == "text/csv"
    assert_clean(stack)


def test_the_models_role_may_read_the_input_and_write_below_the_names_of_the_job() -> None:
    stack = make_stack()
    make_transform(stack)
    allowed = statements(stack, "ModelRole")
    objects = [
        ("s3:PutObject" in each["Action"], str(each["Resource"]).rpartition("'/")[2])
        for each in allowed
        if {"s3:GetObject", "s3:PutObject"}.intersection(
            [each["Action"]] if isinstance(each["Action"], str) else each["Action"]
        )
    ]
    assert objects == [
        (False, "models/titanic/model.tar.gz*']]}"),
        (False, "titanic/test/*']]}"),
        (True, "transform/titanic/*']]}"),
    ]
    assert "/aws/sagemaker/TransformJobs*" in str(allowed)
    functions = str(statements(stack, "SagecraftJobsRole"))
    assert "sagemaker:CreateTransformJob" in functions
    assert "transform-job/titanic-*" in functions
    # SageMaker runs it under the role of the model, which is not handed over.
    assert "iam:PassRole" not in functions


def test_the_job_of_a_model_from_elsewhere_needs_the_models_role() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    model = Model.from_model_name(stack, "Existing", "existing")
    with pytest.raises(InvalidProps, match="model_role: is needed, because the model is not declared here"):
        make_transform(stack, "One", bucket, model=model)
    role = ExecutionRole.from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/Existing")
    make_transform(stack, "Two", bucket, model=model, model_role=role)
    assert request_of(stack)["ModelName"] == "existing"
    Template.from_stack(stack).has_resource_properties("AWS::IAM::Policy", {"Roles": ["Existing"]})


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"max_payload_mb": 101}, "max_payload_mb: should be 0 to 100, got 101."),
        (
            {"max_payload_mb": 30, "max_concurrent_transforms": 4},
            "4 times the 30 MB of 'max_payload_mb' are 120 MB; at most 100 MB",
        ),
        ({"max_concurrent_transforms": 17}, "17 times the 6 MB of 'max_payload_mb' are 102 MB"),
        ({"max_concurrent_transforms": 0}, "max_concurrent_transforms: should be at least 1, got 0."),
        ({"invocation_retries": 4}, "invocation_retries: should be 0 to 3, got 4."),
        ({"invocation_timeout": Duration.hours(2)}, "should be 1 to 3600, got 7200."),
        ({"instance_type": InstanceType.of("ml.t3.medium")}, "'ml.t3.medium' is not an instance type for transform."),
        ({"instance_count": 0}, "instance_count: should be at least 1, got 0."),
        ({"environment": {str(number): "" for number in range(17)}}, "environment: should be at most 16 variables"),
        (
            {"split_type": SplitType.NONE, "batch_strategy": BatchStrategy.MULTI_RECORD},
            "batch_strategy: MultiRecord needs records: set 'split_type'",
        ),
        (
            {"accept": "text/csv", "data_processing": DataProcessing(input_filter="[1:]")},
            "data_processing: input_filter: '.1:.' is no JSONPath; it begins with",
        ),
        (
            {"accept": "text/csv", "data_processing": DataProcessing(output_filter="$" + "a" * 63)},
            "output_filter: .* has 64 characters; at most 63",
        ),
        (
            {"accept": "application/json", "data_processing": CSV},
            "accept: 'application/json' cannot be joined to 'text/csv'; to join, both must be the same",
        ),
        (
            {"split_type": SplitType.NONE, "assemble_lines": True, "data_processing": CSV},
            "assemble_lines: joined records stand on lines only where the 'split_type' is Line",
        ),
        ({"name_prefix": "a" * 50}, "name_prefix: .* has 50 characters; at most 49 leave room"),
    ],
)
def test_what_cannot_work_is_refused(props: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidProps, match=message):
        make_transform(make_stack(), **props)


@pytest.mark.parametrize(
    ("name", "content_type", "accept", "message"),
    [
        (
            "linear-learner",
            "text/csv",
            None,
            "input: linear-learner does not answer in 'text/csv', .* 'application/json",
        ),
        ("pca", "text/csv", "text/csv", "input: pca does not answer in 'text/csv'"),
        (
            "linear-learner",
            "application/jsonlines",
            None,
            "accept: is needed: .*one JSON.*; give 'application/jsonlines'",
        ),
        ("kmeans", "text/csv", None, "accept: is needed: kmeans answers one JSON object .*; give 'text/csv'"),
    ],
)
def test_what_an_algorithm_does_not_answer_for_each_record_is_not_joined(
    name: str, content_type: str, accept: str | None, message: str
) -> None:
    """By "Associate Prediction Results with Input Records", a format must be the algorithm's for input and output."""
    stack = make_stack()
    bucket = make_bucket(stack)
    data = ModelData.from_bucket(bucket, "model.tar.gz")
    model = Model(stack, "Model", container=AlgorithmImage(name=name, version="1"), model_data=data)
    records = TrainingInput(bucket=bucket, prefix="x/", content_type=content_type)
    joined = DataProcessing(join_input=True)
    with pytest.raises(InvalidProps, match=message):
        make_transform(stack, "Joined", bucket, model=model, input=records, accept=accept, data_processing=joined)
    all_of_it = DataProcessing(input_filter="$[1:]", output_filter="$")
    make_transform(stack, "Plain", bucket, model=model, input=records, data_processing=all_of_it)
    lines = TrainingInput(bucket=bucket, prefix="x/", content_type="application/jsonlines")
    make_transform(
        stack,
        "Lines",
        bucket,
        model=model,
        input=lines,
        accept="application/jsonlines",
        data_processing=joined,
        name_prefix="lines",
    )


def test_modes_that_training_has_are_refused() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    piped = TrainingInput(bucket=bucket, prefix="x/", input_mode="Pipe")
    with pytest.raises(InvalidProps, match="input: a transform job has neither 'input_mode' nor 'distribution'"):
        make_transform(stack, bucket=bucket, input=piped)


@pytest.mark.parametrize(
    ("content_type", "message"),
    [(None, "input: its content_type is needed"), ("image/png", "input: 'image/png' cannot be filtered or joined")],
)
def test_only_records_can_be_filtered(content_type: str | None, message: str) -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    given = TrainingInput(bucket=bucket, prefix="x/", content_type=content_type)
    with pytest.raises(InvalidProps, match=message):
        make_transform(stack, bucket=bucket, input=given, data_processing=DataProcessing(input_filter="$[1:]"))


def test_tokens_are_not_looked_at() -> None:
    stack = make_stack()
    later = Token.as_number({"Ref": "Later"})
    make_transform(stack, max_payload_mb=later, max_concurrent_transforms=later, instance_count=later)
    assert request_of(stack)["MaxPayloadInMB"] == {"Ref": "Later"}
