"""The request of each training job of a tuning job."""

from typing import Any

import pytest
from sagecraft_emulator.tuning.definition import tuning_definitions

from .tuning import definition, tuning_config


def training_jobs(*names: str, **members: Any) -> list[dict[str, Any]]:
    body = {
        "HyperParameterTuningJobConfig": tuning_config(4, 2),
        "TrainingJobDefinition": definition("image", "s3://bucket/output", {}, **members),
    }
    (one,) = tuning_definitions(body)
    return [one.training_job(name, {"x": "1"}) for name in names]


@pytest.mark.parametrize("given", ["s3://bucket/checkpoints", "s3://bucket/checkpoints/"])
def test_no_training_job_goes_on_from_the_checkpoints_of_another(given: str) -> None:
    """AWS's XGBoost trains no more where it finds the checkpoints of all rounds, whatever they were trained with.

    Source: https://github.com/aws/sagemaker-xgboost-container/pull/25
    """
    config = {"S3Uri": given, "LocalPath": "/opt/ml/mine"}
    told = [each["CheckpointConfig"] for each in training_jobs("t-001", "t-002", CheckpointConfig=config)]
    assert told == [{**config, "S3Uri": f"s3://bucket/checkpoints/{name}"} for name in ("t-001", "t-002")]


def test_a_training_job_keeps_no_checkpoints_where_none_are_asked_for() -> None:
    assert "CheckpointConfig" not in training_jobs("t-001")[0]
