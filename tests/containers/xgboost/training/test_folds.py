"""Cross-validation, as `test/integration/local/test_kfold.py` of `aws/sagemaker-xgboost-container` tries it."""

import re
from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.xgboost.library import xgboost

from tests.containers.training_job import TrainingJob

from .synthetic import ROWS, as_csv, synthetic


def job(base: Path, **hyperparameters: str) -> TrainingJob:
    made = TrainingJob(base, "sagecraft_containers.xgboost", {"num_round": "2", "max_depth": "2", **hyperparameters})
    made.add_channel("train", {"train.csv": as_csv(*synthetic())})
    return made


def test_each_fold_has_a_model_and_its_rows_a_prediction(tmp_path: Path) -> None:
    folded = job(tmp_path, objective="binary:logistic", eval_metric="error,f1", _kfold="3", _num_cv_round="2")
    folded.add_channel("validation", {"validation.csv": as_csv(*synthetic(1))})
    result = folded.run()
    assert result.exit_code == 0, result.log
    models = sorted((tmp_path / "model").iterdir())
    assert [file.name for file in models] == [f"xgboost-model-{fold}" for fold in range(6)]
    assert xgboost.Booster(model_file=bytearray(models[0].read_bytes())).num_boosted_rounds() == 2
    rows = np.loadtxt(tmp_path / "output" / "data" / "predictions.csv", delimiter=",")
    assert rows.shape == (2 * ROWS, 3)
    assert rows[:, 0].tolist() == [*synthetic()[1].tolist(), *synthetic(1)[1].tolist()]
    assert ((rows[:, 1] > 0) & (rows[:, 1] < 1)).all()
    assert (rows[:, 0] == rows[:, 2]).mean() > 0.7
    means = re.findall(r"^\[2\]\ttrain-error:\S+\tvalidation-error:\S+\ttrain-f1:\S+\tvalidation-f1:", result.log, re.M)
    assert len(means) == 3
    assert result.log.count("Train cross validation fold 3\n") == 2
    assert "The overall metrics of 2-round cross validation\n" in result.log


def test_numbers_have_a_mean_prediction(tmp_path: Path) -> None:
    assert job(tmp_path, objective="reg:squarederror", _kfold="2").run().exit_code == 0
    assert np.loadtxt(tmp_path / "output" / "data" / "predictions.csv", delimiter=",").shape == (ROWS, 2)


def test_each_fold_has_checkpoints_of_its_own_and_none_goes_on_from_them(tmp_path: Path) -> None:
    folded = job(tmp_path, objective="reg:squarederror", _kfold="2")
    checkpoints = tmp_path / "checkpoints"
    checkpoints.mkdir()
    assert folded.run().exit_code == 0
    written = sorted(str(file.relative_to(checkpoints)) for file in checkpoints.rglob("xgboost-checkpoint*"))
    assert written == [f"model-{fold}/xgboost-checkpoint.{number}" for fold in range(2) for number in range(2)]
    told = "Cross-validation does not go on from checkpoints, and model-0/xgboost-checkpoint.1 is there"
    assert (folded.run().failure or "").startswith(told)


def test_more_folds_than_rows_are_refused_in_the_words_of_who_cuts_them(tmp_path: Path) -> None:
    told = job(tmp_path, objective="reg:squarederror", _kfold="100000").run().failure or ""
    assert told.startswith("_kfold: Cannot have number of splits n_splits=100000 greater than the number of samples")


@pytest.mark.parametrize(
    ("hyperparameters", "version", "told"),
    [
        ({"_kfold": "3"}, "3.2-0", "_kfold: needs the hyperparameter objective"),
        ({"_kfold": "1", "objective": "reg:gamma"}, "3.2-0", "_kfold: got '1', must be at least 2."),
        ({"_kfold": "3", "objective": "reg:gamma"}, "1.2-1", "_kfold: not a hyperparameter of xgboost 1.2-1"),
        ({"silent": "1"}, "1.2-1", "silent: not a hyperparameter of xgboost 1.2-1; it is one up to 1.0-1."),
    ],
)
def test_what_an_image_does_not_take_is_refused(
    tmp_path: Path, hyperparameters: dict[str, str], version: str, told: str
) -> None:
    refused = job(tmp_path, **hyperparameters)
    refused.environment["SAGECRAFT_IMAGE_VERSION"] = version
    assert (refused.run().failure or "").startswith(told)


def test_an_old_image_may_be_silent(tmp_path: Path) -> None:
    silent = job(tmp_path, silent="1")
    silent.environment["SAGECRAFT_IMAGE_VERSION"] = "1.0-1"
    result = silent.run()
    assert result.exit_code == 0, result.log
    assert "Parameters:" not in result.log
