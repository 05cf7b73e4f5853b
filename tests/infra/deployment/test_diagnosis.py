"""What `sagecraft doctor` says of a machine."""

import pytest
from sagecraft_containers import program as program_module
from sagecraft_infra.deployment.diagnosis import Finding, Severity, _algorithms


def test_algorithms_whose_packages_are_not_installed_are_noted_with_what_installs_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _algorithms() == Finding("Built-in algorithms", Severity.OK, "all that have a program here run")
    monkeypatch.setattr(program_module, "find_spec", lambda _package: None)
    assert _algorithms() == Finding(
        "Built-in algorithms",
        Severity.NOTE,
        "catboost, factorization-machines, lightgbm, linear-learner need packages that are not installed",
        "pip install 'sagecraft[algorithms]'",
    )
