"""A whole job by its steps, each a process as on SageMaker: analysis, candidate, ensemble, reports, and an endpoint."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sagecraft_containers.automl.steps import report
from sagecraft_containers.contract import ContainerPaths

from tests.containers.serving_container import ServingContainer, serving
from tests.containers.training_job import JobResult, TrainingJob

from .tables import people, write

pytestmark = pytest.mark.slow

MODULE = "sagecraft_containers.automl"
PREPARED = Path("processing/output/prepared")


def run_step(base: Path, name: str) -> JobResult:
    from tests.containers.prepared_program import ONE_THREAD, start_program

    process = start_program(MODULE, name, {**ONE_THREAD, "SAGEMAKER_BASE_DIR": str(base)})
    log, _ = process.communicate(timeout=120)
    failure = base / "output" / "failure"
    return JobResult(process.wait(), log, failure.read_text() if failure.exists() else None, base)


def define(base: Path, **definition: object) -> None:
    folder = base / "processing" / "input" / "definition"
    folder.mkdir(parents=True)
    (folder / "definition.json").write_text(json.dumps({"target": "target", **definition}))


def train(base: Path, prepared: Path, **hyperparameters: str) -> JobResult:
    job = TrainingJob(base, MODULE, hyperparameters)
    shutil.copytree(prepared, base / "input" / "data" / "prepared")
    return job.run()


@pytest.fixture(scope="module")
def analyzed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("analysis")
    define(base, objective="Accuracy", validation_fraction=0.25, algorithms=["linear-learner", "extra-trees"])
    write(base / "processing" / "input" / "training", people())
    result = run_step(base, "analyze")
    assert result.exit_code == 0, result.log
    return base


@pytest.fixture(scope="module")
def trained(analyzed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("training")
    result = train(base, analyzed / PREPARED, max_candidates="2", max_runtime_seconds="100")
    assert result.exit_code == 0, result.log
    assert "validation:Accuracy=" in result.log
    return base


@pytest.fixture(scope="module")
def container(trained: Path) -> Iterator[ServingContainer]:
    with serving(
        MODULE, trained, SAGEMAKER_INFERENCE_OUTPUT="predicted_label, probability,probabilities,labels"
    ) as one:
        yield one


def test_an_analysis_leaves_what_the_next_steps_need(analyzed: Path) -> None:
    output = analyzed / "processing" / "output"
    told = json.loads((output / "analysis" / "analysis.json").read_text())
    assert (told["problem"], told["objective"], told["rows"]) == ("BinaryClassification", "Accuracy", 80)
    candidates = json.loads((output / "analysis" / "candidates.json").read_text())
    assert [each["algorithm"] for each in candidates] == ["linear-learner", "extra-trees"]
    assert candidates[0]["ranges"]["C"] == {"low": 0.001, "high": 100.0, "log": True}


def test_data_that_cannot_be_learnt_from_fails_the_step_with_its_reason(tmp_path: Path) -> None:
    define(tmp_path, target="label")
    write(tmp_path / "processing" / "input" / "training", people())
    result = run_step(tmp_path, "analyze")
    assert result.exit_code == 1
    assert result.failure is not None
    assert result.failure.startswith("The target column 'label' is not in the data; the columns are id, age")


def test_one_candidate_is_a_training_job(analyzed: Path, tmp_path: Path) -> None:
    result = train(tmp_path, analyzed / PREPARED, mode="candidate", algorithm="linear-learner", C="0.5")
    assert result.exit_code == 0, result.log
    board = json.loads((tmp_path / "output" / "data" / "leaderboard.json").read_text())
    (row,) = board["candidates"]
    assert row["hyperparameters"] == {"C": 0.5, "class_weight": "none"}
    assert f"validation:Accuracy={row['validation']['Accuracy']};" in result.log


@pytest.mark.parametrize(
    ("hyperparameters", "message"),
    [
        ({"mode": "both"}, "The hyperparameter 'mode' must be ensembling or candidate, got 'both'"),
        ({"max_candidates": "0"}, "'max_candidates' must be a number of at least 1, got '0'"),
        ({"max_runtime": "9"}, "There is no hyperparameter 'max_runtime'; there are mode, max_candidates"),
    ],
)
def test_wrong_hyperparameters_fail_the_job(
    analyzed: Path, tmp_path: Path, hyperparameters: dict[str, str], message: str
) -> None:
    result = train(tmp_path, analyzed / PREPARED, **hyperparameters)
    assert (result.exit_code, message in str(result.failure)) == (1, True)


def test_an_ensemble_has_a_leaderboard_with_the_best_first(trained: Path) -> None:
    board = json.loads((trained / "output" / "data" / "leaderboard.json").read_text())
    whole, *candidates = board["candidates"]
    scores = [row["validation"]["Accuracy"] for row in candidates]
    assert (board["objective"], whole["name"], len(scores)) == ("Accuracy", "ensemble", 2)
    assert scores == sorted(scores, reverse=True)
    assert whole["validation"]["Accuracy"] >= scores[0]
    assert all(row["InferenceLatency"] > 0 for row in board["candidates"])


def test_raw_rows_are_answered_by_what_is_chosen(container: ServingContainer) -> None:
    rows = '7,,Oslo,"Ada, a calm person",2020-01-02,,x\n8,70,,,,,\n'
    answer = container.invoke(rows, "text/csv", "application/json").json()["predictions"]
    assert list(answer[0]) == ["predicted_label", "probability", "probabilities", "labels"]
    assert [each["predicted_label"] for each in answer] == ["yes", "yes"]
    assert answer[0]["labels"] == ["no", "yes"]
    assert answer[0]["probability"] == max(answer[0]["probabilities"])
    lines = container.invoke(rows, "text/csv").text.splitlines()
    assert lines[0].startswith("yes,0.")
    assert lines[0].endswith("\"['no', 'yes']\"")
    cells = {"features": ["7", None, "Oslo", "Ada, a calm person", "2020-01-02", None, "x"]}
    same = container.invoke(json.dumps({"instances": [cells]}), "application/json", "application/jsonlines").json()
    assert same == answer[0]


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status", "message"),
    [
        (b"1,2\n", "text/csv", None, 400, "line 1: the row has 2 column(s), but the model takes 7: id, age"),
        (b"id,age,city,note,since,empty,same\n", "text/csv", None, 400, "line 1: the row is the header of the columns"),
        (b"\xff\n", "text/csv", None, 400, "not UTF-8"),
        (b"", "text/csv", None, 400, "The request has no rows"),
        (b"{", "application/json", None, 400, "not JSON of the form"),
        (b"1", "image/png", None, 415, "'image/png' is not supported"),
        (b"1", "text/csv", "image/png", 406, "Accept 'image/png' is not supported"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(
    container: ServingContainer, body: bytes, content_type: str, accept: str | None, status: int, message: str
) -> None:
    response = container.invoke(body, content_type, accept)
    assert (response.status_code, message in response.text) == (status, True), response.text


def test_a_choice_that_the_model_has_not_ends_the_container(trained: Path) -> None:
    from tests.containers.serving_container import free_port, start

    process = start(MODULE, trained, free_port(), SAGEMAKER_INFERENCE_OUTPUT="score")
    assert "asks for 'score', which a model of a BinaryClassification problem has not" in process.communicate(60)[0]
    assert process.returncode == 1


def code_of_candidates(notebooks: Path) -> list[str]:
    notebook = json.loads((notebooks / "SageMakerAutopilotCandidateDefinitionNotebook.ipynb").read_text())
    return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_a_notebook_says_what_its_kernel_lacks(analyzed: Path) -> None:
    code = code_of_candidates(analyzed / "processing" / "output" / "notebooks")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", "\n".join(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "lacks boto3, numpy, pandas, pyarrow, sagecraft_containers, sklearn. It needs" in done.stderr
    assert 'pip install "sagecraft[automl]"' in done.stderr


def test_notebooks_run_from_top_to_bottom(analyzed: Path, trained: Path, capfd: pytest.CaptureFixture[str]) -> None:
    notebooks = analyzed / "processing" / "output" / "notebooks"
    shutil.copy(trained / "output" / "data" / "leaderboard.json", notebooks)
    code = code_of_candidates(notebooks)
    namespace: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(notebooks)
        for cell in code:
            exec(cell, namespace)
    board = json.loads((notebooks / "leaderboard.json").read_text())["candidates"]
    score = board[1]["validation"]["Accuracy"]
    assert f"Accuracy of the job: {score} - here: {score}" in capfd.readouterr().out


@pytest.fixture(scope="module")
def to_report(analyzed: Path, trained: Path) -> Path:
    given = analyzed / "processing" / "input"
    shutil.copytree(analyzed / PREPARED, given / "prepared")
    shutil.copytree(trained / "model", given / "model")
    shutil.copytree(trained / "output" / "data", given / "output")
    return analyzed


def test_where_explanations_cannot_be_made_the_other_reports_are_and_it_is_told(
    to_report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "shap", None)  # as where it is not installed
    report(ContainerPaths(to_report))
    output = to_report / "processing" / "output"
    assert (output / "model-insights" / "statistics.json").is_file()
    assert (output / "leaderboard" / "leaderboard.json").is_file()
    assert (to_report / "output" / "message").read_text() == (
        "The report of explanations needs the package shap, which is not installed; install sagecraft[automl]."
    )


def test_reports_tell_how_well_and_why(analyzed: Path, trained: Path, to_report: Path) -> None:
    pytest.importorskip("shap")
    result = run_step(to_report, "report")
    assert result.exit_code == 0, result.log
    output = analyzed / "processing" / "output"
    statistics = json.loads((output / "model-insights" / "statistics.json").read_text())
    board = json.loads((trained / "output" / "data" / "leaderboard.json").read_text())["candidates"]
    measured = statistics["binary_classification_metrics"]
    assert measured["accuracy"]["value"] == pytest.approx(board[0]["validation"]["Accuracy"])
    assert sum(sum(row.values()) for row in measured["confusion_matrix"].values()) == 20
    explained = json.loads((output / "explainability" / "analysis.json").read_text())["explanations"]["kernel_shap"]
    values = explained["label1"]["global_shap_values"]
    assert set(values) == {"age", "city", "note", "since"}
    assert max(values, key=values.__getitem__) == "note"
    for folder in ("model-insights", "explainability"):
        page = (output / folder / "report.html").read_text()
        assert page.count("<img alt=") >= 2
