"""Empties what is in Studio before CloudFormation deletes what holds it, which SageMaker refuses as long as it is used.

A custom resource stands for the contents of a domain, of a user profile or of a space: it is made after its holder, and
so deleted before it. The apps that run there go first, then the spaces, then the user profiles, whoever made them. A
domain goes itself too: CloudFormation would leave the file system of its home directories behind, for it cannot say
what is to become of it. It finds the domain gone, and is content. With the file system go the security groups that
SageMaker has made for it, without which a VPC that the stack made could not be deleted.

What is there stands in SageMaker alone, so each poll asks again, and goes on from wherever things are: with a domain of
which half was made, or that somebody deletes at the same time.

Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/gs-studio-delete-domain.html,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_RetentionPolicy.html, and of CloudFormation's deletion
https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-sagemaker, `DeleteHandler` of the domain
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from . import clients
from .error import StudioError
from .nfs import NfsGroup, nfs_groups

Event = Mapping[str, Any]

# A custom resource ends after an hour; this leaves time to say what is left.
WAIT_SECONDS: Final = 56 * 60
_GONE: Final = frozenset({"Deleted", "Failed"})
"""The statuses of apps that hold nothing; SageMaker refuses to delete a failed one."""
_LATER: Final = frozenset({"ConflictException", "ResourceInUse", "ResourceNotFound"})
"""The codes by which SageMaker says that something is gone, or is still being made, changed or deleted."""


def on_event(event: Event, _context: object) -> dict[str, Any]:
    """Names the contents; what is deleted, `is_complete` deletes."""
    match event["RequestType"]:
        case "Create" | "Update":
            return {"PhysicalResourceId": _name(event["ResourceProperties"])}
        case "Delete":
            return {"PhysicalResourceId": event["PhysicalResourceId"], "Deadline": time.time() + WAIT_SECONDS}
        case other:
            raise ValueError(f"unknown RequestType '{other}'")


def is_complete(event: Event, _context: object) -> dict[str, Any]:
    """Asks for the deletion of whatever can go next, and says whether nothing is left.

    Raises:
        StudioError: Something is left, after the longest that a deployment can wait.
    """
    if event["RequestType"] != "Delete":
        return {"IsComplete": True}
    left = _next(event["ResourceProperties"])
    for part in left:
        part.delete()
    if left and time.time() > event["Deadline"]:
        told = ", ".join(f"{part} ({part.status})" for part in left)
        raise StudioError(
            f"After {WAIT_SECONDS // 60} minutes, the longest that a deployment can wait, SageMaker has not deleted "
            f"{told}. Delete that by hand, and then the stack again."
        )
    return {"IsComplete": not left}


@dataclass(frozen=True)
class _Part:
    """Something in a domain, or the domain itself.

    Attributes:
        kind: What it is.
        status: Such as `InService`.
        request: What the operation takes that deletes it.
    """

    kind: str
    status: str
    request: Mapping[str, Any]

    def __str__(self) -> str:
        names = (name for member, name in self.request.items() if member != "RetentionPolicy")
        return f"{self.kind.replace('_', ' ')} {'/'.join(names)}"

    def delete(self) -> None:
        """Asks for its deletion, unless that is under way."""
        if self.status == "Deleting":
            return
        operation: Callable[..., object] = getattr(clients.sagemaker(), f"delete_{self.kind}")
        try:
            operation(**self.request)
        except ClientError as error:
            if clients.error_code(error) not in _LATER:
                raise


def _name(properties: Mapping[str, Any]) -> str:
    """The domain's id, with the name of the user profile or the space behind it."""
    members = ("DomainId", "UserProfileName", "SpaceName")
    return "/".join(properties[member] for member in members if member in properties)


def _next(properties: Mapping[str, Any]) -> Sequence[_Part | NfsGroup]:
    """What has to go before anything else can; nothing where all is gone."""
    domain_id = properties["DomainId"]
    domain = _domain(domain_id)
    if domain is None:
        deletes_home = properties.get("RetentionPolicy") == {"HomeEfsFileSystem": "Delete"}
        return nfs_groups(domain_id) if deletes_home else []
    apps = [app for app in _listed("apps", domain_id) if app["Status"] not in _GONE]
    if (name := properties.get("SpaceName")) is not None:
        return _apps(app for app in apps if app.get("SpaceName") == name)
    spaces = _listed("spaces", domain_id)
    if (owner := properties.get("UserProfileName")) is not None:
        own = {space["SpaceName"]: space for space in spaces if _owner(space) == owner}
        of_owner = (app for app in apps if app.get("UserProfileName") == owner or app.get("SpaceName") in own)
        return _apps(of_owner) or _parts("space", own.values(), "SpaceName")
    return (
        _apps(apps)
        or _parts("space", spaces, "SpaceName")
        or _parts("user_profile", _listed("user_profiles", domain_id), "UserProfileName")
        or [
            _Part("domain", domain["Status"], {"DomainId": domain_id, "RetentionPolicy": properties["RetentionPolicy"]})
        ]
    )


def _domain(domain_id: str) -> Mapping[str, Any] | None:
    try:
        return clients.sagemaker().describe_domain(DomainId=domain_id)
    except ClientError as error:
        if clients.error_code(error) == "ResourceNotFound":
            return None
        raise


def _listed(listed: str, domain_id: str) -> list[Mapping[str, Any]]:
    """All `apps`, `spaces` or `user_profiles` of a domain."""
    member = listed.title().replace("_", "")
    paginator: Any = getattr(clients.sagemaker(), "get_paginator")(f"list_{listed}")  # noqa: B009 - one of three types
    return [each for page in paginator.paginate(DomainIdEquals=domain_id) for each in page[member]]


def _owner(space: Mapping[str, Any]) -> str | None:
    owner: str | None = space.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName")
    return owner


def _apps(apps: Iterable[Mapping[str, Any]]) -> list[_Part]:
    return _parts("app", apps, "UserProfileName", "SpaceName", "AppType", "AppName")


def _parts(kind: str, listed: Iterable[Mapping[str, Any]], *names: str) -> list[_Part]:
    return [
        _Part(kind, each["Status"], {name: each[name] for name in ("DomainId", *names) if name in each})
        for each in listed
    ]
