"""The operations of the feature store's data plane."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.api.rest_service import RestService
from sagecraft_emulator.errors import ApiError, resource_not_found, validation_error
from sagecraft_emulator.features.group import Group
from sagecraft_emulator.features.records import OfflineRecord, OnlineRecord, Records
from sagecraft_emulator.features.ttl import seconds_of as ttl_seconds_of
from sagecraft_emulator.state.store import RecordKey

from .event_time import LAST_SECONDS, iso, seconds_of
from .value import Value, is_of, problem_with

NAME: Final = "sagemaker-featurestore-runtime"
ONLINE, OFFLINE = "OnlineStore", "OfflineStore"
MOST_LISTED: Final = 100
_MEMBERS: Final = {str: "ValueAsString", list: "ValueAsStringList"}
"""What holds the value of a feature, by what it is."""

FindGroup = Callable[[Caller, str], Group]
"""The group of a name or an ARN, ready for records; or raises `ApiError`."""


class FeatureStoreRuntime:
    """Puts, gets and deletes records.

    Sources: the API references of
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Operations_Amazon_SageMaker_Feature_Store_Runtime.html,
    also of what is older and newer.

    Args:
        records: Where they are kept.
        find: Finds groups.
    """

    def __init__(self, records: Records, find: FindGroup) -> None:
        self._records, self._find = records, find
        operations: dict[str, Operation] = {
            "PutRecord": self.put,
            "GetRecord": self.get,
            "BatchGetRecord": self.batch_get,
            "DeleteRecord": self.delete,
            "BatchWriteRecord": self.batch_write,
            "ListRecords": self.list,
        }
        self.service = RestService(NAME, operations, arns_of, invalid="ValidationError")

    def put(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
        """Takes a record into the stores of its group.

        Raises:
            ApiError: There is no such group, or something is wrong with the record.
        """
        group = self._find(caller, request["FeatureGroupName"])
        problems = list(_record_problems(group, request["Record"]))
        if problems:
            raise validation_error(f"Validation Error: {' '.join(problems)}")
        values: dict[str, Value] = {
            each["FeatureName"]: each.get("ValueAsString", each.get("ValueAsStringList")) for each in request["Record"]
        }
        event_time = _event_time(group, str(values[group.event_time]))
        stores, now = _stores(group, request), time.time()
        given = ttl_seconds_of(request.get("TtlDuration"))
        if given is not None and ONLINE not in group.stores:
            raise _invalid(f"TtlDuration is of the online store, which FeatureGroup '{group.name}' does not have.")
        seconds = group.ttl_seconds if given is None else given
        expires = None if seconds is None else min(event_time + seconds, LAST_SECONDS)
        features = json.dumps(values)
        is_online = ONLINE in stores and (expires is None or expires > now)
        online = OnlineRecord(event_time, expires, deleted=False, features=features) if is_online else None
        offline = _queued(group, stores, event_time, now, features)
        identifier = str(values[group.identifier])
        owner = owner_of(group.record.key)
        self._records.write(owner, identifier, online, offline, now)
        return {}

    def get(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
        """The latest record of an identifier; nothing where there is none, or it is deleted.

        Raises:
            ApiError: There is no such group, it has no online store, or not such features.
        """
        group = self._online(caller, request["FeatureGroupName"])
        wanted = _wanted(group, request)
        return self._view(group, request["RecordIdentifierValueAsString"], wanted, request) or {}

    def batch_get(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
        """The latest records of several identifiers of several groups, and why there is none of some groups."""
        records: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for each in request["Identifiers"]:
            name, identifiers = each["FeatureGroupName"], each["RecordIdentifiersValueAsString"]
            try:
                group = self._online(caller, name)
                wanted = _wanted(group, each)
            except ApiError as error:
                told = {"ErrorCode": _code(error), "ErrorMessage": error.message}
                errors += [
                    {"FeatureGroupName": name, "RecordIdentifierValueAsString": each, **told} for each in identifiers
                ]
                continue
            for identifier in identifiers:
                found = self._view(group, identifier, wanted, request)
                if found is not None:
                    told = {"FeatureGroupName": name, "RecordIdentifierValueAsString": identifier}
                    records.append({**told, **found})
        return {"Records": records, "Errors": errors, "UnprocessedIdentifiers": []}

    def delete(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
        """Deletes the record of an identifier, if it is older than the deletion.

        Raises:
            ApiError: There is no such group, something is wrong with the request, or a hard deletion comes too late.
        """
        group = self._find(caller, request["FeatureGroupName"])
        identifier, text = request["RecordIdentifierValueAsString"], request["EventTime"]
        if not is_of(kind := group.definitions[group.identifier]["FeatureType"], identifier):
            raise _invalid(f"RecordIdentifierValueAsString '{identifier}' is no {kind}, as '{group.identifier}' is.")
        event_time, stores, now = _event_time(group, text), _stores(group, request), time.time()
        features = json.dumps({group.identifier: identifier, group.event_time: text})
        marker = _queued(group, stores, event_time, now, features, deleted=True)
        owner = owner_of(group.record.key)
        if ONLINE in stores and request.get("DeletionMode") == "HardDelete":
            newer = self._records.remove(owner, identifier, event_time, marker, now)
            if newer is not None:
                raise _invalid(
                    f"EventTime '{text}' is not later than that of the record in the OnlineStore, {iso(newer)}; a hard "
                    "deletion must be later."
                )
            return {}
        online = OnlineRecord(event_time, None, deleted=True, features=features) if ONLINE in stores else None
        self._records.write(owner, identifier, online, marker, now)
        return {}

    def batch_write(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
        """Takes several records, each of which may be refused."""
        ttl = {"TtlDuration": request["TtlDuration"]} if "TtlDuration" in request else {}
        errors = []
        for entry in request["Entries"]:
            try:
                self.put(caller, {**ttl, **entry})
            except ApiError as error:
                errors.append({"Entry": entry, "ErrorCode": _code(error), "ErrorMessage": error.message})
        return {"Errors": errors, "UnprocessedEntries": []}

    def list(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
        """A page of the identifiers of a group's records.

        Raises:
            ApiError: There is no such group, or it has no online store.
        """
        group, size = self._online(caller, request["FeatureGroupName"]), request.get("MaxResults", MOST_LISTED)
        with_deleted = request.get("IncludeSoftDeletedRecords", False)
        found = self._records.identifiers(
            owner_of(group.record.key), request.get("NextToken", ""), size + 1, time.time(), with_deleted=with_deleted
        )
        more = {"NextToken": found[size - 1]} if len(found) > size else {}
        return {"RecordIdentifiers": found[:size], **more}

    def _online(self, caller: Caller, name: str) -> Group:
        group = self._find(caller, name)
        if ONLINE not in group.stores:
            raise _invalid(f"FeatureGroup '{group.name}' has no OnlineStore. Read its records from the OfflineStore.")
        return group

    def _view(
        self, group: Group, identifier: str, wanted: Sequence[str] | None, request: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        found = self._records.get(owner_of(group.record.key), identifier, time.time())
        if found is None or found.deleted:
            return None
        values: dict[str, Value] = json.loads(found.features)
        record = [
            {"FeatureName": name, _MEMBERS[type(values[name])]: values[name]}
            for name in (values if wanted is None else wanted)
            if name in values
        ]
        tells = request.get("ExpirationTimeResponse") == "Enabled" and found.expires is not None
        return {"Record": record, **({"ExpiresAt": iso(found.expires or 0)} if tells else {})}


def owner_of(key: RecordKey) -> str:
    """What names a feature group where its records are kept."""
    return "/".join(key[1:])


def arns_of(caller: Caller, request: Mapping[str, Any]) -> Iterator[str]:
    """The ARNs of the groups that a request is on."""
    named = [request, *request.get("Identifiers", ()), *request.get("Entries", ())]
    names = dict.fromkeys(each["FeatureGroupName"] for each in named if "FeatureGroupName" in each)
    for name in names:
        yield name if name.startswith("arn:") else caller.arn("feature-group", name.lower())


def not_found(name: str) -> ApiError:
    """AWS's answer to a group that there is not.

    Source: https://github.com/aws/sagemaker-python-sdk/issues/2606
    """
    return resource_not_found(f"Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name {name}")


def _invalid(message: str) -> ApiError:
    return validation_error(f"Validation Error: {message}")


def _code(error: ApiError) -> str:
    return "ValidationError" if error.code == "ValidationException" else error.code


def _record_problems(group: Group, record: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    given = set()
    for each in record:
        name = each["FeatureName"]
        definition = group.definitions.get(name)
        if definition is None:
            yield f"Feature '{name}' is not defined in FeatureGroup '{group.name}'."
        elif name in given:
            yield f"Feature '{name}' is there more than once."
        else:
            problem = problem_with(definition, each)
            if problem is not None:
                yield problem
        given.add(name)
    for member, name in (("record identifier", group.identifier), ("event time", group.event_time)):
        if name not in given:
            yield f"The record has no value of its {member} feature '{name}', which every record needs."


def _queued(
    group: Group, stores: Sequence[str], event_time: float, now: float, features: str, *, deleted: bool = False
) -> OfflineRecord | None:
    """What goes to the offline store; nothing where it is not meant for it."""
    return OfflineRecord(group.target, event_time, now, deleted, features) if OFFLINE in stores else None


def _event_time(group: Group, text: str) -> float:
    seconds = seconds_of(text, group.event_time_type)
    if seconds is None:
        wanted = {
            "String": "ISO 8601 in UTC: yyyy-MM-dd'T'HH:mm:ssZ or yyyy-MM-dd'T'HH:mm:ss.SSSZ",
            "Fractional": "seconds since 1970",
        }
        raise _invalid(
            f"EventTime '{text[:100]}' of feature '{group.event_time}' must be {wanted[group.event_time_type]}."
        )
    return seconds


def _stores(group: Group, request: Mapping[str, Any]) -> Sequence[str]:
    """Which stores a request is for."""
    wanted: Sequence[str] = request.get("TargetStores", group.stores)
    absent = [each for each in wanted if each not in group.stores]
    if absent:
        raise _invalid(
            f"TargetStores has {', '.join(absent)}, and FeatureGroup '{group.name}' has {', '.join(group.stores)}."
        )
    return wanted


def _wanted(group: Group, request: Mapping[str, Any]) -> Sequence[str] | None:
    """The features that a request asks for; None for all."""
    names: Sequence[str] | None = request.get("FeatureNames")
    unknown = [each for each in names or () if each not in group.definitions]
    if unknown:
        raise _invalid(f"FeatureNames has {', '.join(unknown)}, which FeatureGroup '{group.name}' does not define.")
    return names
