"""AWS's own algorithms by the SDK v3, which has no classes for them: a ModelTrainer, and resources of the core."""

from __future__ import annotations

import json
from collections.abc import Callable

import boto3
import numpy as np
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.resources import Endpoint, EndpointConfig, Model
from sagemaker.core.shapes import ContainerDefinition, OutputDataConfig, ProductionVariant
from sagemaker.core.training.configs import Compute, InputData
from sagemaker.train import ModelTrainer
from sklearn.datasets import load_digits

from tests.sdk.conftest import Ends, Objects, csv

ROWS = load_digits(return_X_y=True)[0][:300]


def test_kmeans_trains_and_answers(
    session: Session,
    boto: boto3.Session,
    role: str,
    objects: Objects,
    ends: Ends,
    unique: Callable[[str], str],
) -> None:
    image = image_uris.retrieve("kmeans", boto.region_name, version="1")
    rows = objects.put("kmeans/rows.csv", csv(*ROWS.T))
    trainer = ModelTrainer(
        sagemaker_session=session,
        training_image=image,
        role=role,
        base_job_name="kmeans",
        compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10),
        hyperparameters={"k": 10, "feature_dim": 64, "epochs": 2},
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{objects.bucket}/models"),
        input_data_config=[
            InputData(channel_name=name, data_source=rows, content_type="text/csv;label_size=0")
            for name in ("train", "test")
        ],
    )
    trainer.train(wait=False)
    job = ends.training_job(trainer._latest_training_job.training_job_name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert "test:msd" in {each["MetricName"] for each in job["FinalMetricDataList"]}

    name = unique("kmeans")
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
    assert np.mean([each["distance_to_cluster"] for each in told]) < 40
    assert {each["closest_cluster"] for each in told} <= set(range(10))
