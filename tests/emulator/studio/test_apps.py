"""Apps of type JupyterLab that really run: one emulator for all tests, which kill it in the end."""

import base64
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Duration, RemovalPolicy, Stack
from sagecraft_constructs import DataBucket
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.settings import EmulatorSettings
from sagecraft_infra.cli.exit_codes import ExitCode
from sagecraft_infra.cli.run import run
from sagecraft_infra.emulator.images import register_image
from sagecraft_infra.project import Project
from sagecraft_infra.stacks import StudioStack
from sagecraft_infra.target import Target, TargetName
from sagecraft_infra.testing.deployment import TestDeployment
from sagecraft_infra.testing.emulator import RunningEmulator as SharedEmulator
from sagecraft_infra.testing.publishing import Publisher

from tests.constructs.stack import CONTEXT
from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator, free_port
from tests.emulator.notebook.browser import Browser
from tests.emulator.notebook.hasty import MINUTE_SECONDS

from .studio import wait

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces"),
]

ROOT = Path(__file__).parents[3]
START_SECONDS = 300
IDLE_MINUTES, LONGER_SECONDS = 60, 8
"""Minutes take a tenth of a second."""
SCRIPT = "#!/bin/bash\necho in $HOME as $(whoami)\ntouch made-by-the-script\n"
ASKS = """
import json, os, warnings
warnings.simplefilter("ignore")
import boto3, sagemaker
print(json.dumps({
    "home": os.getcwd(),
    "script": os.path.exists("made-by-the-script"),
    "role": sagemaker.get_execution_role(),
    "domains": [each["DomainName"] for each in boto3.client("sagemaker").list_domains()["Domains"]],
}))
"""


@dataclass
class Space:
    """A space whose app runs.

    Attributes:
        emulator: Where it is.
        domain_id: Of its domain.
        role: As which its app asks.
        name: Its name.
        user: Whose it is.
    """

    emulator: RunningEmulator
    domain_id: str
    role: str
    name: str = "work"
    user: str = "ana"

    @property
    def client(self) -> Any:
        return self.emulator.client("sagemaker")

    @property
    def named(self) -> dict[str, str]:
        return {"DomainId": self.domain_id, "SpaceName": self.name}

    @property
    def app(self) -> dict[str, str]:
        return {**self.named, "AppType": "JupyterLab", "AppName": "default"}

    @property
    def directories(self) -> list[Path]:
        return list((self.emulator.settings.work_dir / "studio").glob(f"*-{self.domain_id}-{self.name}"))

    def make(self) -> None:
        self.client.create_space(
            **self.named,
            OwnershipSettings={"OwnerUserProfileName": self.user},
            SpaceSharingSettings={"SharingType": "Private"},
            SpaceSettings={"AppType": "JupyterLab"},
        )
        wait(lambda: self.client.describe_space(**self.named)["Status"] == "InService")

    def run_app(self, **spec: str) -> None:
        self.client.create_app(**self.app, ResourceSpec=spec)
        self.wait("InService")

    def wait(self, status: str) -> dict[str, Any]:
        wait(lambda: self.client.describe_app(**self.app)["Status"] in {status, "Failed"}, START_SECONDS)
        app: dict[str, Any] = self.client.describe_app(**self.app)
        assert app["Status"] == status, app
        return app

    def opened(self) -> Browser:
        answer = self.client.create_presigned_domain_url(**self.named, UserProfileName=self.user)
        browser = Browser(answer["AuthorizedUrl"])
        assert browser.open() == (302, "/")
        return browser


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Space]:
    """A space of a user, with an app whose lifecycle configuration runs a script."""
    settings = EmulatorSettings(tmp_path_factory.mktemp("studio") / "state", free_port(), notebooks="open")
    environment = {"PYTHONPATH": str(ROOT), MINUTE_SECONDS: "0.1"}
    emulator = RunningEmulator(settings, module="tests.emulator.notebook.hasty", environment=environment).start()
    sagemaker, role = emulator.client("sagemaker"), emulator.make_role()
    config = sagemaker.create_studio_lifecycle_config(
        StudioLifecycleConfigName="start",
        StudioLifecycleConfigContent=base64.b64encode(SCRIPT.encode()).decode(),
        StudioLifecycleConfigAppType="JupyterLab",
    )["StudioLifecycleConfigArn"]
    lab = {
        "DefaultResourceSpec": {"LifecycleConfigArn": config},
        "LifecycleConfigArns": [config],
        "CustomImages": [{"ImageName": "lab", "AppImageConfigName": "lab"}],
    }
    made = Space(
        emulator,
        sagemaker.create_domain(
            DomainName="team",
            AuthMode="IAM",
            VpcId="vpc-00000001",
            SubnetIds=["subnet-00000001"],
            DefaultUserSettings={"ExecutionRole": role, "JupyterLabAppSettings": lab},
        )["DomainId"],
        role,
    )
    domain, user = {"DomainId": made.domain_id}, {"DomainId": made.domain_id, "UserProfileName": "ana"}
    wait(lambda: sagemaker.describe_domain(**domain)["Status"] == "InService")
    sagemaker.create_user_profile(**user)
    wait(lambda: sagemaker.describe_user_profile(**user)["Status"] == "InService")
    made.make()
    made.run_app()
    yield made
    emulator.stop()


def test_an_app_opens_with_the_role_of_its_user_in_the_home_of_its_space(space: Space) -> None:
    printed = space.opened().run(ASKS)
    asked = json.loads(next(line for line in printed.splitlines() if line.startswith("{")))
    assert asked == {"home": "/home/sagemaker-user", "script": True, "role": space.role, "domains": ["team"]}


def test_the_output_of_its_script_is_in_the_logs_of_studio(space: Space) -> None:
    logs = space.emulator.client("logs")
    stream = f"{space.domain_id}/work/JupyterLab/default/LifecycleConfigOnStart"

    def told() -> list[str]:
        with suppress(logs.exceptions.ResourceNotFoundException):  # it is made with its first line
            events = logs.get_log_events(logGroupName="/aws/sagemaker/studio", logStreamName=stream)["events"]
            return [event["message"] for event in events]
        return []

    wait(lambda: "in /home/sagemaker-user as sagemaker-user" in told())


def test_the_command_writes_the_logs_of_a_space(space: Space, capfd: pytest.CaptureFixture[str]) -> None:
    settings = space.emulator.settings
    options = ["--port", str(settings.port), "--state-dir", str(settings.state_dir)]
    assert run(["logs", f"{space.domain_id}/work", *options]) == ExitCode.OK
    assert "in /home/sagemaker-user as sagemaker-user" in capfd.readouterr().out
    assert run(["logs", f"{space.domain_id}/wrk", *options]) == ExitCode.USER
    told = capfd.readouterr().err
    assert f"instance or space '{space.domain_id}/wrk'. Did you mean '{space.domain_id}/work'" in told


def test_a_url_opens_once_and_for_its_app_alone(space: Space) -> None:
    browser = space.opened()
    assert Browser(browser.url).open()[0] == 403
    status, answer = Browser(browser.url).ask("GET", "/lab")
    assert (status, "CreatePresignedDomainUrl" in answer) == (403, True)


def test_an_app_runs_what_stands_for_its_image_and_fails_where_nothing_does(space: Space) -> None:
    client, own = space.client, replace(space, name="own")
    own.make()
    image = client.create_image(ImageName="lab", RoleArn=space.role)["ImageArn"]
    wait(lambda: client.describe_image(ImageName="lab")["ImageStatus"] == "CREATED")
    uri = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/lab:1"
    client.create_image_version(ImageName="lab", BaseImage=uri, ClientToken="1")
    wait(lambda: client.describe_image_version(ImageName="lab")["ImageVersionStatus"] == "CREATED")
    container = {"ContainerArguments": ["quick"], "ContainerEnvironmentVariables": {"GREETING": "hello", "HOME": "/"}}
    client.create_app_image_config(AppImageConfigName="lab", JupyterLabAppImageConfig={"ContainerConfig": container})
    client.create_app(**own.app, ResourceSpec={"SageMakerImageArn": image})
    wait(lambda: client.describe_app(**own.app)["Status"] == "Failed")
    reason = client.describe_app(**own.app)["FailureReason"]
    assert reason.startswith(f"No program of this machine stands for the image '{uri}'")
    assert f"sagecraft images register {uri} -- " in reason

    directory = Path(__file__).parent
    register_image(
        space.emulator.settings.port,
        uri,
        train=["none"],
        serve=["none"],
        process=[sys.executable, str(directory / "own_lab.py")],
        working_directory=str(directory),
    )
    own.run_app(SageMakerImageArn=image)
    status, told = own.opened().ask("GET", "/")
    given = {"GREETING": "hello", "HOME": "/home/sagemaker-user", "AWS_REGION": REGION}
    ours = {"SAGEMAKER_SPACE_NAME": "own", "SAGEMAKER_APP_TYPE": "JupyterLab"}
    assert (status, told) == (200, {"first": "quick", "environment": {**given, **ours}, "sees_itself": True})
    client.delete_app(**own.app)
    own.wait("Deleted")


@pytest.mark.last
def test_the_files_of_a_space_outlive_its_app_and_the_emulator_and_an_idle_app_is_deleted(space: Space) -> None:
    file = {"type": "file", "format": "text", "content": "kept"}
    assert space.opened().ask("PUT", "/api/contents/kept", file)[0] == 201
    space.emulator.kill()
    space.emulator.start()
    space.wait("InService")
    space.client.delete_app(**space.app)
    space.wait("Deleted")
    idle = {"IdleSettings": {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": IDLE_MINUTES}}
    user = {"DomainId": space.domain_id, "UserProfileName": space.user}
    space.client.update_user_profile(**user, UserSettings={"JupyterLabAppSettings": {"AppLifecycleManagement": idle}})
    wait(lambda: space.client.describe_user_profile(**user)["Status"] == "InService")
    space.run_app()
    browser = space.opened()
    assert browser.ask("GET", "/api/contents/kept?content=0")[0] == 200
    assert browser.run(f"import time\ntime.sleep({LONGER_SECONDS})\nopen('computed', 'w').close()\nprint(1)") == "1\n"
    space.wait("Deleted")
    [directory] = space.directories
    assert (directory / "volume" / "computed").exists()
    logs, stream = space.emulator.client("logs"), f"{space.domain_id}/work/JupyterLab/default/jupyter.log"
    events = logs.get_log_events(logGroupName="/aws/sagemaker/studio", logStreamName=stream)["events"]
    said = (
        f"[sagecraft] Nobody has worked here for {IDLE_MINUTES} minutes: the app is deleted, as its idle settings say."
    )
    assert said in [event["message"] for event in events]

    space.client.delete_space(**space.named)
    wait(lambda: not space.directories)


@pytest.mark.last
def test_one_destroy_ends_apps_that_run_and_leaves_nothing_of_their_domain(space: Space) -> None:
    emulator = SharedEmulator(
        Target(TargetName.LOCAL, Project(space.emulator.settings.state_dir, space.emulator.settings))
    )
    deployment = TestDeployment(emulator, Publisher())
    app = App(context=CONTEXT)
    bucket = DataBucket(Stack(app, "Data"), "Bucket", removal_policy=RemovalPolicy.DESTROY)
    StudioStack(app, "Studio", bucket=bucket, people=["eve"], idle_time=Duration.days(1))
    domain_id = deployment.deploy(app).of("Studio")["DomainId"]
    own = replace(space, domain_id=domain_id, name="own", user="eve")
    own.make()
    own.run_app()
    assert own.opened().ask("GET", "/api/status")[0] == 200
    home = own.client.describe_domain(DomainId=domain_id)["HomeEfsFileSystemId"]

    deployment.destroy()
    left = own.client.list_apps(DomainIdEquals=domain_id)["Apps"]
    assert [each["Status"] for each in left if each["Status"] != "Deleted"] == []
    assert domain_id not in [each["DomainId"] for each in own.client.list_domains()["Domains"]]
    systems = own.emulator.client("efs").describe_file_systems()["FileSystems"]
    assert home not in [each["FileSystemId"] for each in systems]
    wait(lambda: not own.directories)
