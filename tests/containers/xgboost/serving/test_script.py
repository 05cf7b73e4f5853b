"""The XGBoost container's server with code of the user's."""

from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.xgboost.library import xgboost

from tests.containers.script_job import WITHOUT_SKLEARN
from tests.containers.serving_container import free_port, script_of_model, serving, start
from tests.containers.wheel import make_wheel

pytestmark = pytest.mark.slow

MODULE = "sagecraft_containers.xgboost"

SCRIPT = """
import os, tiny_thing, xgboost
def model_fn(model_dir): return xgboost.Booster(model_file=os.path.join(model_dir, "xgboost-model"))
def predict_fn(data, model): return model.predict(data) + tiny_thing.VALUE
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    base = tmp_path / "ml"
    (base / "model" / "code").mkdir(parents=True)
    features = np.array([[0, 1], [1, 0], [0, 0], [1, 1]], np.float32)
    matrix = xgboost.DMatrix(features, label=[0, 1, 0, 1])
    booster = xgboost.train({"objective": "reg:squarederror", "base_score": 0.5, "min_child_weight": 0}, matrix, 30)
    (base / "model" / "xgboost-model").write_bytes(booster.save_raw("ubj"))
    return base


def test_the_users_functions_are_called_and_the_containers_stand_in_for_the_rest(model: Path) -> None:
    code = model / "model" / "code"
    (code / "predict.py").write_text(WITHOUT_SKLEARN + SCRIPT)
    (code / "requirements.txt").write_text(f"{make_wheel(model.parent, '40')}\n")
    with serving(MODULE, model, **script_of_model("predict.py")) as container:
        answer = container.invoke("1,0\n0,1", "text/csv", "text/csv")
        assert [round(float(line)) for line in answer.text.split()] == [41, 40]
        assert container.invoke("0 0:1 1:0", "text/libsvm").json() == pytest.approx([41], abs=0.1)
        wrong = container.invoke("1,0\n1,x", "text/csv")
        assert (wrong.status_code, "could not convert string to float" in wrong.text) == (400, True)
        # encoder.py of aws/sagemaker-xgboost-container assumes that the text has been stripped of line breaks
        assert "It ends with a line break, which it must not." in container.invoke("1,0\n", "text/csv").text
        assert container.invoke("<x/>", "application/xml").status_code == 415


def test_code_from_another_directory_is_used(model: Path) -> None:
    (model / "code").mkdir()
    (model / "code" / "inference.py").write_text(
        "def model_fn(model_dir): return None\n"
        "def transform_fn(model, body, content_type, accept): return body[::-1], content_type\n"
    )
    with serving(
        MODULE, model, SAGEMAKER_PROGRAM="inference.py", SAGEMAKER_SUBMIT_DIRECTORY="file:///opt/ml/code"
    ) as container:
        assert container.invoke("abc", "text/plain").text == "cba"


def test_code_that_nothing_names_is_not_looked_for_in_the_model(model: Path) -> None:
    # ServingEnv of aws/sagemaker-containers: without SAGEMAKER_SUBMIT_DIRECTORY the code is in /opt/ml/code
    (model / "model" / "code" / "inference.py").write_text(SCRIPT)
    process = start(MODULE, model, free_port(), SAGEMAKER_PROGRAM="inference.py")
    said = process.communicate(timeout=60)[0]
    assert f"The script 'inference.py' is not in '{model / 'code'}' (no such directory)." in said
    assert "SAGEMAKER_SUBMIT_DIRECTORY to where it is: /opt/ml/model/code" in said


def test_a_model_without_a_named_script_is_served_by_the_algorithm(model: Path) -> None:
    # serving.py of aws/sagemaker-xgboost-container: without SAGEMAKER_PROGRAM the algorithm answers
    (model / "model" / "code" / "inference.py").write_text("raise SystemExit('not asked for')\n")
    with serving(MODULE, model) as container:
        assert float(container.invoke("1,0", "text/csv").text) == pytest.approx(1, abs=0.1)
    assert not (model / ".python").exists()
