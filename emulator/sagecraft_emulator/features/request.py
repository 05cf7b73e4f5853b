"""Requests that make and change feature groups: what is wrong with them, and what becomes of them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sagecraft_catalog.feature_group import (
    CAPACITY_UNITS,
    Definition,
    definition_problems,
    glue_name_problem,
    key_problems,
    throughput_problems,
)

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import not_done, validation_error
from sagecraft_emulator.state.store import Record

from .group import stores_of
from .metadata import ADDED
from .offline.place import DEFAULT_CATALOG, resolved_uri, table_name
from .online.runtime import ONLINE

ACTIVE: Final = {"Status": "Active"}
_THROUGHPUT: Final = {"ThroughputMode": "OnDemand"}


def request_problems(request: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a request for a group that the service model cannot see."""
    online, definitions = request.get("OnlineStoreConfig", {}), request["FeatureDefinitions"]
    enabled = online.get("EnableOnlineStore", False)
    storage_type = online.get("StorageType", "Standard") if enabled else None
    if not stores_of(request):
        yield (
            "A feature group needs a store: give an OnlineStoreConfig with EnableOnlineStore true, or an "
            "OfflineStoreConfig, or both."
        )
    if not enabled and online.keys() - {"EnableOnlineStore"}:
        members = ", ".join(sorted(online.keys() - {"EnableOnlineStore"}))
        yield f"OnlineStoreConfig has {members}, and EnableOnlineStore is not true. Set it, or leave them out."
    keys = key_problems(request["RecordIdentifierFeatureName"], request["EventTimeFeatureName"], definitions)
    yield from (problem for _, problem in keys)
    yield from definition_problems(definitions, storage_type)
    yield from _offline_problems(request)
    yield from throughput_problems(request.get("ThroughputConfig", {}), storage_type)


def _offline_problems(request: Mapping[str, Any]) -> Iterator[str]:
    offline = request.get("OfflineStoreConfig")
    if offline is None:
        return
    if "RoleArn" not in request:
        yield "An OfflineStoreConfig needs a RoleArn: the role that writes to S3."
    uri = offline["S3StorageConfig"]["S3Uri"]
    if not uri.startswith("s3://"):
        yield f"S3Uri '{uri}' must begin with s3://."
    yield from _catalog_problems(offline.get("DataCatalogConfig", {}))
    if offline.get("TableFormat") == "Iceberg":
        if offline.get("DisableGlueTableCreation"):
            yield "TableFormat Iceberg needs DisableGlueTableCreation false."
        raise not_done("TableFormat 'Iceberg' is not supported by this emulator; use 'Glue', which is Parquet in S3.")


def _catalog_problems(config: Mapping[str, str]) -> Iterator[str]:
    for member, given in config.items():
        if member == "Catalog":
            only = DEFAULT_CATALOG["Catalog"]
            problem = None if given == only else f"'{given}' must be {only}, the only catalog there is"
        else:
            problem = glue_name_problem(member, given)
        if problem is not None:
            yield f"DataCatalogConfig.{member} {problem}."


def body_of(caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a new group's record besides those of its request."""
    body: dict[str, Any] = {"ThroughputConfig": request.get("ThroughputConfig", _THROUGHPUT)}
    if "OnlineStoreConfig" in request:
        online = request["OnlineStoreConfig"]
        storage = {"StorageType": "Standard"} if online.get("EnableOnlineStore") else {}
        body["OnlineStoreConfig"] = {"EnableOnlineStore": False, **storage, **online}
    if "OfflineStoreConfig" in request:
        offline, now = request["OfflineStoreConfig"], time.time()
        storage = offline["S3StorageConfig"]
        name = request["FeatureGroupName"]
        made = not offline.get("DisableGlueTableCreation", False)
        catalog = {"DataCatalogConfig": {**DEFAULT_CATALOG, "TableName": table_name(name, now)}} if made else {}
        body["OfflineStoreConfig"] = {
            "DisableGlueTableCreation": False,
            **catalog,
            **offline,
            "S3StorageConfig": {**storage, "ResolvedOutputS3Uri": resolved_uri(storage["S3Uri"], caller, name, now)},
        }
        body["OfflineStoreStatus"] = ACTIVE
    return body


def change_of(present: Record, request: Mapping[str, Any]) -> dict[str, Any]:
    """What an update changes of a group's record.

    Raises:
        ApiError: The change cannot be.
    """
    body = present.body
    if "FeatureAdditions" in request:
        return _with_features(present, request["FeatureAdditions"])
    online = body.get("OnlineStoreConfig", {})
    if "OnlineStoreConfig" in request:
        if ONLINE not in stores_of(body):
            raise validation_error("Validation Error: The feature group has no online store to update.")
        asked = request["OnlineStoreConfig"]
        if asked.get("StorageType", online["StorageType"]) != online["StorageType"]:
            raise validation_error(
                f"Validation Error: The StorageType of an online store cannot change from {online['StorageType']} to "
                f"{asked['StorageType']}; make another feature group."
            )
        merged = {**online, **asked}
        return {"OnlineStoreConfig": {name: value for name, value in merged.items() if value != {}}}
    throughput = {**body["ThroughputConfig"], **request["ThroughputConfig"]}
    if throughput["ThroughputMode"] == "OnDemand" and not request["ThroughputConfig"].keys() & set(CAPACITY_UNITS):
        throughput = dict(_THROUGHPUT)
    wrong = list(throughput_problems(throughput, online.get("StorageType")))
    if wrong:
        raise validation_error(f"Validation Error: {' '.join(wrong)}")
    return {"ThroughputConfig": throughput}


def _with_features(present: Record, additions: Sequence[Definition]) -> dict[str, Any]:
    definitions = [*present.body["FeatureDefinitions"], *additions]
    storage_type = present.body.get("OnlineStoreConfig", {}).get("StorageType")
    wrong = list(definition_problems(definitions, storage_type))
    if wrong:
        raise validation_error(f"Validation Error: {' '.join(wrong)}")
    now = time.time()
    added = {each["FeatureName"]: now for each in additions}
    return {"FeatureDefinitions": definitions, ADDED: {**present.body.get(ADDED, {}), **added}}
