import os
import pickle
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sagecraft_catalog import algorithm
from sagecraft_containers.xgboost.library import xgboost

from tests.containers.training_job import TrainingJob

from .synthetic import (
    ROUNDS,
    ROWS,
    as_csv,
    as_libsvm,
    as_parquet,
    as_recordio,
    assert_same_predictions,
    bare_model,
    saved_model,
    synthetic,
)


@pytest.fixture
def job(tmp_path: Path) -> TrainingJob:
    return TrainingJob(
        tmp_path,
        "sagecraft_containers.xgboost",
        {"num_round": str(ROUNDS), "objective": "binary:logistic", "max_depth": "3"},
    )


@pytest.mark.parametrize(
    ("write", "content_type"),
    [
        (as_csv, "text/csv"),
        (as_libsvm, "text/libsvm"),
        (as_libsvm, None),
        (as_parquet, "application/x-parquet"),
        (as_recordio, "application/x-recordio-protobuf"),
    ],
)
def test_model_is_the_one_that_bare_xgboost_trains(
    job: TrainingJob, write: Callable[[np.ndarray, np.ndarray], bytes], content_type: str | None
) -> None:
    job.add_channel("train", {"part-0": write(*synthetic())}, content_type)
    assert_same_predictions(saved_model(job.run()), bare_model(*synthetic()))


@pytest.mark.parametrize(("version", "pickled"), [("0.90-2", True), ("1.2-2", True), ("1.3-1", False)])
def test_older_images_save_a_pickle(job: TrainingJob, version: str, pickled: bool) -> None:
    """Source: https://github.com/aws/sagemaker-xgboost-container/commit/ed9259b and the branches of older versions."""
    job.environment["SAGECRAFT_IMAGE_VERSION"] = version
    job.add_channel("train", {"train.csv": as_csv(*synthetic())}, "text/csv")
    content = job.run().model_file.read_bytes()
    assert (content[:1] == b"\x80") is pickled
    if pickled:
        assert_same_predictions(pickle.loads(content), bare_model(*synthetic()))


def test_plain_xgboost_loads_the_model_by_its_file_name(job: TrainingJob) -> None:
    job.add_channel("train", {"train.csv": as_csv(*synthetic())})
    result = job.run()
    model = xgboost.Booster()
    with pytest.warns(UserWarning, match="Unknown file format"):
        model.load_model(result.model_file)
    assert model.num_boosted_rounds() == ROUNDS


def test_all_files_of_a_channel_are_read_and_markers_are_not(job: TrainingJob) -> None:
    features, labels = synthetic()
    job.add_channel(
        "train",
        {
            "a/part-0.csv": as_csv(features[:100], labels[:100]),
            "b/part-1.csv": as_csv(features[100:], labels[100:]),
            "_SUCCESS": "",
        },
    )
    assert_same_predictions(saved_model(job.run()), bare_model(features, labels))


def test_the_log_has_the_lines_that_the_metric_expressions_match(job: TrainingJob) -> None:
    job.hyperparameters["eval_metric"] = "auc,error"
    job.add_channel("train", {"train.csv": as_csv(*synthetic())})
    job.add_channel("validation", {"validation.csv": as_csv(*synthetic(1))})
    result = job.run()
    lines = [line.replace("\t", "#011") for line in result.log.splitlines() if line.startswith("[")]
    assert len(lines) == ROUNDS
    assert re.fullmatch(
        r"\[0\]#011train-auc:\S+#011train-error:\S+#011validation-auc:\S+#011validation-error:\S+", lines[0]
    )
    matched = {each.name for each in algorithm("xgboost").metric_definitions if re.match(each.regex, lines[-1])}
    assert matched == {"train:auc", "train:error", "validation:auc", "validation:error"}


def test_metrics_of_the_container_are_logged_beside_those_of_the_library(job: TrainingJob) -> None:
    job.hyperparameters["eval_metric"] = "accuracy,f1,precision_macro,mse,r2,logloss,error"
    job.add_channel("train", {"train.csv": as_csv(*synthetic())})
    result = job.run()
    last = dict(re.findall(r"train-(\w+):(\S+)", result.log.splitlines()[-1]))
    assert set(last) == {"accuracy", "f1", "precision_macro", "mse", "r2", "logloss", "error"}
    assert float(last["accuracy"]) == pytest.approx(1 - float(last["error"]), abs=1e-4)


def test_the_metric_that_a_tuning_job_optimizes_is_logged(job: TrainingJob) -> None:
    job.hyperparameters["_tuning_objective_metric"] = "validation:auc"
    job.add_channel("train", {"train.csv": as_csv(*synthetic())})
    job.add_channel("validation", {"validation.csv": as_csv(*synthetic(1))})
    assert "validation-auc:" in job.run().log


def test_early_stopping_keeps_the_best_round(job: TrainingJob) -> None:
    job.hyperparameters |= {"num_round": "200", "early_stopping_rounds": "3", "eval_metric": "error,f1", "eta": "1"}
    job.add_channel("train", {"train.csv": as_csv(*synthetic())})
    job.add_channel("validation", {"validation.csv": as_csv(*synthetic(1))})
    result = job.run()
    scores = [float(score) for score in re.findall(r"validation-f1:(\S+)", result.log)]
    assert 3 < len(scores) < 200
    assert saved_model(result).num_boosted_rounds() == int(np.argmax(scores)) + 1


@pytest.mark.parametrize("last", ["error@0.70", "error@0.5", "logloss", "auc"])
def test_early_stopping_watches_the_last_metric_asked_for(job: TrainingJob, last: str) -> None:
    job.hyperparameters |= {"num_round": "300", "early_stopping_rounds": "2", "eval_metric": f"f1,{last}", "eta": "1"}
    job.add_channel("train", {"train.csv": as_csv(*synthetic())})
    job.add_channel("validation", {"validation.csv": as_csv(*synthetic(1))})
    result = job.run()
    logged = {"error@0.70": "error@0.7", "error@0.5": "error"}.get(last, last)
    scores = [float(score) for score in re.findall(rf"validation-{logged}:(\S+)", result.log)]
    best = np.argmax(scores) if last == "auc" else np.argmin(scores)
    assert saved_model(result).num_boosted_rounds() == best + 1
    assert len(scores) == best + 3


def test_early_stopping_of_a_linear_model_keeps_the_last_round(job: TrainingJob) -> None:
    job.hyperparameters |= {"booster": "gblinear", "early_stopping_rounds": "1", "num_round": "300"}
    job.hyperparameters["eval_metric"] = "logloss"
    del job.hyperparameters["max_depth"]
    job.add_channel("train", {"train.csv": as_csv(*synthetic())})
    job.add_channel("validation", {"validation.csv": as_csv(*synthetic(1))})
    saved_model(job.run())


@pytest.mark.parametrize(("version", "stops"), [("1.2-2", True), ("3.2-0", False)])
def test_early_stopping_without_a_metric_is_of_old_images_alone(job: TrainingJob, version: str, stops: bool) -> None:
    # `train_job` and `get_callbacks` of aws/sagemaker-xgboost-container: since 1.3-1 they watch what is asked for
    job.environment["SAGECRAFT_IMAGE_VERSION"] = version
    job.hyperparameters |= {"num_round": "60", "early_stopping_rounds": "1", "eta": "1"}
    job.add_channel("train", {"train.csv": as_csv(*synthetic())})
    job.add_channel("validation", {"validation.csv": as_csv(*synthetic(1))})
    result = job.run()
    assert (saved_model(result).num_boosted_rounds() < 60) is stops
    told = "Warning: early_stopping_rounds does nothing without the hyperparameter eval_metric."
    assert (told in result.log) is not stops


@pytest.mark.parametrize(("version", "metric"), [("1.7-1", "map"), ("3.2-0", "ndcg@32")])
def test_a_ranking_without_a_metric_is_scored_by_that_of_the_image(job: TrainingJob, version: str, metric: str) -> None:
    # `DefaultEvalMetric` of rank_obj.cu of dmlc/xgboost before 2.0, which takes graded labels; now of lambdarank_obj.h
    job.environment["SAGECRAFT_IMAGE_VERSION"] = version
    job.hyperparameters["objective"] = "rank:ndcg"
    rows = [f"{(row * 7) % 3} qid:{row // 10} 0:{row % 7} 1:{row % 5}" for row in range(60)]
    job.add_channel("train", {"train.libsvm": "\n".join(rows)}, "text/libsvm")
    log = job.run().log
    assert re.search(rf"^\[0\]\ttrain-{metric}:\d\.\d+$", log, re.MULTILINE), log


def test_early_stopping_without_validation_is_warned_of(job: TrainingJob) -> None:
    job.hyperparameters["early_stopping_rounds"] = "1"
    job.add_channel("train", {"train.csv": as_csv(*synthetic())})
    result = job.run()
    assert "Warning: early_stopping_rounds does nothing without the channel 'validation'." in result.log
    assert saved_model(result).num_boosted_rounds() == ROUNDS


def test_sparse_validation_rows_may_leave_the_last_features_out(job: TrainingJob) -> None:
    job.add_channel("train", {"train.txt": "1 0:1 3:2\n0 1:1\n"}, "text/libsvm")
    job.add_channel("validation", {"validation.txt": "1 0:1\n0 1:1\n"}, "text/libsvm")
    saved_model(job.run())


def test_channels_of_different_columns_are_refused(job: TrainingJob) -> None:
    job.add_channel("train", {"train.csv": "1,2,3\n0,3,4\n"})
    job.add_channel("validation", {"validation.csv": "1,2\n0,3\n"})
    assert job.run().failure == (
        "The channel 'validation' has 1 feature(s), but 'train' has 2; make both of the same columns."
    )


@pytest.mark.parametrize(("version", "validation_is_weighted"), [("3.2-0", True), ("1.2-1", True), ("1.0-1", False)])
def test_csv_weights_are_the_second_column(job: TrainingJob, version: str, *, validation_is_weighted: bool) -> None:
    # get_validated_dmatrices of algorithm_mode/train.py, in the branches of aws/sagemaker-xgboost-container
    job.environment["SAGECRAFT_IMAGE_VERSION"] = version
    features, labels = synthetic()
    of_validation, its_labels = synthetic(1)
    its_weights = np.where(its_labels > 0, 9, 1).astype(np.float32)
    weights = np.where(labels > 0, 5, 1).astype(np.float32)
    job.hyperparameters["csv_weights"] = "1"
    job.add_channel("train", {"train.csv": as_csv(np.column_stack([weights, features]), labels)})
    rows = np.column_stack([its_weights, of_validation]) if validation_is_weighted else of_validation
    job.add_channel("validation", {"validation.csv": as_csv(rows, its_labels)})
    scores: dict[str, Any] = {}
    weighted = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 3},
        xgboost.DMatrix(features, label=labels, weight=weights),
        ROUNDS,
        evals=[
            (
                xgboost.DMatrix(
                    of_validation, label=its_labels, weight=its_weights if validation_is_weighted else None
                ),
                "validation",
            )
        ],
        evals_result=scores,
        verbose_eval=False,
    )
    result = job.run()
    assert_same_predictions(saved_model(result), weighted)
    assert f"validation-logloss:{scores['validation']['logloss'][-1]:.5f}\n" in result.log


def test_several_classes(job: TrainingJob) -> None:
    features, labels = synthetic()
    job.hyperparameters |= {"objective": "multi:softprob", "num_class": "2", "eval_metric": "merror,balanced_accuracy"}
    job.add_channel("train", {"train.csv": as_csv(features, labels)})
    result = job.run()
    assert saved_model(result).predict(xgboost.DMatrix(features)).shape == (ROWS, 2)
    assert "train-balanced_accuracy:" in result.log


def test_constraints_reach_the_library(job: TrainingJob) -> None:
    job.hyperparameters |= {
        "tree_method": "hist",
        "monotone_constraints": "(1,-1,0,0)",
        "interaction_constraints": "[[0,1]]",
    }
    job.add_channel("train", {"train.csv": as_csv(*synthetic())})
    assert set(saved_model(job.run()).get_score()) <= {"f0", "f1"}


def test_checkpoints_are_kept_and_resumed_from(job: TrainingJob) -> None:
    checkpoints = job.base / "checkpoints"
    checkpoints.mkdir()
    job.add_channel("train", {"train.csv": as_csv(*synthetic())})
    job.hyperparameters["num_round"] = "8"
    assert job.run().exit_code == 0
    assert {file.name for file in checkpoints.iterdir()} == {f"xgboost-checkpoint.{number}" for number in range(3, 8)}
    (checkpoints / "xgboost-checkpoint.9").write_bytes(b"half a model")
    job.hyperparameters["num_round"] = "10"
    resumed = job.run()
    assert "Resuming from checkpoint xgboost-checkpoint.7." in resumed.log
    assert re.findall(r"^\[(\d+)\]", resumed.log, re.MULTILINE) == ["8", "9"]
    assert_same_predictions(saved_model(resumed), bare_model(*synthetic(), rounds=10))


def test_sigterm_ends_training_and_saves_what_there_is(job: TrainingJob) -> None:
    job.hyperparameters["num_round"] = "1000000"
    job.add_channel("train", {"train.csv": as_csv(*synthetic())})
    process = job.start()
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    assert any(line.startswith("[3]") for line in lines)
    os.kill(process.pid, signal.SIGTERM)
    result = job.finish(process)
    model = saved_model(result)
    assert f"Stopped by request after {model.num_boosted_rounds()} rounds." in result.log


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "train/data.csv: the file is empty; expected rows of csv"),
        ("1,2,3\n0,x,4\n", "train/data.csv, line 2: 'x' in column 2 is not a finite number; "),
        ("1,2,3\n0,4\n", "train/data.csv, line 2: the row has 2 column(s), but the first row has 3; "),
        ("label,a,b\n1,2,3\n", "train/data.csv, line 1: 'label' is not a number, and this looks like a header row; "),
        ("1,2\n,3\n", "train/data.csv: row 2 has no label; "),
        (
            "1,2\n7,3\n",
            "The channel 'train' has the label 7 in row 2; with objective 'binary:logistic' a label must be ",
        ),
        ("1\n0\n", "train/data.csv, line 1: a row has 1 column(s), but 1 come(s) before the features; "),
    ],
)
def test_bad_data_fails_the_job_with_file_and_line(job: TrainingJob, content: str, reason: str) -> None:
    job.add_channel("train", {"data.csv": content})
    result = job.run()
    assert result.exit_code == 1
    assert result.failure is not None
    assert result.failure.startswith(reason)
    assert "Traceback" not in result.log
    assert not result.model_file.exists()


def test_files_of_a_channel_must_have_the_same_columns(job: TrainingJob) -> None:
    job.add_channel("train", {"a.csv": "1,2,3\n", "b.csv": "0,2\n"})
    assert job.run().failure == (
        "train/b.csv: 1 feature column(s), but train/a.csv has 2; every file of a channel must have the same columns"
    )


def test_csv_without_a_content_type_is_told_to_have_one(job: TrainingJob) -> None:
    job.add_channel("train", {"data.csv": "1,2,3\n"}, None)
    failure = job.run().failure
    assert failure is not None
    assert failure.startswith("train/data.csv, line 1: '1,2,3' is not a label; ")
    assert failure.endswith("set ContentType to text/csv if it is CSV.")


def test_hyperparameters_are_refused_by_name(job: TrainingJob) -> None:
    job.hyperparameters = {"max_dept": "3", "eta": "2"}
    job.add_channel("train", {"data.csv": "1,2,3\n"})
    result = job.run()
    assert result.exit_code == 1
    assert result.failure == (
        "max_dept: not a hyperparameter of xgboost. Did you mean 'max_depth' or 'max_delta_step'? "
        "eta: got '2', must be at least 0 and at most 1. num_round: required, but not given."
    )


def test_what_only_the_library_can_know_is_a_users_error_too(job: TrainingJob) -> None:
    job.hyperparameters |= {"updater": "grow_skmaker"}
    job.add_channel("train", {"data.csv": as_csv(*synthetic())})
    result = job.run()
    assert (result.exit_code, result.failure) == (
        1,
        "XGBoost refuses the job: Unknown tree updater grow_skmaker",
    )


@pytest.mark.parametrize(
    ("channels", "reason"),
    [
        ({}, "The channel 'train' is missing; the job has none. Add a channel named 'train'."),
        ({"train": {}}, "The channel 'train' holds no data; check its S3Uri."),
        ({"train": {}, "test": {}}, "XGBoost has no channel 'test'; the channels are 'train' and 'validation'."),
        (
            {"train": {"ContentType": "text/csv"}, "validation": {"ContentType": "text/libsvm"}},
            "The channel 'validation' has ContentType 'text/libsvm', but 'train' has 'text/csv'; make them the same.",
        ),
        (
            {"train": {"TrainingInputMode": "Pipe"}},
            (
                "The channel 'train' is in Pipe mode, which is not supported for LIBSVM; use File or FastFile mode, or "
                "another ContentType."
            ),
        ),
    ],
)
def test_channels_are_checked(job: TrainingJob, channels: dict[str, dict[str, str]], reason: str) -> None:
    job.channels = channels
    assert job.run().failure == reason


def test_our_own_fault_is_told_apart_and_its_traceback_stays_in_the_log(job: TrainingJob) -> None:
    job.add_channel("train", {"data.csv": as_csv(*synthetic())})
    (job.base / "model").write_text("a file where the contract has a directory")
    result = job.run()
    assert result.exit_code == 2
    assert result.failure is not None
    assert result.failure.startswith("The training container failed, not your job's definition: FileExistsError")
    assert "Traceback" in result.log
