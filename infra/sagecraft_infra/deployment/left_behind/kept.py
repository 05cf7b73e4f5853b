"""What stacks left because their templates say so, of whatever type."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError
from sagecraft_catalog.price.row import Component

from .history import Kept, plain_name
from .leftover import Bill, Leftover, option_of
from .place import Place

_PENDING_DELETION: Final = "PendingDeletion"


@dataclass(frozen=True)
class _Type:
    """How resources of a type are looked at and removed.

    Attributes:
        service: Which service has them, by boto3's name.
        describe: The operation that tells of one.
        delete: The operation that removes one.
        member: The member of both that names it.
        delete_with: What else is given to remove one.
        item: What it is charged for as long as it is there, as price lists have it; empty where that is by use.
    """

    service: str
    describe: str
    delete: str
    member: str
    delete_with: Mapping[str, Any] = field(default_factory=dict)
    item: str = ""

    def command(self, name: str) -> str:
        """The command that removes one."""
        given = {self.member: name, **self.delete_with}
        options = " ".join(f"--{option_of(member)} {value}".replace(" True", "") for member, value in given.items())
        return f"aws {self.service} {self.delete.replace('_', '-')} {options}"


_TYPES: Final[Mapping[str, _Type]] = {
    "AWS::DynamoDB::Table": _Type("dynamodb", "describe_table", "delete_table", "TableName"),
    "AWS::KMS::Key": _Type(
        "kms", "describe_key", "schedule_key_deletion", "KeyId", {"PendingWindowInDays": 7}, item="kms-key"
    ),
    "AWS::Logs::LogGroup": _Type("logs", "describe_log_streams", "delete_log_group", "logGroupName"),
    "AWS::SNS::Topic": _Type("sns", "get_topic_attributes", "delete_topic", "TopicArn"),
    "AWS::SecretsManager::Secret": _Type(
        "secretsmanager",
        "describe_secret",
        "delete_secret",
        "SecretId",
        {"ForceDeleteWithoutRecovery": True},
        item="secret",
    ),
}
"""Those that machine-learning environments keep. Any other is removed by Cloud Control, which knows most.

Source: https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/supported-resources.html
"""


def kept(place: Place) -> Iterator[Leftover]:
    """What is there still of what stacks kept."""
    for each in place.history.kept:
        why, known = place.why(plain_name(each.physical_id)), _TYPES.get(each.resource_type)
        if why is None or not _is_there(place, each, known):
            continue
        bill = Bill(None, "charged by use")
        if known is None:
            options = f"--type-name {each.resource_type} --identifier {each.physical_id}"
            command = f"aws cloudcontrol delete-resource {options}"
        else:
            command = known.command(each.physical_id)
            if known.item:
                bill = place.prices.standing(Component.SERVICE, known.item)
        remove = partial(_remove, place, each, known)
        yield place.leftover(each.resource_type, each.physical_id, why, bill, command, remove, order=3)


def _is_there(place: Place, each: Kept, known: _Type | None) -> bool:
    """Whether it has not been removed since; where nobody can tell, it is said to be there."""
    try:
        if known is None:
            place.client("cloudcontrol").get_resource(TypeName=each.resource_type, Identifier=each.physical_id)
            return True
        told = getattr(place.client(known.service), known.describe)(**{known.member: each.physical_id})
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return not ("NotFound" in code or "NoSuch" in code)
    return bool(told.get("KeyMetadata", {}).get("KeyState") != _PENDING_DELETION)


def _remove(place: Place, each: Kept, known: _Type | None) -> None:
    if known is None:
        place.client("cloudcontrol").delete_resource(TypeName=each.resource_type, Identifier=each.physical_id)
        return
    given = {known.member: each.physical_id, **known.delete_with}
    getattr(place.client(known.service), known.delete)(**given)
