"""The offline store of a running emulator: Parquet in S3 by AWS's layout, and a table in Glue."""

import io
import json
import re
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.clients import client
from tests.emulator.conftest import RunningEmulator
from tests.emulator.world import wait_until

from .groups import DEFINITIONS, record, request

ACCOUNT, REGION = "271828182845", "us-east-1"
AT = 1_769_860_800
"""Noon of the last of January in 2026."""


class Place:
    """An account with a role and a bucket, and its clients."""

    def __init__(self, emulator: RunningEmulator) -> None:
        self._url = emulator.url
        self.s3, self.sagemaker = self.client("s3"), self.client("sagemaker")
        self.runtime = self.client("sagemaker-featurestore-runtime")
        statement = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        self.client("iam").create_role(
            RoleName="features",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
        self.bucket = f"features-{ACCOUNT}"
        self.s3.create_bucket(Bucket=self.bucket)

    def client(self, service: str) -> Any:
        return client(service, self._url, REGION, ACCOUNT)

    def make(self, name: str, bucket: str | None = None, **members: Any) -> dict[str, Any]:
        config = {"S3StorageConfig": {"S3Uri": f"s3://{bucket or self.bucket}/store/"}, **members.pop("offline", {})}
        role = f"arn:aws:iam::{ACCOUNT}:role/features"
        self.sagemaker.create_feature_group(**request(name, OfflineStoreConfig=config, RoleArn=role, **members))
        wait_until(lambda: self.describe(name)["FeatureGroupStatus"] != "Creating")
        return self.describe(name)

    def describe(self, name: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.sagemaker.describe_feature_group(FeatureGroupName=name)
        return answer

    def files(self, view: dict[str, Any]) -> list[str]:
        """Keys of a group's files, below its place."""
        prefix = view["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"].partition(self.bucket + "/")[2]
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return [each["Key"].removeprefix(f"{prefix}/") for each in found]

    def read(self, view: dict[str, Any]) -> list[dict[str, Any]]:
        """The records of a group's files."""
        prefix = view["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"].partition(self.bucket + "/")[2]
        bodies = (self.s3.get_object(Bucket=self.bucket, Key=f"{prefix}/{key}")["Body"] for key in self.files(view))
        return [row for body in bodies for row in pq.read_table(io.BytesIO(body.read())).to_pylist()]


@pytest.fixture(scope="module")
def place(emulator: RunningEmulator) -> Place:
    return Place(emulator)


def test_records_become_parquet_and_a_table(place: Place) -> None:
    view = place.make("sailors")
    assert view["FeatureGroupStatus"] == "Created", view.get("FailureReason")
    name = {"FeatureGroupName": "sailors"}
    place.runtime.put_record(**name, Record=record(id="1", at=str(AT), age="30", fare="7.25"))
    place.runtime.put_record(**name, Record=record(id="1", at=str(AT - 1), age="29"))
    place.runtime.put_record(**name, Record=record(id="2", at=str(AT + 3600)))
    place.runtime.delete_record(**name, RecordIdentifierValueAsString="1", EventTime=str(AT + 1))
    assert "Record" not in place.runtime.get_record(**name, RecordIdentifierValueAsString="1")

    wait_until(lambda: len(place.read(view)) == 4)
    names = r"year=2026/month=01/day=31/hour=(\d\d)/20260131T\1\d{4}Z_[A-Za-z0-9]{16}\.parquet"
    matches = [re.fullmatch(names, each) for each in place.files(view)]
    assert {match and match[1] for match in matches} == {"11", "12", "13"}
    rows = sorted(place.read(view), key=lambda row: row["at"])
    assert [(row["id"], row["at"] - AT, row["age"], row["fare"], row["is_deleted"]) for row in rows] == [
        ("1", -1.0, 29, None, False),
        ("1", 0.0, 30, 7.25, False),
        ("1", 1.0, None, None, True),
        ("2", 3600.0, None, None, False),
    ]
    assert all(row["api_invocation_time"] <= row["write_time"] for row in rows)

    catalog = view["OfflineStoreConfig"]["DataCatalogConfig"]
    table = place.client("glue").get_table(DatabaseName=catalog["Database"], Name=catalog["TableName"])["Table"]
    columns = {each["Name"]: each["Type"] for each in table["StorageDescriptor"]["Columns"]}
    assert columns == {
        "id": "string",
        "at": "double",
        "age": "bigint",
        "fare": "double",
        "write_time": "timestamp",
        "api_invocation_time": "timestamp",
        "is_deleted": "boolean",
    }
    assert (
        table["StorageDescriptor"]["Location"] == view["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
    )
    assert [each["Name"] for each in table["PartitionKeys"]] == ["year", "month", "day", "hour"]
    named = {"DatabaseName": catalog["Database"], "TableName": catalog["TableName"]}

    def partitions() -> dict[tuple[str, ...], str]:
        found = place.client("glue").get_partitions(**named)["Partitions"]
        return {tuple(each["Values"]): each["StorageDescriptor"]["Location"] for each in found}

    wait_until(lambda: len(partitions()) == 3)
    location = table["StorageDescriptor"]["Location"]
    assert partitions()["2026", "01", "31", "13"] == f"{location}/year=2026/month=01/day=31/hour=13"


def test_a_table_follows_the_features_of_its_group_and_is_of_no_other(place: Place) -> None:
    """Source: `data-catalog-config` in the examples of https://github.com/aws/sagemaker-python-sdk"""
    catalog = {"Catalog": "AwsDataCatalog", "Database": "of_mine", "TableName": "people"}
    glue = place.client("glue")

    def columns() -> set[str]:
        found = glue.get_table(DatabaseName="of_mine", Name="people")["Table"]["StorageDescriptor"]["Columns"]
        return {each["Name"] for each in found}

    assert place.make("first", offline={"DataCatalogConfig": catalog})["FeatureGroupStatus"] == "Created"
    addition = [{"FeatureName": "Deck", "FeatureType": "String"}]
    place.sagemaker.update_feature_group(FeatureGroupName="first", FeatureAdditions=addition)
    assert place.describe("first")["LastUpdateStatus"] == {"Status": "Successful"}
    assert "deck" in columns()

    taken = place.make("second", offline={"DataCatalogConfig": catalog})
    assert taken["FeatureGroupStatus"] == "CreateFailed"
    assert "The table 'people' is already there in the database 'of_mine' of Glue" in taken["FailureReason"]
    mine = place.make("third", offline={"DataCatalogConfig": catalog, "DisableGlueTableCreation": True})
    assert mine["FeatureGroupStatus"] == "Created"
    addition = [{"FeatureName": "cabin", "FeatureType": "String"}]
    place.sagemaker.update_feature_group(FeatureGroupName="third", FeatureAdditions=addition)
    assert "cabin" not in columns()

    glue.delete_table(DatabaseName="of_mine", Name="people")
    addition = [{"FeatureName": "berth", "FeatureType": "String"}]
    place.sagemaker.update_feature_group(FeatureGroupName="first", FeatureAdditions=addition)
    status = place.describe("first")["LastUpdateStatus"]
    assert (status["Status"], "The table people cannot be updated" in status["FailureReason"]) == ("Failed", True)


def test_a_bucket_that_is_not_there_fails_the_group(place: Place) -> None:
    view = place.make("nowhere", bucket="no-such-bucket-of-anybody")
    assert view["FeatureGroupStatus"] == "CreateFailed"
    assert "s3://no-such-bucket-of-anybody/store/ cannot be used with the role" in view["FailureReason"]
    assert "NoSuchBucket" in view["FailureReason"]


def test_records_wait_for_a_bucket_that_went_and_the_group_says_so(place: Place) -> None:
    bucket = f"gone-{ACCOUNT}"
    place.s3.create_bucket(Bucket=bucket)
    view = place.make("waiting", bucket=bucket, offline={"DisableGlueTableCreation": True})
    assert view["OfflineStoreStatus"] == {"Status": "Active"}
    place.s3.delete_bucket(Bucket=bucket)
    place.runtime.put_record(FeatureGroupName="waiting", Record=record(id="1", at=str(AT)))
    wait_until(lambda: place.describe("waiting")["OfflineStoreStatus"]["Status"] == "Blocked")
    assert "NoSuchBucket" in place.describe("waiting")["OfflineStoreStatus"]["BlockedReason"]
    blocked = place.sagemaker.list_feature_groups(OfflineStoreStatusEquals="Blocked")["FeatureGroupSummaries"]
    assert [each["FeatureGroupName"] for each in blocked] == ["waiting"]


def test_errors_reach_boto3_by_their_names(place: Place) -> None:
    with pytest.raises(place.runtime.exceptions.ResourceNotFound) as missing:
        place.runtime.get_record(FeatureGroupName="nothing", RecordIdentifierValueAsString="1")
    assert "can't find a FeatureGroup with name nothing" in str(missing.value)
    place.sagemaker.create_feature_group(**request("errors"))
    wait_until(lambda: place.describe("errors")["FeatureGroupStatus"] == "Created")
    with pytest.raises(place.runtime.exceptions.ValidationError, match="no value of its record identifier"):
        place.runtime.put_record(FeatureGroupName="errors", Record=record(at="1"))


def test_a_group_of_the_same_name_begins_without_records(place: Place) -> None:
    def make() -> None:
        place.sagemaker.create_feature_group(**request("again", FeatureDefinitions=DEFINITIONS))
        wait_until(lambda: place.describe("again")["FeatureGroupStatus"] == "Created")

    make()
    place.runtime.put_record(FeatureGroupName="again", Record=record(id="1", at="1"))
    assert place.describe("again")["OnlineStoreTotalSizeBytes"] > 0
    place.sagemaker.delete_feature_group(FeatureGroupName="again")
    wait_until(lambda: not place.sagemaker.list_feature_groups(NameContains="again")["FeatureGroupSummaries"])
    make()
    assert "Record" not in place.runtime.get_record(FeatureGroupName="again", RecordIdentifierValueAsString="1")
