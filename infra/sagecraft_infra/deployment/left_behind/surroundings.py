"""What other services keep of an app: logs, file systems, interfaces, buckets, images."""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from sagecraft_infra.deployment.destruction import bucket_removal, empty_bucket, has_versions
from sagecraft_infra.nouns import NOUNS

from .history import plain_name
from .leftover import FREE, Leftover
from .place import Place

_MANAGED_BY: Final = "ManagedByAmazonSageMakerResource"
"""The tag that SageMaker gives to what it makes for a domain, with the domain's ARN.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/onboard-vpc.html
"""
_MOUNTED_SECONDS: Final = 300
_FUNCTION_LOGS: Final = "/aws/lambda/"


def log_groups(place: Place) -> Iterator[Leftover]:
    """Log groups that SageMaker and functions made by themselves; those of jobs have the lines of all jobs."""
    client = place.client("logs")
    shared = {kind.log_group for kind in NOUNS.jobs} | {
        each.group for each in NOUNS.logged if "{name}" not in each.group
    }
    prefixes = sorted({each.group.partition("{name}")[0] for each in NOUNS.logged if "{name}" in each.group})
    for prefix in ("/aws/sagemaker/", _FUNCTION_LOGS):
        for page in client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
            for group in page["logGroups"]:
                name = group["logGroupName"]
                owner = next(
                    (name.removeprefix(each) for each in (*prefixes, _FUNCTION_LOGS) if name.startswith(each)), ""
                )
                why = _why_of_logs(place, name, owner, shared)
                if why is None:
                    continue
                bill = place.prices.stored("logs-storage", group.get("storedBytes", 0))
                remove = partial(client.delete_log_group, logGroupName=name)
                command = f"aws logs delete-log-group --log-group-name {name}"
                # On AWS the group of all jobs may hold the lines of somebody else's.
                alone = place.history.is_everything or name not in shared
                yield place.leftover("log group", name, why, bill, command, remove if alone else None, order=2)


def _why_of_logs(place: Place, name: str, owner: str, shared: set[str]) -> str | None:
    if name in place.history.standing or owner in place.history.standing:
        return None
    if owner and (why := place.why(owner)) is not None:
        return f"made for '{owner}': {why}" if owner in place.history.gone else why
    if name in shared and place.history.gone:
        return "SageMaker made it for jobs, whoever ran them"
    return place.why(name)


def file_systems(place: Place) -> Iterator[Leftover]:
    """File systems that domains of Studio left, with the files of their users."""
    client, domains = (
        place.client("efs"),
        {
            each["DomainId"]
            for page in place.sagemaker.get_paginator("list_domains").paginate()
            for each in page["Domains"]
        },
    )
    for page in client.get_paginator("describe_file_systems").paginate():
        for each in page["FileSystems"]:
            tags = {tag["Key"]: tag["Value"] for tag in each.get("Tags", [])}
            domain = plain_name(tags.get(_MANAGED_BY, ""))
            name = each["FileSystemId"]
            ours = place.history.is_everything or domain in place.history.gone or name in place.tagged
            if not domain or domain in domains or not ours:
                continue
            bill = place.prices.stored("efs-standard", int(each.get("SizeInBytes", {}).get("Value", 0)))
            command = f"aws efs delete-file-system --file-system-id {name}"
            why = f"the domain {domain} left it, with the files of its users"
            yield place.leftover(
                "file system", name, why, bill, command, partial(_delete_file_system, client, name), order=2
            )


def _delete_file_system(client: Any, name: str) -> None:
    for target in client.describe_mount_targets(FileSystemId=name)["MountTargets"]:
        client.delete_mount_target(MountTargetId=target["MountTargetId"])
    deadline = time.monotonic() + _MOUNTED_SECONDS
    while client.describe_mount_targets(FileSystemId=name)["MountTargets"] and time.monotonic() < deadline:
        time.sleep(1)
    client.delete_file_system(FileSystemId=name)


def interfaces(place: Place) -> Iterator[Leftover]:
    """Network interfaces that SageMaker made and nothing has any more: they keep their network from being deleted."""
    client = place.client("ec2")
    for page in client.get_paginator("describe_network_interfaces").paginate():
        for each in page["NetworkInterfaces"]:
            name, about = each["NetworkInterfaceId"], each.get("Description", "")
            domain = next(
                (domain for domain in place.history.gone if domain.startswith("d-") and domain in about), None
            )
            ours = "SageMaker" in about and (place.history.is_everything or domain is not None)
            if ours and each.get("Status") == "available" and name not in place.history.standing:
                command = f"aws ec2 delete-network-interface --network-interface-id {name}"
                remove = partial(client.delete_network_interface, NetworkInterfaceId=name)
                yield place.leftover(
                    "network interface", name, f"SageMaker left it: {about}", FREE, command, remove, order=2
                )


def buckets(place: Place) -> Iterator[Leftover]:
    """Buckets of no stack, with the data and the artefacts in them."""
    client = place.client("s3")
    for each in client.list_buckets()["Buckets"]:
        name = each["Name"]
        why = place.why(name)
        if why is None or _region_of(client, name) != place.region:
            continue
        sizes, is_versioned = [], False
        for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
            sizes += [found.get("Size", 0) for found in page.get("Versions", [])]
            is_versioned = is_versioned or has_versions(page)
        bill = place.prices.stored("s3-standard", sum(sizes))
        about = f"{why}; {len(sizes)} objects" if sizes else why
        remove = partial(_delete_bucket, client, name)
        command = bucket_removal(name, is_versioned=is_versioned)
        yield place.leftover("bucket", name, about, bill, command, remove, order=3)


def _delete_bucket(client: Any, name: str) -> None:
    empty_bucket(client, name)
    client.delete_bucket(Bucket=name)


def _region_of(client: Any, name: str) -> str:
    return str(client.get_bucket_location(Bucket=name).get("LocationConstraint") or "us-east-1")


def repositories(place: Place) -> Iterator[Leftover]:
    """Repositories of images. That which bootstrapping made is every app's: the user empties it."""
    client = place.client("ecr")
    for page in client.get_paginator("describe_repositories").paginate():
        for each in page["repositories"]:
            name = each["repositoryName"]
            images = [
                image
                for found in client.get_paginator("describe_images").paginate(repositoryName=name)
                for image in found["imageDetails"]
            ]
            size = sum(image.get("imageSizeInBytes", 0) for image in images)
            bill = place.prices.stored("ecr-storage", size)
            if name in place.history.standing and "container-assets" in name and images:
                why = f"{len(images)} images that the CDK built, of whichever app"
                yield place.leftover("images", name, why, bill, "cdk gc --unstable=gc --type ecr", None, order=3)
                continue
            why_left = place.why(name)
            if why_left is not None:
                remove = partial(client.delete_repository, repositoryName=name, force=True)
                command = f"aws ecr delete-repository --force --repository-name {name}"
                yield place.leftover("repository", name, why_left, bill, command, remove, order=3)
