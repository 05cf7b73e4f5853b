"""Lambda functions of LocalStack as processes of this machine, where LocalStack would run each in a container.

LocalStack finds it by its name, `LAMBDA_RUNTIME_EXECUTOR=sagecraft`; `hooks` sets that where there is no Docker.
"""

import threading
from pathlib import Path
from typing import Any, Final

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from sagecraft_emulator.hosts.functions.process import LambdaFunction, LambdaProcess, command_of
from sagecraft_emulator.settings import HOST

from . import engine

NAME: Final = "sagecraft"

_running: Final[set["ProcessRuntimeExecutor"]] = set()
_lock: Final = threading.Lock()


class ProcessRuntimeExecutor(RuntimeExecutor):  # type: ignore[misc]  # LocalStack is in environments of its own
    """Runs one execution environment of a function, as LocalStack asks for it."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002 - LocalStack's word for it
        super().__init__(id, function_version)
        self._process: LambdaProcess | None = None

    def start(self, env_vars: dict[str, Any]) -> None:
        """Makes the environment ready.

        Raises:
            UnsupportedRuntime: Functions of that runtime cannot run here.
        """
        config = self.function_version.config
        function = LambdaFunction(
            runtime=config.runtime,
            handler=config.handler,
            code_dir=_unpacked(config.code),
            layer_dirs=tuple(_unpacked(layer.code) for layer in config.layers),
            timeout_seconds=int(config.timeout),
        )
        environment = {name: str(value) for name, value in env_vars.items()}
        self._process = LambdaProcess(
            function, command_of(function.runtime, engine.node), environment, engine.node.node_modules
        )
        with _lock:
            _running.add(self)

    def stop(self) -> None:
        """Ends the process."""
        with _lock:
            _running.discard(self)
        process, self._process = self._process, None
        if process is not None:
            process.stop()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Answers one invocation."""
        if self._process is None:
            raise RuntimeError(f"The execution environment {self.id} does not run.")
        request_id = payload["invoke-id"]
        answer = self._process.invoke(request_id, payload["invoked-function-arn"], payload["payload"].encode() or b"{}")
        return InvocationResult(request_id, answer.payload, answer.is_error, answer.logs)

    def get_logs(self) -> str:
        """All that the function wrote."""
        return "" if self._process is None else self._process.logs()

    def get_address(self) -> str:
        """Where the function is."""
        return HOST

    def get_endpoint_from_executor(self) -> str:
        """Where the function finds LocalStack."""
        return HOST

    def get_runtime_endpoint(self) -> str:
        """Is for LocalStack's own program in a container; a process is asked through pipes."""
        return engine.endpoint_url()

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpacks the code of a function."""
        _unpacked(function_version.config.code)

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """LocalStack removes the unpacked code itself."""


class ProcessRuntimeExecutorPlugin(RuntimeExecutorPlugin):  # type: ignore[misc]  # as above
    """What LocalStack's entry point names."""

    name = NAME

    def load(self, *_args: object, **_options: object) -> type[ProcessRuntimeExecutor]:
        """The executor."""
        return ProcessRuntimeExecutor


def stop_all() -> None:
    """Ends every process of a function."""
    with _lock:
        executors = list(_running)
    for executor in executors:
        executor.stop()


def _unpacked(code: Any) -> Path:
    """The directory of a function's or layer's code."""
    code.prepare_for_execution()
    return Path(code.get_unzipped_code_location())
