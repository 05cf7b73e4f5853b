"""An AutoML job and the model of its best candidate, as components of Pulumi and in a picture."""

import pytest
from aws_cdk import Duration
from sagecraft_constructs import AutoMLJob, Model, TabularProblem, TrainingInput
from sagecraft_infra import pulumi as sagecraft
from sagecraft_infra.noun.look import Kind

from tests.constructs.stack import automl_props, make_bucket, make_stack
from tests.infra.graph.test_graph import drawn_of, named, new_app, nodes_of
from tests.infra.pulumi.comparison import outcome


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_aws")
def test_they_are_components_of_pulumi() -> None:
    def program() -> None:
        bucket = sagecraft.DataBucket("bucket")
        automl = sagecraft.AutoMLJob(
            "automl",
            problem=TabularProblem(target="Survived"),
            training=TrainingInput(bucket=bucket.reference, prefix="titanic/"),
            output_bucket=bucket,
            max_candidates=10,
            max_runtime=Duration.minutes(10),
        )
        sagecraft.AutoMLModel("model", candidate=automl.best_candidate, inference_response_keys=["predicted_label"])

    assert outcome(program).problems() == []


def test_a_picture_shows_data_job_and_model() -> None:
    app = new_app()
    stack = make_stack(app=app)
    automl = AutoMLJob(stack, "AutoML", **automl_props(make_bucket(stack)))
    Model.from_automl(stack, "Model", automl=automl)
    drawn = drawn_of(app)
    assert ("AutoML", "->", "Model") in named(drawn)
    assert ("Bucket", "<->", "AutoML") in named(drawn)
    nouns = {node.name: (node.kind, node.noun) for node in nodes_of(drawn).values()}
    assert nouns["AutoML"] == (Kind.JOB, "AutoML job")
    assert nouns["Model"] == (Kind.MODEL, "Model")
