"""A bucket and the work on it, in stacks that stand in every relation to each other."""

from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk import NestedStack, Stack
from sagecraft_constructs import (
    AlgorithmImage,
    DataBucket,
    Dataset,
    Endpoint,
    EndpointConfig,
    Model,
    ProductionVariant,
    TrainingJob,
)

from .stack import make_bucket, make_stack
from .template_checks import assert_clean


def nested(scope: Stack) -> Stack:
    return NestedStack(scope, "Nested")


def other(scope: Stack) -> Stack:
    return make_stack(name="Other", app=scope.node.root)  # type: ignore[arg-type]  # the root is an App


def sibling(scope: Stack) -> Stack:
    return NestedStack(scope, "Sibling")


def same(scope: Stack) -> Stack:
    return scope


def work(stack: Stack, bucket: DataBucket, data: Path) -> None:
    """Uploads a dataset, trains on it, and serves the model."""
    container = AlgorithmImage(name="xgboost", version="1.7-1")
    dataset = Dataset(stack, "Dataset", bucket=bucket, path=data)
    job = TrainingJob(
        stack,
        "Job",
        container=container,
        inputs={"train": dataset.channel("train", content_type="text/csv")},
        output_bucket=bucket,
        hyperparameters={"num_round": 10, "objective": "binary:logistic"},
    )
    model = Model(stack, "Model", container=container, model_data=job.model_data)
    config = EndpointConfig(stack, "Config", production_variants=[ProductionVariant(model=model)])
    Endpoint(stack, "Endpoint", endpoint_config=config)


@pytest.mark.parametrize(
    ("place_of_bucket", "place_of_work"),
    [
        (same, nested),
        (nested, sibling),
        (nested, lambda stack: nested(other(stack))),
        (lambda stack: nested(nested(stack)), same),
    ],
    ids=["nested in the bucket's", "nested side by side", "nested in another", "around the bucket's"],
)
def test_the_bucket_may_be_of_another_stack(
    place_of_bucket: Callable[[Stack], Stack], place_of_work: Callable[[Stack], Stack], tmp_path: Path
) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "rows.csv").write_text("1,2\n")
    stack = make_stack()
    work(place_of_work(stack), make_bucket(place_of_bucket(stack)), tmp_path)

    assert_clean(stack)
