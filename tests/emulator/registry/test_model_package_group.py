"""Model package groups."""

from tests.emulator.control_plane import ControlPlane


def test_a_model_package_group_is_kept_and_removed(control_plane: ControlPlane) -> None:
    client = control_plane.client
    client.create_model_package_group(ModelPackageGroupName="group")
    group = client.describe_model_package_group(ModelPackageGroupName="group")
    assert group["ModelPackageGroupStatus"] == "Completed"
    client.delete_model_package_group(ModelPackageGroupName="group")
    assert client.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
