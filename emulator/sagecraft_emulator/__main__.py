"""Runs an emulator in the foreground: `python -m sagecraft_emulator --port 4566 --state-dir DIRECTORY`."""

import argparse
import asyncio
import contextlib
import logging
import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import uvicorn

from .errors import StartError
from .settings import DEFAULT_PORT, EXECUTIONS, HOST, NOTEBOOKS, QUOTAS, TIED, EmulatorSettings
from .state.memory import keep_little, kept
from .state.process_file import StateLock

if TYPE_CHECKING:
    from .noun.noun import Nouns

USER_ERROR = 2
KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 10
BACKLOG = 1024


class _Server(uvicorn.Server):
    """A server whose signals are handled here: the work ends before the last request is answered."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signals alone."""
        yield


def main(nouns: "Nouns | None" = None) -> int:
    """Runs until it is stopped; returns the exit code.

    Args:
        nouns: What it does of SageMaker. Left out, all that there is.
    """
    try:
        keep_little()
        settings, tied = _settings()
        lock = StateLock.take(settings)
    except StartError as error:
        print(error, file=sys.stderr)
        return USER_ERROR
    try:
        return _run(settings, nouns, tied=tied)
    finally:
        lock.release()


def _settings() -> tuple[EmulatorSettings, bool]:
    parser = argparse.ArgumentParser(prog="sagecraft_emulator", description="Answers as SageMaker on this machine.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="TCP port on the loopback interface")
    parser.add_argument("--state-dir", type=Path, required=True, help="where everything that outlives the process is")
    parser.add_argument("--execute", choices=EXECUTIONS, default="real", help="whether jobs and endpoints run")
    parser.add_argument("--notebooks", choices=NOTEBOOKS, help="whether notebook instances open, or are records alone")
    parser.add_argument("--quotas", choices=QUOTAS, help="whether there may be no more than in a new account")
    parser.add_argument("--enforce-iam", action="store_true", help="whether work has its role's permissions alone")
    parser.add_argument(TIED, action="store_true", dest="tied", help="stop when standard input ends")
    options = parser.parse_args()
    try:
        settings = EmulatorSettings(options.state_dir, options.port, options.execute, options.enforce_iam)
        if options.notebooks is not None:
            settings = replace(settings, notebooks=options.notebooks)
        if options.quotas is not None:
            settings = replace(settings, quotas=options.quotas)
    except ValueError as error:
        raise StartError(str(error)) from error
    return settings, options.tied


def _run(settings: EmulatorSettings, nouns: "Nouns | None", *, tied: bool) -> int:
    """Runs until it is stopped, and ends the process then; returns only when it cannot start."""
    try:
        listener = _listen(settings.port)
        _clear(settings.temporary_dir)
        stopping = asyncio.Event()
        with kept():
            # Importing the host takes most of the start, and reads settings that are only known now.
            from .composition import Emulator  # noqa: PLC0415
            from .engine import NOUNS  # noqa: PLC0415
            from .front.invocation_protocol import front_protocol, web_socket_protocol  # noqa: PLC0415

            emulator = Emulator(settings, stopping.set, NOUNS if nouns is None else nouns)
    except StartError as error:
        print(error, file=sys.stderr)
        return USER_ERROR
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    config = uvicorn.Config(
        emulator.application,
        loop="uvloop",
        http=front_protocol(emulator.application.begin_invocation, emulator.admit),
        ws=web_socket_protocol,  # type: ignore[arg-type]  # it is called as the class is that uvicorn wants
        access_log=False,
        log_config=None,
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        if tied:
            loop.add_reader(sys.stdin, stopping.set)  # nothing is ever written to it, so it becomes readable by its end
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        await emulator.started()
        print(f"The emulator answers at {settings.endpoint_url}, state in {settings.state_dir}", flush=True)
        waiting = asyncio.create_task(stopping.wait())
        await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if tied:
            loop.remove_reader(sys.stdin)
        await asyncio.to_thread(emulator.stop_work)
        server.should_exit = True
        await serving

    runner = asyncio.Runner(loop_factory=config.get_loop_factory())
    try:
        runner.run(serve())
    finally:
        emulator.close()
    # A stack operation that waits for a function of its own cannot be cancelled: the function ended with the work. All
    # state is written by now, so nothing is lost when the process ends without waiting for such an operation.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def _clear(temporary_dir: Path) -> None:
    """Ends what a killed emulator left running in its temporary directory, Lambda functions, and removes that."""
    if not temporary_dir.exists():
        return
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if Path(process.cwd()).is_relative_to(temporary_dir):
                process.kill()
    shutil.rmtree(temporary_dir, ignore_errors=True)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise StartError(
            f"Port {port} cannot be used: {error.strerror}. Give another one with --port, or stop what listens there."
        ) from error
    listener.listen(BACKLOG)
    return listener


if __name__ == "__main__":
    sys.exit(main())
