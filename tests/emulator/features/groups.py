"""Feature groups of the tests."""

from typing import Any

ROLE = "arn:aws:iam::000000000000:role/work"
DEFINITIONS = [
    {"FeatureName": "id", "FeatureType": "String"},
    {"FeatureName": "at", "FeatureType": "Fractional"},
    {"FeatureName": "age", "FeatureType": "Integral"},
    {"FeatureName": "fare", "FeatureType": "Fractional"},
]


def request(name: str = "passengers", **members: Any) -> dict[str, Any]:
    """A request for a group with an online store."""
    return {
        "FeatureGroupName": name,
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": DEFINITIONS,
        "OnlineStoreConfig": {"EnableOnlineStore": True},
        **members,
    }


def offline(bucket: str, **members: Any) -> dict[str, Any]:
    """What a group with an offline store has besides."""
    return {"OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": f"s3://{bucket}/store"}, **members}, "RoleArn": ROLE}


def record(**values: Any) -> list[dict[str, Any]]:
    """Values of features, as requests have them."""
    return [
        {"FeatureName": name, ("ValueAsStringList" if isinstance(value, list) else "ValueAsString"): value}
        for name, value in values.items()
    ]
