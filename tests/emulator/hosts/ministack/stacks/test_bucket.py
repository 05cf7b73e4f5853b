"""Buckets and topics from CloudFormation have every property of their template, and leave as on AWS."""

import json
import time
from typing import Any

import pytest

from tests.emulator.conftest import RunningEmulator

NAME = "all-properties"
RULES = [
    {
        "Id": "plain",
        "Status": "Enabled",
        "Prefix": "logs/",
        "ExpirationInDays": 10,
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
    },
    {
        "Id": "tagged",
        "Status": "Enabled",
        "TagFilters": [{"Key": "a", "Value": "b"}],
        "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 30}],
    },
    {
        "Id": "both",
        "Status": "Disabled",
        "Prefix": "x/",
        "ObjectSizeGreaterThan": "1024",
        "TagFilters": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}],
        "NoncurrentVersionTransitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": 31}],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 60, "NewerNoncurrentVersions": 2},
    },
    {"Id": "markers", "Status": "Enabled", "ExpiredObjectDeleteMarker": True},
]
APPLIED = [
    {
        "ID": "plain",
        "Status": "Enabled",
        "Filter": {"Prefix": "logs/"},
        "Expiration": {"Days": 10},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
    },
    {
        "ID": "tagged",
        "Status": "Enabled",
        "Filter": {"Tag": {"Key": "a", "Value": "b"}},
        "Transitions": [{"StorageClass": "GLACIER", "Days": 30}],
    },
    {
        "ID": "both",
        "Status": "Disabled",
        "Filter": {
            "And": {
                "Prefix": "x/",
                "ObjectSizeGreaterThan": 1024,
                "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}],
            }
        },
        "NoncurrentVersionTransitions": [{"StorageClass": "STANDARD_IA", "NoncurrentDays": 31}],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 60, "NewerNoncurrentVersions": 2},
    },
    {
        "ID": "markers",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
    },
]
PROPERTIES: dict[str, Any] = {
    "BucketName": NAME,
    "Tags": [{"Key": "team", "Value": "data"}],
    "VersioningConfiguration": {"Status": "Enabled"},
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [
            {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}
        ]
    },
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "LifecycleConfiguration": {"Rules": RULES},
}


def settled(emulator: RunningEmulator, stack: str) -> str:
    cloudformation = emulator.client("cloudformation")
    while True:
        stacks = [each for each in cloudformation.describe_stacks()["Stacks"] if each["StackName"] == stack]
        status = stacks[0]["StackStatus"] if stacks else "gone"
        if not status.endswith("_IN_PROGRESS"):
            return str(status)
        time.sleep(0.1)


def template(properties: dict[str, Any]) -> str:
    return json.dumps({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties}}})


def test_a_bucket_has_what_its_template_says_and_loses_what_it_says_no_more(emulator: RunningEmulator) -> None:
    cloudformation, s3 = emulator.client("cloudformation"), emulator.client("s3")
    cloudformation.create_stack(StackName="Bucket", TemplateBody=template(PROPERTIES))
    assert settled(emulator, "Bucket") == "CREATE_COMPLETE"
    assert s3.get_bucket_tagging(Bucket=NAME)["TagSet"] == [{"Key": "team", "Value": "data"}]
    assert s3.get_bucket_lifecycle_configuration(Bucket=NAME)["Rules"] == APPLIED
    encryption = s3.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert encryption["BucketKeyEnabled"] is True
    assert encryption["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    ownership = s3.get_bucket_ownership_controls(Bucket=NAME)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]

    bare = {"BucketName": NAME, "Tags": [{"Key": "team", "Value": "models"}]}
    cloudformation.update_stack(StackName="Bucket", TemplateBody=template(bare))
    assert settled(emulator, "Bucket") == "UPDATE_COMPLETE"
    assert s3.get_bucket_tagging(Bucket=NAME)["TagSet"] == [{"Key": "team", "Value": "models"}]
    assert s3.get_bucket_versioning(Bucket=NAME)["Status"] == "Suspended"
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=NAME)

    s3.put_object(Bucket=NAME, Key="key", Body=b"body")
    cloudformation.delete_stack(StackName="Bucket")
    assert settled(emulator, "Bucket") == "DELETE_FAILED"
    events = cloudformation.describe_stack_events(StackName="Bucket")["StackEvents"]
    reasons = [each["ResourceStatusReason"] for each in events if each["ResourceStatus"] == "DELETE_FAILED"]
    assert any("The bucket you tried to delete is not empty" in reason for reason in reasons)
    assert s3.get_object(Bucket=NAME, Key="key")["Body"].read() == b"body"
    for version in s3.list_object_versions(Bucket=NAME)["Versions"]:
        s3.delete_object(Bucket=NAME, Key="key", VersionId=version["VersionId"])
    cloudformation.delete_stack(StackName="Bucket")
    assert settled(emulator, "Bucket") == "gone"


def test_a_bucket_whose_property_is_refused_is_not_left_behind(emulator: RunningEmulator) -> None:
    wrong = {"BucketName": "refused-bucket", "LifecycleConfiguration": {"Rules": [{"Id": "a", "Status": "Maybe"}]}}
    emulator.client("cloudformation").create_stack(StackName="Refused", TemplateBody=template(wrong))
    assert settled(emulator, "Refused") == "ROLLBACK_COMPLETE"
    names = {bucket["Name"] for bucket in emulator.client("s3").list_buckets()["Buckets"]}
    assert "refused-bucket" not in names


def test_an_object_may_ask_for_the_key_of_the_account(emulator: RunningEmulator) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="account-key")
    s3.put_object(Bucket="account-key", Key="key", Body=b"body", ServerSideEncryption="aws:kms")
    head = s3.head_object(Bucket="account-key", Key="key")
    assert head["ServerSideEncryption"] == "aws:kms"
    assert head["SSEKMSKeyId"] == "arn:aws:kms:us-east-1:000000000000:alias/aws/s3"
