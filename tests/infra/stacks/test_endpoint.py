"""The stacks that go from a dataset to an endpoint."""

import json
from pathlib import Path
from typing import Any

from aws_cdk import App, Environment
from aws_cdk.assertions import Template
from sagecraft_constructs import AlgorithmImage, ContinuousRange, IntegerRange, Objective
from sagecraft_infra.stacks import DataStack, TuningEndpointStack

from tests.constructs.stack import CONTEXT
from tests.constructs.template_checks import assert_clean


def test_the_endpoint_serves_the_best_model_of_the_tuning_job(tmp_path: Path) -> None:
    for name in ("train", "validation"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows.csv").write_text("1,2\n0,3\n")
    app = App(context=CONTEXT)
    env = Environment(account="123456789012", region="us-east-1")
    data = DataStack(app, "Data", env=env)
    stack = TuningEndpointStack(
        app,
        "Tuning",
        bucket=data.bucket,
        dataset_path=tmp_path,
        channels={"train": "train", "validation": "validation"},
        container=AlgorithmImage(name="xgboost", version="3.2-0"),
        objective=Objective.maximize("validation:auc"),
        ranges={"eta": ContinuousRange(0.01, 0.3), "max_depth": IntegerRange(3, 9)},
        hyperparameters={"objective": "binary:logistic", "num_round": 20, "eval_metric": "auc"},
        max_jobs=4,
        max_parallel_jobs=2,
        random_seed=0,
        env=env,
    )
    template: dict[str, Any] = json.loads(json.dumps(Template.from_stack(stack).to_json()))
    (tuning,) = [name for name, each in template["Resources"].items() if each["Type"].endswith("TuningJob")]
    (model,) = [each for each in template["Resources"].values() if each["Type"] == "AWS::SageMaker::Model"]
    assert model["Properties"]["PrimaryContainer"]["ModelDataUrl"] == {"Fn::GetAtt": [tuning, "S3ModelArtifacts"]}
    config = template["Resources"][tuning]["Properties"]["Request"]["HyperParameterTuningJobConfig"]
    assert config["ResourceLimits"] | {"MaxRuntimeInSeconds": 0} == {
        "MaxNumberOfTrainingJobs": 4,
        "MaxParallelTrainingJobs": 2,
        "MaxRuntimeInSeconds": 0,
    }
    assert config["RandomSeed"] == 0
    assert set(template["Outputs"]) == {
        "BestObjectiveValue",
        "BestTrainingJobName",
        "EndpointName",
        "ModelArtifacts",
        "TuningJobName",
    }
    assert_clean(app)
