"""Stops this notebook instance when nobody has worked on it for some time. Runs on the instance, every few minutes.

Activity is a busy kernel, what a kernel last did, input to or output of a terminal, and a save of an open notebook.
The time of the last activity is the modification time of the state file, so what has been closed is remembered.
Needs only Python's own library, 3.7 or newer: the images differ in what else they have.
"""

from __future__ import annotations

import argparse
import calendar
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

JUPYTER_HOME = Path("/home/ec2-user")
COMMAND_PATH = "/usr/local/bin:/usr/bin:/bin:/home/ec2-user/anaconda3/bin:/opt/conda/bin"
STOP_BY_BOTO3 = (
    "import boto3, sys; boto3.client('sagemaker', region_name=sys.argv[2])"
    ".stop_notebook_instance(NotebookInstanceName=sys.argv[1])"
)


def main() -> int:
    """Stops the instance where it is due; the exit code is 1 where that, or finding out, failed."""
    options = parse_options()
    state = Path(options.state)
    if not state.exists():
        state.touch()
    newest = state.stat().st_mtime
    try:
        newest = max(newest, latest_activity(options))
    except urllib.error.HTTPError as error:
        # The server is there, so work may be going on that cannot be seen: rather cost than lost work.
        print(f"idle stop: Jupyter refuses to tell its activity ({error}); not stopping")
        return 1
    except (OSError, ValueError) as error:
        print(f"idle stop: no answer from Jupyter ({error}); counting on from the last activity")
    os.utime(str(state), (newest, newest))
    idle_seconds = time.time() - newest
    if idle_seconds < options.idle_seconds:
        print(f"idle stop: idle for {idle_seconds:.0f} s of {options.idle_seconds}")
        return 0
    print(f"idle stop: idle for {idle_seconds:.0f} s, stopping")
    return stop(Path(options.metadata))


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--idle-seconds", type=int, required=True)
    parser.add_argument("--state", required=True)
    parser.add_argument("--keep-while-connected", action="store_true")
    parser.add_argument("--metadata", default="/opt/ml/metadata/resource-metadata.json")
    parser.add_argument("--runtime", default=str(JUPYTER_HOME / ".local/share/jupyter/runtime"))
    parser.add_argument("--jupyter", default="https://localhost:8443/")
    return parser.parse_args()


def latest_activity(options: argparse.Namespace) -> float:
    """When somebody or something last worked, in seconds of the epoch; 0 where nothing is open."""
    server = find_server(Path(options.runtime), options.jupyter)
    now = time.time()
    latest = 0.0
    for kernel in server.get("api/kernels"):
        connected = options.keep_while_connected and kernel.get("connections", 0) > 0
        busy = kernel.get("execution_state") == "busy"
        latest = max(latest, now if busy or connected else seconds(kernel["last_activity"]))
    for terminal in server.get("api/terminals", missing=[]):
        # Old servers do not say; then an open terminal is activity.
        latest = max(latest, seconds(terminal["last_activity"]) if "last_activity" in terminal else now)
    for session in server.get("api/sessions"):
        latest = max(latest, seconds(session["kernel"]["last_activity"]))
        path = "api/contents/" + urllib.parse.quote(session.get("path", ""))
        document = server.get(path, missing={}, query="content=0") if session.get("type") == "notebook" else {}
        if document.get("last_modified"):
            latest = max(latest, seconds(document["last_modified"]))
    return min(latest, now)


def seconds(text: str) -> float:
    """Seconds of the epoch of a time as Jupyter writes it, which is in UTC."""
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


class Server:
    """A Jupyter server and how to ask it."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"token {token}"} if token else {}
        # The server's certificate is self-signed, and the connection does not leave the machine.
        context = ssl._create_unverified_context()  # noqa: S323, SLF001
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def get(self, path: str, *, missing: Any = None, query: str = "") -> Any:
        """The JSON at a path; `missing`, where given, is for a server or document that has it not."""
        # Asking must not be activity itself.
        url = f"{self._url}{path}?no_track_activity=1&{query}"
        request = urllib.request.Request(url, headers=self._headers)  # noqa: S310 - the instance's own Jupyter
        try:
            with self._opener.open(request, timeout=20) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code == 404 and missing is not None:
                return missing
            raise


def find_server(runtime: Path, default_url: str) -> Server:
    """The server that runs, by the files that Jupyter leaves for its clients, or else by its usual address."""
    known = []
    for file in [*runtime.glob("jpserver-*.json"), *runtime.glob("nbserver-*.json")]:
        try:
            description = json.loads(file.read_text())
            known.append((file.stat().st_mtime, description["url"], description.get("token", "")))
        except (OSError, ValueError, KeyError):
            continue
    for _, url, token in sorted(known, reverse=True):
        server = Server(url, token)
        try:
            server.get("api/kernels")
        except urllib.error.HTTPError:
            return server
        except OSError:
            continue
        return server
    return Server(default_url, "")


def stop(metadata: Path) -> int:
    """Stops the instance by the AWS CLI, or by boto3 where there is none, with whichever credentials can."""
    resource = json.loads(metadata.read_text())
    name, region = resource["ResourceName"], resource["ResourceArn"].split(":")[3]
    path = os.environ.get("PATH", "") + ":" + COMMAND_PATH
    commands = []
    aws = shutil.which("aws", path=path)
    if aws:
        arguments = ["sagemaker", "stop-notebook-instance", "--notebook-instance-name", name, "--region", region]
        commands.append([aws, *arguments])
    pythons = [sys.executable, str(JUPYTER_HOME / "anaconda3/bin/python"), "/opt/conda/bin/python"]
    commands.extend([python, "-c", STOP_BY_BOTO3, name, region] for python in pythons if Path(python).exists())
    for command in commands:
        for home in ("/root", str(JUPYTER_HOME)):
            environment = {**os.environ, "HOME": home, "PATH": path}
            try:
                subprocess.run(command, env=environment, check=True, timeout=120, stdout=subprocess.DEVNULL)
            except (OSError, subprocess.SubprocessError) as error:
                print(f"idle stop: {error}")
            else:
                print(f"idle stop: asked SageMaker to stop {name}")
                return 0
    print(
        "idle stop: could not stop. The execution role needs sagemaker:StopNotebookInstance on this instance, and a "
        "network without internet access a VPC endpoint of the SageMaker API."
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
