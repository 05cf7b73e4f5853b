"""Training and serving of one of AWS's own algorithms, in the test's own process."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from sagecraft_catalog import algorithm
from sagecraft_containers.algorithm.serving import ModelPredictor
from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.programs import module_of
from sagecraft_containers.training.run import StopRequest

from .records import dense, label_maps
from .training_job import TrainingJob

RECORDS = "application/x-recordio-protobuf"
NEVER_STOPPED = cast("StopRequest", SimpleNamespace(received=False, deferred=False))


def csv(rows: Any) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in np.asarray(rows).tolist())


@dataclass(frozen=True)
class AlgorithmJob:
    """A job of an algorithm, by the catalog's name."""

    name: str
    base: Path
    hyperparameters: Mapping[str, object]

    def with_(self, **hyperparameters: object) -> "AlgorithmJob":
        return replace(self, hyperparameters={**self.hyperparameters, **hyperparameters})

    def train(self, *, content_type: str | None = RECORDS, **channels: bytes | str | Mapping[str, bytes | str]) -> None:
        """Trains on channels: the content of one file of each, or of several by name."""
        texts = {name: str(value) for name, value in self.hyperparameters.items()}
        job = TrainingJob(self.base, self.name, texts)
        for name, files in channels.items():
            job.add_channel(name, files if isinstance(files, Mapping) else {"data": files}, content_type)
        job._write_configuration()
        import_module(f"{module_of(self.name)}.training").main(ContainerPaths(self.base), NEVER_STOPPED)

    def metrics(self, log: str) -> dict[str, float]:
        """What AWS's expressions find in a log."""
        found = {}
        for each in algorithm(self.name).metric_definitions:
            values = re.findall(each.regex, log)
            if values:
                found[each.name] = float(values[-1])
        return found

    def predictor(self, monkeypatch: pytest.MonkeyPatch) -> ModelPredictor:
        """The trained model, as the container serves it."""
        monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(self.base))
        loaded: ModelPredictor = import_module(f"{module_of(self.name)}.serving").load()
        return loaded


def answered(predictor: ModelPredictor, rows: Any, accept: str = "application/json") -> Any:
    """The answer in JSON to rows in JSON."""
    body = {"instances": [{"features": row} for row in np.asarray(rows).tolist()]}
    return json.loads(predictor.predict(json.dumps(body).encode(), "application/json", accept).body)


def answered_records(predictor: ModelPredictor, rows: np.ndarray) -> list[dict[str, list[float]]]:
    """The labels of the records that are answered to rows in records."""
    return label_maps(predictor.predict(dense(rows, None), RECORDS, RECORDS).body)
