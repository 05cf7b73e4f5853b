"""The scikit-learn container: a user's script that trains, and the user's functions that answer."""

import io
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.containers.script_job import run_script_job, write_script_job
from tests.containers.serving_container import ServingContainer, free_port, script_of_model, serving, start
from tests.containers.wheel import make_wheel

pytestmark = pytest.mark.slow

MODULE = "sagecraft_containers.sklearn"

SCRIPT = """
import argparse, os, pickle
from pathlib import Path
import numpy as np
from sklearn.linear_model import LogisticRegression

def model_fn(model_dir):
    return pickle.loads((Path(model_dir) / "model.pkl").read_bytes())

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--strength", type=float)
    strength = parser.parse_args().strength
    table = np.loadtxt(Path(os.environ["SM_CHANNEL_TRAIN"]) / "train.csv", delimiter=",")
    model = LogisticRegression(C=strength).fit(table[:, 1:], table[:, 0])
    print(f"accuracy={model.score(table[:, 1:], table[:, 0])};")
    (Path(os.environ["SM_MODEL_DIR"]) / "model.pkl").write_bytes(pickle.dumps(model))
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("job") / "ml"
    write_script_job(base, {"train.py": SCRIPT}, strength=0.5)
    exit_code, log = run_script_job(MODULE, base)
    assert exit_code == 0, log
    assert "accuracy=" in log
    return base


@pytest.fixture(scope="module")
def container(trained: Path) -> Iterator[ServingContainer]:
    (trained / "model" / "code").mkdir(exist_ok=True)
    (trained / "model" / "code" / "train.py").write_text(SCRIPT)
    with serving(MODULE, trained, **script_of_model("train.py")) as started:
        yield started


def test_the_users_script_trains_and_its_model_answers(container: ServingContainer) -> None:
    response = container.invoke("2.0,0.0\n-2.0,0.0\n", "text/csv")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == [1.0, 0.0]


def test_batch_transform_is_told_what_the_container_takes(container: ServingContainer) -> None:
    assert container.client.get("/execution-parameters").json() == {
        "MaxConcurrentTransforms": 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 6,
    }
    assert container.invoke("2.0,0.0\n-2.0,0.0\n", "text/csv", "text/csv").text == "1.0\n0.0\n"


def test_json_and_numpy_bodies_are_read(container: ServingContainer) -> None:
    assert container.invoke("[[2.0, 0.0]]", "application/json").json() == [1.0]
    body = io.BytesIO()
    np.save(body, np.array([[-2.0, 0.0]]))
    assert container.invoke(body.getvalue(), "application/x-npy", "text/csv").text.strip() == "0.0"


def test_a_numpy_body_that_holds_python_objects_is_refused(container: ServingContainer) -> None:
    body = io.BytesIO()
    np.save(body, np.array([{"any": "object"}], dtype=object), allow_pickle=True)
    response = container.invoke(body.getvalue(), "application/x-npy")
    assert response.status_code == 400
    assert "allow_pickle=False" in response.text


@pytest.mark.parametrize(
    ("body", "content_type", "status", "message"),
    [
        ("<x/>", "application/xml", 415, "application/xml"),
        ("{", "application/json", 400, "The body is not application/json"),
        ("1,2\n1,x\n", "text/csv", 400, "line 2: 'x' in column 2 is not a finite number; "),
        ("1,2\n\n1,2,3\n", "text/csv", 400, "line 3: the row has 3 column(s), but the first row has 2; "),
        ("", "text/csv", 400, "there is no data; "),
        ("1,2,3\n", "text/csv", 500, "The model failed: ValueError: X has 3 features"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong_without_a_traceback(
    container: ServingContainer, body: str, content_type: str, status: int, message: str
) -> None:
    response = container.invoke(body, content_type)
    assert response.status_code == status
    assert message in response.text
    assert 'File "' not in response.text


def test_the_users_own_functions_are_called(tmp_path: Path) -> None:
    code = tmp_path / "model" / "code"
    code.mkdir(parents=True)
    (code / "inference.py").write_text(
        textwrap.dedent("""
            def model_fn(model_dir): return 10
            def input_fn(body, content_type): return int(body)
            def predict_fn(data, model): return data * model
            def output_fn(prediction, accept): return f"<{prediction}>", "text/x-own"
        """)
    )
    with serving(MODULE, tmp_path, **script_of_model("inference.py")) as container:
        response = container.invoke("4", "text/plain")
    assert (response.text, response.headers["content-type"]) == ("<40>", "text/x-own")


def test_a_model_without_the_script_ends_the_container_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    process = start(MODULE, tmp_path, free_port(), **script_of_model("train.py"))
    assert "The script 'train.py' is not in" in process.communicate(timeout=60)[0]
    assert process.returncode == 1


def test_a_script_that_no_variable_names_does_not_serve(tmp_path: Path) -> None:
    # serving.py of aws/sagemaker-scikit-learn-container imports SAGEMAKER_PROGRAM, and has no name in its place
    write_model_code(tmp_path, "", SCRIPT)
    process = start(MODULE, tmp_path, free_port())
    assert "SAGEMAKER_PROGRAM is not set; set it to the script with model_fn" in process.communicate(timeout=60)[0]
    assert process.returncode == 1


def write_model_code(base: Path, requirements: str, script: str) -> None:
    code = base / "model" / "code"
    code.mkdir(parents=True)
    (code / "requirements.txt").write_text(requirements)
    (code / "inference.py").write_text(script)


def test_serving_installs_the_requirements_of_the_models_code(tmp_path: Path) -> None:
    script = """
import tiny_thing
def model_fn(model_dir): return tiny_thing.VALUE
def transform_fn(model, body, content_type, accept): return model, "text/plain"
"""
    write_model_code(tmp_path / "ml", f"{make_wheel(tmp_path, repr('hello'))}\n", script)
    variables = {
        **script_of_model("inference.py"),
        "SAGEMAKER_MODEL_SERVER_WORKERS": "2",
    }
    with serving(MODULE, tmp_path / "ml", **variables) as container:
        assert container.invoke("any", "text/plain").text == "hello"
    [installed] = (tmp_path / "ml" / ".environments").rglob("tiny_thing.py")
    assert installed.is_file()


def test_serving_names_the_requirements_that_cannot_be_installed(tmp_path: Path) -> None:
    write_model_code(tmp_path, "./no-such-package\n", SCRIPT)
    process = start(MODULE, tmp_path, free_port(), **script_of_model("inference.py"))
    output = process.communicate(timeout=120)[0]
    assert process.returncode == 1
    assert "pip cannot install 'requirements.txt'; its last lines:" in output
    assert "no-such-package" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("content_type", ["application/x-npz", "application/x-npy"])
@pytest.mark.parametrize("body", [b"not an array", b""], ids=["broken", "empty"])
def test_a_broken_numpy_body_is_the_callers_fault(container: ServingContainer, content_type: str, body: bytes) -> None:
    response = container.invoke(body, content_type)
    assert response.status_code == 400
    assert response.text.startswith(f"The body is not {content_type}: ")
