"""Why a model answers as it does; the model is one whose reasons are known."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sagecraft_containers.automl.model import Model
from sagecraft_containers.automl.problem import Array
from sagecraft_containers.automl.report.explanation import explain

from tests.containers.automl.tables import analyzed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("shap") is None, reason="shap is of the extra automl"),
    pytest.mark.filterwarnings("ignore"),  # shap warns when it is imported
]


class Calm:
    """Answers yes by nine tenths where a note has the word calm."""

    def predict_proba(self, features: pd.DataFrame) -> Array:
        yes = np.where([("calm" in str(note)) for note in features["note"]], 0.9, 0.1)
        return np.column_stack([1 - yes, yes])


def explained(directory: Path, **definition: Any) -> tuple[dict[str, float], str]:
    dataset = analyzed(directory, **definition).dataset
    explain(dataset, Model(dataset.schema, dataset.target, Calm()), directory)
    analysis = json.loads((directory / "analysis.json").read_text())
    return (
        analysis["explanations"]["kernel_shap"]["label1"]["global_shap_values"],
        (directory / "report.html").read_text(),
    )


def test_a_text_alone_is_explained_by_its_words(tmp_path: Path) -> None:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-analysis-results.html
    words, page = explained(tmp_path, features=["note"])
    assert max(words, key=words.__getitem__) == "calm"
    assert words["person"] == pytest.approx(0)
    assert "Words by what they matter" in page
    assert '<span style="background: rgba(29, 129, 2, 0.60)">calm</span> person' in page


def test_a_text_beside_other_columns_is_one_of_them(tmp_path: Path) -> None:
    columns, page = explained(tmp_path, features=["note", "age"])
    assert columns == {"age": pytest.approx(0), "note": pytest.approx(columns["note"])}
    assert columns["note"] > 0.1
    assert "Columns by what they matter" in page


def test_what_was_made_ready_to_be_compiled_still_is() -> None:
    # Numba that was imported before must not be told in the middle to compile no more:
    # it failed with 'function' object has no attribute 'get_call_template'.
    before = "import os; os.environ.pop('NUMBA_DISABLE_JIT', None); import numba"
    then = "from sagecraft_containers.automl.report.shapley import interpret_loops; interpret_loops()"
    last = "assert numba.njit(lambda text: len(text))('abc') == 3"  # the least that failed, compiled in no time
    subprocess.run([sys.executable, "-W", "ignore", "-c", "; ".join([before, then, last])], check=True)
