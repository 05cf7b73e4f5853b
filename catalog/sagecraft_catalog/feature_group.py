"""What a feature group may be."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .near_match import did_you_mean

RESERVED: Final = ("is_deleted", "write_time", "api_invocation_time")
"""What the offline store adds to each record."""
MOST: Final = 2500
RECORD_IDENTIFIER: Final = "RecordIdentifierFeatureName"
EVENT_TIME: Final = "EventTimeFeatureName"
EVENT_TIME_TYPES: Final = ("String", "Fractional")
IN_MEMORY: Final = "InMemory"
TTL_SECONDS: Final[Mapping[str, int]] = {
    "Seconds": 1,
    "Minutes": 60,
    "Hours": 3600,
    "Days": 86_400,
    "Weeks": 604_800,
}
"""How long each unit of a `TtlDuration` is."""
PROVISIONED: Final = "Provisioned"
CAPACITY_UNITS: Final = ("ProvisionedReadCapacityUnits", "ProvisionedWriteCapacityUnits")
MOST_GLUE_CHARACTERS: Final = {"Database": 255, "TableName": 252}
_GLUE_NAME: Final = re.compile("[a-z_][a-z0-9_]*")

Definition = Mapping[str, Any]


def definition_problems(definitions: Sequence[Definition], storage_type: str | None) -> Iterator[str]:
    """What is wrong with definitions that the service model cannot see.

    Source: `FeatureDefinitions` and `CollectionConfig` in
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateFeatureGroup.html

    Args:
        definitions: All of a feature group.
        storage_type: Of its online store; None without one.
    """
    if len(definitions) > MOST:
        yield f"A feature group has at most {MOST} features, got {len(definitions)}. Leave some out."
    # Columns of a Glue table are alike in upper and lower case.
    counts = Counter(each["FeatureName"].lower() for each in definitions)
    for name in sorted(name for name, count in counts.items() if count > 1):
        yield f"FeatureDefinitions has the feature '{name}' more than once, in upper or lower case. Names are unique."
    for each in definitions:
        name = each["FeatureName"]
        if name.lower() in RESERVED:
            yield f"FeatureName '{name}' is reserved, as are {', '.join(RESERVED)}. Choose another name."
        yield from _collection_problems(each, storage_type)


def key_problems(identifier: str, event_time: str, definitions: Sequence[Definition]) -> Iterator[tuple[str, str]]:
    """What is wrong with the features that name records and their times: the member of the API, and what of it."""
    by_name = {each["FeatureName"]: each for each in definitions}
    members = {RECORD_IDENTIFIER: identifier, EVENT_TIME: event_time}
    for member, name in members.items():
        definition = by_name.get(name)
        if definition is None:
            known = ", ".join(by_name) or "none"
            meant = did_you_mean(name, by_name)
            yield member, f"{member} '{name}' is not in FeatureDefinitions, which has: {known}. Define it there.{meant}"
        elif "CollectionType" in definition:
            yield member, f"{member} '{name}' is a {definition['CollectionType']}; it must be a single value."
    kind = by_name.get(event_time, {}).get("FeatureType", EVENT_TIME_TYPES[0])
    if kind not in EVENT_TIME_TYPES:
        allowed = f"it must be one of {', '.join(EVENT_TIME_TYPES)}: ISO 8601, or seconds since 1970."
        yield EVENT_TIME, f"{EVENT_TIME} '{event_time}' has FeatureType {kind}; {allowed}"
    if identifier == event_time:
        yield EVENT_TIME, f"{RECORD_IDENTIFIER} and {EVENT_TIME} are both '{identifier}'; they must differ."


def _collection_problems(definition: Definition, storage_type: str | None) -> Iterator[str]:
    name, collection = definition["FeatureName"], definition.get("CollectionType")
    dimension = definition.get("CollectionConfig", {}).get("VectorConfig")
    if collection is None:
        if "CollectionConfig" in definition:
            yield f"Feature '{name}' has a CollectionConfig and no CollectionType. Give one, or leave both out."
        return
    if storage_type != IN_MEMORY:
        yield (
            f"Feature '{name}' is a {collection}, and collections need an online store with StorageType '{IN_MEMORY}', "
            f"got {storage_type or 'no online store'}."
        )
    if collection == "Vector":
        if definition["FeatureType"] != "Fractional":
            yield f"Feature '{name}' is a Vector and must have FeatureType Fractional, got {definition['FeatureType']}."
        if dimension is None:
            yield f"Feature '{name}' is a Vector and needs CollectionConfig.VectorConfig.Dimension."
    elif dimension is not None:
        yield f"Feature '{name}' is a {collection}; only a Vector has a VectorConfig."


def glue_name_problem(member: str, name: str) -> str | None:
    """What is wrong with a name of what Glue has of an offline store; None where nothing is.

    Source: `v3-examples/ml-ops-examples/v3-feature-store-examples/data-catalog-config` of
    https://github.com/aws/sagemaker-python-sdk

    Args:
        member: Of a `DataCatalogConfig`: `Database` or `TableName`.
        name: It.
    """
    if _GLUE_NAME.fullmatch(name) is None:
        return f"'{name}' must have small letters, digits and underscores alone, and not begin with a digit"
    if len(name) > MOST_GLUE_CHARACTERS[member]:
        return f"'{name}' must have at most {MOST_GLUE_CHARACTERS[member]} characters, got {len(name)}"
    return None


def throughput_problems(throughput: Mapping[str, Any], storage_type: str | None) -> Iterator[str]:
    """What is wrong with a `ThroughputConfig` that the service model cannot see.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ThroughputConfig.html

    Args:
        throughput: It; empty for one that is left out.
        storage_type: Of the group's online store; None without one.
    """
    units = [member for member in CAPACITY_UNITS if member in throughput]
    if throughput.get("ThroughputMode") != PROVISIONED:
        if units:
            yield f"ThroughputConfig has {' and '.join(units)}, which belong to ThroughputMode Provisioned alone."
        return
    if storage_type == IN_MEMORY:
        yield "ThroughputMode Provisioned is not for an online store with StorageType InMemory; use OnDemand."
    needed = CAPACITY_UNITS if storage_type is not None else CAPACITY_UNITS[1:]
    absent = [member for member in needed if member not in throughput]
    if absent:
        yield f"ThroughputMode Provisioned needs {' and '.join(absent)}."
