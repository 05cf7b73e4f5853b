"""`AWS::S3::Bucket`, where ministack's own provisioner leaves properties out.

ministack makes the bucket, and applies versioning, notifications, CORS, public access block and website. Tags,
lifecycle, encryption, ownership and logging are applied here, and a bucket is deleted, through S3's API: so they are
checked there, and a bucket that is not empty stays and fails the deletion, as on AWS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

Properties = Mapping[str, Any]
Operation = dict[str, Any]

_TRANSITION: Final = {"TransitionInDays": "Days", "TransitionDate": "Date"}
_NONCURRENT_TRANSITION: Final = {"TransitionInDays": "NoncurrentDays"}


@dataclass(frozen=True)
class _Setting:
    """How a property is put on a bucket.

    Attributes:
        property_name: Of the template.
        put: The S3 operation, in boto3's words.
        arguments: Its arguments, from the property's value.
        delete: The operation that takes it away, or None when `put` with `without` does.
        without: Arguments that put the bucket back as it was without the property.
    """

    property_name: str
    put: str
    arguments: Callable[[Any], Operation]
    delete: str | None = None
    without: Operation | None = None


class BucketProvisioner:
    """Makes, changes and removes buckets.

    Args:
        own: ministack's own handlers: `create`, `update` and `delete`.
        client: An S3 client for the account and region of the present operation.
    """

    def __init__(self, own: Mapping[str, Callable[..., Any]], client: Callable[[], Any]) -> None:
        self._own = own
        self._client = client

    def create(self, logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        """Makes a bucket with all its properties; removes it again when one of them is refused."""
        name, attributes = self._own["create"](logical_id, properties, stack_name)
        try:
            self._apply(name, {}, properties)
        except Exception:
            self._client().delete_bucket(Bucket=name)
            raise
        return name, attributes

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Changes a bucket's properties, or makes another one when it has another name."""
        del logical_id
        name, attributes = self._own["update"](physical_id, old, new, stack_name)
        self._apply(name, old if name == physical_id else {}, new)
        return name, attributes

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Removes an empty bucket. One that is gone already is no error."""
        del properties
        try:
            self._client().delete_bucket(Bucket=physical_id)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucket":
                raise

    def _apply(self, bucket: str, old: Properties, new: Properties) -> None:
        client = self._client()
        for setting in _SETTINGS:
            value = new.get(setting.property_name)
            if value:
                getattr(client, setting.put)(Bucket=bucket, **setting.arguments(value))
            elif not old.get(setting.property_name):
                continue
            elif setting.delete is not None:
                getattr(client, setting.delete)(Bucket=bucket)
            elif setting.without is not None:
                getattr(client, setting.put)(Bucket=bucket, **setting.without)


def _tags(tags: list[dict[str, Any]]) -> Operation:
    return {"Tagging": {"TagSet": [{"Key": str(tag["Key"]), "Value": str(tag["Value"])} for tag in tags]}}


def _versioning(configuration: Properties) -> Operation:
    return {"VersioningConfiguration": {"Status": configuration["Status"]}}


def _encryption(configuration: Properties) -> Operation:
    rules = []
    for rule in configuration["ServerSideEncryptionConfiguration"]:
        converted: Operation = {}
        if "ServerSideEncryptionByDefault" in rule:
            converted["ApplyServerSideEncryptionByDefault"] = dict(rule["ServerSideEncryptionByDefault"])
        if "BucketKeyEnabled" in rule:
            converted["BucketKeyEnabled"] = _boolean(rule["BucketKeyEnabled"])
        rules.append(converted)
    return {"ServerSideEncryptionConfiguration": {"Rules": rules}}


def _ownership(controls: Properties) -> Operation:
    return {
        "OwnershipControls": {"Rules": [{"ObjectOwnership": rule["ObjectOwnership"]} for rule in controls["Rules"]]}
    }


def _logging(configuration: Properties) -> Operation:
    return {
        "BucketLoggingStatus": {
            "LoggingEnabled": {
                "TargetBucket": configuration["DestinationBucketName"],
                "TargetPrefix": configuration.get("LogFilePrefix", ""),
            }
        }
    }


def _lifecycle(configuration: Properties) -> Operation:
    return {"LifecycleConfiguration": {"Rules": [_lifecycle_rule(rule) for rule in configuration["Rules"]]}}


def _lifecycle_rule(rule: Properties) -> Operation:
    """A rule as the API takes it; the two name nearly everything differently.

    Source: the template reference of `AWS::S3::Bucket Rule` and the API reference of `LifecycleRule`.
    """
    converted: Operation = {"Status": rule["Status"], "Filter": _lifecycle_filter(rule)}
    if "Id" in rule:
        converted["ID"] = rule["Id"]
    if "NoncurrentVersionExpirationInDays" in rule:
        days = int(rule["NoncurrentVersionExpirationInDays"])
        converted["NoncurrentVersionExpiration"] = {"NoncurrentDays": days}
    for name in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in rule:
            converted[name] = _integers(rule[name])
    transitions = [_renamed(each, _TRANSITION) for each in _several(rule, "Transitions", "Transition")]
    noncurrent = [
        _renamed(each, _NONCURRENT_TRANSITION)
        for each in _several(rule, "NoncurrentVersionTransitions", "NoncurrentVersionTransition")
    ]
    parts = {
        "Expiration": _lifecycle_expiration(rule),
        "Transitions": transitions,
        "NoncurrentVersionTransitions": noncurrent,
    }
    return {**converted, **{name: part for name, part in parts.items() if part}}


def _lifecycle_expiration(rule: Properties) -> Operation:
    expiration: Operation = {}
    if "ExpirationInDays" in rule:
        expiration["Days"] = int(rule["ExpirationInDays"])
    if "ExpirationDate" in rule:
        expiration["Date"] = rule["ExpirationDate"]
    if "ExpiredObjectDeleteMarker" in rule:
        expiration["ExpiredObjectDeleteMarker"] = _boolean(rule["ExpiredObjectDeleteMarker"])
    return expiration


def _lifecycle_filter(rule: Properties) -> Operation:
    conditions: Operation = {}
    if rule.get("Prefix"):
        conditions["Prefix"] = rule["Prefix"]
    for bound in ("ObjectSizeGreaterThan", "ObjectSizeLessThan"):
        if bound in rule:
            conditions[bound] = int(rule[bound])
    tags = [{"Key": str(tag["Key"]), "Value": str(tag["Value"])} for tag in rule.get("TagFilters", [])]
    if not conditions and not tags:
        return {"Prefix": ""}
    if len(conditions) + len(tags) == 1:
        return conditions or {"Tag": tags[0]}
    return {"And": {**conditions, **({"Tags": tags} if tags else {})}}


def _several(rule: Properties, plural: str, singular: str) -> list[Properties]:
    return [*rule.get(plural, []), *([rule[singular]] if singular in rule else [])]


def _renamed(transition: Properties, names: Mapping[str, str]) -> Operation:
    return _integers({names.get(name, name): value for name, value in transition.items()})


def _integers(members: Properties) -> Operation:
    return {name: int(value) if str(value).isdigit() else value for name, value in members.items()}


def _boolean(value: object) -> bool:
    return str(value).lower() == "true"


_SETTINGS: Final = (
    _Setting("Tags", "put_bucket_tagging", _tags, delete="delete_bucket_tagging"),
    _Setting(
        "VersioningConfiguration",
        "put_bucket_versioning",
        _versioning,
        without={"VersioningConfiguration": {"Status": "Suspended"}},
    ),
    _Setting("BucketEncryption", "put_bucket_encryption", _encryption, delete="delete_bucket_encryption"),
    _Setting(
        "LifecycleConfiguration",
        "put_bucket_lifecycle_configuration",
        _lifecycle,
        delete="delete_bucket_lifecycle",
    ),
    _Setting(
        "OwnershipControls",
        "put_bucket_ownership_controls",
        _ownership,
        delete="delete_bucket_ownership_controls",
    ),
    _Setting("LoggingConfiguration", "put_bucket_logging", _logging, without={"BucketLoggingStatus": {}}),
)
