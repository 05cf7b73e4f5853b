"""The code of a feature group; its records stay where they are, and are not written."""

from typing import TYPE_CHECKING, Any, Final

from sagecraft_catalog.feature_group import CAPACITY_UNITS, TTL_SECONDS

from sagecraft_infra.code import references
from sagecraft_infra.code.members import Members
from sagecraft_infra.code.module import Module, call, dict_of, literal
from sagecraft_infra.noun.importable import Existing

if TYPE_CHECKING:
    from sagecraft_infra.target import Target

_MADE_DATABASE: Final = "sagemaker_featurestore"
_MADE_CATALOG: Final = "AwsDataCatalog"
_ON_DEMAND: Final = {"ThroughputMode": "OnDemand"}


def write(module: Module, target: "Target", region: str, existing: Existing) -> dict[str, dict[str, str]]:
    """Writes the code of a feature group into a module.

    Returns:
        The identifiers of the resources, by the paths of their constructs.
    """
    shape = target.sagemaker(region).meta.service_model.operation_model("CreateFeatureGroup").input_shape
    members = Members(existing.description, shape)
    members.take("FeatureGroupName")
    changes: dict[str, Any] = {}
    description, role_arn = members.take("Description"), members.take("RoleArn")
    offline = _offline_store(module, members, changes)
    keywords: dict[str, str | None] = {
        "feature_definitions": _definitions(module, members),
        "record_identifier_feature_name": literal(members.take("RecordIdentifierFeatureName")),
        "event_time_feature_name": literal(members.take("EventTimeFeatureName")),
        "online_store": _online_store(module, members),
        "offline_store": offline,
        "throughput": _throughput(module, members),
        "feature_group_name": literal(existing.name),
        "description": literal(description) if description else None,
        "role": None if role_arn is None or offline is None else references.role(module, role_arn),
    }
    if role_arn is not None and offline is None:
        changes["RoleArn"] = role_arn
    references.not_expressed(module, members)
    module.ours("FeatureGroup")
    variable = "feature_group"
    module.statement(f"{variable} = {call('FeatureGroup', 'self', literal('FeatureGroup'), **keywords)}")
    references.override(module, variable, changes)
    references.tags(module, target, region, existing.arn, variable)
    return {"FeatureGroup/Resource": {"FeatureGroupName": existing.name}}


def _throughput(module: Module, members: Members) -> str | None:
    if members.take_default(_ON_DEMAND, "ThroughputConfig"):
        return None
    module.ours("ProvisionedThroughput")
    members.take("ThroughputConfig", "ThroughputMode")
    read, write = (members.take("ThroughputConfig", each) for each in CAPACITY_UNITS)
    keywords = {
        "write_capacity_units": literal(write),
        "read_capacity_units": None if read is None else literal(read),
    }
    return call("ProvisionedThroughput", **keywords)


def _definitions(module: Module, members: Members) -> str:
    module.ours("FeatureType")
    types = {}
    for each in members.take("FeatureDefinitions"):
        types[each["FeatureName"]] = f"FeatureType.{each['FeatureType'].upper()}"
        if "CollectionType" in each:
            module.comment(f"Not expressed: '{each['FeatureName']}' is a {each['CollectionType']}.")
    return dict_of(types)


def _online_store(module: Module, members: Members) -> str | None:
    if not members.take("OnlineStoreConfig", "EnableOnlineStore", default=False):
        return None
    module.ours("OnlineStore")
    keywords: dict[str, str | None] = {}
    if members.take("OnlineStoreConfig", "StorageType", default="Standard") == "InMemory":
        module.ours("StorageType")
        keywords["storage_type"] = "StorageType.IN_MEMORY"
    ttl = members.take("OnlineStoreConfig", "TtlDuration")
    if ttl:
        module.cdk("Duration")
        keywords["ttl"] = call("Duration.seconds", literal(ttl["Value"] * TTL_SECONDS[ttl["Unit"]]))
    key = members.take("OnlineStoreConfig", "SecurityConfig", "KmsKeyId")
    if key:
        keywords["encryption_key"] = references.key(module, key, "online_key")
    return call("OnlineStore", **keywords)


def _offline_store(module: Module, members: Members, changes: dict[str, Any]) -> str | None:
    uri = members.take("OfflineStoreConfig", "S3StorageConfig", "S3Uri")
    if uri is None:
        return None
    members.take("OfflineStoreConfig", "S3StorageConfig", "ResolvedOutputS3Uri")
    module.ours("OfflineStore")
    bucket, prefix = references.split_uri(uri) or (uri, "")
    keywords: dict[str, str | None] = {
        "bucket": references.bucket(module, bucket),
        "prefix": literal(prefix) if prefix.strip("/") else None,
    }
    if uri != f"s3://{bucket}/{prefix.strip('/')}".rstrip("/"):
        changes["OfflineStoreConfig.S3StorageConfig.S3Uri"] = uri  # as it is, so that the group is not replaced
    key = members.take("OfflineStoreConfig", "S3StorageConfig", "KmsKeyId")
    if key:
        keywords["encryption_key"] = references.key(module, key, "offline_key")
    catalog = members.take("OfflineStoreConfig", "DataCatalogConfig", default={})
    if catalog and catalog["Database"] != _MADE_DATABASE:  # else SageMaker has named the table itself
        keywords |= {"database": literal(catalog["Database"]), "table_name": literal(catalog["TableName"])}
        if catalog["Catalog"] != _MADE_CATALOG:
            changes["OfflineStoreConfig.DataCatalogConfig.Catalog"] = catalog["Catalog"]
    if members.take("OfflineStoreConfig", "TableFormat", default="Glue") == "Iceberg":
        module.ours("TableFormat")
        keywords["table_format"] = "TableFormat.ICEBERG"
    if members.take("OfflineStoreConfig", "DisableGlueTableCreation", default=False):
        keywords["disable_glue_table_creation"] = "True"
    return call("OfflineStore", **keywords)
