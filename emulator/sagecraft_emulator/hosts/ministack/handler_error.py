"""Lambda functions whose handler raises keep their process, as on AWS.

ministack ends the process of every invocation that brings an error. The waiting custom resources of the CDK raise one
each time that they are not complete, and would start Node.js again for every time.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sagecraft_emulator.errors import StartError

_MARK: Final = "sagecraft_handler_error"
_PYTHON: Final = {
    '{"status": "error", "error": str(e), "trace": ': (
        f'{{"status": "ok", "{_MARK}": True, "error": str(e), "trace": '
    ),
}
_NODE: Final = {
    'status: "error", error: String(err.message || err), trace: ': (
        f'status: "ok", {_MARK}: true, error: String(err.message || err), trace: '
    ),
    'status: "error", error: e.message, trace: ': f'status: "ok", {_MARK}: true, error: e.message, trace: ',
}
"""How a worker tells what its handler raised, and how it is made to tell it: as an invocation that worked, but marked.
Errors of the worker itself have no trace, and stay what they are."""


def keep_workers(runtime: Any) -> None:
    """Lets a worker live on when its handler raises.

    Args:
        runtime: ministack's `core.lambda_runtime`, which has started no worker yet.

    Raises:
        StartError: Its workers are not those that this knows.
    """
    # ruff: noqa: SLF001 - ministack has no public way to any of this
    runtime._PYTHON_WORKER_SCRIPT = _marking(runtime._PYTHON_WORKER_SCRIPT, _PYTHON)
    runtime._NODEJS_WORKER_SCRIPT = _marking(runtime._NODEJS_WORKER_SCRIPT, _NODE)
    runtime.Worker.invoke = _unmarking(runtime.Worker.invoke)


def _marking(script: str, lines: Mapping[str, str]) -> str:
    for own, marking in lines.items():
        if script.count(own) != 1:
            raise StartError(f"ministack's Lambda worker has not the one line {own!r}; install the pinned version.")
        script = script.replace(own, marking)
    return script


def _unmarking(own: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def invoke(*arguments: Any, **options: Any) -> dict[str, Any]:
        response = own(*arguments, **options)
        if response.pop(_MARK, False):
            response["status"] = "error"
        return response

    return invoke
