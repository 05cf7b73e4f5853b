"""ministack's Step Functions, with tasks of ours, and with executions that stay as they were stopped."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event
from typing import Any

from sagecraft_emulator.errors import TaskAborted, TaskError

TaskHandler = Callable[[str, Mapping[str, Any], Callable[[], bool]], dict[str, Any]]
"""Resource, arguments, whether the task was aborted -> result. May take its time.

Raises:
    TaskError: The task failed.
    TaskAborted: It ended because it was aborted.
"""


def _never() -> bool:
    return False


_aborted: ContextVar[Callable[[], bool]] = ContextVar("aborted", default=_never)


@contextmanager
def _aborting(aborted: Callable[[], bool]) -> Iterator[None]:
    token = _aborted.set(aborted)
    try:
        yield
    finally:
        _aborted.reset(token)


def prepare(states: Any, handlers: Mapping[str, TaskHandler], touched: Callable[[], None]) -> None:
    """Teaches Step Functions the resources that begin with a handler's key.

    Args:
        states: ministack's Step Functions.
        handlers: By what the ARNs of their resources begin with.
        touched: Says that the state changed.
    """
    # ruff: noqa: SLF001 - ministack has no public way to any of this
    own_task, own_failure = states._execute_task, states._fail_execution
    own_with_timeout = states._invoke_resource_with_timeout

    def handler_of(handle: TaskHandler) -> Callable[[str, Any], Any]:
        def invoke(resource: str, arguments: Any) -> Any:
            try:
                return handle(resource, arguments, _aborted.get())
            except TaskError as error:
                raise states._ExecutionError(error.error, error.cause) from error
            finally:
                touched()

        return invoke

    def execute_task(
        state: Mapping[str, Any], given: Any, execution: dict[str, Any], context: Any
    ) -> tuple[Any, str | None]:
        try:
            with _aborting(lambda: execution["status"] != "RUNNING"):
                result, following = own_task(state, given, execution, context)
                return result, following
        except TaskAborted:
            return given, None

    def invoke_with_timeout(resource: str, arguments: Any, timeout: float) -> Any:
        over, outer = Event(), _aborted.get()
        try:
            with _aborting(lambda: over.is_set() or outer()):
                return own_with_timeout(resource, arguments, timeout)
        finally:
            over.set()

    def fail_execution(execution: dict[str, Any], error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            own_failure(execution, error, cause)
            touched()

    states._execute_task = execute_task
    states._invoke_resource_with_timeout = invoke_with_timeout
    states._fail_execution = fail_execution
    for prefix, handle in handlers.items():
        states._SERVICE_DISPATCH[prefix] = handler_of(handle)
