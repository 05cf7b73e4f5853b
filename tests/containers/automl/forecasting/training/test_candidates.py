"""All algorithms tried within limits, and combined."""

from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.metrics import measure
from sagecraft_containers.automl.forecasting.training import candidates
from sagecraft_containers.automl.forecasting.training.backtest import Backtest, origins
from sagecraft_containers.automl.forecasting.training.candidates import Limits, Outcome, try_all
from sagecraft_containers.automl.forecasting.training.ensemble import combine
from sagecraft_containers.automl.training import processes
from sagecraft_containers.errors import UserError

from tests.containers.automl.forecasting.series import shops


@pytest.fixture(autouse=True)
def fresh_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job forks; this process has threads of other tests, and libraries that these have hidden from each other."""
    monkeypatch.setattr(processes, "_METHOD", None)


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    made = shops(tmp_path)
    made.save(tmp_path / "prepared")
    return made


def of(panel: Panel, name: str, forecasts: object) -> Backtest:
    """A candidate that forecast something."""
    made = np.broadcast_to(np.asarray(forecasts, float), (5, 2, 7, 4))
    return Backtest(name, f"ts{name}", made, measure(panel, origins(panel), made), None, 0.5, 1.0)


def test_the_windows_lie_at_the_end_one_behind_the_other(panel: Panel) -> None:
    assert origins(panel) == (49, 56, 63, 70, 77)


def test_an_ensemble_is_no_worse_than_its_best_member(panel: Panel) -> None:
    truth = np.stack([panel.target[:, origin : origin + 7] for origin in origins(panel)])
    low, high, far = (of(panel, name, (truth + off)[..., None]) for name, off in (("a", -6), ("b", 5), ("c", 90)))
    ensemble = combine(panel, [far, low, high])
    assert {member.algorithm for member in ensemble.members} == {"a", "b"}
    assert ensemble.measured["WAPE"] < min(low.measured["WAPE"], high.measured["WAPE"])
    assert ensemble.latency_seconds == 1.0
    alone = combine(panel, [of(panel, "a", truth[..., None]), far])
    assert [member.algorithm for member in alone.members] == ["a"]


@pytest.mark.slow
def test_a_stop_keeps_what_is_done(panel: Panel, tmp_path: Path) -> None:
    done: list[Outcome] = []
    outcomes = try_all(tmp_path / "prepared", ["npts", "arima"], tmp_path, Limits(100), lambda: bool(done), done.append)
    assert outcomes == done
    assert outcomes[0].backtest is not None


@pytest.mark.slow
def test_a_candidate_that_takes_too_long_fails_alone(
    panel: Panel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "_LOOKS_SECONDS", 0.001)  # before it is done
    with pytest.raises(UserError, match="npts: it took longer than the 1e-09 seconds that one may"):
        try_all(tmp_path / "prepared", ["npts"], tmp_path, Limits(100, 1e-9), lambda: False, lambda _: None)


def test_a_job_without_time_says_so(panel: Panel, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No candidate was done within the 0 seconds that the job may take"):
        try_all(tmp_path / "prepared", ["npts"], tmp_path, Limits(0), lambda: False, lambda _: None)
