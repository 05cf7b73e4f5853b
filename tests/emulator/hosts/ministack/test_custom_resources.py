"""The custom resources of CDK apps run for real: deployed, unchanged, destroyed."""

import runpy

import pytest
from sagecraft_infra.testing.deployment import TestDeployment
from sagecraft_infra.testing.emulator import RunningEmulator
from sagecraft_infra.testing.outputs import Outputs
from sagecraft_infra.testing.publishing import Publisher

from tests.emulator.conftest import APPS

pytestmark = pytest.mark.slow

STACK = "CustomResources"


@pytest.mark.timeout(600)
def test_an_app_with_every_sort_of_custom_resource_is_deployed_changed_and_destroyed(
    sagecraft_emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator, deployment = sagecraft_emulator, TestDeployment(sagecraft_emulator, Publisher())

    def deploy() -> Outputs:
        return deployment.deploy(runpy.run_path(str(APPS / "custom_resources.py"))["app"])

    def own_buckets() -> set[str]:
        names = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        return {name for name in names if not name.startswith("cdk-")}  # those of the assets stay

    s3, cloudformation = emulator.client("s3"), emulator.client("cloudformation")
    buckets_before = own_buckets()
    try:
        outputs = deploy()
        bucket = outputs["BucketName"]
        assert outputs["WaitingAnswer"] == "ONE"
        assert outputs["NodeAnswer"] == "hello from 000000000000"
        keys = {entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]}
        assert keys == {"files/a.txt", "files/nested/b.csv"}
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        assert {"Key": "team", "Value": "data"} in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
        assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
        lifecycle = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        assert lifecycle[0]["ID"] == "old"
        assert lifecycle[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
        assert "aws:SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
        assert s3.get_bucket_notification_configuration(Bucket=bucket)["TopicConfigurations"][0]["Events"] == [
            "s3:ObjectCreated:*"
        ]
        assert emulator.client("ssm").get_parameter(Name="/test/parameter")["Parameter"]["Value"] == "set"
        groups = emulator.client("logs").describe_log_groups(logGroupNamePrefix="/test/retention")["logGroups"]
        assert groups[0]["retentionInDays"] == 7

        events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        assert deploy() == outputs
        assert cloudformation.describe_stack_events(StackName=STACK)["StackEvents"] == events  # there were no changes
        monkeypatch.setenv("TEXT", "two")
        assert deploy()["WaitingAnswer"] == "TWO"
    finally:
        deployment.destroy()
    stacks = {stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]}
    assert STACK not in stacks
    assert own_buckets() == buckets_before
    assert (
        emulator.client("ssm").describe_parameters(ParameterFilters=[{"Key": "Name", "Values": ["/test/parameter"]}])[
            "Parameters"
        ]
        == []
    )
