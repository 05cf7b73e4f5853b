"""The XGBoost container's `serve`, as a process that real HTTP requests go to."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import xgboost
from sagecraft_containers.data.recordio_protobuf import read_recordio_protobuf, write_label_records
from sagemaker_training.record_pb2 import Record

from tests.containers.serving_container import ServingContainer, free_port, serving, start

MODULE = "sagecraft_containers.xgboost"
FEATURES = np.random.default_rng(3).normal(size=(300, 4)).astype(np.float32)
LABELS = (FEATURES[:, 0] > 0).astype(np.float32)


def train(**parameters: object) -> xgboost.Booster:
    return xgboost.train({"max_depth": 3, **parameters}, xgboost.DMatrix(FEATURES, label=LABELS), 10)


def save(booster: xgboost.Booster, base: Path, name: str = "xgboost-model") -> Path:
    (base / "model").mkdir(parents=True)
    (base / "model" / name).write_bytes(booster.save_raw("ubj"))
    return base


def as_csv(rows: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> str:
    return "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist())


@pytest.fixture(scope="module")
def booster() -> xgboost.Booster:
    return train(objective="binary:logistic")


@pytest.fixture(scope="module")
def container(booster: xgboost.Booster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingContainer]:
    with serving(MODULE, save(booster, tmp_path_factory.mktemp("base") / "ml")) as started:
        yield started


def test_csv_rows_are_answered_with_exactly_the_models_own_predictions(
    container: ServingContainer, booster: xgboost.Booster
) -> None:
    response = container.invoke(as_csv(FEATURES[:5]), "text/csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    scores = np.array(response.text.split(","), dtype=np.float64)
    assert scores.tolist() == booster.predict(xgboost.DMatrix(FEATURES[:5])).tolist()


@pytest.mark.parametrize("content_type", ["text/libsvm", "text/x-libsvm"])
def test_libsvm_rows_may_leave_out_features(
    container: ServingContainer, booster: xgboost.Booster, content_type: str
) -> None:
    expected = booster.predict(xgboost.DMatrix(np.array([[1.5, np.nan, -2.0, np.nan]], np.float32)))
    response = container.invoke("0 0:1.5 2:-2.0\n", content_type)
    assert response.text == str(expected.tolist()[0])


def test_recordio_protobuf_is_read_and_written(container: ServingContainer, booster: xgboost.Booster) -> None:
    record = Record()
    record.features["values"].float32_tensor.values.extend(FEATURES[0].tolist())
    message = record.SerializeToString()
    frame = (0xCED7230A).to_bytes(4, "little") + len(message).to_bytes(4, "little") + message
    body = frame + bytes(-len(message) % 4)
    recordio = "application/x-recordio-protobuf"
    response = container.invoke(body, recordio, recordio)
    assert response.headers["content-type"] == recordio
    expected = booster.predict(xgboost.DMatrix(FEATURES[:1]))
    assert response.content == write_label_records("score", expected.reshape(1, 1))
    assert np.asarray(read_recordio_protobuf(body).features).tolist() == FEATURES[:1].tolist()


def test_json_and_json_lines_are_answered_where_the_caller_accepts_them(container: ServingContainer) -> None:
    body = as_csv(FEATURES[:2])
    scores = [{"score": float(score)} for score in container.invoke(body, "text/csv").text.split(",")]
    assert container.invoke(body, "text/csv", "application/json").json() == {"predictions": scores}
    lines = container.invoke(body, "text/csv", "application/jsonlines").text
    assert [json.loads(line) for line in lines.splitlines()] == scores


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status", "message"),
    [
        ("{}", "application/json", None, 415, "Content-Type 'application/json' is not supported; use one of text/csv"),
        ("1,2,3,4", "text/csv", "image/png", 406, "Accept 'image/png' is not supported; use one of text/csv"),
        ("1,2,x,4\n", "text/csv", None, 400, "line 1: 'x' in column 3 is not a finite number"),
        ("1,2,3,4\n1,2\n", "text/csv", None, 400, "line 2: the row has 2 column(s), but the first row has 4"),
        ("1,2\n", "text/csv", None, 400, "The model has 4 features, but the body's rows have 2."),
        ("0 9:1\n", "text/libsvm", None, 400, "The model has 4 features, but the body's rows have 10."),
        ("", "text/csv", None, 400, "The body is empty"),
        (b"nonsense", "application/x-recordio-protobuf", None, 400, "record 1:"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(
    container: ServingContainer, body: bytes | str, content_type: str, accept: str | None, status: int, message: str
) -> None:
    response = container.invoke(body, content_type, accept)
    assert response.status_code == status
    assert message in response.text
    assert "Traceback" not in response.text


def test_a_long_body_is_answered_like_a_short_one(container: ServingContainer, booster: xgboost.Booster) -> None:
    rows = np.tile(FEATURES, (20, 1))
    answered = np.array(container.invoke(as_csv(rows), "text/csv").text.split(","), dtype=np.float64)
    assert answered.tolist() == booster.predict(xgboost.DMatrix(rows)).tolist()


def test_a_model_of_several_classes_answers_a_list_a_row(tmp_path: Path) -> None:
    booster = train(objective="multi:softprob", num_class=3)
    with serving(MODULE, save(booster, tmp_path / "ml")) as container:
        answered = container.invoke(as_csv(FEATURES[:1]), "text/csv", "application/json").json()
    assert answered["predictions"][0]["score"] == booster.predict(xgboost.DMatrix(FEATURES[:1])).tolist()[0]


def test_a_linear_model_answers(tmp_path: Path) -> None:
    booster = xgboost.train({"booster": "gblinear"}, xgboost.DMatrix(FEATURES, label=LABELS), 5)
    with serving(MODULE, save(booster, tmp_path / "ml")) as container:
        answered = container.invoke(as_csv(FEATURES[:1]), "text/csv").text
    assert float(answered) == pytest.approx(float(booster.predict(xgboost.DMatrix(FEATURES[:1]))[0]), abs=1e-6)


def test_dart_models_answer_exactly_their_own_predictions(tmp_path: Path) -> None:
    matrix = xgboost.DMatrix(FEATURES, label=LABELS)
    booster = xgboost.train({"booster": "dart", "rate_drop": 0.3}, matrix, 100)
    with serving(MODULE, save(booster, tmp_path / "ml")) as container:
        answered = container.invoke(as_csv(FEATURES), "text/csv").text
    assert [float(score) for score in answered.split(",")] == booster.predict(matrix).tolist()


def test_early_stopped_models_answer_with_their_best_iteration(tmp_path: Path) -> None:
    booster = train(objective="binary:logistic")
    booster.set_attr(best_iteration="2", best_score="0.1")
    with serving(MODULE, save(booster, tmp_path / "ml")) as container:
        answered = float(container.invoke(as_csv(FEATURES[:1]), "text/csv").text)
    assert answered == float(booster.predict(xgboost.DMatrix(FEATURES[:1]), iteration_range=(0, 3))[0])


def test_batch_transform_gets_a_line_a_row(booster: xgboost.Booster, tmp_path: Path) -> None:
    with serving(MODULE, save(booster, tmp_path / "ml"), SAGEMAKER_BATCH="true") as container:
        assert len(container.invoke(as_csv(FEATURES[:3]), "text/csv").text.splitlines()) == 3


def test_libsvm_rows_need_no_label(booster: xgboost.Booster, tmp_path: Path) -> None:
    rows = FEATURES[:3]
    unlabelled = [" ".join(f"{index}:{value!r}" for index, value in enumerate(row.tolist())) for row in rows]
    with serving(MODULE, save(booster, tmp_path / "ml")) as container:
        without = container.invoke("\n".join(unlabelled), "text/libsvm")
        labelled = container.invoke("\n".join(f"1 {row}" for row in unlabelled), "text/libsvm")
        mixed = container.invoke(f"1 {unlabelled[0]}\n{unlabelled[1]}", "text/libsvm")
    assert [float(score) for score in without.text.split(",")] == booster.predict(xgboost.DMatrix(rows)).tolist()
    assert labelled.text == without.text
    assert mixed.status_code == 400
    assert mixed.text == "line 2: either every row has a label or none; line 1 differs"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("xgboost-model", b"not a model", "xgboost cannot load the model 'xgboost-model'"),
        ("model.pkl", b"\x80\x04K\x01.", "is a Python pickle, which could run any code"),
        (None, b"", "The model archive must hold 'xgboost-model', or one file alone; it holds no file."),
    ],
)
def test_a_model_that_cannot_be_loaded_ends_the_container_with_its_reason(
    tmp_path: Path, name: str | None, content: bytes, message: str
) -> None:
    (tmp_path / "model").mkdir()
    if name is not None:
        (tmp_path / "model" / name).write_bytes(content)
    process = start(MODULE, tmp_path, free_port())
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert message in output
    assert "Traceback" not in output
