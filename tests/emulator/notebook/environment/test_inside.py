"""What runs in a notebook instance: it has the instance's role and AWS's tools unpatched, and is stopped when idle."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sagecraft_constructs.notebook.lifecycle_config import _idle_stop_script
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.notebook.place import Place
from sagecraft_emulator.settings import EmulatorSettings
from sagecraft_emulator.state.store import RecordKey

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator, free_port
from tests.emulator.notebook.browser import Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces"),
]

ROOT = Path(__file__).parents[4]
NAME, ROLE = "analysis", f"arn:aws:iam::{ACCOUNT}:role/analyst"
ALLOWED = ["sagemaker:*", "s3:*", "sts:GetCallerIdentity", "iam:GetRole"]
WAIT_SECONDS = 300
LONG, SHORT = 3600, 4
CHECKS = 15
"""So many looks of the idle stop take longer than its short idle time."""


def wait_until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not done():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    """One that enforces permissions, with a notebook instance that stops when it is idle."""
    settings = EmulatorSettings(
        tmp_path_factory.mktemp("inside") / "state", free_port(), enforce_iam=True, notebooks="open"
    )
    running = RunningEmulator(settings, module="tests.emulator.notebook.hasty", environment={"PYTHONPATH": str(ROOT)})
    running.start()
    running.make_role("analyst")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ALLOWED, "Resource": "*"}]}
    running.client("iam").put_role_policy(RoleName="analyst", PolicyName="own", PolicyDocument=json.dumps(policy))
    script = _idle_stop_script(LONG, keep_while_connected=False)
    client = running.client("sagemaker")
    client.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName="idle-stop",
        OnStart=[{"Content": base64.b64encode(script.encode()).decode()}],
    )
    client.create_notebook_instance(
        NotebookInstanceName=NAME,
        InstanceType="ml.t3.medium",
        RoleArn=ROLE,
        LifecycleConfigName="idle-stop",
    )
    wait_until(lambda: status(running) != "Pending")
    assert status(running) == "InService", describe(running)
    yield running
    running.stop()


def describe(emulator: RunningEmulator) -> dict[str, Any]:
    view: dict[str, Any] = emulator.client("sagemaker").describe_notebook_instance(NotebookInstanceName=NAME)
    return view


def status(emulator: RunningEmulator) -> str:
    return str(describe(emulator)["NotebookInstanceStatus"])


def opened(emulator: RunningEmulator) -> Browser:
    client = emulator.client("sagemaker")
    browser = Browser(client.create_presigned_notebook_instance_url(NotebookInstanceName=NAME)["AuthorizedUrl"])
    assert browser.open()[0] == 302
    return browser


def test_its_kernel_has_the_sdk_and_the_identity_of_the_instances_role(emulator: RunningEmulator) -> None:
    code = """
        import boto3, json, os, subprocess
        import matplotlib, pandas, sagemaker, sklearn, xgboost
        def told(*command):
            done = subprocess.run(command, capture_output=True, text=True)
            return (done.stdout + done.stderr).strip()
        session = sagemaker.Session()
        bucket = session.default_bucket()
        session.upload_string_as_file_body("a,b", bucket, "data.csv")
        print(json.dumps({
            "sdk": sagemaker.__version__.split(".")[0],
            "role": sagemaker.get_execution_role(),
            "caller": boto3.client("sts").get_caller_identity()["Arn"],
            "region": boto3.Session().region_name,
            "bucket": bucket,
            "listed": told("aws", "s3", "ls", f"s3://{bucket}/").split()[-1],
            "denied": told("aws", "iam", "list-users"),
            "metadata": json.load(open("/opt/ml/metadata/resource-metadata.json")),
            "variables": sorted(each for each in os.environ if each.startswith("AWS_")),
        }))
    """
    browser = opened(emulator)
    specifications = browser.ask("GET", "/api/kernelspecs")[1]
    assert (specifications["default"], list(specifications["kernelspecs"])) == ("conda_python3", ["conda_python3"])
    told = json.loads(browser.run(re.sub("^        ", "", code, flags=re.MULTILINE)).splitlines()[-1])
    assert "AccessDenied" in told.pop("denied")
    assert told == {
        "sdk": "2",
        "role": ROLE,
        "caller": f"arn:aws:sts::{ACCOUNT}:assumed-role/analyst/SageMaker",
        "region": REGION,
        "bucket": f"sagemaker-{REGION}-{ACCOUNT}",
        "listed": "data.csv",
        "metadata": {"ResourceArn": describe(emulator)["NotebookInstanceArn"], "ResourceName": NAME},
        "variables": [],
    }


def test_what_it_installs_is_its_own(emulator: RunningEmulator) -> None:
    code = "import subprocess\nprint(subprocess.run(['pip', '--version'], capture_output=True, text=True).stdout)"
    assert "/home/ec2-user/anaconda3/envs/python3/" in opened(emulator).run("import sys\nprint(sys.prefix + '/')")
    assert "pip " in opened(emulator).run(code)


@pytest.mark.last
def test_it_runs_on_while_a_terminal_or_a_cell_works_and_stops_once_its_kernel_is_idle(
    emulator: RunningEmulator,
) -> None:
    place = Place.of(emulator.settings.work_dir, RecordKey("NotebookInstance", ACCOUNT, REGION, NAME))

    def looks() -> int:
        """How often the idle stop has looked since its idle time is short."""
        return (place.logs / "jupyter.log").read_text().count(f" of {SHORT}\n")

    def wait_for_looks() -> None:
        enough = looks() + CHECKS
        wait_until(lambda: looks() >= enough or status(emulator) != "InService")
        assert status(emulator) == "InService"

    browser = opened(emulator)
    terminal = browser.ask("POST", "/api/terminals", {})[1]["name"]
    kernel = browser.ask("POST", "/api/kernels", {})[1]["id"]
    with browser.web_socket(f"/terminals/websocket/{terminal}") as shell:
        table = "/etc/cron.d/sagecraft-idle-stop"
        work = f"sed -i 's/{LONG}/{SHORT}/' {table}; until test -e ~/SageMaker/typed; do echo works; sleep 0.2; done\r"
        shell.send(json.dumps(["stdin", work]))
        wait_for_looks()
        with browser.web_socket(f"/api/kernels/{kernel}/channels") as channels:
            cell = "import os, time\nwhile not os.path.exists('computed'): time.sleep(0.2)"
            header = {"msg_id": "long", "msg_type": "execute_request", "username": "", "session": "s", "version": "5.3"}
            content = {"code": cell, "silent": False, "store_history": False, "allow_stdin": False}
            message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
            channels.send(json.dumps({**message, "buffers": []}))
            wait_until(lambda: browser.ask("GET", f"/api/kernels/{kernel}")[1]["execution_state"] == "busy")
            (place.volume / "typed").touch()
            wait_for_looks()
            (place.volume / "computed").touch()
            wait_until(lambda: status(emulator) != "InService")
    wait_until(lambda: status(emulator) == "Stopped")
    logs = emulator.client("logs")
    group, stream = "/aws/sagemaker/NotebookInstances", f"{NAME}/jupyter.log"
    events = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
    assert f"idle stop: asked SageMaker to stop {NAME}" in [event["message"] for event in events]
