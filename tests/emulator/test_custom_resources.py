"""The custom resources of CDK apps run for real: deployed, unchanged, destroyed."""

import pytest

from .conftest import APPS, Cdk, RunningEmulator

pytestmark = pytest.mark.slow

APP = APPS / "custom_resources.py"
STACK = "CustomResources"


@pytest.mark.timeout(600)
def test_an_app_with_every_sort_of_custom_resource_is_deployed_left_alone_and_destroyed(
    emulator: RunningEmulator, cdk: Cdk
) -> None:
    s3, cloudformation = emulator.client("s3"), emulator.client("cloudformation")
    buckets_before = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    first = cdk.synth(APP)
    cdk.deploy(first)
    outputs = {
        output["OutputKey"]: output["OutputValue"]
        for output in cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
    }
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

    assert "no changes" in cdk.deploy(first)
    second = cdk.synth(APP, TEXT="two")
    cdk.deploy(second)
    outputs = {
        output["OutputKey"]: output["OutputValue"]
        for output in cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
    }
    assert outputs["WaitingAnswer"] == "TWO"

    cdk.destroy(second)
    stacks = {stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]}
    assert STACK not in stacks
    assert {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]} == buckets_before
    assert (
        emulator.client("ssm").describe_parameters(ParameterFilters=[{"Key": "Name", "Values": ["/test/parameter"]}])[
            "Parameters"
        ]
        == []
    )
