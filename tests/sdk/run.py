"""The real SageMaker Python SDKs against a running emulator.

usage: python tests/sdk/run.py [v2] [v3] [v2-py310] [v3-py310] [--pytest ARGUMENT...]

Each SDK is installed as it is, at its pinned version, into a virtual environment of its own (such as `.venv-sdk-v2`),
where the suite in the folder of that name runs. AWS's base Python image has no Python as new as this project's, so what
runs in it is asked for by SDKs of that Python, where this machine has it. All suites run at once against one emulator:
the SDKs wait most of their time, since they ask for a job's state every 10 or 30 seconds.

What leads them to the emulator is what `sagecraft env` exports, and nothing else. Whatever they would ask beside it
goes to a proxy that only writes down who was asked for; one such request fails the run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, Self

import boto3
from sagecraft_emulator.container.python.interpreter import interpreter
from sagecraft_emulator.front import server
from sagecraft_emulator.settings import HOST, EmulatorSettings
from sagecraft_infra.emulator import images as emulator_images

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent.parent
VERSIONS: Final = ("v2", "v3", "v2-py310", "v3-py310")
BASE_PYTHON: Final = "py310"
REGION: Final = "us-east-1"
ACCOUNT: Final = "000000000000"
SECRET: Final = "test"
ROLE: Final = "sdk-tests"
WORKERS: Final = "3"


def main() -> int:
    """Runs the suites that the arguments name, or all; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("versions", nargs="*", choices=[*VERSIONS, []], help="left out: all")
    parser.add_argument("--pytest", nargs=argparse.REMAINDER, default=[], help="what follows is for pytest")
    options = parser.parse_args()
    versions: list[str] = options.versions or list(VERSIONS)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))  # as Ctrl-C: what was started is stopped, too
    pythons = {version: python for version in versions if (python := environment(version)) is not None}
    with (
        tempfile.TemporaryDirectory(prefix="sagecraft-sdk-") as scratch,
        emulator(Path(scratch)) as settings,
        Proxy() as proxy,
    ):
        make_role(settings.endpoint_url)
        for version, python in pythons.items():
            if not is_base_python(version):
                register_image(settings.port, version, python)
        suites = {
            version: start_suite(version, python, settings, proxy, Path(scratch), options.pytest)
            for version, python in pythons.items()
        }
        codes = {}
        try:
            for version, suite in suites.items():
                codes[version] = suite.wait()
                print(f"===== SDK {version} =====\n{suite_log(Path(scratch), version).read_text('utf-8')}", flush=True)
        finally:
            for suite in suites.values():
                suite.terminate()
                suite.wait()
        if proxy.asked:
            print(f"Asked past the emulator: {', '.join(sorted(proxy.asked))}")
            return 1
        return max(codes.values())


def is_base_python(version: str) -> bool:
    """Whether a suite is that of the base Python image."""
    return version.endswith(BASE_PYTHON)


def environment(version: str) -> Path | None:
    """The Python of an SDK's virtual environment, which is made anew when its pins have changed.

    None where this machine has no Python of the version that it needs.
    """
    base = interpreter("3.10") if is_base_python(version) else Path(sys.executable)
    if base is None:
        print(f"The suite {version} is left out: this machine has no Python 3.10.", flush=True)
        return None
    directory = ROOT / f".venv-sdk-{version}"
    pins = HERE / f"requirements-{version}.txt"
    python, stamp = directory / "bin" / "python", directory / ".pins"
    digest = hashlib.sha256(pins.read_bytes() + f"{base} {sys.version}".encode()).hexdigest()
    if stamp.exists() and stamp.read_text("ascii") == digest:
        return python
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "--quiet", "--clear", "--seed", "--python", str(base), str(directory)], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", str(python), "--requirement", str(pins)]
    subprocess.run(install, check=True)
    stamp.write_text(digest, "ascii")
    return python


@contextmanager
def emulator(scratch: Path) -> Iterator[EmulatorSettings]:
    """An emulator on a free port, for as long as the suites run."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = EmulatorSettings(state_dir=scratch / "state", port=port)
    server.start(settings)
    try:
        yield settings
    finally:
        server.stop(settings)


def make_role(endpoint_url: str) -> None:
    """The execution role of all jobs and endpoints; the SDK v3 refuses one whose policies allow too little."""
    principal = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = boto3.client(
        "iam",
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key=SECRET,
    )
    trust = json.dumps({"Version": "2012-10-17", "Statement": [principal]})
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_role_policy(RoleName=ROLE, PolicyName="everything", PolicyDocument=policy)


def image_uri(version: str) -> str:
    """The image that has the SDK itself in it."""
    return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/sagemaker-sdk:{version}"


def register_image(port: int, version: str, python: Path) -> None:
    """Makes an SDK's environment the image that remote functions run in.

    A remote function is pickled by the SDK and unpickled by the SDK, so its image must hold the SDK's own version under
    the same version of Python, which is what a user does on AWS too, with a Dockerfile. Here it is:
    `sagecraft images register URI -- .venv-sdk-v2/bin/python`.
    """
    command = [str(python)]
    emulator_images.register_image(
        port, image_uri(version), train=[*command, "train"], serve=[*command, "serve"], process=command
    )


def start_suite(
    version: str, python: Path, settings: EmulatorSettings, proxy: Proxy, scratch: Path, others: Sequence[str]
) -> subprocess.Popen[bytes]:
    """Starts pytest in an SDK's environment, which knows nothing of this machine's AWS configuration."""
    home = scratch / f"home-{version}"
    home.mkdir()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAGEMAKER_"))}
    folder = "base_python" if is_base_python(version) else version
    command = [str(python), "-m", "pytest", "-c", str(HERE / "pytest.ini"), "--rootdir", str(ROOT)]
    command += ["--confcutdir", str(HERE), "-p", "no:cacheprovider"]
    command += ["--numprocesses", WORKERS, "--dist", "loadfile", *others, str(HERE / folder)]
    with suite_log(scratch, version).open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={
                **inherited,
                **exported_variables(settings, inherited),
                "HOME": str(home),
                "HTTP_PROXY": proxy.url,
                "HTTPS_PROXY": proxy.url,
                "http_proxy": proxy.url,
                "https_proxy": proxy.url,
                "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
                "SAGECRAFT_SDK_ROLE": f"arn:aws:iam::{ACCOUNT}:role/{ROLE}",
                "SAGECRAFT_SDK_IMAGE": image_uri(version),
            },
        )


def exported_variables(settings: EmulatorSettings, environment: Mapping[str, str]) -> dict[str, str]:
    """What `sagecraft env` exports."""
    command = [str(Path(sys.executable).with_name("sagecraft")), "env", "--json"]
    command += ["--port", str(settings.port), "--state-dir", str(settings.state_dir)]
    said = subprocess.run(command, env=dict(environment), capture_output=True, check=True).stdout
    variables: dict[str, str] = json.loads(said)
    return variables


class Proxy:
    """Refuses every request, and remembers whom it was for."""

    def __init__(self) -> None:
        asked: set[str] = set()

        class Refusal(BaseHTTPRequestHandler):
            def refuse(self) -> None:
                asked.add(self.path)
                self.send_error(HTTPStatus.FORBIDDEN)

            do_CONNECT = do_GET = do_POST = do_PUT = do_HEAD = refuse  # noqa: N815 - as http.server names them

            def log_message(self, *_: object) -> None:
                """Writes nothing."""

        self.asked: Final = asked
        self._server = ThreadingHTTPServer((HOST, 0), Refusal)
        self.url = f"http://{HOST}:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def suite_log(scratch: Path, version: str) -> Path:
    """Where pytest writes, whose lines would else be mixed with those of the other suite."""
    return scratch / f"{version}.log"


if __name__ == "__main__":
    sys.exit(main())
