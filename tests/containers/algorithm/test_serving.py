"""What every algorithm's container does with a request, and with a model that it cannot serve."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.algorithm.archive import save_arrays
from sagecraft_containers.algorithm.serving import ModelPredictor
from sagecraft_containers.errors import UserError
from sagecraft_containers.linear_learner.model import Decision, LinearModel
from sagecraft_containers.programs import module_of
from sagecraft_containers.serving.predictor import RequestError

ALGORITHMS = ("factorization-machines", "kmeans", "knn", "lda", "linear-learner", "pca", "randomcutforest")


def test_an_answer_that_is_no_finite_number_is_an_error_and_no_score() -> None:
    ones = np.ones((2, 1), np.float32)
    model = LinearModel(ones * 1e30, ones[0], ones[:, 0], Decision("regressor"))
    with (
        np.errstate(over="ignore"),
        pytest.raises(RequestError, match=r"^unable to evaluate payload provided: the numbers of a row are too large"),
    ):
        ModelPredictor(model).predict(b"1e30,1", "text/csv", None)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_the_model_of_another_algorithm_is_refused_by_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    save_arrays(tmp_path / "model", "another", {}, {"centers": np.ones((2, 2))})
    with pytest.raises(UserError, match=f"^The model is one of another, and this container that of {name}; serve it"):
        import_module(f"{module_of(name)}.serving").load()
