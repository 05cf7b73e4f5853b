"""The report of a forecast, of which a part fails."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.automl.forecasting.model import Forecaster
from sagecraft_containers.automl.forecasting.models.npts import NPTS
from sagecraft_containers.automl.forecasting.steps import report
from sagecraft_containers.automl.forecasting.training.backtest import origins
from sagecraft_containers.automl.forecasting.training.job import ANSWERS, LEADERBOARD
from sagecraft_containers.contract import ContainerPaths

from .series import shops


def test_where_a_part_of_the_report_cannot_be_made_the_others_are_and_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = shops(tmp_path)
    given, output = (tmp_path / "processing" / name for name in ("input", "output"))
    panel.save(given / "prepared")
    model = Forecaster(panel.definition, panel.first, panel.columns, ("npts",), (NPTS().fit(panel, panel.steps),), (1,))
    model.save(given / "model")
    (given / "output").mkdir()
    shape = (len(origins(panel)), len(panel), panel.definition.horizon, len(panel.definition.answered))
    np.savez(given / "output" / ANSWERS, forecasts=np.ones(shape))
    (given / "output" / LEADERBOARD).write_text(json.dumps({"candidates": []}))
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # as where it is not installed

    report(ContainerPaths(tmp_path))

    assert (output / "leaderboard" / LEADERBOARD).is_file()
    assert (output / "backtest" / "forecasted-values.csv").is_file()
    told = "needs the package matplotlib, which is not installed; install sagecraft[automl]."
    message = (tmp_path / "output" / "message").read_text()
    assert message.startswith(f"The report of model quality {told}")
