"""What is said of single features: a description, and parameters to find them by."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sagecraft_emulator.errors import resource_not_found, validation_error
from sagecraft_emulator.state.store import Record

ADDED: Final = "_AddedFeatures"
"""The member of a group's record that says when features were added to it, by their names."""
METADATA: Final = "_FeatureMetadata"
"""The member that has the metadata, by the features' names."""
MOST_PARAMETERS: Final = 25


def views(group: Record) -> Iterator[dict[str, Any]]:
    """The metadata of each feature of a group, as `DescribeFeatureMetadata` answers it."""
    for definition in group.body["FeatureDefinitions"]:
        name = definition["FeatureName"]
        created = group.body.get(ADDED, {}).get(name, group.created)
        yield {
            "FeatureGroupArn": group.arn,
            "FeatureGroupName": group.body["FeatureGroupName"],
            "FeatureName": name,
            "FeatureType": definition["FeatureType"],
            "CreationTime": created,
            "LastModifiedTime": created,
            **group.body.get(METADATA, {}).get(name, {}),
        }


def view(group: Record, feature: str) -> dict[str, Any]:
    """The metadata of one feature.

    Raises:
        ApiError: The group has no such feature.
    """
    found = next((each for each in views(group) if each["FeatureName"] == feature), None)
    if found is None:
        raise resource_not_found(
            f"Resource Not Found: FeatureGroup {group.body['FeatureGroupName']} has no feature with name {feature}"
        )
    return found


def changed(group: Record, request: Mapping[str, Any], now: float) -> dict[str, Any]:
    """What a request changes of a group's record.

    Raises:
        ApiError: The group has no such feature, or it would have too many parameters.
    """
    name = request["FeatureName"]
    present = view(group, name)
    parameters = {each["Key"]: each["Value"] for each in present.get("Parameters", [])}
    for key in request.get("ParameterRemovals", []):
        parameters.pop(key, None)
    parameters |= {each["Key"]: each["Value"] for each in request.get("ParameterAdditions", [])}
    if len(parameters) > MOST_PARAMETERS:
        raise validation_error(
            f"A feature has at most {MOST_PARAMETERS} parameters; '{name}' would have {len(parameters)}. Remove some "
            "with ParameterRemovals."
        )
    described = request.get("Description", present.get("Description"))
    metadata = {
        **({} if described is None else {"Description": described}),
        "Parameters": [{"Key": key, "Value": value} for key, value in parameters.items()],
        "LastModifiedTime": now,
    }
    return {METADATA: {**group.body.get(METADATA, {}), name: metadata}}
