"""Notebook instances, lifecycle configurations and code repositories in CloudFormation."""

from tests.emulator.control_plane import ACCOUNT, REGION, ControlPlane
from tests.emulator.orchestration.stack_resource import NOTEBOOK, change, make, remove


def test_a_notebook_instance_comes_into_service_changes_and_goes(control_plane: ControlPlane) -> None:
    script = [{"Content": "ZWNobw=="}]
    lifecycle = make(control_plane, "NotebookInstanceLifecycleConfig", {"OnStart": script})
    name = lifecycle.attributes["NotebookInstanceLifecycleConfigName"]
    old = {**NOTEBOOK, "LifecycleConfigName": name, "VolumeSizeInGB": "10"}
    made = make(control_plane, "NotebookInstance", old)
    notebook = control_plane.client.describe_notebook_instance(
        NotebookInstanceName=made.attributes["NotebookInstanceName"]
    )
    assert (notebook["NotebookInstanceStatus"], notebook["VolumeSizeInGB"]) == ("InService", 10)
    assert notebook["NotebookInstanceLifecycleConfigName"] == name

    new = {**NOTEBOOK, "InstanceType": "ml.t3.large", "VolumeSizeInGB": 10}
    assert change(control_plane, "NotebookInstance", made, old, new) == made
    notebook = control_plane.client.describe_notebook_instance(
        NotebookInstanceName=made.attributes["NotebookInstanceName"]
    )
    assert (notebook["NotebookInstanceStatus"], notebook["InstanceType"]) == ("InService", "ml.t3.large")
    assert "NotebookInstanceLifecycleConfigName" not in notebook

    remove(control_plane, "NotebookInstanceLifecycleConfig", lifecycle.physical_id)
    remove(control_plane, "NotebookInstance", made.physical_id)
    remove(control_plane, "NotebookInstance", made.physical_id)
    assert control_plane.client.list_notebook_instances()["NotebookInstances"] == []


def test_an_update_leaves_a_notebook_instance_stopped_that_its_user_stopped(control_plane: ControlPlane) -> None:
    made = make(control_plane, "NotebookInstance", NOTEBOOK)
    name = made.attributes["NotebookInstanceName"]
    control_plane.client.stop_notebook_instance(NotebookInstanceName=name)
    new = {**NOTEBOOK, "InstanceType": "ml.t3.large"}
    assert change(control_plane, "NotebookInstance", made, NOTEBOOK, new) == made
    notebook = control_plane.client.describe_notebook_instance(NotebookInstanceName=name)
    assert (notebook["NotebookInstanceStatus"], notebook["InstanceType"]) == ("Stopped", "ml.t3.large")


def test_the_scripts_of_a_lifecycle_configuration_change_in_place(control_plane: ControlPlane) -> None:
    old, new = {"OnStart": [{"Content": "ZWNobw=="}]}, {"OnCreate": [{"Content": "bHM="}]}
    made = make(control_plane, "NotebookInstanceLifecycleConfig", old)
    assert change(control_plane, "NotebookInstanceLifecycleConfig", made, old, new) == made
    name = made.attributes["NotebookInstanceLifecycleConfigName"]
    body = control_plane.record("NotebookInstanceLifecycleConfig", name).body
    assert body["OnCreate"] == [{"Content": "bHM="}]
    assert "OnStart" not in body


def test_only_the_secret_of_a_code_repository_changes_in_place(control_plane: ControlPlane) -> None:
    git = {"RepositoryUrl": "https://example.com/a.git", "Branch": "main"}
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:AmazonSageMaker-1"
    old, new = {"GitConfig": git}, {"GitConfig": {**git, "SecretArn": secret}}
    made = make(control_plane, "CodeRepository", old)
    assert change(control_plane, "CodeRepository", made, old, new) == made
    moved = {"GitConfig": {**git, "Branch": "other"}}
    assert change(control_plane, "CodeRepository", made, new, moved) != made
