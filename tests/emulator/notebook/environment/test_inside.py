"""What runs in a notebook instance: it has the instance's role and AWS's tools unpatched, and is stopped when idle."""

import base64
import json
import re
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from sagecraft_constructs.notebook.lifecycle_config import _idle_stop_script
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.notebook.place import Place
from sagecraft_emulator.settings import EmulatorSettings
from sagecraft_emulator.state.store import RecordKey
from sagecraft_infra.cli.exit_codes import ExitCode
from sagecraft_infra.cli.run import run

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
CHECKS = 5
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
        import boto3, io, json, logging, os, socket, subprocess
        import matplotlib, numpy, pandas, pkg_resources, sagemaker, sklearn, xgboost
        logged = io.StringIO()
        import sagemaker.experiments  # which has everybody log at the level INFO
        logging.getLogger().addHandler(logging.StreamHandler(logged))
        logging.info("heard")
        def told(*command):
            done = subprocess.run(command, capture_output=True, text=True)
            return (done.stdout + done.stderr).strip()
        session = sagemaker.Session()
        bucket = session.default_bucket()
        session.upload_string_as_file_body("a,b", bucket, "data.csv")
        print(json.dumps({
            "parts": [len(part.columns) for part in numpy.split(pandas.DataFrame({"a": range(3)}), [2])],
            "in": [bool(each) for each in numpy.in1d([1, 2], [2])],
            "sdk": sagemaker.__version__.split(".")[0],
            "role": sagemaker.get_execution_role(),
            "caller": boto3.client("sts").get_caller_identity()["Arn"],
            "region": boto3.Session().region_name,
            "bucket": bucket,
            "listed": told("aws", "s3", "ls", f"s3://{bucket}/").split()[-1],
            "denied": told("aws", "iam", "list-users"),
            "logged": [line for line in logged.getvalue().splitlines() if "ndpoint" in line or line == "heard"],
            "telemetry": socket.gethostbyname("sm-pysdk-t-us-east-1.s3.us-east-1.amazonaws.com"),
            "configured": "SAGEMAKER_ADMIN_CONFIG_OVERRIDE" in os.environ,
            "metadata": json.load(open("/opt/ml/metadata/resource-metadata.json")),
            "variables": sorted(each for each in os.environ if each.startswith("AWS_")),
        }))
    """
    browser = opened(emulator)
    specifications = browser.ask("GET", "/api/kernelspecs")[1]
    assert (specifications["default"], list(specifications["kernelspecs"])) == ("conda_python3", ["conda_python3"])
    told = json.loads(browser.run(textwrap.dedent(code)).splitlines()[-1])
    assert "AccessDenied" in told.pop("denied")
    assert told == {
        # As AWS's tutorials split a table: docs.aws.amazon.com/sagemaker/latest/dg/ex1-preprocess-data.html
        "parts": [1, 1],
        # build_and_train_models/sm-hyperparameter_tuning_hyperband_automatic_model_tuning of
        # https://github.com/aws/amazon-sagemaker-examples
        "in": [False, True],
        "sdk": "2",
        "role": ROLE,
        "caller": f"arn:aws:sts::{ACCOUNT}:assumed-role/analyst/SageMaker",
        "region": REGION,
        "bucket": f"sagemaker-{REGION}-{ACCOUNT}",
        "listed": "data.csv",
        "logged": ["heard"],  # and not that an endpoint is configured
        "telemetry": "127.0.0.1",
        "configured": False,  # versions before 2.199 refuse a file that turns telemetry off
        "metadata": {"ResourceArn": describe(emulator)["NotebookInstanceArn"], "ResourceName": NAME},
        "variables": [],
    }


def test_who_loses_the_permission_to_open_it_loses_the_page(emulator: RunningEmulator) -> None:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedNotebookInstanceUrl.html"""
    iam = emulator.client("iam")
    iam.create_user(UserName="guest")
    allowed = {"Effect": "Allow", "Action": "sagemaker:CreatePresignedNotebookInstanceUrl", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_user_policy(UserName="guest", PolicyName="opens", PolicyDocument=policy)
    key = iam.create_access_key(UserName="guest")["AccessKey"]
    client = boto3.client(
        "sagemaker",
        region_name=REGION,
        endpoint_url=emulator.settings.endpoint_url,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    browser = Browser(client.create_presigned_notebook_instance_url(NotebookInstanceName=NAME)["AuthorizedUrl"])
    assert browser.open()[0] == 302
    assert browser.ask("GET", "/api/status")[0] == 200
    iam.delete_user_policy(UserName="guest", PolicyName="opens")
    refused = (403, "The permission to open this page has been taken away.\n")
    assert browser.ask("GET", "/api/status") == refused
    iam.put_user_policy(UserName="guest", PolicyName="opens", PolicyDocument=policy)
    assert browser.ask("GET", "/api/status")[0] == 200
    iam.delete_access_key(UserName="guest", AccessKeyId=key["AccessKeyId"])
    assert browser.ask("GET", "/api/status") == refused


def test_what_it_installs_is_its_own(emulator: RunningEmulator) -> None:
    code = """
        import subprocess, sys
        print(sys.prefix)
        print(subprocess.run(["pip", "--version"], capture_output=True, text=True).stdout)
    """
    place, program = opened(emulator).run(textwrap.dedent(code)).splitlines()[:2]
    assert place == "/home/ec2-user/anaconda3/envs/python3"
    assert program.startswith("pip ")


def cell(source: str, *tags: str) -> dict[str, Any]:
    return {"cell_type": "code", "id": f"c{len(source)}", "metadata": {"tags": list(tags)}, "source": [source]}


def test_the_command_runs_a_notebook_on_it_cell_by_cell_and_saves_the_outputs(
    emulator: RunningEmulator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": ["# Explore"]}
    first = "print('a')\nprint('b')\n6 * 7"
    cells = [
        text,
        cell(first),
        cell(""),
        cell("1 / 0", "raises-exception"),
        cell("open('gone')"),
        cell("print('never')"),
    ]
    metadata = {"kernelspec": {"name": "conda_python3", "display_name": "conda_python3"}}
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    file, output = tmp_path / "explore.ipynb", tmp_path / "out.ipynb"
    file.write_text(json.dumps(document))
    options = ["--port", str(emulator.settings.port), "--state-dir", str(emulator.settings.state_dir)]
    assert run(["notebook", "run", NAME, str(file), "-o", str(output), *options]) == ExitCode.FAILED
    told = re.sub(r"\d+\.\d s", "0.0 s", capfd.readouterr().err)
    reason = "FileNotFoundError: [Errno 2] No such file or directory: 'gone'"
    assert told.splitlines() == [
        "[1/5] print('a') · 0.0 s",
        "[3/5] 1 / 0 · 0.0 s · ZeroDivisionError: division by zero",
        f"[4/5] open('gone') · 0.0 s · {reason}",
        f"Error: Cell 4 of {file} failed: {reason}",
    ]
    written = json.loads(output.read_text())
    saved = opened(emulator).ask("GET", "/api/contents/explore.ipynb")[1]["content"]
    for kept in (written, saved):
        outputs = [each["outputs"] for each in kept["cells"] if each["cell_type"] == "code"]
        printed, result = outputs[0]
        assert (printed["output_type"], "".join(printed["text"])) == ("stream", "a\nb\n")
        assert (result["output_type"], "".join(result["data"]["text/plain"])) == ("execute_result", "42")
        assert [each[0]["ename"] for each in outputs[2:4]] == ["ZeroDivisionError", "FileNotFoundError"]
        assert outputs[4] == []
    assert opened(emulator).ask("GET", "/api/sessions")[1] == []
    assert run(["notebook", "open", NAME, *options]) == ExitCode.OK
    assert Browser(capfd.readouterr().out.strip()).open()[0] == 302
    assert run(["logs", NAME, *options]) == ExitCode.OK
    assert "idle stop: stops after 3600 seconds without activity" in capfd.readouterr().out


def test_a_cell_fails_also_where_a_library_shows_what_is_raised_in_its_own_way(
    emulator: RunningEmulator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As `rich.traceback.install` does, which the SageMaker SDK calls when it is imported."""
    cells = [cell("get_ipython().showtraceback = lambda *given, **options: print('shown')"), cell("1 / 0"), cell("2")]
    file = tmp_path / "shown.ipynb"
    file.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    options = ["--port", str(emulator.settings.port), "--state-dir", str(emulator.settings.state_dir)]
    assert run(["notebook", "run", NAME, str(file), *options]) == ExitCode.FAILED
    told = capfd.readouterr().err.splitlines()
    assert told[-1] == f"Error: Cell 2 of {file} failed: ZeroDivisionError: division by zero"


def test_what_cannot_be_run_is_refused_before_anything_runs(
    emulator: RunningEmulator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    options = ["--port", str(emulator.settings.port), "--state-dir", str(emulator.settings.state_dir)]
    file = tmp_path / "a.ipynb"
    for content, reason in (
        ("no", "is no notebook: it is not JSON."),
        ("[]", "is no notebook of format 4: it has no cells."),
        ('{"nbformat": 3, "cells": []}', "is a notebook of format 3; save it as format 4."),
    ):
        file.write_text(content)
        assert run(["notebook", "run", NAME, str(file), *options]) == ExitCode.USER
        assert f"{file} {reason}" in capfd.readouterr().err
    file.write_text('{"nbformat": 4, "cells": []}')
    for command in (["open", "other"], ["run", "other", str(file)]):
        assert run(["notebook", *command, *options]) == ExitCode.USER
        told = capfd.readouterr().err
        assert told == f"Error: There is no notebook instance 'other' in {REGION}. There are: {NAME}.\n"


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
