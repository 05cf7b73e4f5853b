"""`mock_sagemaker`: `moto.mock_aws()` whose SageMaker is ours."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, TypeVar
from unittest.mock import patch
from urllib.parse import unquote

import moto
from moto.core.common_models import CloudFormationModel
from moto.core.request import Request
from moto.iam.models import get_account_id_from
from moto.sagemaker import models as sagemaker_models
from moto.sagemaker import urls as control_plane
from moto.sagemakermetrics import urls as metrics
from moto.sagemakerruntime import urls as runtime

from sagecraft_emulator.api.absent_service import Asked, refuse
from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.authorization.credential import read_credential
from sagecraft_emulator.client_files import leads_nowhere
from sagecraft_emulator.container.images import LocalProgram
from sagecraft_emulator.engine import NOUNS, Engine
from sagecraft_emulator.errors import EmulatorError
from sagecraft_emulator.front.application import INVOCATIONS
from sagecraft_emulator.hosts.loop_thread import LoopThread
from sagecraft_emulator.settings import DEFAULT_REGION, EXECUTIONS, Execute

from .clients import MotoClients
from .decorating import decorate
from .http_server import MotoServer
from .resource_model import ResourceModel

_SIGNING_NAME: Final = "sagemaker"
_CONTROL_PLANE: Final = "{0}/$"
_METRICS: Final = "{0}/(?:BatchPutMetrics|BatchGetMetrics)$"
_RUNTIME: Final = "{0}/endpoints/(?P<name>[^/]+)/(?P<operation>[a-z-]+)$"

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

MotoAnswer = tuple[int, dict[str, str], bytes]


class MockedSageMaker:
    """SageMaker within moto, from `mock_sagemaker`. Ending it ends its jobs and endpoints, and forgets everything.

    Args:
        execute: Whether jobs and endpoints run.

    Attributes:
        endpoint_url: Where moto and SageMaker answer over HTTP, for a process that the test starts.
    """

    def __init__(self, execute: Execute) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="sagecraft-moto-"))
        self._server = MotoServer()
        self.endpoint_url = self._server.url
        clients = MotoClients(self.endpoint_url)
        self._loop = LoopThread("endpoints")
        self._engine = Engine(
            self._directory / "sagemaker.sqlite3", self._directory / "work", clients, clients.put_event, execute
        )
        (self._directory / "work").mkdir()
        self._engine.start()

    def register_image(
        self,
        uri: str,
        *,
        train: list[str] | None = None,
        serve: list[str] | None = None,
        process: list[str] | None = None,
        working_directory: str | None = None,
    ) -> None:
        """Names the program on this machine that stands for a container image.

        Args:
            uri: The image.
            train: The command of a training job. Left out, the image cannot train.
            serve: The command of an endpoint. Left out, the image cannot serve.
            process: The command of a processing job. Left out, the job has to name it.
            working_directory: Where the command starts. Left out, in the container's `/opt/ml`.

        Raises:
            ValueError: There is no command, or a path does not exist.
        """
        program = LocalProgram(_command(train), _command(serve), _command(process), working_directory)
        self._engine.images.register(uri, program)

    def patches(self) -> list[Any]:
        """What puts it in the place of moto's SageMaker; each is a context."""
        return [
            patch.dict(control_plane.url_paths, {_CONTROL_PLANE: self._control_plane}, clear=True),
            patch.dict(runtime.url_paths, {_RUNTIME: self._invoke}, clear=True),
            patch.dict(metrics.url_paths, {_METRICS: self._data_plane}, clear=True),
            *(self._patch_resource_type(each) for each in CloudFormationModel.__subclasses__() if _is_sagemakers(each)),
        ]

    def end(self) -> None:
        """Ends jobs and endpoints, and removes what they left."""
        self._engine.stop()
        self._loop.stop()
        self._server.stop()
        self._engine.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _patch_resource_type(self, own: type[CloudFormationModel]) -> Any:
        model = ResourceModel(self._engine.service, NOUNS.resource_types[own.cloudformation_type()])
        return patch.multiple(
            own, create_from_cloudformation_json=model.create, update_from_cloudformation_json=model.update
        )

    def _control_plane(self, request: Request, full_url: str, headers: Mapping[str, str]) -> MotoAnswer:
        del full_url, headers  # as in the request
        names = _lower(request)
        answer = self._engine.service.handle(names, request.get_data(), _caller(names))
        return answer.status, answer.headers, answer.body

    def _data_plane(self, request: Request, full_url: str, headers: Mapping[str, str]) -> MotoAnswer:
        del full_url, headers
        names = _lower(request)
        answer = self._engine.answer_data_plane(request.method, request.path, {}, request.get_data(), _caller(names))
        assert answer is not None, request.path  # noqa: S101 - moto leads here what the engine answers
        return answer.status, answer.headers, answer.body

    def _invoke(self, request: Request, full_url: str, headers: Mapping[str, str]) -> MotoAnswer:
        del full_url, headers
        _, _, name, operation = request.raw_path.split("/")
        names = _lower(request)
        if operation != INVOCATIONS.strip("/"):
            absent = refuse(_SIGNING_NAME, Asked(request.method, request.path, "", names, request.get_data()))
            return absent.status, absent.headers, absent.body
        answer = self._loop.run(self._engine.invoke(_caller(names), unquote(name), names, request.get_data()))
        return answer.status, answer.headers, answer.body


class mock_sagemaker:  # noqa: N801 - named as moto's own `mock_aws` is
    """`moto.mock_aws()` whose SageMaker is this project's: a context manager, and a decorator.

    It may stand within a `mock_aws()` or alone. Everything that is not SageMaker is moto's. What jobs cost in time is
    what they cost: they run in processes of this machine, and read and write moto's S3.

    It decorates functions, coroutines, generators, and classes of tests. While it is active, the environment leads no
    client elsewhere: what `sagecraft env` exports and the files of the AWS CLI are left out. The region stays; it is
    us-east-1 where the environment names none.

    Args:
        execute: `real` runs jobs and endpoints; `instant` completes them at once without running, and their records say
            so.

    Raises:
        ValueError: `execute` is neither.
        EmulatorError: One is active already, for the process has one moto.
    """

    _active = False

    def __init__(self, execute: Execute = "real") -> None:
        if execute not in EXECUTIONS:
            raise ValueError(
                f"execute must be one of {', '.join(EXECUTIONS)}, got '{execute}'. As a decorator: @mock_sagemaker()"
            )
        self._execute: Execute = execute
        self._stack = ExitStack()

    def __enter__(self) -> MockedSageMaker:
        if mock_sagemaker._active:
            raise EmulatorError("mock_sagemaker is active already. End that one first; one serves the whole process.")
        with ExitStack() as stack:
            stack.enter_context(patch.dict(os.environ, _isolated(os.environ), clear=True))
            stack.enter_context(moto.mock_aws())
            mocked = MockedSageMaker(self._execute)
            stack.callback(mocked.end)
            for each in mocked.patches():
                stack.enter_context(each)
            self._stack = stack.pop_all()
        mock_sagemaker._active = True
        return mocked

    def __exit__(self, *_: object) -> None:
        mock_sagemaker._active = False
        self._stack.close()

    def __call__(self, decorated: _Decorated) -> _Decorated:
        """Decorates: one for each call of a function, and for each test of a class."""
        return decorate(decorated, lambda: mock_sagemaker(self._execute))


def _isolated(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment, where it leads clients nowhere: moto answers only what is on its way to AWS."""
    files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {"AWS_DEFAULT_REGION": DEFAULT_REGION, **leads_nowhere(environment), **files}


def _is_sagemakers(model: type[CloudFormationModel]) -> bool:
    return model.__module__ == sagemaker_models.__name__ and model.cloudformation_type() in NOUNS.resource_types


def _command(words: list[str] | None) -> tuple[str, ...] | None:
    return None if words is None else tuple(words)


def _lower(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _caller(headers: Mapping[str, str]) -> Caller:
    """Who signed a request, as moto tells it."""
    access_key, region, _ = read_credential(headers.get("authorization", "")) or ("", DEFAULT_REGION, "")
    account = os.environ.get("MOTO_ACCOUNT_ID") or headers.get("x-moto-account-id") or get_account_id_from(access_key)
    return Caller(account, region)
