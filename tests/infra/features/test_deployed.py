"""A feature group as it is deployed: SageMaker writes with its role, and others do what they were granted."""

import io
from collections.abc import Iterator
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest
from aws_cdk import App, CfnOutput, Environment, Stack
from aws_cdk import aws_iam as iam
from botocore.exceptions import ClientError
from sagecraft_constructs import FeatureGroup, FeatureType, OfflineStore, OnlineStore
from sagecraft_infra.features.standing import FEATURE_GROUPS, FeatureGroupState
from sagecraft_infra.inventory import take_whole_inventory
from sagecraft_infra.testing.deployment import TestDeployment
from sagecraft_infra.testing.emulator import RunningEmulator, running_emulator
from sagecraft_infra.testing.publishing import Publisher

from tests.emulator.world import wait_until

pytestmark = pytest.mark.slow

ACCOUNT, REGION = "000000000000", "us-east-1"
NAME = "Customers"
AT = 1_769_860_800
"""Noon of the last of January in 2026."""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    with running_emulator(tmp_path_factory.mktemp("granted"), "real", enforce_iam=True) as running:
        yield running


def stack_of() -> Stack:
    stack = Stack(App(), "Features", env=Environment(account=ACCOUNT, region=REGION))
    group = FeatureGroup(
        stack,
        "Group",
        feature_group_name=NAME,
        feature_definitions={
            "customer": FeatureType.STRING,
            "at": FeatureType.FRACTIONAL,
            "orders": FeatureType.INTEGRAL,
        },
        record_identifier_feature_name="customer",
        event_time_feature_name="at",
        online_store=OnlineStore(),
        offline_store=OfflineStore(prefix="features"),
    )
    for name, grant in (
        ("Puts", group.grant_put_records),
        ("Reads", group.grant_read_records),
        ("Learns", group.grant_read_offline),
    ):
        role = iam.Role(stack, name, assumed_by=iam.AccountRootPrincipal())
        grant(role)
        CfnOutput(stack, f"{name}Arn", value=role.role_arn)
    return stack


def test_each_may_do_what_it_was_granted_and_the_records_arrive(emulator: RunningEmulator) -> None:
    deployment = TestDeployment(emulator, Publisher())
    outputs = deployment.deploy(stack_of())

    session = boto3.Session(region_name=REGION)  # one, which reads each model once

    def client(service: Any, role: str) -> Any:
        given = emulator.client("sts").assume_role(RoleArn=outputs[f"{role}Arn"], RoleSessionName=role)["Credentials"]
        return session.client(
            service,
            endpoint_url=emulator.endpoint_url,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )

    runtime = "sagemaker-featurestore-runtime"
    values = {"customer": "c1", "at": str(AT), "orders": "3"}
    record = [{"FeatureName": name, "ValueAsString": value} for name, value in values.items()]
    read = {"FeatureGroupName": NAME, "RecordIdentifierValueAsString": "c1"}
    puts, reads = client(runtime, "Puts"), client(runtime, "Reads")
    puts.put_record(FeatureGroupName=NAME, Record=record)
    assert reads.get_record(**read)["Record"] == record
    assert reads.batch_get_record(Identifiers=[{"FeatureGroupName": NAME, "RecordIdentifiersValueAsString": ["c1"]}])[
        "Records"
    ]
    with pytest.raises(ClientError, match="sagemaker:GetRecord"):
        puts.get_record(**read)
    with pytest.raises(ClientError, match="sagemaker:PutRecord"):
        reads.put_record(FeatureGroupName=NAME, Record=record)

    view = client("sagemaker", "Learns").describe_feature_group(FeatureGroupName=NAME)
    place = view["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    s3 = client("s3", "Learns")
    wait_until(lambda: s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["KeyCount"])
    (file,) = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    (row,) = pq.read_table(io.BytesIO(s3.get_object(Bucket=bucket, Key=file["Key"])["Body"].read())).to_pylist()
    assert (row["customer"], row["at"], row["orders"], row["is_deleted"]) == ("c1", float(AT), 3, False)
    catalog = view["OfflineStoreConfig"]["DataCatalogConfig"]
    table = {"DatabaseName": catalog["Database"], "Name": catalog["TableName"]}
    assert client("glue", "Learns").get_table(**table)["Table"]["StorageDescriptor"]["Location"] == place

    inventory = take_whole_inventory(emulator.target, [], [FEATURE_GROUPS], [REGION])
    assert inventory.of(FEATURE_GROUPS) == (FeatureGroupState(NAME, REGION, "Created", ("online", "offline"), 3, None),)
    deployment.destroy()
    assert emulator.client("sagemaker").list_feature_groups()["FeatureGroupSummaries"] == []
