"""Whether the images that an app runs are there, in the region where it runs them."""

from collections.abc import Iterable, Iterator
from typing import Final

from botocore.exceptions import ClientError
from sagecraft_catalog import EcrImage
from sagecraft_catalog.charge.resource import Resource
from sagecraft_catalog.charge.value import Value
from sagecraft_catalog.charge.work import started_jobs

from sagecraft_infra.deployment.diagnosis import Severity
from sagecraft_infra.target import Target

from .requirement import Requirement

_ASSETS: Final = "container-assets"
"""In the names of the repositories that bootstrapping makes, where the CDK puts the images that it builds."""
_ABSENT: Final = frozenset({"ImageNotFoundException", "RepositoryNotFoundException"})


def image_requirements(target: Target, resources: Iterable[Resource]) -> Iterator[Requirement]:
    """What is said of each image, in each region."""
    seen: dict[tuple[str, str], Resource] = {}
    for resource in resources:
        for value in _images(resource):
            for uri in value.texts():
                seen.setdefault((uri, resource.region), resource)
    for (uri, region), resource in seen.items():
        image = EcrImage.parse(uri)
        if image is not None and _ASSETS not in image.repository:
            yield _judged(target, uri, image, region, resource)


def _images(resource: Resource) -> Iterator[Value]:
    if resource.type == "AWS::SageMaker::Model":
        for container in (resource.get("PrimaryContainer"), *resource.get("Containers").members()):
            yield container.get("Image")
    for _, request in started_jobs(resource):
        for definition in (
            request,
            request.get("TrainingJobDefinition"),
            *request.get("TrainingJobDefinitions").members(),
        ):
            yield definition.get("AlgorithmSpecification", "TrainingImage")
        yield request.get("AppSpecification", "ImageUri")


def _judged(target: Target, uri: str, image: EcrImage, region: str, resource: Resource) -> Requirement:
    if image.region != region:
        return Requirement(
            uri,
            Severity.MISSING,
            f"SageMaker takes images of its own region: {resource.path} is in {region}, and the image in "
            f"{image.region}. Declare the image of {region}",
            region=region,
        )
    if image.is_aws:
        return Requirement(uri, Severity.OK, f"AWS publishes it in {region}", region=region)
    if image.account != target.account:
        return Requirement(
            uri,
            Severity.NOTE,
            f"is in the account {image.account}, whose images this one cannot look for",
            region=region,
        )
    which = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag or "latest"}
    try:
        target.ecr(region).describe_images(repositoryName=image.repository, imageIds=[which])  # type: ignore[list-item]
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
        return Requirement(
            uri,
            Severity.MISSING,
            f"there is no such image in {region}, which {resource.path} runs",
            f"docker push {uri}",
            region=region,
        )
    return Requirement(uri, Severity.OK, f"is in this account's registry in {region}", region=region)
