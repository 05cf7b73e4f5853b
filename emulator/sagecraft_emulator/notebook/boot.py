"""The first program of a notebook instance: does what comes before JupyterLab, and then keeps JupyterLab running.

It runs in the instance's sandbox, by an interpreter without packages. What happens it tells in lines of JSON on its
standard output: the end of each step, each port that JupyterLab is to listen on, and each end of JupyterLab.

usage: boot.py PLAN, a file that it removes: what is in it is nobody else's to read
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType
from typing import Any, Final, NoReturn

PORT: Final = "{port}"
"""Stands for the port in JupyterLab's arguments."""
_STEADY_SECONDS: Final = 60.0
_BACKOFF_SECONDS: Final = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Before JupyterLab is started again, by how often it ended soon after it was started; it is given up then."""
_NOT_STARTED: Final = 127


def main(plan: dict[str, Any]) -> int:
    """Returns when a step has failed, or JupyterLab cannot be kept running."""
    for step in plan["steps"]:
        exit_code = _run(step)
        _tell(step=step["name"], exit_code=exit_code)
        if exit_code != 0:
            return 1
    ended_soon = 0
    while ended_soon < len(_BACKOFF_SECONDS):
        time.sleep(_BACKOFF_SECONDS[ended_soon])
        began = time.monotonic()
        exit_code = _serve(plan["server"])
        _tell(ended=exit_code)
        ended_soon = 0 if time.monotonic() - began > _STEADY_SECONDS else ended_soon + 1
    return 1


def _run(step: dict[str, Any]) -> int | None:
    """The exit code of a step; None where it took too long. What it has left running goes on."""
    process = _start(step, step["command"])
    if process is None:
        return _NOT_STARTED
    try:
        return process.wait(step["seconds"])
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def _serve(server: dict[str, Any]) -> int:
    port = _free_port()
    process = _start(
        server, [str(port) if word == PORT else word.replace(PORT, str(port)) for word in server["command"]]
    )
    if process is None:
        return _NOT_STARTED
    signal.signal(signal.SIGTERM, _end)
    _tell(port=port)
    try:
        return process.wait()
    except SystemExit:
        process.terminate()
        process.wait()
        raise


def _end(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    sys.exit(0)


def _start(program: dict[str, Any], command: list[str]) -> "subprocess.Popen[bytes] | None":
    """A program that has begun, its output at the end of its log; None where it cannot, for what is said there."""
    with open(program["log"], "ab") as log:  # noqa: PTH123 - an interpreter that starts quickly
        try:
            return subprocess.Popen(
                command,
                cwd=program["directory"],
                env=program["environment"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            log.write(f"{command[0]}: {error.strerror}\n".encode())
            return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _take(file: str) -> dict[str, Any]:
    with open(file, encoding="utf-8") as content:  # noqa: PTH123 - as above
        plan: dict[str, Any] = json.load(content)
    os.unlink(file)  # noqa: PTH108 - as above
    return plan


def _tell(**members: Any) -> None:
    print(json.dumps(members), flush=True)


if __name__ == "__main__":
    sys.exit(main(_take(sys.argv[1])))
