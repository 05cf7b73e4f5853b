"""Lambda functions as processes: what they are given, what they answer, and how they end."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest
from sagecraft_emulator.hosts.functions.node_runtime import NodeRuntime
from sagecraft_emulator.hosts.functions.process import LambdaFunction, LambdaProcess, UnsupportedRuntime, command_of

GONE_SECONDS = 10
ARN = "arn:aws:lambda:us-east-1:000000000000:function:F"
PYTHON = """
import json, os, subprocess, sys, time
def echo(event, context):
    print("seen", event["value"])
    return {"event": event, "arn": context.invoked_function_arn, "request": context.aws_request_id,
            "variable": os.environ["VARIABLE"], "left": context.get_remaining_time_in_millis(), "pid": os.getpid(),
            "aws": sorted(name for name in os.environ if name.startswith("AWS_SECRET"))}
def fail(event, context):
    raise KeyError("nothing there")
def hang(event, context):
    child = subprocess.Popen(["sleep", "600"])
    print(child.pid, flush=True)
    time.sleep(600)
def leave(event, context):
    os._exit(3)
def layer(event, context):
    import beside
    return beside.VALUE
"""
NODE = """
const https = require("https");
exports.echo = async (event, context) => {
  console.log("seen", event.value);
  return { event, arn: context.invokedFunctionArn };
};
exports.callback = (event, context, callback) => callback(null, "called back");
exports.fail = async () => { throw new RangeError("too far"); };
exports.respond = (event) => new Promise((resolve, reject) => {
  const url = new URL(event.url);
  const options = { hostname: url.hostname, path: url.pathname, method: "PUT" };
  const request = https.request(options, (answer) => resolve(answer.statusCode));
  request.on("error", reject);
  request.end("done");
});
"""

Make = Callable[..., LambdaProcess]


@pytest.fixture(scope="module")
def node() -> NodeRuntime:
    return NodeRuntime()


@pytest.fixture
def make(tmp_path: Path, node: NodeRuntime) -> Iterator[Make]:
    """Makes the process of a function; each is stopped at the end."""
    made: list[LambdaProcess] = []
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "index.py").write_text(PYTHON)
    (tmp_path / "code" / "index.js").write_text(NODE)
    (tmp_path / "layer" / "python").mkdir(parents=True)
    (tmp_path / "layer" / "python" / "beside.py").write_text("VALUE = 'of the layer'")

    def make_one(
        handler: str, *, runtime: str = "python3.13", timeout: int = 60, url: str = "http://127.0.0.1:9"
    ) -> LambdaProcess:
        function = LambdaFunction(runtime, handler, tmp_path / "code", (tmp_path / "layer",), timeout)
        environment = {"VARIABLE": "given", "AWS_ENDPOINT_URL": url}
        process = LambdaProcess(function, command_of(runtime, node), environment, node.node_modules)
        made.append(process)
        return process

    yield make_one
    for process in made:
        process.stop()


def invoke(process: LambdaProcess, event: Any) -> tuple[Any, bool, str]:
    answer = process.invoke("request-1", ARN, json.dumps(event).encode())
    return json.loads(answer.payload), answer.is_error, answer.logs


def test_a_function_gets_its_event_and_variables_and_nothing_of_the_users(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the user")

    answer, is_error, logs = invoke(make("index.echo"), {"value": "ä"})

    assert not is_error
    assert answer["event"] == {"value": "ä"}
    assert (answer["arn"], answer["request"], answer["variable"]) == (ARN, "request-1", "given")
    assert 0 < answer["left"] <= 60_000
    assert answer["aws"] == []
    assert logs.startswith("START RequestId: request-1 Version: $LATEST\nseen ä\nEND RequestId: request-1\nREPORT ")


def test_one_process_answers_one_invocation_after_the_other(make: Make) -> None:
    process = make("index.echo")

    first, second = (invoke(process, {"value": number}) for number in (1, 2))

    assert first[0]["pid"] == second[0]["pid"]
    assert "seen 1" not in second[2]


def test_what_a_function_raises_is_answered_as_lambda_does(make: Make) -> None:
    answer, is_error, logs = invoke(make("index.fail"), {})

    assert is_error
    assert (answer["errorType"], answer["errorMessage"]) == ("KeyError", "'nothing there'")
    assert "Traceback" in logs


@pytest.mark.parametrize(
    ("handler", "kind"), [("absent.handler", "Runtime.ImportModuleError"), ("index.absent", "Runtime.HandlerNotFound")]
)
def test_a_handler_that_is_not_there_is_an_error(make: Make, handler: str, kind: str) -> None:
    answer, is_error, _ = invoke(make(handler), {})

    assert is_error
    assert answer["errorType"] == kind


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_function_that_takes_too_long_is_killed_with_its_children(make: Make) -> None:
    answer, is_error, logs = invoke(make("index.hang", timeout=1), {})

    assert is_error
    assert answer["errorMessage"].endswith("request-1 Task timed out after 1.00 seconds")
    child = int(logs.splitlines()[1])
    deadline = time.monotonic() + GONE_SECONDS
    while _runs(child) and time.monotonic() < deadline:  # the kernel takes a moment over it
        time.sleep(0.01)
    assert not _runs(child)


def test_a_function_that_ends_its_process_is_an_error_and_the_next_invocation_starts_anew(make: Make) -> None:
    process = make("index.leave")

    for _ in range(2):
        answer, is_error, _ = invoke(process, {})
        assert is_error
        assert answer["errorType"] == "Runtime.ExitError"


def test_layers_are_on_the_path(make: Make) -> None:
    assert invoke(make("index.layer"), {})[0] == "of the layer"


def test_functions_in_node_answer_too(make: Make) -> None:
    answer, is_error, logs = invoke(make("index.echo", runtime="nodejs22.x"), {"value": 7})

    assert (answer, is_error) == ({"event": {"value": 7}, "arn": ARN}, False)
    assert "seen 7\n" in logs
    assert invoke(make("index.callback", runtime="nodejs22.x"), {})[0] == "called back"
    failed, is_error, _ = invoke(make("index.fail", runtime="nodejs22.x"), {})
    assert (failed["errorType"], failed["errorMessage"], is_error) == ("RangeError", "too far", True)


def test_a_function_in_node_reaches_the_response_url_although_that_is_not_https(make: Make) -> None:
    received: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            received.append((self.path, self.rfile.readline(4)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keeps quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        process = make("index.respond", runtime="nodejs22.x", url=url)
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        answer, is_error, logs = invoke(process, {"url": f"{url}/answer"})
        thread.join()

    assert (answer, is_error) == (200, False), logs
    assert [path for path, _ in received] == ["/answer"]


def test_another_runtime_is_refused_by_name(node: NodeRuntime) -> None:
    with pytest.raises(UnsupportedRuntime, match=r"runtime 'java21' cannot run .*; python\* and nodejs\* can"):
        command_of("java21", node)


def test_stop_ends_the_process(make: Make) -> None:
    process = make("index.echo")
    pid = invoke(process, {"value": 1})[0]["pid"]

    process.stop()

    assert not psutil.pid_exists(pid)
