"""Runs an application under uvicorn: on the contract's port, with workers that are restarted when they die."""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping
from typing import Final

import uvicorn
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


class _Worker(multiprocess.Process):
    """A worker whose end the master sees at once.

    Uvicorn's master keeps the worker's end of their pipe open, too, so it would wait for the answer of a worker that
    was killed until `WORKER_SILENCE_SECONDS` are over, and do nothing else meanwhile.
    """

    def start(self) -> None:
        super().start()
        self.child_conn.close()


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
        load: Loads the model, once here, so that a model which cannot be loaded ends the container with its reason.

    Returns:
        The exit code of the process.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        workers = worker_count()
        port = bind_port()
        load()
    except UserError as error:
        logging.getLogger(__name__).error("%s", error)  # noqa: TRY400 - the user's error has no traceback worth reading
        return contract.EXIT_USER_ERROR
    multiprocess.Process = _Worker  # type: ignore[misc]  # uvicorn has no setting for it
    uvicorn.run(
        factory,
        factory=True,
        host=os.environ.get(contract.BIND_HOST_VARIABLE, contract.DEFAULT_BIND_HOST),
        port=port,
        workers=workers,
        loop="uvloop",
        http="httptools",
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
