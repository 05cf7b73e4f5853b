"""Prefixes, and regions of buckets and keys, of every construct that has some."""

import inspect
import json
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from sagecraft_constructs import (
    AlgorithmImage,
    DataBucket,
    DataCapture,
    EndpointConfig,
    InvalidProps,
    Model,
    ModelData,
    ProcessingJob,
    ProcessingOutput,
    ProductionVariant,
    TrainingContainer,
    TrainingInput,
)

from tests.constructs.every_construct import EVERY_CONSTRUCT
from tests.constructs.stack import make_bucket, make_job, make_stack, resources

SKLEARN = AlgorithmImage(name="sklearn", version="1.2-1")


def _texts(stack: Stack) -> str:
    return json.dumps(Template.from_stack(stack).to_json()["Resources"]).replace("s3://", "").replace("https://", "")


@pytest.mark.parametrize("prefix", ["models", "models/", "/models", "/models/"])
def test_a_training_job_may_write_where_its_artefacts_go_however_the_prefix_is_written(prefix: str) -> None:
    # SageMaker: "has an illegal char sub-sequence '//' in it".
    stack = make_stack()
    make_job(stack, output_prefix=prefix, checkpoints_prefix="/checkpoints/")
    assert "models/titanic-*" in _texts(stack)
    assert "//" not in _texts(stack)
    [job] = resources(stack, "Custom::SageMakerTrainingJob")
    assert job["Request"]["OutputDataConfig"]["S3OutputPath"]["Fn::Join"][1][-1] == "/models"


def test_an_empty_prefix_is_the_whole_bucket() -> None:
    stack = make_stack()
    make_job(stack, output_prefix="")
    [job] = resources(stack, "Custom::SageMakerTrainingJob")
    assert job["Request"]["OutputDataConfig"]["S3OutputPath"]["Fn::Join"][1][:1] == ["s3://"]
    assert '"/titanic-*"' in _texts(stack)
    assert "//" not in _texts(stack)


def test_a_processing_job_writes_below_one_slash() -> None:
    stack = make_stack()
    bucket, outputs = make_bucket(stack), {"clean": ProcessingOutput()}
    props: dict[str, Any] = {"container": SKLEARN, "entry_point": ["true"], "outputs": outputs}
    ProcessingJob(stack, "Job", output_bucket=bucket, output_prefix="/x/", **props)
    [job] = resources(stack, "Custom::SageMakerProcessingJob")
    [output] = job["Request"]["ProcessingOutputConfig"]["Outputs"]
    assert "//" not in json.dumps(output["S3Output"]["S3Uri"]).replace("s3://", "")
    assert "//" not in _texts(stack)


def test_input_begins_without_a_slash_and_holds_no_two_of_them() -> None:
    bucket = make_bucket(make_stack())
    assert TrainingInput(bucket=bucket, prefix="/train/").prefix == "train/"
    assert ModelData.from_bucket(bucket, "/m/model.tar.gz").prefix == "m/model.tar.gz"
    with pytest.raises(InvalidProps, match=r"prefix: 'a//b' has '//' in it, and SageMaker reads no such key"):
        TrainingInput(bucket=bucket, prefix="a//b")
    with pytest.raises(InvalidProps, match=r"output_prefix: 'a//b' has '//' in it"):
        make_job(make_stack(), output_prefix="a//b")


def _far(stack: Stack) -> s3.IBucket:
    return s3.Bucket.from_bucket_attributes(stack, "Far", bucket_name="far", region="eu-west-1")


@pytest.mark.parametrize(
    ("prop", "value"),
    [("output_bucket", lambda far: far), ("inputs", lambda far: {"train": TrainingInput(bucket=far, prefix="train/")})],
)
def test_a_bucket_of_another_region_is_refused(prop: str, value: Any) -> None:
    stack = make_stack()
    with pytest.raises(InvalidProps, match=f"{prop}: the bucket is in eu-west-1; SageMaker in us-east-1 works with"):
        make_job(stack, **{prop: value(_far(stack))})


def test_model_data_and_images_of_another_region_are_refused() -> None:
    stack = make_stack()
    data = ModelData.from_bucket(_far(stack), "model.tar.gz")
    with pytest.raises(InvalidProps, match="model_data: the bucket is in eu-west-1"):
        Model(stack, "Model", container=AlgorithmImage(name="xgboost", version="1.7-1"), model_data=data)
    container = TrainingContainer.from_image_uri("123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1")
    with pytest.raises(InvalidProps, match="is in eu-west-1; SageMaker pulls images of its own region, us-east-1"):
        Model(stack, "Other", container=container)
    far = ecr.Repository.from_repository_arn(stack, "Mine", "arn:aws:ecr:eu-west-1:123456789012:repository/mine")
    container = TrainingContainer.from_ecr(far, tag="1")
    with pytest.raises(InvalidProps, match="repository: 'Stack/Mine' is in eu-west-1; SageMaker pulls images of its"):
        Model(stack, "Third", container=container)
    with pytest.raises(InvalidProps, match="repository: 'Stack/Mine' is in eu-west-1; SageMaker pulls images of its"):
        make_job(stack, container=container, hyperparameters={})


def test_what_an_endpoint_captures_goes_to_no_bucket_of_another_region() -> None:
    stack = make_stack()
    model = Model(stack, "Model", container=AlgorithmImage(name="xgboost", version="1.7-1"))
    with pytest.raises(InvalidProps, match="data_capture: the bucket is in eu-west-1; SageMaker in us-east-1 works"):
        EndpointConfig(
            stack,
            "Config",
            production_variants=[ProductionVariant(model=model)],
            data_capture=DataCapture(bucket=_far(stack), prefix="captured"),
            data_capture_role=model.role,
        )


KEYS = [
    (kind, prop)
    for kind in EVERY_CONSTRUCT
    for prop, parameter in inspect.signature(kind.__init__).parameters.items()
    if "IKey" in str(parameter.annotation) and not issubclass(kind, DataBucket)
]


@pytest.mark.parametrize(("kind", "prop"), KEYS, ids=[f"{kind.__name__}-{prop}" for kind, prop in KEYS])
def test_a_key_of_another_region_is_refused(kind: Any, prop: str) -> None:
    stack = make_stack()
    far = kms.Key.from_key_arn(stack, "Far", "arn:aws:kms:eu-west-1:123456789012:key/1234")
    given = [far] if "Sequence" in str(inspect.signature(kind.__init__).parameters[prop].annotation) else far
    with pytest.raises(
        InvalidProps, match=r"keys?: the key is in eu-west-1; SageMaker in us-east-1 works with keys of"
    ):
        kind(stack, "Given", **{**EVERY_CONSTRUCT[kind](stack), prop: given})
