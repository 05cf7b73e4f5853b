"""AWS's own algorithms by the SDK v3, which has no classes for them: a ModelTrainer, and resources of the core."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import numpy as np
import pytest
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.resources import Endpoint, EndpointConfig, Model
from sagemaker.core.shapes import ContainerDefinition, OutputDataConfig, ProductionVariant
from sagemaker.core.training.configs import Compute, InputData
from sagemaker.train import ModelTrainer
from sklearn.datasets import load_digits

from tests.sdk.conftest import Ends, Objects, csv

ROWS, LABELS = (each[:300] for each in load_digits(return_X_y=True))
Answers = Callable[[str, Mapping[str, Any], str, bytes], tuple[set[str], list[dict[str, Any]]]]


@pytest.fixture
def answers(
    session: Session,
    boto: boto3.Session,
    role: str,
    objects: Objects,
    ends: Ends,
    unique: Callable[[str], str],
) -> Answers:
    """Trains an algorithm with hyperparameters on CSV, deploys the model, and asks it about ten rows.

    What comes back are the names of the job's metrics, and the answers.
    """

    def answers(
        algorithm: str, hyperparameters: Mapping[str, Any], content_type: str, content: bytes
    ) -> tuple[set[str], list[dict[str, Any]]]:
        image = image_uris.retrieve(algorithm, boto.region_name, version="1")
        rows = objects.put(f"{algorithm}/rows.csv", content)
        trainer = ModelTrainer(
            sagemaker_session=session,
            training_image=image,
            role=role,
            base_job_name=algorithm,
            compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10),
            hyperparameters=dict(hyperparameters),
            output_data_config=OutputDataConfig(s3_output_path=f"s3://{objects.bucket}/models"),
            input_data_config=[
                InputData(channel_name=name, data_source=rows, content_type=content_type) for name in ("train", "test")
            ],
        )
        trainer.train(wait=False)
        job = ends.training_job(trainer._latest_training_job.training_job_name)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        name = unique(algorithm)
        container = ContainerDefinition(image=image, model_data_url=job["ModelArtifacts"]["S3ModelArtifacts"])
        created: list[Model | EndpointConfig | Endpoint] = []
        try:
            created.append(Model.create(model_name=name, primary_container=container, execution_role_arn=role))
            variant = ProductionVariant(
                variant_name="all", model_name=name, initial_instance_count=1, instance_type="ml.m5.large"
            )
            created.append(EndpointConfig.create(endpoint_config_name=name, production_variants=[variant]))
            created.append(Endpoint.create(endpoint_name=name, endpoint_config_name=name))
            assert ends.endpoint(name)["EndpointStatus"] == "InService"
            answer = created[-1].invoke(body=csv(*ROWS[:10].T), content_type="text/csv", accept="application/json")
            told = json.loads(answer.body.read())["predictions"]
        finally:
            for each in reversed(created):
                each.delete()
        return {each["MetricName"] for each in job["FinalMetricDataList"]}, told

    return answers


def test_kmeans_trains_and_answers(answers: Answers) -> None:
    hyperparameters = {"k": 10, "feature_dim": 64, "epochs": 2}
    metrics, told = answers("kmeans", hyperparameters, "text/csv;label_size=0", csv(*ROWS.T))
    assert "test:msd" in metrics
    assert np.mean([each["distance_to_cluster"] for each in told]) < 40
    assert {each["closest_cluster"] for each in told} <= set(range(10))


def test_linear_learner_trains_and_answers(answers: Answers) -> None:
    hyperparameters = {"predictor_type": "multiclass_classifier", "num_classes": 10, "mini_batch_size": 50}
    metrics, told = answers("linear-learner", hyperparameters, "text/csv", csv(LABELS, *ROWS.T))
    assert "test:multiclass_accuracy" in metrics
    assert np.mean([each["predicted_label"] for each in told] == LABELS[:10]) > 0.8
