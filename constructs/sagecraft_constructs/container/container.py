"""The container that trains or serves: built from a Dockerfile, or an image that exists."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecr_assets as ecr_assets
from constructs import Construct
from sagecraft_catalog import Algorithm, ImageScope

from sagecraft_constructs.asked import place_of
from sagecraft_constructs.errors import InvalidProps, Problems
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .local_program import LocalProgram

_ECR_URI: Final = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z0-9.-]+/(?P<repository>[^:@]+)[:@].+"
)


@check_props
@dataclass(frozen=True, kw_only=True)
class ContainerImage:
    """What a container comes down to in a stack.

    Attributes:
        uri: The image, in ECR.
        repository_arn: The repository that a role must be allowed to pull from.
        network_isolation: Whether the container does its work without the network, so that it may be cut off.
    """

    uri: str
    repository_arn: str
    network_isolation: bool


class TrainingContainer(ABC):
    """A container that follows SageMaker's contract; `AlgorithmImage` is the one for AWS's own algorithms.

    Attributes:
        version: Of AWS's image, whose hyperparameters differ; None for a container of one's own.
    """

    version: str | None = None

    @abstractmethod
    def bind(self, scope: Construct, use: ImageScope) -> ContainerImage:
        """Makes what the container needs in the stack of `scope`, and says where its image is."""

    @property
    def algorithm(self) -> Algorithm | None:
        """What the catalog knows of the algorithm inside; `None` for a container of one's own."""
        return None

    @staticmethod
    @check_props
    def from_dockerfile(directory: str, *, local_program: LocalProgram | None = None) -> "TrainingContainer":
        """An image that the CDK builds and pushes when it deploys.

        Args:
            directory: Where the Dockerfile is.
            local_program: What the emulator runs where there is no container engine. Left out, deploying to the
                emulator needs an engine.

        Raises:
            InvalidProps: There is no Dockerfile, or no such file of the local program.
        """
        Problems("TrainingContainer.from_dockerfile").require_known(directory=directory)
        return _DockerfileContainer(Path(directory), local_program)

    @staticmethod
    @check_props
    def from_ecr(
        repository: ecr.IRepository, *, tag: str, local_program: LocalProgram | None = None
    ) -> "TrainingContainer":
        """An image in a repository of one's own.

        Args:
            repository: The repository.
            tag: The tag of the image; an immutable one, or a changed image goes unnoticed.
            local_program: What the emulator runs. Left out, the image must be registered with the emulator by hand.

        What it is used in raises `InvalidProps` where that is known to be of another region.
        """
        return _RepositoryContainer(repository, tag, local_program)

    @staticmethod
    @check_props
    def from_image_uri(uri: str, *, local_program: LocalProgram | None = None) -> "TrainingContainer":
        """An image in ECR by its URI.

        Args:
            uri: `<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>`, or with `@<digest>`.
            local_program: What the emulator runs. Left out, the image must be registered with the emulator by hand.

        Raises:
            InvalidProps: It is not the URI of an image in ECR; SageMaker takes no other.
        """
        if is_token(uri):
            problem = (
                "uri: is a token, so the repository that a role must be allowed to pull from is not known; give the "
                "repository itself to TrainingContainer.from_ecr."
            )
            raise InvalidProps("TrainingContainer.from_image_uri", [problem])
        return _UriContainer(uri, local_program)


@dataclass(frozen=True)
class _DockerfileContainer(TrainingContainer):
    directory: Path
    local_program: LocalProgram | None

    def __post_init__(self) -> None:
        needed = {"Dockerfile": "a Dockerfile"}
        if self.local_program is not None:
            needed[self.local_program.entry_point] = "the entry point of the local program"
            if self.local_program.requirements is not None:
                needed[self.local_program.requirements] = "the requirements of the local program"
        problems = [
            f"directory: {what}, '{name}', is missing in '{self.directory}'."
            for name, what in needed.items()
            if not (self.directory / name).is_file()
        ]
        if problems:
            raise InvalidProps("TrainingContainer.from_dockerfile", problems)

    def bind(self, scope: Construct, use: ImageScope) -> ContainerImage:  # noqa: ARG002 - one image does both
        asset = ecr_assets.DockerImageAsset(
            scope, "Image", directory=str(self.directory.absolute()), platform=ecr_assets.Platform.LINUX_AMD64
        )
        if self.local_program is not None:
            self.local_program.declare(scope, asset.asset_hash)
        return ContainerImage(
            uri=asset.image_uri, repository_arn=asset.repository.repository_arn, network_isolation=True
        )


@dataclass(frozen=True)
class _RepositoryContainer(TrainingContainer):
    repository: ecr.IRepository
    tag: str
    local_program: LocalProgram | None

    def bind(self, scope: Construct, use: ImageScope) -> ContainerImage:  # noqa: ARG002 - one image does both
        _check_region(scope, "from_ecr", f"repository: '{self.repository.node.path}'", self.repository.env.region)
        if self.local_program is not None:
            name = self.repository.repository_name
            if is_token(name):
                raise InvalidProps(
                    "TrainingContainer.from_ecr",
                    ["local_program: needs a repository with a name of its own; set 'repository_name' there."],
                )
            self.local_program.declare(scope, f"{name}:{self.tag}")
        return ContainerImage(
            uri=self.repository.repository_uri_for_tag(self.tag),
            repository_arn=self.repository.repository_arn,
            network_isolation=True,
        )


@dataclass(frozen=True)
class _UriContainer(TrainingContainer):
    uri: str
    local_program: LocalProgram | None

    def __post_init__(self) -> None:
        if _ECR_URI.fullmatch(self.uri) is None:
            problem = (
                f"uri: '{self.uri}' is not an image in ECR. SageMaker takes no other; push it to a repository, whose "
                "images are written '<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>'."
            )
            raise InvalidProps("TrainingContainer.from_image_uri", [problem])

    def bind(self, scope: Construct, use: ImageScope) -> ContainerImage:  # noqa: ARG002 - one image does both
        parts = _ECR_URI.fullmatch(self.uri)
        if parts is None:
            raise AssertionError("checked when the container was made")
        _check_region(scope, "from_image_uri", f"uri: '{self.uri}'", parts["region"])
        if self.local_program is not None:
            self.local_program.declare(scope, self.uri)
        return ContainerImage(
            uri=self.uri,
            repository_arn=f"arn:{place_of(scope).partition}:ecr:{parts['region']}:{parts['account']}"
            f":repository/{parts['repository']}",
            network_isolation=True,
        )


def _check_region(scope: Construct, made_by: str, image: str, there: str) -> None:
    """Refuses an image of another region than the stack's, where both are known."""
    here = place_of(scope).region
    if there != here and not is_token(there) and not is_token(here):
        problem = f"{image} is in {there}; SageMaker pulls images of its own region, {here}."
        raise InvalidProps(f"TrainingContainer.{made_by}", [problem])
