"""Notebook instances and their lifecycle configurations as boto3 sees them."""

import base64
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.notebook import server
from sagecraft_emulator.notebook.server import ServerFailed

from tests.emulator.control_plane import ACCOUNT, REGION, ROLE, ControlPlane

from .started import Instance

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/notebook"
SCRIPT = base64.b64encode(b"#!/bin/bash\necho hello\n").decode()


def create(plane: ControlPlane, name: str = "notebook", **members: Any) -> None:
    request = {"NotebookInstanceName": name, "InstanceType": "ml.t3.medium", "RoleArn": ROLE, **members}
    assert plane.client.create_notebook_instance(**request)["NotebookInstanceArn"].endswith(f"/{name}")


def status(plane: ControlPlane) -> str:
    return str(plane.client.describe_notebook_instance(NotebookInstanceName="notebook")["NotebookInstanceStatus"])


def test_a_notebook_instance_is_pending_then_in_service_with_aws_defaults(control_plane: ControlPlane) -> None:
    create(control_plane)
    assert status(control_plane) == "Pending"
    control_plane.wait("NotebookInstance", "notebook", "InService")
    notebook = control_plane.client.describe_notebook_instance(NotebookInstanceName="notebook")
    assert notebook["NotebookInstanceArn"] == ARN
    assert notebook["DirectInternetAccess"] == "Enabled"
    assert notebook["RootAccess"] == "Enabled"
    assert notebook["VolumeSizeInGB"] == 5
    assert notebook["PlatformIdentifier"] == "notebook-al2023-v1"
    assert notebook["Url"] == f"notebook.notebook.{REGION}.sagemaker.aws"
    assert not {"SubnetId", "SecurityGroups", "KmsKeyId", "FailureReason"} & notebook.keys()


def test_a_pending_notebook_instance_comes_into_service_after_a_restart(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    create(control_plane)
    restarted = ControlPlane(tmp_path / "sagemaker.sqlite3")
    try:
        restarted.wait("NotebookInstance", "notebook", "InService")
    finally:
        restarted.close()


def test_a_notebook_instance_is_stopped_changed_started_and_deleted(control_plane: ControlPlane) -> None:
    client = control_plane.client
    create(control_plane, DefaultCodeRepository="https://example.com/a.git")
    control_plane.wait("NotebookInstance", "notebook", "InService")
    client.stop_notebook_instance(NotebookInstanceName="notebook")
    assert status(control_plane) == "Stopping"
    control_plane.wait("NotebookInstance", "notebook", "Stopped")
    client.update_notebook_instance(
        NotebookInstanceName="notebook", InstanceType="ml.t3.large", DisassociateDefaultCodeRepository=True
    )
    assert status(control_plane) == "Updating"
    control_plane.wait("NotebookInstance", "notebook", "Stopped")
    notebook = client.describe_notebook_instance(NotebookInstanceName="notebook")
    assert notebook["InstanceType"] == "ml.t3.large"
    assert "DefaultCodeRepository" not in notebook
    client.start_notebook_instance(NotebookInstanceName="notebook")
    assert status(control_plane) == "Pending"
    control_plane.wait("NotebookInstance", "notebook", "InService")
    client.stop_notebook_instance(NotebookInstanceName="notebook")
    control_plane.wait("NotebookInstance", "notebook", "Stopped")
    client.delete_notebook_instance(NotebookInstanceName="notebook")
    with pytest.raises(ClientError, match="RecordNotFound"):
        status(control_plane)


WAYS = {
    "Pending": (),
    "InService": ("InService",),
    "InMaintenance": ("InService", "InMaintenance"),
    "Stopping": ("InService", "Stopping"),
    "Stopped": ("InService", "Stopping", "Stopped"),
    "Updating": ("InService", "Stopping", "Stopped", "Updating"),
    "Failed": ("Failed",),
    "Deleting": ("Failed", "Deleting"),
}
"""Which statuses an instance goes through to one, behind `Pending`."""


@pytest.mark.parametrize("status", WAYS)
@pytest.mark.parametrize(
    ("operation", "allowed", "following"),
    [
        ("start", ["Stopped", "Failed"], "Pending"),
        ("stop", ["InService"], "Stopping"),
        ("update", ["Stopped"], "Updating"),
        ("delete", ["Stopped", "Failed"], "Deleting"),
    ],
)
def test_what_a_status_does_not_allow_is_refused_in_awss_words(
    control_plane: ControlPlane, status: str, operation: str, allowed: list[str], following: str
) -> None:
    """Sources: github.com/aws/amazon-sagemaker-examples/issues/1094, hashicorp/terraform-provider-aws/issues/16767."""
    create(control_plane)
    key = control_plane.record("NotebookInstance", "notebook").key
    for each in WAYS[status]:
        control_plane.store.update(key, status=each)
    answer = control_plane.post(f"{operation.title()}NotebookInstance", {"NotebookInstanceName": "notebook"})
    if status in allowed:
        assert answer == {}
    else:
        assert answer["__type"] == "ValidationException"
        assert answer["message"] == (
            f"Status ({status}) not in ([{', '.join(allowed)}]). Unable to transition to ({following}) for Notebook "
            f"Instance ({ARN})."
        )
        assert control_plane.record("NotebookInstance", "notebook").status == status


def test_a_failed_notebook_instance_is_started_and_its_reason_goes(control_plane: ControlPlane) -> None:
    create(control_plane)
    key = control_plane.record("NotebookInstance", "notebook").key
    control_plane.store.update(key, status="Failed", body={"FailureReason": "No space left on device"})
    control_plane.client.start_notebook_instance(NotebookInstanceName="notebook")
    assert "FailureReason" not in control_plane.wait("NotebookInstance", "notebook", "InService")


def test_a_volume_grows_and_does_not_shrink(control_plane: ControlPlane) -> None:
    """Source: `VolumeSizeInGB` of `UpdateNotebookInstance` in the API reference."""
    create(control_plane, VolumeSizeInGB=10)
    key = control_plane.record("NotebookInstance", "notebook").key
    for each in WAYS["Stopped"]:
        control_plane.store.update(key, status=each)
    with pytest.raises(ClientError, match="cannot become smaller: VolumeSizeInGB is 10, got 9"):
        control_plane.client.update_notebook_instance(NotebookInstanceName="notebook", VolumeSizeInGB=9)
    control_plane.client.update_notebook_instance(NotebookInstanceName="notebook", VolumeSizeInGB=11)
    assert control_plane.record("NotebookInstance", "notebook").body["VolumeSizeInGB"] == 11


@pytest.mark.parametrize("seconds", [1799, 43201])
def test_a_session_lasts_from_half_an_hour_to_twelve_hours(control_plane: ControlPlane, seconds: int) -> None:
    request = {"NotebookInstanceName": "notebook", "SessionExpirationDurationInSeconds": seconds}
    answer = control_plane.post("CreatePresignedNotebookInstanceUrl", request)
    assert answer["__type"] == "ValidationException"
    assert "essionExpirationDurationInSeconds" in answer["message"]


def test_no_url_is_made_up_for_a_notebook_that_does_not_run(control_plane: ControlPlane) -> None:
    create(control_plane)
    control_plane.wait("NotebookInstance", "notebook", "InService")
    with pytest.raises(ClientError, match="'notebook' cannot be opened: notebook instances are records alone here"):
        control_plane.client.create_presigned_notebook_instance_url(NotebookInstanceName="notebook")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"DirectInternetAccess": "Disabled"}, "without direct internet access must have a SubnetId"),
        ({"LifecycleConfigName": "none"}, "Could not find notebook instance lifecycle config"),
        ({"InstanceType": "ml.t3.medum"}, "Value 'ml.t3.medum' at 'instanceType' failed to satisfy constraint"),
        ({"VolumeSizeInGB": 4}, "must have value greater than or equal to 5"),
    ],
)
def test_a_notebook_instance_that_cannot_be_is_refused(
    control_plane: ControlPlane, members: dict[str, Any], message: str
) -> None:
    request = {"NotebookInstanceName": "notebook", "InstanceType": "ml.t3.medium", "RoleArn": ROLE, **members}
    answer = control_plane.post("CreateNotebookInstance", request)
    assert message in answer["message"]
    assert answer["__type"] == "ValidationException"
    assert control_plane.client.list_notebook_instances()["NotebookInstances"] == []


def test_notebook_instances_are_listed_by_what_they_use(control_plane: ControlPlane) -> None:
    client = control_plane.client
    client.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName="idle", OnStart=[{"Content": SCRIPT}]
    )
    create(control_plane, "plain")
    create(control_plane, "idle", LifecycleConfigName="idle", AdditionalCodeRepositories=["https://example.com/b.git"])

    def listed(**filters: Any) -> list[str]:
        found = client.list_notebook_instances(SortBy="Name", SortOrder="Ascending", **filters)["NotebookInstances"]
        return [each["NotebookInstanceName"] for each in found]

    assert listed() == ["idle", "plain"]
    assert listed(NotebookInstanceLifecycleConfigNameContains="id") == ["idle"]
    assert listed(AdditionalCodeRepositoryEquals="https://example.com/b.git") == ["idle"]
    assert listed(DefaultCodeRepositoryContains="example") == []


def test_a_lifecycle_configuration_that_is_used_stays(control_plane: ControlPlane) -> None:
    client = control_plane.client
    client.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName="idle", OnStart=[{"Content": SCRIPT}]
    )
    create(control_plane, LifecycleConfigName="idle")
    with pytest.raises(ClientError, match="it is used by the notebook instances notebook"):
        client.delete_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="idle")
    described = client.describe_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="idle")
    assert described["OnStart"] == [{"Content": SCRIPT}]


def test_a_script_that_is_not_base64_is_refused(control_plane: ControlPlane) -> None:
    with pytest.raises(ClientError, match="The content of OnStart must be base64 encoded"):
        control_plane.client.create_notebook_instance_lifecycle_config(
            NotebookInstanceLifecycleConfigName="idle", OnStart=[{"Content": "echo hello"}]
        )


def test_an_instance_does_not_run_where_there_are_no_namespaces(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "namespaces_allowed", lambda: False)
    with pytest.raises(ServerFailed, match="this machine does not allow them"):
        instance.start()
    assert not instance.place.directory.exists()
