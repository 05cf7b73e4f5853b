"""Definitions of features: what they may be."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

RESERVED: Final = ("is_deleted", "write_time", "api_invocation_time")
"""What the offline store adds to each record."""
MOST: Final = 2500
EVENT_TIME_TYPES: Final = ("String", "Fractional")
IN_MEMORY: Final = "InMemory"

Definition = Mapping[str, Any]


def problems(definitions: Sequence[Definition], storage_type: str | None) -> Iterator[str]:
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


def key_problems(identifier: str, event_time: str, definitions: Sequence[Definition]) -> Iterator[str]:
    """What is wrong with the features that name records and their times."""
    by_name = {each["FeatureName"]: each for each in definitions}
    for member, name in (("RecordIdentifierFeatureName", identifier), ("EventTimeFeatureName", event_time)):
        definition = by_name.get(name)
        if definition is None:
            yield f"{member} '{name}' is not in FeatureDefinitions, which has: {', '.join(by_name)}. Define it there."
        elif "CollectionType" in definition:
            yield f"{member} '{name}' is a {definition['CollectionType']}; it must be a single value."
    kind = by_name.get(event_time, {}).get("FeatureType", EVENT_TIME_TYPES[0])
    if kind not in EVENT_TIME_TYPES:
        yield (
            f"EventTimeFeatureName '{event_time}' has FeatureType {kind}; it must be one of "
            f"{', '.join(EVENT_TIME_TYPES)}: ISO 8601, or seconds since 1970."
        )
    if identifier == event_time:
        yield f"RecordIdentifierFeatureName and EventTimeFeatureName are both '{identifier}'; they must differ."


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
