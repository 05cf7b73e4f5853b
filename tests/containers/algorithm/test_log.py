"""The lines of the log, which the expressions of AWS's metrics find."""

import json
import re

import pytest
from sagecraft_catalog import algorithm
from sagecraft_containers.algorithm.log import TrainingLog

LOG = TrainingLog("Linear Learner", "algo-1")


def test_the_expressions_of_the_catalog_find_the_values(capsys: pytest.CaptureFixture[str]) -> None:
    LOG.quality("validation", "multiclass_accuracy", 0.875)
    LOG.quality("train", "mse_objective", 0.5, "loss", epoch=3)
    LOG.progress(3, 4)
    LOG.throughput(100, 0)
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"\[\d\d/\d\d/\d{4} \d\d:\d\d:\d\d INFO \d+\] "
        r"#quality_metric: host=algo-1, validation multiclass_accuracy <score>=0.875",
        lines[0],
    )
    found = {
        each.name: match[1]
        for each in algorithm("linear-learner").metric_definitions
        for line in lines
        if (match := re.search(each.regex, line))
    }
    assert found.pop("train:throughput")
    assert found == {
        "validation:multiclass_accuracy": "0.875",
        "train:objective_loss": "0.5",
        "train:progress": "75",
    }


def test_measured_values_are_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    LOG.metrics({"train_mse_objective": 0.5}, 12.0, epoch=1, model=2)
    told = json.loads(capsys.readouterr().out.removeprefix("#metrics "))
    assert told["Metrics"] == {"train_mse_objective": {"sum": 0.5, "count": 1, "min": 0.5, "max": 0.5}}
    assert told["Dimensions"] == {
        "Algorithm": "Linear Learner",
        "Host": "algo-1",
        "Operation": "training",
        "epoch": 1,
        "model": 2,
    }
    assert told["StartTime"] == 12.0 < told["EndTime"]
