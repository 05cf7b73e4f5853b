"""Data of two classes in every format, and what models of it are worth."""

import io

import numpy as np
import pyarrow as pa
from pyarrow import parquet
from sagecraft_containers.xgboost.library import xgboost
from sagecraft_containers.xgboost.model import load_models
from sagemaker_training.recordio import _write_numpy_to_dense_tensor

from tests.containers.training_job import JobResult

ROWS, COLUMNS = 300, 4
ROUNDS = 5


def synthetic(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(ROWS, COLUMNS)).astype(np.float32)
    noise = generator.normal(scale=0.3, size=ROWS)
    return features, (features[:, 0] - features[:, 1] + noise > 0).astype(np.float32)


def as_csv(features: np.ndarray, labels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savetxt(stream, np.column_stack([labels, features]), delimiter=",", fmt="%.9g")
    return stream.getvalue()


def as_libsvm(features: np.ndarray, labels: np.ndarray) -> bytes:
    lines = (
        f"{label:g} " + " ".join(f"{index}:{value:.9g}" for index, value in enumerate(row))
        for row, label in zip(features, labels, strict=True)
    )
    return "\n".join(lines).encode()


def as_parquet(features: np.ndarray, labels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.table({"label": labels, **{f"x{i}": features[:, i] for i in range(COLUMNS)}}), stream)
    return stream.getvalue()


def as_recordio(features: np.ndarray, labels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    _write_numpy_to_dense_tensor(stream, features, labels)
    return stream.getvalue()


def saved_model(result: JobResult) -> "xgboost.Booster":
    assert result.exit_code == 0, result.log
    assert result.failure is None
    booster: xgboost.Booster = load_models(result.model_file.parent, all_files=False)[0].booster
    return booster


def bare_model(features: np.ndarray, labels: np.ndarray, rounds: int = ROUNDS) -> "xgboost.Booster":
    return xgboost.train(
        {"objective": "binary:logistic", "max_depth": 3}, xgboost.DMatrix(features, label=labels), rounds
    )


def assert_same_predictions(one: "xgboost.Booster", other: "xgboost.Booster") -> None:
    matrix = xgboost.DMatrix(synthetic(7)[0])
    np.testing.assert_allclose(one.predict(matrix), other.predict(matrix), atol=1e-6)
