"""The XGBoost container's `serve`, as a process that real HTTP requests go to."""

import json
import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.data.recordio_protobuf import read_recordio_protobuf
from sagecraft_containers.serving.predictor import RequestError
from sagecraft_containers.xgboost.library import xgboost
from sagecraft_containers.xgboost.serving.algorithm import XGBoostPredictor, load
from sagemaker_training.record_pb2 import Record

from tests.containers.serving_container import ServingContainer, free_port, serving, start

MODULE = "sagecraft_containers.xgboost"
FEATURES = np.random.default_rng(3).normal(size=(300, 4)).astype(np.float32)
LABELS = (FEATURES[:, 0] > 0).astype(np.float32)


def predictor(base: Path, monkeypatch: pytest.MonkeyPatch) -> XGBoostPredictor:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(base))
    return load()


def body(rows: int) -> bytes:
    return as_csv(FEATURES[:rows]).encode()


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
    assert response.text.endswith("\n")
    assert [float(line) for line in response.text.splitlines()] == booster.predict(
        xgboost.DMatrix(FEATURES[:5])
    ).tolist()


@pytest.mark.parametrize("content_type", ["text/libsvm", "text/x-libsvm", None])
def test_libsvm_rows_may_leave_out_features(
    container: ServingContainer, booster: xgboost.Booster, content_type: str | None
) -> None:
    expected = booster.predict(xgboost.DMatrix(np.array([[1.5, np.nan, -2.0, np.nan]], np.float32)))
    response = container.invoke("0 0:1.5 2:-2.0\n", content_type)
    assert response.text == f"{expected.tolist()[0]}\n"


def test_libsvm_rows_without_a_zeroth_feature_are_counted_from_one_as_in_the_newest_image(
    container: ServingContainer, booster: xgboost.Booster
) -> None:
    # aws/sagemaker-xgboost-container master, algorithm_mode/serve_utils.py, _get_sparse_matrix_from_libsvm
    expected = booster.predict(xgboost.DMatrix(np.array([[1.5, np.nan, -2.0, np.nan]], np.float32)))
    assert float(container.invoke("1:1.5 3:-2.0", "text/libsvm").text) == float(expected[0])


def test_recordio_protobuf_is_read(container: ServingContainer, booster: xgboost.Booster) -> None:
    record = Record()
    record.features["values"].float32_tensor.values.extend(FEATURES[0].tolist())
    message = record.SerializeToString()
    frame = (0xCED7230A).to_bytes(4, "little") + len(message).to_bytes(4, "little") + message
    body = frame + bytes(-len(message) % 4)
    response = container.invoke(body, "application/x-recordio-protobuf")
    assert float(response.text) == float(booster.predict(xgboost.DMatrix(FEATURES[:1]))[0])
    assert np.asarray(read_recordio_protobuf(body).features).tolist() == FEATURES[:1].tolist()


def test_json_is_answered_where_the_caller_accepts_it(container: ServingContainer) -> None:
    body = as_csv(FEATURES[:2])
    scores = [{"score": float(score)} for score in container.invoke(body, "text/csv").text.split()]
    response = container.invoke(body, "text/csv", "Application/JSON; charset=utf-8")
    assert (response.json(), response.headers["content-type"]) == ({"predictions": scores}, "application/json")


def test_a_short_row_lacks_its_last_features(container: ServingContainer, booster: xgboost.Booster) -> None:
    # xgboost's own check of Booster.predict(validate_features=False), which AWS's container calls
    expected = booster.predict(xgboost.DMatrix(np.array([[1.0, 2.0, np.nan, np.nan]], np.float32)))
    assert float(container.invoke("1,2\n", "text/csv; charset=utf-8").text) == float(expected[0])


def test_an_empty_body_is_answered_with_no_content(container: ServingContainer) -> None:
    # invocations() of algorithm_mode/serve.py in aws/sagemaker-xgboost-container
    response = container.invoke("", "text/csv", "image/png")
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status", "message"),
    [
        ("{}", "application/json", None, 415, "ContentType 'application/json' is not supported; use one of csv"),
        ("1,2,3,4", "text/csv; label_size=2", None, 415, "says label_size=2, but the label is one column"),
        ("1,2,3,4", "text/csv", "image/png", 406, "Accept 'image/png' is not supported; use one of application/json"),
        ("1,2,3,4", "text/csv", "text/csv, */*", 406, "Accept 'text/csv, */*' is not supported"),
        ("1,2,3,4", "text/csv", "application/jsonlines", 500, "Scores are not written as 'application/jsonlines'"),
        ("1,2,3,4", "text/csv", "application/x-recordio-protobuf", 500, "SAGEMAKER_INFERENCE_OUTPUT"),
        ("1,2,x,4\n", "text/csv", "image/png", 415, "line 1: 'x' in column 3 is not a finite number"),
        ("1,2,3,4\n1,2\n", "text/csv", None, 415, "line 2: the row has 2 column(s), but the first row has 4"),
        ("1,2,3,4\n\n1,2,3,4\n", "text/csv", None, 415, "line 2: a row is empty"),
        ('1,2,"3",4\n', "text/csv", None, 415, "line 1: a cell is quoted"),
        (b"\xef\xbb\xbf1,2,3,4\n", "text/csv", None, 415, "line 1: the text begins with a byte order mark"),
        (b"1,2,3,4\r1,2,3,4\r", "text/csv", None, 415, "a carriage return stands alone"),
        ("1,2,3,4\n".encode("utf-16"), "text/csv; charset=utf-16", None, 415, "the text is not UTF-8"),
        ("1,2,3,4,5\n", "text/csv", None, 400, "The model has 4 features, but the body's rows have 5."),
        ("0 9:1\n", "text/libsvm", None, 400, "The model has 4 features, but the body's rows have 9."),
        ("   ", "text/csv", None, 415, "there is no data"),
        (b"nonsense", "application/x-recordio-protobuf", None, 415, "record 1:"),
        ("1,2,3,4\n" * 800_000, "text/csv", None, 413, "The body is longer than 6,291,456 bytes"),
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
    answered = np.array(container.invoke(as_csv(rows), "text/csv").text.split(), dtype=np.float64)
    assert answered.tolist() == booster.predict(xgboost.DMatrix(rows)).tolist()


def test_a_model_of_several_classes_answers_a_list_a_row(tmp_path: Path) -> None:
    booster = train(objective="multi:softprob", num_class=3)
    expected = booster.predict(xgboost.DMatrix(FEATURES[:2])).tolist()
    with serving(MODULE, save(booster, tmp_path / "ml")) as container:
        answered = container.invoke(as_csv(FEATURES[:2]), "text/csv", "application/json").json()
        lines = container.invoke(as_csv(FEATURES[:2]), "text/csv").text
    assert [each["score"] for each in answered["predictions"]] == expected
    assert lines == "".join(",".join(map(str, row)) + "\n" for row in expected)


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
    assert [float(score) for score in answered.split()] == booster.predict(matrix).tolist()


def test_early_stopped_models_answer_with_their_best_iteration(tmp_path: Path) -> None:
    booster = train(objective="binary:logistic")
    booster.set_attr(best_iteration="2", best_score="0.1")
    with serving(MODULE, save(booster, tmp_path / "ml")) as container:
        answered = float(container.invoke(as_csv(FEATURES[:1]), "text/csv").text)
    assert answered == float(booster.predict(xgboost.DMatrix(FEATURES[:1]), iteration_range=(0, 3))[0])


@pytest.mark.parametrize("accept", [None, "text/csv", "application/json", "application/jsonlines"])
def test_batch_transform_gets_a_line_a_row_whatever_it_accepts(
    booster: xgboost.Booster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accept: str | None
) -> None:
    # aws/sagemaker-xgboost-container, algorithm_mode/serve.py: SAGEMAKER_BATCH goes before Accept
    monkeypatch.setenv("SAGEMAKER_BATCH", "true")
    answered = predictor(save(booster, tmp_path / "ml"), monkeypatch).predict(body(3), "text/csv", accept)
    expected = booster.predict(xgboost.DMatrix(FEATURES[:3])).tolist()
    assert answered.body.decode() == "".join(f"{score}\n" for score in expected)
    assert answered.content_type.partition(";")[0] == (accept or "text/csv")


def test_batch_transform_gets_several_scores_as_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    booster = train(objective="multi:softprob", num_class=2)
    monkeypatch.setenv("SAGEMAKER_BATCH", "true")
    answered = predictor(save(booster, tmp_path / "ml"), monkeypatch).predict(body(2), "text/csv", None)
    expected = booster.predict(xgboost.DMatrix(FEATURES[:2])).tolist()
    assert [json.loads(line) for line in answered.body.splitlines()] == expected


@pytest.mark.parametrize("version", ["0.90-2", "1.2-1"])
def test_an_older_image_puts_all_rows_on_one_line_whatever_is_accepted(
    booster: xgboost.Booster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    # branches 0.90-2 and 1.2-1 of aws/sagemaker-xgboost-container, algorithm_mode/serve.py
    monkeypatch.setenv("SAGECRAFT_IMAGE_VERSION", version)
    answered = predictor(save(booster, tmp_path / "ml"), monkeypatch).predict(body(2), "text/csv", "application/json")
    expected = booster.predict(xgboost.DMatrix(FEATURES[:2])).tolist()
    assert answered.body.decode() == ",".join(map(str, expected))
    assert answered.content_type.startswith("text/csv")


def test_a_pickled_booster_answers_and_has_all_its_features(
    booster: xgboost.Booster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # aws/sagemaker-xgboost-container, algorithm_mode/serve_utils.py: get_loaded_booster, and predict's check of columns
    base = tmp_path / "ml"
    (base / "model").mkdir(parents=True)
    for protocol in (0, pickle.HIGHEST_PROTOCOL):
        (base / "model" / "xgboost-model").write_bytes(pickle.dumps(booster, protocol))
        pickled = predictor(base, monkeypatch)
        expected = booster.predict(xgboost.DMatrix(FEATURES[:1])).tolist()
        assert [float(pickled.predict(body(1), "text/csv", None).body)] == expected
        with pytest.raises(RequestError, match="The model has 4 features, but the body's rows have 2"):
            pickled.predict(b"1,2", "text/csv", None)


@pytest.mark.parametrize(
    ("objective", "expected"),
    [("binary:logistic", "mean"), ("binary:hinge", "vote")],
)
def test_several_models_answer_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, objective: str, expected: str
) -> None:
    # aws/sagemaker-xgboost-container, algorithm_mode/serve_utils.py, predict(): SAGEMAKER_INFERENCE_ENSEMBLE
    base = tmp_path / "ml"
    boosters = [train(objective=objective, max_depth=depth) for depth in (1, 2, 3)]
    save(boosters[0], base, "xgboost-model-0")
    for number, booster in enumerate(boosters[1:], start=1):
        (base / "model" / f"xgboost-model-{number}").write_bytes(booster.save_raw("ubj"))
    (base / "model" / ".DS_Store").write_bytes(b"")
    scores = np.stack([booster.predict(xgboost.DMatrix(FEATURES[:20])) for booster in boosters])
    together = scores.mean(axis=0) if expected == "mean" else np.median(scores, axis=0)
    answered = predictor(base, monkeypatch).predict(body(20), "text/csv", None).body.decode()
    assert [float(score) for score in answered.split()] == pytest.approx(together.tolist(), abs=1e-7)
    monkeypatch.setenv("SAGEMAKER_INFERENCE_ENSEMBLE", "false")
    alone = predictor(base, monkeypatch).predict(body(20), "text/csv", None).body.decode()
    assert [float(score) for score in alone.split()] == scores[0].tolist()


def test_bodies_may_be_as_long_as_the_container_is_told(booster: xgboost.Booster, tmp_path: Path) -> None:
    with serving(MODULE, save(booster, tmp_path / "ml"), MAX_CONTENT_LENGTH="2097152") as container:
        assert container.client.get("/execution-parameters").json()["MaxPayloadInMB"] == 2
        assert container.invoke(b"1" * 2_097_153, "text/csv").status_code == 413
        assert container.invoke("1,2,3,4", "text/csv").status_code == 200


def test_libsvm_rows_need_no_label(booster: xgboost.Booster, tmp_path: Path) -> None:
    rows = FEATURES[:3]
    unlabelled = [" ".join(f"{index}:{value!r}" for index, value in enumerate(row.tolist())) for row in rows]
    with serving(MODULE, save(booster, tmp_path / "ml")) as container:
        without = container.invoke("\n".join(unlabelled), "text/libsvm")
        labelled = container.invoke("\n".join(f"1 {row}" for row in unlabelled), "text/libsvm")
        mixed = container.invoke(f"1 {unlabelled[0]}\n{unlabelled[1]}", "text/libsvm")
    assert [float(score) for score in without.text.split()] == booster.predict(xgboost.DMatrix(rows)).tolist()
    assert labelled.text == without.text
    assert mixed.status_code == 415
    assert mixed.text == "line 2: either every row has a label or none; line 1 differs"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("xgboost-model", b"not a model", "xgboost cannot load the model 'xgboost-model'"),
        ("model.pkl", b"\x80\x04K\x01.", "The model 'model.pkl' is a pickled builtins.int; the algorithm takes"),
        ("xgboost-model", b"I1\nno", "It is no pickle that can be loaded either: UnpicklingError: "),
        (None, b"", "The model archive must hold a model such as 'xgboost-model', outside of any folder."),
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
