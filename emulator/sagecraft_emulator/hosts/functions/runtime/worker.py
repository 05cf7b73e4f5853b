"""The program of a Lambda function in Python: reads invocations from standard input, one JSON object a line.

Answers go to a pipe of their own, one JSON object a line, so that the function may print what it likes. This runs in
the function's process, so it imports nothing of ours. The first line says where the function is.
"""

import importlib
import json
import os
import sys
import time
import traceback
from types import SimpleNamespace
from typing import Any

_LOAD_ERRORS: dict[type[Exception], str] = {
    AttributeError: "Runtime.HandlerNotFound",
    ImportError: "Runtime.ImportModuleError",
    ModuleNotFoundError: "Runtime.ImportModuleError",
}


def _failure(error: BaseException, kind: str | None = None) -> dict[str, Any]:
    """What Lambda answers for a function that raised."""
    return {
        "errorMessage": str(error),
        "errorType": kind or type(error).__name__,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


def _load(function: dict[str, Any]) -> Any:
    sys.path[:0] = function["path"]
    module, _, name = function["handler"].rpartition(".")
    return getattr(importlib.import_module(module.replace("/", ".")), name)


def _context(function: dict[str, Any], invocation: dict[str, Any]) -> SimpleNamespace:
    deadline = time.monotonic() + function["timeout_seconds"]
    return SimpleNamespace(
        function_name=os.environ.get("AWS_LAMBDA_FUNCTION_NAME"),
        function_version=os.environ.get("AWS_LAMBDA_FUNCTION_VERSION"),
        memory_limit_in_mb=os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
        log_group_name=os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME"),
        log_stream_name=os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME"),
        invoked_function_arn=invocation["function_arn"],
        aws_request_id=invocation["request_id"],
        identity=None,
        client_context=None,
        get_remaining_time_in_millis=lambda: max(0, int((deadline - time.monotonic()) * 1000)),
    )


def main() -> None:
    """Answers invocations until standard input ends."""
    answers = os.fdopen(int(os.environ.pop("_SAGECRAFT_ANSWERS")), "w", encoding="utf-8")
    function = json.loads(sys.stdin.readline())
    handler, broken = None, None
    try:
        handler = _load(function)
    except Exception as error:
        traceback.print_exc()
        broken = _failure(error, _LOAD_ERRORS.get(type(error)))
    for line in sys.stdin:
        invocation = json.loads(line)
        try:
            if handler is None:
                answer, is_error = broken, True
            else:
                answer, is_error = handler(invocation["event"], _context(function, invocation)), False
            text = json.dumps({"payload": answer, "is_error": is_error})
        except Exception as error:
            traceback.print_exc()
            text = json.dumps({"payload": _failure(error), "is_error": True})
        sys.stdout.flush()
        sys.stderr.flush()
        answers.write(text + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
