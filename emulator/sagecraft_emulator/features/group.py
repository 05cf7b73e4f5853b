"""A feature group as records are written and read by it: what of its record they need, read once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sagecraft_emulator.state.store import Record

from .ttl import seconds_of


@dataclass(frozen=True)
class Group:
    """A feature group at one moment.

    Attributes:
        record: What it was read from.
    """

    record: Record

    @cached_property
    def definitions(self) -> Mapping[str, Mapping[str, Any]]:
        """The definition of each feature, by its name."""
        return {each["FeatureName"]: each for each in self.record.body["FeatureDefinitions"]}

    @cached_property
    def name(self) -> str:
        """Its name as it was given."""
        return str(self.record.body["FeatureGroupName"])

    @cached_property
    def identifier(self) -> str:
        """The feature that names records."""
        return str(self.record.body["RecordIdentifierFeatureName"])

    @cached_property
    def event_time(self) -> str:
        """The feature that says when a record was true."""
        return str(self.record.body["EventTimeFeatureName"])

    @property
    def event_time_type(self) -> str:
        """The type of that feature."""
        return str(self.definitions[self.event_time]["FeatureType"])

    @cached_property
    def stores(self) -> tuple[str, ...]:
        """Which stores it has, by the names in `TargetStores`."""
        return stores_of(self.record.body)

    @cached_property
    def ttl_seconds(self) -> int | None:
        """How long a record lives that does not say it."""
        return seconds_of(self.record.body.get("OnlineStoreConfig", {}).get("TtlDuration"))

    @cached_property
    def target(self) -> str:
        """Where and as what its records are written to the offline store, as JSON: it outlives the group."""
        body, config = self.record.body, self.record.body["OfflineStoreConfig"]
        storage, catalog = config["S3StorageConfig"], config.get("DataCatalogConfig", {})
        made = None if config["DisableGlueTableCreation"] else (catalog["Database"], catalog["TableName"])
        columns = [[n, each["FeatureType"], each.get("CollectionType")] for n, each in self.definitions.items()]
        return json.dumps(
            {
                "key": self.record.key,
                "uri": storage["ResolvedOutputS3Uri"],
                "kms_key": storage.get("KmsKeyId"),
                "role_arn": body["RoleArn"],
                "columns": columns,
                "table": made,
            }
        )


def stores_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Which stores a feature group has, by the names in `TargetStores`."""
    online = body.get("OnlineStoreConfig", {}).get("EnableOnlineStore", False)
    has = {"OnlineStore": online, "OfflineStore": "OfflineStoreConfig" in body}
    return tuple(name for name, there in has.items() if there)
