"""The session of the SageMaker Python SDK v3, and a model that its trainer trained."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
import xgboost
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.shapes import OutputDataConfig
from sagemaker.core.training.configs import Compute, InputData
from sagemaker.train import ModelTrainer

from tests.sdk.conftest import Objects


@pytest.fixture(scope="session")
def session(bucket: str) -> Session:
    """The SDK's own session."""
    return Session(default_bucket=bucket)


@pytest.fixture(scope="session")
def xgboost_image(boto: boto3.Session) -> str:
    """AWS's XGBoost."""
    uri: str = image_uris.retrieve("xgboost", boto.region_name, version="1.7-1")
    return uri


@pytest.fixture(scope="module")
def trainer(
    session: Session, xgboost_image: str, role: str, bucket: str, train_uri: str, validation_uri: str
) -> ModelTrainer:
    """A trainer of the built-in XGBoost that has not trained yet."""
    return ModelTrainer(
        sagemaker_session=session,
        training_image=xgboost_image,
        role=role,
        base_job_name="trainer",
        compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10),
        hyperparameters={"objective": "binary:logistic", "num_round": 12, "max_depth": 3, "seed": 5},
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/models"),
        input_data_config=[
            InputData(channel_name="train", data_source=train_uri, content_type="text/csv"),
            InputData(channel_name="validation", data_source=validation_uri, content_type="text/csv"),
        ],
    )


@pytest.fixture(scope="module")
def trained(trainer: ModelTrainer) -> ModelTrainer:
    """The trainer, after the SDK itself has waited for the job's end."""
    trainer.train(wait=True, logs=True)
    return trainer


@pytest.fixture(scope="module")
def booster(trained: ModelTrainer, objects: Objects, tmp_path_factory: pytest.TempPathFactory) -> xgboost.Booster:
    """The model that the trainer trained."""
    path = Path(tmp_path_factory.mktemp("booster")) / "model.ubj"
    artifacts = trained._latest_training_job.model_artifacts.s3_model_artifacts
    path.write_bytes(objects.unpack(artifacts)["xgboost-model"])
    return xgboost.Booster(model_file=str(path))
