"""Feature groups, and who may put and read their records."""

from typing import Any

import pytest
from aws_cdk import Duration, Fn, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template
from sagecraft_constructs import (
    DataBucket,
    ExecutionRole,
    FeatureGroup,
    FeatureType,
    InvalidProps,
    OfflineStore,
    OnlineStore,
    ProvisionedThroughput,
    StorageType,
    TableFormat,
)

from tests.constructs.stack import make_bucket, make_stack, resources, statements
from tests.constructs.template_checks import assert_clean

PROPS: dict[str, Any] = {
    "feature_definitions": {
        "customer_id": FeatureType.STRING,
        "at": FeatureType.FRACTIONAL,
        "orders": FeatureType.INTEGRAL,
    },
    "record_identifier_feature_name": "customer_id",
    "event_time_feature_name": "at",
}
FOLDER = "123456789012/sagemaker/us-east-1/offline-store/Customers-*"


def actions(stack: Any, policy: str) -> dict[str, Any]:
    """What a role is allowed, each with the end of what it is allowed on."""
    found: dict[str, Any] = {}
    for each in statements(stack, policy):
        allowed = each["Action"] if isinstance(each["Action"], list) else [each["Action"]]
        found |= {action: str(each["Resource"]) for action in allowed}
    return found


def test_a_group_of_both_stores_with_keys_a_bucket_of_its_own_and_all_grants() -> None:
    stack = make_stack()
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    group = FeatureGroup(
        stack,
        "Customers",
        **PROPS,
        feature_group_name="Customers",
        description="What customers did",
        online_store=OnlineStore(ttl=Duration.hours(48), encryption_key=key),
        offline_store=OfflineStore(prefix="/features/", encryption_key=key),
        removal_policy=RemovalPolicy.DESTROY,
    )
    reader = ExecutionRole(stack, "Reader")
    group.grant_put_records(ExecutionRole(stack, "Putter"))
    group.grant_read_records(reader)
    group.grant_read_offline(reader, query_results=make_bucket(stack))
    template = Template.from_stack(stack)
    (made,) = template.find_resources("AWS::SageMaker::FeatureGroup").values()
    (key_id,) = template.find_resources("AWS::KMS::Key")
    properties, key_arn = made["Properties"], {"Fn::GetAtt": [key_id, "Arn"]}
    assert properties["OnlineStoreConfig"] == {
        "EnableOnlineStore": True,
        "StorageType": "Standard",
        "TtlDuration": {"Unit": "Days", "Value": 2},
        "SecurityConfig": {"KmsKeyId": key_arn},
    }
    storage = properties["OfflineStoreConfig"]["S3StorageConfig"]
    assert storage["KmsKeyId"] == key_arn
    assert storage["S3Uri"]["Fn::Join"][1][-1] == "/features"
    assert properties["FeatureDefinitions"][2] == {"FeatureName": "orders", "FeatureType": "Integral"}
    assert made["DeletionPolicy"] == "Delete"
    assert any(name.startswith("CustomersRoleDefaultPolicy") for name in made["DependsOn"])
    assert_clean(stack)

    written = actions(stack, "CustomersRoleDefaultPolicy")
    assert set(written) == {"s3:PutObject", "s3:PutObjectAcl", "s3:GetBucketAcl", "kms:Decrypt", "kms:GenerateDataKey"}
    assert f"/features/{FOLDER}" in written["s3:PutObject"]
    put = actions(stack, "PutterDefaultPolicy")
    assert set(put) == {"sagemaker:DescribeFeatureGroup", "sagemaker:PutRecord", "kms:Decrypt"}
    # An ARN has the name in lower case.
    assert ":feature-group/customers'" in put["sagemaker:PutRecord"]
    read = actions(stack, "ReaderDefaultPolicy")
    assert {each for each in read if each.startswith("sagemaker:")} == {
        "sagemaker:BatchGetRecord",
        "sagemaker:DescribeFeatureGroup",
        "sagemaker:GetRecord",
    }
    assert ":table/sagemaker_featurestore/customers?*" in read["glue:GetTable"]
    assert ":workgroup/primary" in read["athena:StartQueryExecution"]


def test_a_group_that_is_only_online_has_neither_role_nor_bucket_and_stays() -> None:
    stack = make_stack()
    group = FeatureGroup(
        stack,
        "Customers",
        **PROPS,
        online_store=OnlineStore(storage_type=StorageType.IN_MEMORY, ttl=Duration.seconds(90)),
    )
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::IAM::Role", 0)
    template.resource_count_is("AWS::S3::Bucket", 0)
    (made,) = template.find_resources("AWS::SageMaker::FeatureGroup").values()
    assert (made["DeletionPolicy"], made["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert made["Properties"]["OnlineStoreConfig"]["TtlDuration"] == {"Unit": "Seconds", "Value": 90}
    assert group.role is None
    with pytest.raises(InvalidProps, match="grant_read_offline: there is no offline store"):
        group.grant_read_offline(iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal()))


def test_the_key_of_a_bucket_encrypts_and_a_table_of_iceberg_is_read_and_changed() -> None:
    stack = make_stack()
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    bucket = DataBucket(stack, "Bucket", encryption_key=key)
    store = OfflineStore(bucket=bucket, table_format=TableFormat.ICEBERG, database="shop", table_name="customers")
    FeatureGroup(stack, "Customers", **PROPS, offline_store=store)
    (made,) = resources(stack, "AWS::SageMaker::FeatureGroup")
    config = made["OfflineStoreConfig"]
    assert "KmsKeyId" in config["S3StorageConfig"]
    assert config["TableFormat"] == "Iceberg"
    assert config["DataCatalogConfig"] == {"Catalog": "AwsDataCatalog", "Database": "shop", "TableName": "customers"}
    assert ":table/shop/customers'" in actions(stack, "CustomersRoleDefaultPolicy")["glue:UpdateTable"]
    assert_clean(stack)


def test_throughput_may_be_provisioned() -> None:
    stack = make_stack()
    throughput = ProvisionedThroughput(write_capacity_units=20, read_capacity_units=10)
    FeatureGroup(stack, "Customers", **PROPS, online_store=OnlineStore(), throughput=throughput)
    FeatureGroup(
        stack,
        "History",
        **PROPS,
        offline_store=OfflineStore(),
        throughput=ProvisionedThroughput(write_capacity_units=5),
    )
    made = {
        each["ThroughputConfig"]["ProvisionedWriteCapacityUnits"]: each
        for each in resources(stack, "AWS::SageMaker::FeatureGroup")
    }
    assert made[20]["ThroughputConfig"] == {
        "ThroughputMode": "Provisioned",
        "ProvisionedReadCapacityUnits": 10,
        "ProvisionedWriteCapacityUnits": 20,
    }
    assert made[5]["ThroughputConfig"].keys() == {"ThroughputMode", "ProvisionedWriteCapacityUnits"}


def test_a_group_that_exists_is_read_by_its_name_and_where_its_records_are() -> None:
    stack = make_stack()
    store = OfflineStore(
        bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "records"), disable_glue_table_creation=True
    )
    group = FeatureGroup.from_feature_group_name(stack, "Customers", Fn.import_value("Group"), offline_store=store)
    role = ExecutionRole(stack, "Role")
    group.grant_read_offline(role)
    allowed = actions(stack, "RoleDefaultPolicy")
    assert "{'Fn::ImportValue': 'Group'}" in allowed["sagemaker:DescribeFeatureGroup"]
    assert not any(each.startswith("glue:") for each in allowed)
    assert_clean(stack)


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"online_store": None}, "online_store: a feature group needs a store; give this, 'offline_store', or both"),
        ({"feature_definitions": {}}, "'customer_id' is not in FeatureDefinitions, which has: none"),
        ({"record_identifier_feature_name": "custmer_id"}, r"record_identifier_.*: .* Did you mean 'customer_id'\?"),
        ({"event_time_feature_name": "orders"}, "has FeatureType Integral; it must be one of"),
        ({"event_time_feature_name": "customer_id"}, "are both 'customer_id'; they must differ"),
        (
            {"feature_definitions": {**PROPS["feature_definitions"], "Write_Time": FeatureType.STRING}},
            "feature_definitions: FeatureName 'Write_Time' is reserved, as are is_deleted",
        ),
        (
            {"feature_definitions": {**PROPS["feature_definitions"], "ORDERS": FeatureType.STRING}},
            "feature_definitions: FeatureDefinitions has the feature 'orders' more than once",
        ),
        (
            {"feature_definitions": {**PROPS["feature_definitions"], "of yesterday": FeatureType.STRING}},
            "feature_definitions: FeatureName 'of yesterday' does not match",
        ),
        (
            {"feature_definitions": {**PROPS["feature_definitions"], "more": "Text"}},
            r"feature_definitions: should be .*FeatureType, got .*Write FeatureType\.STRING",
        ),
        ({"feature_group_name": "_customers"}, "'_customers' does not match .* use letters, digits, '-' and '_'"),
        ({"description": "x" * 129}, "description: has 129 characters; 128 at most"),
        ({"online_store": OnlineStore(ttl=Duration.millis(1500))}, "ttl: should be whole seconds .* got 1.5 seconds"),
        ({"online_store": OnlineStore(ttl=Duration.seconds(0))}, "online_store: ttl: .* at least 1"),
        ({"offline_store": OfflineStore(database="shop")}, "offline_store: table_name: is needed"),
        ({"offline_store": OfflineStore(table_name="shop")}, "offline_store: database: is needed"),
        (
            {"throughput": ProvisionedThroughput(write_capacity_units=1)},
            "throughput: read_capacity_units: ThroughputMode Provisioned needs ProvisionedReadCapacityUnits.",
        ),
        (
            {"throughput": ProvisionedThroughput(write_capacity_units=-1, read_capacity_units=1)},
            "throughput: write_capacity_units: should be 0 to 10,000,000, got -1.",
        ),
        (
            {"offline_store": OfflineStore(database="shop", table_name="my-Customers")},
            "offline_store: table_name: 'my-Customers' must have small letters, digits and underscores alone",
        ),
        ({"offline_store": OfflineStore(prefix="a//b")}, "offline_store: prefix: 'a//b' has '//' in it"),
        (
            {"offline_store": OfflineStore(table_format=TableFormat.ICEBERG, disable_glue_table_creation=True)},
            "offline_store: disable_glue_table_creation: should be False with table_format ICEBERG, got True",
        ),
    ],
)
def test_what_aws_would_refuse_is_refused(props: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidProps, match=message):
        FeatureGroup(make_stack(), "Customers", **{**PROPS, "online_store": OnlineStore(), **props})


def test_a_role_without_an_offline_store_and_a_key_or_bucket_of_elsewhere_are_refused() -> None:
    stack = make_stack()
    role = ExecutionRole(stack, "Role")
    with pytest.raises(InvalidProps, match="role: writes to the offline store, and there is none"):
        FeatureGroup(stack, "Online", **PROPS, online_store=OnlineStore(), role=role)
    far = kms.Key.from_key_arn(
        stack, "Far", "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012"
    )
    with pytest.raises(InvalidProps, match="online_store: encryption_key: the key is in eu-west-1"):
        FeatureGroup(stack, "Far1", **PROPS, online_store=OnlineStore(encryption_key=far))
