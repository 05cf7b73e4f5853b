"""What scripts import from AWS's images is there, and does what it does there."""

import json
import textwrap
from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.xgboost.library import xgboost

from tests.containers.script_job import WITHOUT_SKLEARN, run_script_job, write_script_job
from tests.containers.serving_container import script_of_model, serving

pytestmark = pytest.mark.slow

TRAINS = """
import os, xgboost
from sagemaker_algorithm_toolkit.exceptions import UserError
from sagemaker_containers import entry_point, record_pb2
from sagemaker_containers._recordio import _write_recordio
from sagemaker_containers.beta.framework import (
    content_types, encoders, env, errors, files, functions, mapping, modules, params, training_env, worker)
from sagemaker_xgboost_container import checkpointing, distributed, encoder as xgb_encoders
from sagemaker_xgboost_container.constants import sm_env_constants, xgb_constants, xgb_content_types
from sagemaker_xgboost_container.data_utils import get_content_type, get_dmatrix, get_size
from smdebug import SaveConfig
from smdebug.xgboost import Hook, get_hook

job = training_env()
assert job.channel_input_dirs["train"] == os.environ["SM_CHANNEL_TRAIN"], job
assert (job.hyperparameters["depth"], env.model_dir) == (2, os.environ["SM_MODEL_DIR"])
assert get_content_type("text/csv; label_size=1") == "csv"
matrix = get_dmatrix(job.channel_input_dirs["train"], "csv")
hook = Hook(out_dir="/opt/ml/output/tensors", save_config=SaveConfig(save_interval=1), train_data=matrix)
assert get_hook() is hook
arguments = dict(params={"max_depth": job.hyperparameters["depth"]}, dtrain=matrix, evals=[(matrix, "train")])
checkpoints = os.path.join(job.output_data_dir, "checkpoints")
checkpointing.train({**arguments, "num_boost_round": 2, "callbacks": [hook]}, checkpoints)
model = checkpointing.train({**arguments, "num_boost_round": 3}, checkpoints)
print("rounds", model.num_boosted_rounds(), checkpointing.load_checkpoint(checkpoints)[1])
try:
    xgb_encoders.decode(b"x", "image/png")
except errors.UnsupportedFormatError:
    print("unsupported")
from sagemaker_containers.beta.framework import server
"""

SERVES = """
from sagemaker_containers.beta.framework import content_types, encoders, env, modules, transformer, worker
from sagemaker_sklearn_container.exceptions import UserError

def model_fn(model_dir):
    return 10
def predict_fn(data, model):
    return data * model
def output_fn(prediction, accept):
    if accept == "text/csv":
        return worker.Response(encoders.encode(prediction, accept), accept, mimetype=accept)
    return worker.Response(encoders.encode(prediction, accept), status=201, mimetype="application/x-own")
"""

PREDICTS = """
import os, xgboost
from sagemaker_containers.beta.framework import worker
from sagemaker_xgboost_container import encoder as xgb_encoders

def model_fn(model_dir):
    return xgboost.Booster(model_file=os.path.join(model_dir, "xgboost-model"))
def input_fn(body, content_type):
    return xgb_encoders.decode(body, content_type)
def output_fn(prediction, accept):
    return worker.Response(xgb_encoders.json_to_jsonlines({"predictions": prediction.tolist()}), mimetype=accept)
"""


def test_a_script_trains_with_what_it_imports_from_the_image(tmp_path: Path) -> None:
    base = tmp_path / "ml"
    write_script_job(base, {"train.py": WITHOUT_SKLEARN + TRAINS}, depth=2)
    exit_code, log = run_script_job("sagecraft_containers.xgboost", base)
    assert "rounds 3 3\nunsupported\n" in log, log
    assert "[1]\ttrain-rmse:" in log
    assert "[2]\ttrain-rmse:" in log
    assert "Warning: smdebug's hook saves no tensors in this container." in log
    assert exit_code == 1
    assert "ImportError: sagemaker_containers.beta.framework.server is not in this container" in log


def test_a_script_answers_by_the_older_toolkits_response(tmp_path: Path) -> None:
    code = tmp_path / "model" / "code"
    code.mkdir(parents=True)
    (code / "inference.py").write_text(SERVES)
    with serving(
        "sagecraft_containers.sklearn",
        tmp_path,
        **script_of_model("inference.py"),
    ) as container:
        csv = container.invoke("1,2\n3,4\n", "text/csv", "text/csv")
        json_answer = container.invoke("[[1.5]]", "application/json", "application/json")
    assert (csv.text, csv.headers["content-type"]) == ("10.0,20.0\n30.0,40.0\n", "text/csv")
    assert (json_answer.status_code, json_answer.json()) == (201, [[15.0]])
    assert json_answer.headers["content-type"] == "application/x-own"


def test_a_script_serves_with_the_xgboost_containers_encoder(tmp_path: Path) -> None:
    code = tmp_path / "model" / "code"
    code.mkdir(parents=True)
    (code / "inference.py").write_text(WITHOUT_SKLEARN + textwrap.dedent(PREDICTS))
    features = np.array([[0, 1], [1, 0], [0, 0], [1, 1]], np.float32)
    booster = xgboost.train({"min_child_weight": 0}, xgboost.DMatrix(features, label=[0, 1, 0, 1]), 5)
    (tmp_path / "model" / "xgboost-model").write_bytes(booster.save_raw("ubj"))
    expected = booster.predict(xgboost.DMatrix(features[:2])).tolist()
    with serving(
        "sagecraft_containers.xgboost",
        tmp_path,
        **script_of_model("inference.py"),
    ) as container:
        answered = container.invoke("0,1\n1,0", "text/csv", "application/jsonlines")
        unknown = container.invoke("0,1", "image/png")
    assert [json.loads(line) for line in answered.text.splitlines()] == expected
    assert unknown.status_code == 415
    assert "Content type image/png is not supported by this framework." in unknown.text
