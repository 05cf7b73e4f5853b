"""Functions in Python that are forked from a process which has imported the AWS SDK: nothing but time tells them so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from sagecraft_emulator.hosts.functions.node_runtime import NodeRuntime
from sagecraft_emulator.hosts.functions.prepared import PreparedProcess
from sagecraft_emulator.hosts.functions.process import LambdaFunction, LambdaProcess, command_of

from tests.emulator.world import wait_until

# Says what it finds, and then leaves a mess.
HANDLER = """
import os, signal, sys, threading
early = sorted({"boto3", "botocore", "urllib3"} & set(sys.modules))
import boto3, json, botocore.session
def handler(event, context):
    client = boto3.client("s3")
    seen = {
        "early": early, "file": boto3.__file__, "spec": boto3.__spec__.origin, "left": hasattr(botocore, "left"),
        "json": hasattr(json, "left"), "variables": dict(os.environ), "directory": os.getcwd(), "path": sys.path,
        "arguments": [sys.argv, sys.orig_argv], "main": sys.modules["__main__"].__dict__.get("__file__"),
        "descriptors": sorted(os.listdir("/proc/self/fd"), key=int)[:-1], "threads": threading.active_count(),
        "session": os.getsid(0) == os.getpid() == os.getpgid(0), "umask": os.umask(0o22),
        "ignored": [int(each) for each in signal.Signals if signal.getsignal(each) is signal.SIG_IGN],
        "handled": [int(each) for each in signal.Signals if callable(signal.getsignal(each))],
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "buffered": sys.stdout.line_buffering,
        "credentials": client._request_signer._credentials.access_key, "default": event,
        "encodings": [sys.stdout.encoding, sys.stderr.errors, sys.stdin.encoding], "flags": list(sys.flags)[:-3],
        "session_made": boto3.DEFAULT_SESSION is not None, "meta": len(sys.meta_path),
    }
    botocore.left = json.left = True
    os.environ["LEFT"] = "behind"
    os.chdir("/")
    sys.path.append("/left")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(os.getpid())
    return seen
"""
HANG = "import os, time\ndef handler(event, context):\n    print(os.getpid(), flush=True)\n    time.sleep(600)\n"
OWN = "VALUE = 'its own'\ndef client(name):\n    return VALUE\n"

Make = Callable[..., LambdaProcess]


@pytest.fixture(scope="module")
def node() -> NodeRuntime:
    return NodeRuntime()


@pytest.fixture
def make(tmp_path: Path, node: NodeRuntime) -> Iterator[Make]:
    """Makes the process of a function of its own directory; each is stopped at the end."""
    made: list[LambdaProcess] = []
    layer = tmp_path / "layer"
    (layer / "python").mkdir(parents=True)

    def make_one(source: str, name: str = "function", **variables: str) -> LambdaProcess:
        code = tmp_path / name
        code.mkdir(exist_ok=True)
        (code / "index.py").write_text(source)
        function = LambdaFunction("python3.13", "index.handler", code, (layer,), 60)
        environment = {
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": name,
            "AWS_SECRET_ACCESS_KEY": "secret",
            "_LAMBDA_LAYERS_DIRS": str(layer),
            **variables,
        }
        process = LambdaProcess(function, command_of(function.runtime, node), environment, node.node_modules)
        made.append(process)
        return process

    yield make_one
    for process in made:
        process.stop()


def invoke(process: LambdaProcess, event: object = None) -> Any:
    answer = process.invoke("request-1", "arn:aws:lambda:us-east-1:000000000000:function:F", json.dumps(event).encode())
    assert not answer.is_error, answer.payload.decode() + answer.logs
    return json.loads(answer.payload)


def process_of(function: LambdaProcess) -> psutil.Process:
    return psutil.Process(next(int(line) for line in function.logs().splitlines() if line.isdigit()))


def forked_from(process: psutil.Process) -> psutil.Process:
    waiting = process.parent()
    assert waiting is not None
    server = waiting.parent()
    assert server is not None
    return server


def test_a_function_sees_nothing_of_another_one_and_what_it_would_see_if_it_were_started_alone(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions = [make(HANDLER, name) for name in ("one", "other")]
    first, second = (invoke(function) for function in functions)
    assert forked_from(process_of(functions[0])) == forked_from(process_of(functions[1]))
    assert (first["credentials"], second["credentials"]) == ("one", "other")
    assert second["directory"].endswith("/other")
    assert "LEFT" not in second["variables"]
    monkeypatch.delattr(os, "pidfd_open")
    alone = invoke(make(HANDLER, "other"))
    assert second.pop("descriptors") == ["0", "1", "2", "3"]
    assert len(alone.pop("descriptors")) == 4
    assert second == alone


@pytest.mark.parametrize(("place", "module"), [("code", "boto3"), ("layer", "boto3"), ("code", "queue")])
def test_a_function_that_brings_a_library_gets_that_one(make: Make, tmp_path: Path, place: str, module: str) -> None:
    directory = {"code": tmp_path / "function", "layer": tmp_path / "layer" / "python"}[place]
    directory.mkdir(exist_ok=True)
    (directory / f"{module}.py").write_text(OWN)
    assert invoke(make(f"import {module}\ndef handler(event, context):\n    return {module}.VALUE\n")) == "its own"


def test_a_function_gets_the_library_of_a_directory_that_it_looks_into_by_itself(make: Make, tmp_path: Path) -> None:
    vendored = tmp_path / "function" / "vendored" / "urllib3"
    vendored.mkdir(parents=True)
    (vendored / "__init__.py").write_text(OWN)
    source = """
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "vendored"))
import jmespath, urllib3
def handler(event, context):
    return [urllib3.VALUE, jmespath.search("a", {"a": 1}), "botocore" in sys.modules]
"""
    assert invoke(make(source)) == ["its own", 1, False]


def test_variables_that_python_reads_at_its_start_are_heeded(make: Make, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text(OWN)
    source = "import elsewhere\ndef handler(event, context):\n    return elsewhere.VALUE\n"
    assert invoke(make(source, PYTHONPATH=str(tmp_path))) == "its own"


def test_functions_end_with_the_process_that_forked_them_and_the_next_invocation_has_another(make: Make) -> None:
    function = make(HANDLER)
    invoke(function)
    process = process_of(function)
    forked_from(process).kill()
    wait_until(lambda: not process.is_running())
    assert invoke(function)["directory"].endswith("/function")


def test_functions_and_what_forked_them_end_with_the_emulator_even_if_it_is_killed(tmp_path: Path) -> None:
    (tmp_path / "index.py").write_text(HANG)
    program = f"""
from pathlib import Path
from types import SimpleNamespace
from sagecraft_emulator.hosts.functions.process import LambdaFunction, LambdaProcess, command_of
function = LambdaFunction("python3.13", "index.handler", Path({str(tmp_path)!r}), (), 600)
process = LambdaProcess(function, command_of("python3.13", None), {{}}, Path("/"))
print(process._start().pid, flush=True)
process.invoke("1", "arn", b"{{}}")
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as emulator:
        assert emulator.stdout is not None
        function = psutil.Process(int(emulator.stdout.readline()))
        server = forked_from(function)
        emulator.send_signal(signal.SIGKILL)
    wait_until(lambda: not function.is_running() and not server.is_running())


def test_the_process_of_a_function_is_used_as_any_other(make: Make) -> None:
    function = make(HANG)
    process = function._start()
    assert isinstance(process, PreparedProcess)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0)
    process.terminate()
    assert process.wait() == process.poll() == 128 + signal.SIGTERM
    process.terminate()
    process.kill()


CLI = """
import os, signal, sys, time
value = 0
class Driver:
    def main(self, arguments):
        global value
        if arguments[:1] == ["hang"]:
            print(os.getpid(), flush=True)
            time.sleep(600)
        if arguments[:1] == ["own"]:
            value += 1
            print(value, PREPARED != os.getpid(), os.getcwd(), os.environ.get("PUT"), os.environ.get("NUMBER"))
            print(os.environ["DATA"].replace(" ", "-"), os.environ["AWS_DATA_PATH"])
            print(sys.stdin.read(), file=sys.stderr)
            sys.exit(3)
        return 0
def create_clidriver():
    return Driver()
PREPARED = os.getpid()
os.environ["DATA"] = f"{os.environ.get('DATA', 'none')} and more"
os.environ["AWS_DATA_PATH"] = f"{os.environ.get('AWS_DATA_PATH', '')}:/own"
"""
AWS = "#!/var/lang/bin/python\nimport sys, awscli.clidriver\nawscli.clidriver.create_clidriver().main(sys.argv[1:])\n"
RUNS_CLI = """
import os, subprocess
COMMAND = ["/opt/awscli/aws", "own"]
def handler(event, context):
    if event == "hang":
        subprocess.run(["/opt/awscli/aws", "hang"])
    os.putenv("PUT", "by C")
    done = [
        subprocess.run(COMMAND, input="given", capture_output=True, text=True, cwd="/"),
        subprocess.run(COMMAND, input="given", capture_output=True, text=True, cwd="/"),
        subprocess.run(COMMAND, input="given", capture_output=True, text=True, env={"NUMBER": "1"}),
    ]
    return [[each.returncode, each.stdout.split(), each.stderr.strip()] for each in done]
"""


@pytest.fixture
def cli(tmp_path: Path) -> None:
    """A layer with a program of the AWS CLI's shape."""
    place = tmp_path / "layer" / "awscli"
    (place / "awscli").mkdir(parents=True)
    (place / "awscli" / "__init__.py").touch()
    (place / "awscli" / "clidriver.py").write_text(CLI)
    (place / "aws").write_text(AWS)
    (place / "aws").chmod(0o755)


@pytest.mark.usefixtures("cli")
def test_the_cli_of_a_layer_is_forked_where_it_may_be_and_is_as_any_other_process(make: Make, tmp_path: Path) -> None:
    forked, again, executed = invoke(make(RUNS_CLI, NUMBER="0"))
    assert forked == again == [3, ["1", "True", "/", "by", "C", "0", "none-and-more", ":/own"], "given"]
    assert invoke(make(RUNS_CLI, DATA="some"))[0][1][1:] == ["False", "/", "by", "C", "None", "some-and-more", ":/own"]
    # As each function of an emulator has it.
    with_models = invoke(make(RUNS_CLI, AWS_DATA_PATH="/models"))[0]
    assert with_models[1] == ["1", "True", "/", "by", "C", "None", "none-and-more", "/models:/own"]
    assert executed == [3, ["1", "False", str(tmp_path / "function"), "None", "1", "none-and-more", ":/own"], "given"]


@pytest.mark.usefixtures("cli")
def test_a_cli_ends_with_the_function_that_runs_it(make: Make) -> None:
    function = make(RUNS_CLI)
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(invoke, function, "hang")
        wait_until(lambda: function.logs().strip().isdigit())
        running = process_of(function)
        os.killpg(function._start().pid, signal.SIGKILL)
        with pytest.raises(AssertionError, match="ExitError"):
            hanging.result()
    wait_until(lambda: not running.is_running())


@pytest.mark.usefixtures("cli")
def test_a_cli_that_can_be_forked_no_more_is_executed(make: Make, tmp_path: Path) -> None:
    function = make(RUNS_CLI)
    assert invoke(function)[0][1][1] == "True"
    program = str(tmp_path / "layer" / "awscli" / "aws")
    server = next(each for each in psutil.Process().children() if program in each.cmdline())
    server.kill()
    server.wait()
    assert invoke(function)[0] == [3, ["1", "False", "/", "by", "C", "None", "none-and-more", ":/own"], "given"]
