"""Runs an application under uvicorn: on the contract's port, with workers that are restarted when they die."""

import asyncio
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from socket import socket
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.supervisors import multiprocess

from sagecraft_containers import contract
from sagecraft_containers.errors import UserError

from .application import Application
from .predictor import Predictor

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than any client of SageMaker keeps an idle connection, so that none is closed under a request."""
DRAIN_SECONDS: Final = 25
"""For requests under way at SIGTERM; SageMaker sends SIGKILL after 30 seconds."""
WORKER_SILENCE_SECONDS: Final = 120
"""A worker that does not answer its master for so long hangs, and is replaced. A model's code may hold the interpreter
for the 60 seconds that SageMaker gives a request, so less would end workers that only work."""
HIGHEST_PORT: Final = 65_535


_STATUS: Final = b"HTTP/1.1 "
_FORK: Final = multiprocessing.get_context("fork")
_SIGNALS: Final = frozenset(multiprocess.SIGNALS)
"""Those that the master takes."""


class _Worker(multiprocess.Process):
    """A worker that is forked from the master, and whose end the master sees at once.

    Uvicorn's workers are new interpreters: each would take a second of a core to import the libraries that the master
    has imported. Uvicorn's master also keeps the worker's end of their pipe open, so it would wait for the answer of a
    worker that was killed until `WORKER_SILENCE_SECONDS` are over, and do nothing else meanwhile.
    """

    def __init__(self, config: uvicorn.Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self.process = _FORK.Process(target=self._run, args=(sockets,))  # type: ignore[assignment]  # of another context

    def start(self) -> None:
        # A signal that comes before the worker has handlers of its own is not for those of the master.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.child_conn.close()

    def _run(self, sockets: list[socket]) -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        self.target(sockets)


class WholeAnswers(HttpToolsProtocol):
    """Uvicorn's protocol, by which an answer's head goes out with the body, where it would go out before.

    Two pieces wake who waits for the answer twice, and that takes as long as the prediction of a small model.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """The connection is there."""
        super().connection_made(_OneWrite(transport, self))  # type: ignore[arg-type]  # all that is asked of a transport


class _OneWrite:
    """A transport that keeps the head of an answer until something is written behind it.

    Args:
        transport: The connection's.
        protocol: That of the connection.
    """

    def __init__(self, transport: asyncio.Transport, protocol: HttpToolsProtocol) -> None:
        self._transport, self._protocol = transport, protocol
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._is_head(data):
            self._head = data
        else:
            head, self._head = self._head, b""
            self._transport.write(head + data)

    def close(self) -> None:
        if self._head:
            self.write(b"")
        self._transport.close()

    def _is_head(self, data: bytes) -> bool:
        cycle: RequestResponseCycle | None = self._protocol.cycle
        if cycle is None or not cycle.response_started or cycle.response_complete or cycle.scope["method"] == "HEAD":
            return False  # it is 100 Continue, or a refusal, or nothing follows it
        return not self._head and data.startswith(_STATUS)


def worker_count(environment: Mapping[str, str] = os.environ) -> int:
    """`SAGEMAKER_MODEL_SERVER_WORKERS`, or the number of cores where that is not set.

    Raises:
        UserError: It is no number above 0.
    """
    given = environment.get(contract.MODEL_SERVER_WORKERS_VARIABLE)
    if given is None:
        return os.cpu_count() or 1
    if not given.isdigit() or int(given) < 1:
        raise UserError(
            f"{contract.MODEL_SERVER_WORKERS_VARIABLE} must be a whole number of at least 1, got '{given}'."
        )
    return int(given)


def bind_port(environment: Mapping[str, str] = os.environ) -> int:
    """`SAGEMAKER_BIND_TO_PORT`, or 8080 where that is not set.

    Raises:
        UserError: It is no port.
    """
    given = environment.get(contract.BIND_PORT_VARIABLE)
    if given is None:
        return contract.DEFAULT_BIND_PORT
    if not given.isdecimal() or not 1 <= int(given) <= HIGHEST_PORT:
        raise UserError(f"{contract.BIND_PORT_VARIABLE} must be a port from 1 to {HIGHEST_PORT}, got '{given}'.")
    return int(given)


def serve(factory: str, load: Callable[[], Predictor]) -> int:
    """Serves until SIGTERM; requests under way are answered first.

    Args:
        factory: `module:function` that makes the application, for the workers.
        load: Loads the model, once before there are workers, so that a model which cannot be loaded ends the container
            with its reason.

    Returns:
        The exit code of the process.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        workers = worker_count()
        port = bind_port()
        if workers == 1:
            load()
    except UserError as error:
        _write_down(error)
        return contract.EXIT_USER_ERROR
    if workers > 1 and (code := _tried(load)):
        return code
    gc.freeze()
    multiprocess.Process = _Worker  # type: ignore[misc]  # uvicorn has no setting for it
    uvicorn.run(
        factory,
        factory=True,
        host=os.environ.get(contract.BIND_HOST_VARIABLE, contract.DEFAULT_BIND_HOST),
        port=port,
        workers=workers,
        loop="uvloop",
        http=WholeAnswers,
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_worker_healthcheck=WORKER_SILENCE_SECONDS,
    )
    return contract.EXIT_SUCCESS


def _tried(load: Callable[[], Predictor]) -> int:
    """Loads the model in a process of its own, as none is forked from one that computes; returns its exit code."""
    trial = _FORK.Process(target=_try, args=(load,))
    trial.start()
    trial.join()
    code = trial.exitcode or contract.EXIT_SUCCESS
    return code if code >= 0 else contract.EXIT_INTERNAL_ERROR


def _try(load: Callable[[], Predictor]) -> None:
    _end_with_master()
    try:
        load()
    except UserError as error:
        _write_down(error)
        sys.exit(contract.EXIT_USER_ERROR)


def _write_down(error: UserError) -> None:
    logging.getLogger(__name__).error("%s", error)  # the user's error has no traceback worth reading


def application(load: Callable[[], Predictor], *, inline: bool, max_body_bytes: int | None = None) -> Application:
    """The application of one worker, for a `factory`."""
    _end_with_master()
    return Application(load, worker_count(), inline=inline, max_body_bytes=max_body_bytes)


def _end_with_master() -> None:
    """Makes a worker stop as on SIGTERM when its master is gone, even by SIGKILL; one worker alone has no master."""
    master = multiprocessing.parent_process()
    if master is None:
        return

    def watch() -> None:
        master.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="master-watch", daemon=True).start()
