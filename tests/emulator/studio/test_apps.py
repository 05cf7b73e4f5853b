"""Apps of type JupyterLab that really run: one emulator for all tests, which kill it in the end."""

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.settings import EmulatorSettings

from tests.emulator.conftest import RunningEmulator, free_port
from tests.emulator.notebook.browser import Browser

from .studio import wait

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces"),
]

START_SECONDS = 300
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
    """

    emulator: RunningEmulator
    domain_id: str
    role: str

    @property
    def client(self) -> Any:
        return self.emulator.client("sagemaker")

    @property
    def named(self) -> dict[str, str]:
        return {"DomainId": self.domain_id, "SpaceName": "work"}

    @property
    def app(self) -> dict[str, str]:
        return {**self.named, "AppType": "JupyterLab", "AppName": "default"}

    def run_app(self) -> None:
        self.client.create_app(**self.app)
        self.wait("InService")

    def wait(self, status: str) -> None:
        wait(lambda: self.client.describe_app(**self.app)["Status"] in {status, "Failed"}, START_SECONDS)
        app = self.client.describe_app(**self.app)
        assert app["Status"] == status, app

    def opened(self) -> Browser:
        answer = self.client.create_presigned_domain_url(**self.named, UserProfileName="ana")
        browser = Browser(answer["AuthorizedUrl"])
        assert browser.open() == (302, "/")
        return browser


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Space]:
    """A space of a user, with an app whose lifecycle configuration runs a script."""
    settings = EmulatorSettings(tmp_path_factory.mktemp("studio"), free_port(), notebooks="open")
    emulator = RunningEmulator(settings).start()
    sagemaker, role = emulator.client("sagemaker"), emulator.make_role()
    config = sagemaker.create_studio_lifecycle_config(
        StudioLifecycleConfigName="start",
        StudioLifecycleConfigContent=base64.b64encode(SCRIPT.encode()).decode(),
        StudioLifecycleConfigAppType="JupyterLab",
    )["StudioLifecycleConfigArn"]
    lab = {"DefaultResourceSpec": {"LifecycleConfigArn": config}, "LifecycleConfigArns": [config]}
    made = Space(
        emulator,
        sagemaker.create_domain(
            DomainName="team",
            AuthMode="IAM",
            VpcId="vpc-1",
            SubnetIds=["subnet-1"],
            DefaultUserSettings={"ExecutionRole": role, "JupyterLabAppSettings": lab},
        )["DomainId"],
        role,
    )
    domain, user = {"DomainId": made.domain_id}, {"DomainId": made.domain_id, "UserProfileName": "ana"}
    wait(lambda: sagemaker.describe_domain(**domain)["Status"] == "InService")
    sagemaker.create_user_profile(**user)
    wait(lambda: sagemaker.describe_user_profile(**user)["Status"] == "InService")
    sagemaker.create_space(
        **made.named,
        OwnershipSettings={"OwnerUserProfileName": "ana"},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={"AppType": "JupyterLab"},
    )
    wait(lambda: sagemaker.describe_space(**made.named)["Status"] == "InService")
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


def test_a_url_opens_once_and_for_its_app_alone(space: Space) -> None:
    browser = space.opened()
    assert Browser(browser.url).open()[0] == 403
    status, answer = Browser(browser.url).ask("GET", "/lab")
    assert (status, "CreatePresignedDomainUrl" in answer) == (403, True)


@pytest.mark.last
def test_the_files_of_a_space_outlive_its_app_and_the_emulator(space: Space) -> None:
    file = {"type": "file", "format": "text", "content": "kept"}
    assert space.opened().ask("PUT", "/api/contents/kept", file)[0] == 201
    space.emulator.kill()
    space.emulator.start()
    space.wait("InService")
    space.client.delete_app(**space.app)
    space.wait("Deleted")
    space.run_app()
    assert space.opened().ask("GET", "/api/contents/kept?content=0")[0] == 200

    space.client.delete_app(**space.app)
    space.wait("Deleted")
    space.client.delete_space(**space.named)
    wait(lambda: not list((space.emulator.settings.work_dir / "studio").glob("*")))
