"""Terraform with the AWS provider: what it makes it finds again, changes, makes anew and removes.

The provider asks in its own way, by AWS's SDK for Go, and matches codes and texts of what is not there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from sagecraft_infra.emulator.images import register_image
from sagecraft_infra.target import Target
from sagecraft_infra.testing.emulator import RunningEmulator

from tests.emulator.tiny_job import SERVE

pytestmark = [pytest.mark.slow, pytest.mark.terraform, pytest.mark.timeout(900)]

ENVIRONMENT = Path(__file__).parent / "environment"
ACCOUNT, REGION = "410000000001", "us-east-1"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/model:1"
PROVIDER = "registry.terraform.io/hashicorp/aws"
PLUGINS = (
    *([Path(os.environ["TF_PLUGIN_DIR"])] if "TF_PLUGIN_DIR" in os.environ else []),
    Path.home() / ".terraform.d/plugins",
    Path("/usr/local/share/terraform/plugins"),
    Path("/usr/share/terraform/plugins"),
    *(Path("/opt").iterdir() if Path("/opt").is_dir() else []),
)
"""Where providers may lie that are not downloaded."""
CHANGES = 2
"""The exit code of a plan that would change something."""


@dataclass(frozen=True)
class Terraform:
    """The command, in a folder with a copy of the environment."""

    program: str
    directory: Path
    variables: dict[str, str]

    def run(self, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [self.program, *arguments, "-input=false", "-no-color"],
            cwd=self.directory,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def apply(self, **given: object) -> str:
        values = [f"-var={name}={value}" for name, value in given.items()]
        code, said = self.run("apply", "-auto-approve", *values)
        assert code == 0, said
        return said

    def plan(self, **given: object) -> str:
        """What it would change; nothing where all is as it was left."""
        code, said = self.run("plan", "-detailed-exitcode", *[f"-var={name}={value}" for name, value in given.items()])
        assert code in {0, CHANGES}, said
        return said if code == CHANGES else ""


@pytest.fixture
def target(sagecraft_emulator: RunningEmulator, tmp_path: Path) -> Target:
    """The emulator, in an account that has an image which serves."""
    program = tmp_path / "serve.py"
    program.write_text(textwrap.dedent(SERVE))
    command = [sys.executable, str(program)]
    register_image(sagecraft_emulator.settings.port, IMAGE, train=command, serve=command, process=command)
    return sagecraft_emulator.in_account(ACCOUNT)


@pytest.fixture
def terraform(target: Target, tmp_path: Path) -> Terraform:
    program = shutil.which("terraform")
    if program is None:
        pytest.skip("There is no terraform on the PATH.")
    plugins = next((each for each in PLUGINS if (each / PROVIDER).is_dir()), None)
    if plugins is None:
        pytest.skip("No folder of plugins has the AWS provider. Name one in TF_PLUGIN_DIR.")
    directory = tmp_path / "environment"
    shutil.copytree(ENVIRONMENT, directory)
    ec2 = target.ec2(REGION)
    groups = [ec2.create_security_group(GroupName=name, Description=name)["GroupId"] for name in ("one", "two")]
    own = {"CHECKPOINT_DISABLE": "1", "TF_VAR_image": IMAGE, "TF_VAR_security_groups": json.dumps(groups)}
    others = {name: value for name, value in target.environment.items() if not name.startswith("TF_")}
    made = Terraform(program, directory, {**others, **own})
    code, said = made.run("init", f"-plugin-dir={plugins}")
    assert code == 0, said
    return made


def delete_all(client: Any) -> None:
    """Deletes behind Terraform's back whatever it can make again by itself."""
    sagemaker = client("sagemaker")
    sagemaker.delete_endpoint(EndpointName="served")
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="served", WaiterConfig={"Delay": 1})
    for config in sagemaker.list_endpoint_configs()["EndpointConfigs"]:
        sagemaker.delete_endpoint_config(EndpointConfigName=config["EndpointConfigName"])
    sagemaker.delete_model(ModelName="trained")
    sagemaker.delete_model_package_group(ModelPackageGroupName="versions")
    sagemaker.stop_notebook_instance(NotebookInstanceName="notes")
    sagemaker.get_waiter("notebook_instance_stopped").wait(NotebookInstanceName="notes", WaiterConfig={"Delay": 1})
    sagemaker.delete_notebook_instance(NotebookInstanceName="notes")
    sagemaker.get_waiter("notebook_instance_deleted").wait(NotebookInstanceName="notes", WaiterConfig={"Delay": 1})
    sagemaker.delete_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="start")
    sagemaker.delete_code_repository(CodeRepositoryName="code")
    delete_studio(sagemaker)
    client("cloudwatch").delete_alarms(AlarmNames=["latency"])
    client("sns").delete_topic(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:told")
    client("ecr").delete_repository(repositoryName="model")
    client("s3").delete_bucket(Bucket="terraform-data")
    client("iam").delete_role_policy(RoleName="work", PolicyName="reads")
    client("iam").delete_role(RoleName="work")


def delete_studio(sagemaker: Any) -> None:
    """Deletes a domain after what is in it, and the images for its apps."""

    def wait(until: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not until():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    [domain] = sagemaker.list_domains()["Domains"]
    named = {"DomainId": domain["DomainId"]}
    sagemaker.delete_space(**named, SpaceName="work")
    wait(lambda: not sagemaker.list_spaces()["Spaces"])
    sagemaker.delete_user_profile(**named, UserProfileName="ana")
    wait(lambda: not sagemaker.list_user_profiles()["UserProfiles"])
    sagemaker.delete_domain(**named)
    sagemaker.delete_image(ImageName="tools")
    wait(lambda: not [*sagemaker.list_domains()["Domains"], *sagemaker.list_images()["Images"]])
    sagemaker.delete_app_image_config(AppImageConfigName="tools")
    sagemaker.delete_studio_lifecycle_config(StudioLifecycleConfigName="start")


def test_terraform_makes_finds_changes_remakes_and_removes_every_resource(
    terraform: Terraform, sagecraft_emulator: RunningEmulator
) -> None:
    session = boto3.Session(ACCOUNT, "sagecraft", region_name=REGION)

    def client(service: str) -> Any:
        return session.client(service, endpoint_url=sagecraft_emulator.endpoint_url)  # type: ignore[call-overload]

    assert "Apply complete! Resources: 24 added, 0 changed, 0 destroyed." in terraform.apply()
    assert terraform.plan() == ""

    changed = {"threshold": 20, "initial_weight": 2, "team": "two"}
    terraform.apply(**changed)
    [alarm] = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["Threshold"] == 20
    endpoint = client("sagemaker").describe_endpoint(EndpointName="served")
    assert endpoint["ProductionVariants"][0]["CurrentWeight"] == 2

    delete_all(client)
    assert " added, 0 changed, 0 destroyed." in terraform.apply(**changed)
    assert terraform.plan(**changed) == ""
    assert client("sagemaker").describe_endpoint(EndpointName="served")["EndpointStatus"] == "InService"

    code, said = terraform.run("destroy", "-auto-approve")
    assert code == 0, said
    assert "24 destroyed." in said
    sagemaker = client("sagemaker")
    assert sagemaker.list_endpoints()["Endpoints"] == sagemaker.list_models()["Models"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert sagemaker.list_notebook_instances()["NotebookInstances"] == sagemaker.list_domains()["Domains"] == []
    assert client("s3").list_buckets()["Buckets"] == []
    assert client("cloudwatch").describe_alarms()["MetricAlarms"] == []
