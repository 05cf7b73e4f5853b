"""What `sagecraft up` makes before the first deployment to an account and region."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from sagecraft_infra.deployment import run
from sagecraft_infra.deployment.run import Deployment
from sagecraft_infra.inventory import BOOTSTRAP_STACK, stack_state
from sagecraft_infra.project.assembly import Assembly, Stack
from sagecraft_infra.testing.emulator import RunningEmulator

ACCOUNT, REGION = "100000000021", "us-east-1"


def app(parameter: str) -> Assembly:
    """An app with a stack that looks for the version of the bootstrap stack in a parameter."""
    stack = Stack("Any", ACCOUNT, REGION, Path("any.template.json"), bootstrap_parameters=(parameter,))
    return Assembly(Path("cdk.out"), (stack,))


@pytest.fixture
def run_cdk(monkeypatch: pytest.MonkeyPatch) -> Mock:
    replaced = Mock()
    monkeypatch.setattr(run, "run_cdk", replaced)
    return replaced


def test_our_emulator_is_bootstrapped_without_the_cdk_cli(sagecraft_emulator: RunningEmulator, run_cdk: Mock) -> None:
    deployment = Deployment(sagecraft_emulator.in_account(ACCOUNT), Mock())

    deployment.bootstrap(app("/cdk-bootstrap/hnb659fds/version"))
    deployment.bootstrap(app("/cdk-bootstrap/hnb659fds/version"))

    state = stack_state(deployment.target, BOOTSTRAP_STACK, REGION)
    assert state is not None
    assert state.status == "CREATE_COMPLETE"
    run_cdk.assert_not_called()


def test_a_qualifier_of_ones_own_is_left_to_the_cdk_cli(sagecraft_emulator: RunningEmulator, run_cdk: Mock) -> None:
    target = sagecraft_emulator.in_account("100000000022")
    [stack] = app("/cdk-bootstrap/mine/version").stacks
    assembly = Assembly(Path("cdk.out"), (replace(stack, account="100000000022"),))

    Deployment(target, Mock()).bootstrap(assembly)

    run_cdk.assert_called_once()
    assert run_cdk.call_args.args[1:3] == ("bootstrap", f"aws://100000000022/{REGION}")
