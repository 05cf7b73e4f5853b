"""A feature group: what is known of things, by their identifiers and by time."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from aws_cdk import Names, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct
from sagecraft_catalog import check_name
from sagecraft_catalog.feature_group import (
    EVENT_TIME,
    PROVISIONED,
    RECORD_IDENTIFIER,
    definition_problems,
    key_problems,
)

from sagecraft_constructs import permissions
from sagecraft_constructs.data.bucket import DataBucket
from sagecraft_constructs.data.place import url_of
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.permissions.execution_role import execution_role
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .base import FeatureGroupBase, NamedFeatureGroup
from .kinds import FeatureType, TableFormat
from .store import CATALOG, OfflineStore, OnlineStore, ttl_duration
from .throughput import ProvisionedThroughput

_LONGEST_NAME: Final = 64
_LONGEST_DESCRIPTION: Final = 128
_PROPS: Final = {
    RECORD_IDENTIFIER: "record_identifier_feature_name",
    EVENT_TIME: "event_time_feature_name",
}


class FeatureGroup(FeatureGroupBase):
    """Features of things, such as customers: the latest record of each in an online store, all in an offline one.

    Features can be added, and the `ttl` of the online store and the `throughput` can change. **All else, tags and the
    role too, cannot be changed**: CloudFormation would make another group, and refuses because the name is taken. So
    such a change takes another `feature_group_name`. The new group begins without records: what is in the offline store
    stays there and can be put again, and what is in the online store alone goes with the old group. Features cannot be
    removed, nor get another type.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-featuregroup.html

    Attributes:
        role: What SageMaker writes to the offline store with; `None` without one.
    """

    role: iam.IRole | None = None

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        feature_definitions: Mapping[str, FeatureType],
        record_identifier_feature_name: str,
        event_time_feature_name: str,
        online_store: OnlineStore | None = None,
        offline_store: OfflineStore | None = None,
        throughput: ProvisionedThroughput | None = None,
        feature_group_name: str | None = None,
        description: str | None = None,
        role: iam.IRole | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        """Declares the feature group.

        Args:
            scope: Where it stands.
            id: Its name there.
            feature_definitions: The type of each feature by its name; 2,500 at most.
            record_identifier_feature_name: The feature that says what a record is of, such as `customer_id`.
            event_time_feature_name: The feature that says when it was so: a `STRING` in ISO 8601, or a `FRACTIONAL` of
                seconds since 1970.
            online_store: Left out, there is none.
            offline_store: Left out, there is none. A group needs one of the two.
            throughput: Left out, on demand: what is used is paid for.
            feature_group_name: Left out, made from where the construct stands; it stays the same.
            description: What the features are; a change needs another group. Left out, there is none.
            role: What SageMaker writes to the offline store with. Left out, an `ExecutionRole` is made. Either may
                write below the folder of this group, and nothing else.
            removal_policy: What becomes of the group when it is removed or replaced. Left out, it stays, with what is
                in its online store. `DESTROY` suits development; a bucket that is made for it goes with it then.

        Raises:
            InvalidProps: With every problem: a feature that is not defined (near matches are named), a name that
                SageMaker refuses, no store, and so on.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "FeatureGroup")
        problems.require_known(
            feature_definitions=feature_definitions,
            record_identifier_feature_name=record_identifier_feature_name,
            event_time_feature_name=event_time_feature_name,
        )
        definitions = [{"FeatureName": name, "FeatureType": kind} for name, kind in feature_definitions.items()]
        _check_features(problems, definitions, online_store)
        for member, problem in key_problems(record_identifier_feature_name, event_time_feature_name, definitions):
            problems.add(_PROPS[member], problem)
        _check_words(problems, feature_group_name, description)
        _check_stores(problems, self, online_store, offline_store, role)
        if throughput is not None:
            storage_type = None if online_store is None else online_store.storage_type.value
            throughput.check(problems.inside("throughput"), storage_type)
        problems.raise_any()
        self._take_name(
            Names.unique_resource_name(self, max_length=_LONGEST_NAME, separator="-").lower()
            if feature_group_name is None
            else feature_group_name
        )
        self._online_key = None if online_store is None else online_store.encryption_key
        offline = None
        if offline_store is not None:
            self.role = execution_role(self, role)
            offline = self._offline(offline_store, self.role, removal_policy)
        resource = sagemaker.CfnFeatureGroup(
            self,
            "Resource",
            feature_group_name=self.feature_group_name,
            description=description,
            feature_definitions=[
                sagemaker.CfnFeatureGroup.FeatureDefinitionProperty(feature_name=name, feature_type=kind.value)
                for name, kind in feature_definitions.items()
            ],
            record_identifier_feature_name=record_identifier_feature_name,
            event_time_feature_name=event_time_feature_name,
            # As they are in the template: the CDK has no types for these two, and leaves what they hold as it is.
            online_store_config=None if online_store is None else _online(online_store),
            offline_store_config=offline,
            throughput_config=None if throughput is None else _throughput(throughput),
            role_arn=None if self.role is None else self.role.role_arn,
        )
        resource.apply_removal_policy(removal_policy)
        if self.role is not None:
            # SageMaker tries the role at once: its policy must be in force by then.
            resource.node.add_dependency(self.role)

    def _offline(self, given: OfflineStore, role: iam.IRole, removal_policy: RemovalPolicy) -> dict[str, object]:
        bucket = given.bucket
        if bucket is None:
            bucket = DataBucket(
                self, "OfflineStore", encryption_key=given.encryption_key, removal_policy=removal_policy
            )
        store = self.offline_store = replace(given, bucket=bucket)
        permissions.allow_offline_store(
            role, bucket, self._folder, store.key, self._tables if store.table_format is TableFormat.ICEBERG else ()
        )
        key = {} if store.key is None else {"KmsKeyId": store.key.key_arn}
        config: dict[str, object] = {"S3StorageConfig": {"S3Uri": url_of(bucket, store.prefix.strip("/")), **key}}
        if store.table_name is not None:
            config["DataCatalogConfig"] = {
                "Catalog": CATALOG,
                "Database": store.database,
                "TableName": store.table_name,
            }
        if store.table_format is not TableFormat.GLUE:
            config["TableFormat"] = store.table_format.value
        if store.disable_glue_table_creation:
            config["DisableGlueTableCreation"] = True
        return config

    @staticmethod
    @check_props
    def from_feature_group_name(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        feature_group_name: str,
        *,
        offline_store: OfflineStore | None = None,
        online_key: kms.IKey | None = None,
    ) -> FeatureGroupBase:
        """A feature group that exists in the account and region of the stack.

        Args:
            scope: Where it stands.
            id: Its name there.
            feature_group_name: Its name; a token must be in lower case, as ARNs are.
            offline_store: Where its records are, for `grant_read_offline`. Left out, it is not known.
            online_key: What encrypts its online store. Left out, a key of AWS's does.
        """
        return NamedFeatureGroup(scope, id, feature_group_name, offline_store, online_key)


def _throughput(throughput: ProvisionedThroughput) -> sagemaker.CfnFeatureGroup.ThroughputConfigProperty:
    return sagemaker.CfnFeatureGroup.ThroughputConfigProperty(
        throughput_mode=PROVISIONED,
        provisioned_read_capacity_units=throughput.read_capacity_units,
        provisioned_write_capacity_units=throughput.write_capacity_units,
    )


def _online(store: OnlineStore) -> dict[str, object]:
    config: dict[str, object] = {"EnableOnlineStore": True, "StorageType": store.storage_type.value}
    if store.ttl is not None:
        config["TtlDuration"] = ttl_duration(store.ttl)
    if store.encryption_key is not None:
        config["SecurityConfig"] = {"KmsKeyId": store.encryption_key.key_arn}
    return config


def _check_features(
    problems: Problems, definitions: list[dict[str, FeatureType | str]], online_store: OnlineStore | None
) -> None:
    for each in definitions:
        with problems.noting("feature_definitions"):
            check_name("FeatureName", each["FeatureName"])
    storage_type = None if online_store is None else online_store.storage_type.value
    for problem in definition_problems(definitions, storage_type):
        problems.add("feature_definitions", problem)


def _check_words(problems: Problems, name: str | None, description: str | None) -> None:
    if name is not None and not is_token(name):
        with problems.noting("feature_group_name"):
            check_name("FeatureGroupName", name)
    if description is not None and not is_token(description) and len(description) > _LONGEST_DESCRIPTION:
        problems.add("description", f"has {len(description)} characters; {_LONGEST_DESCRIPTION} at most are taken.")


def _check_stores(
    problems: Problems,
    scope: Construct,
    online_store: OnlineStore | None,
    offline_store: OfflineStore | None,
    role: iam.IRole | None,
) -> None:
    if online_store is not None:
        online_store.check(problems.inside("online_store"), scope)
    if offline_store is not None:
        offline_store.check(problems.inside("offline_store"), scope)
    elif role is not None:
        problems.add("role", "writes to the offline store, and there is none; give 'offline_store', or no role.")
    if online_store is None and offline_store is None:
        problems.add("online_store", "a feature group needs a store; give this, 'offline_store', or both.")
