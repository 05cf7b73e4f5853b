"""A job of a script of JumpStart's, and what its model answers, in the test's own process."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.containers.algorithm_job import AlgorithmJob, csv

SCRIPTS = "s3://jumpstart-cache-prod-us-east-1/source-directory-tarballs"


def table_job(name: str, base: Path, problem: str = "classification", **hyperparameters: object) -> AlgorithmJob:
    """A job as the SageMaker SDK asks for it: the values of a script's hyperparameters are JSON."""
    given = {
        **hyperparameters,
        "sagemaker_program": "transfer_learning.py",
        "sagemaker_submit_directory": f"{SCRIPTS}/{name}/transfer_learning/{problem}/v1.0.0/sourcedir.tar.gz",
    }
    return AlgorithmJob(name, base, {each: json.dumps(value) for each, value in given.items()})


def files(target: Any, features: Any) -> dict[str, str]:
    return {"data.csv": csv(np.column_stack((target, features)))}


def answered_csv(
    job: AlgorithmJob, monkeypatch: pytest.MonkeyPatch, features: Any, accept: str = "application/json"
) -> dict[str, Any]:
    answer = job.predictor(monkeypatch).predict(csv(features).encode(), "text/csv", accept)
    assert answer.content_type == "application/json"
    loaded: dict[str, Any] = json.loads(answer.body)
    return loaded
