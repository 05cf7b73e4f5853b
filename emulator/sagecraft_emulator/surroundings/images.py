"""The images that a request names: in the caller's region, and where SageMaker may pull them."""

from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError
from sagecraft_catalog import EcrImage, dns_suffix

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.container.docker import docker_engine
from sagecraft_emulator.container.images import ImageRegistry
from sagecraft_emulator.errors import ApiError, validation_error


@dataclass(frozen=True)
class ImageWords:
    """What an operation of AWS says of an image that it cannot use; each is a format of the names in `Images`.

    Attributes:
        other_region: The image is in another region.
        other_account: Its registry is of an account that gives nothing to the caller.
        missing: The caller's own registry does not have it.
        not_ecr: It is not in ECR, and the request does not say how to reach its registry.
    """

    other_region: str
    other_account: str | None = None
    missing: str | None = None
    not_ecr: str | None = None


OF_MODELS: Final = ImageWords(
    other_region=(
        'Region of "{uri}" does not match expected region of {region}. Cross region ECR image pulls are not allowed.'
    ),
    other_account=(
        "The repository of your image {uri} does not grant ecr:GetDownloadUrlForLayer, ecr:BatchGetImage, "
        "ecr:BatchCheckLayerAvailability permission to sagemaker.amazonaws.com service principal."
    ),
    missing="Requested image {uri} not found.",
    not_ecr='Using non-ECR image "{uri}" without Vpc repository access mode is not supported.',
)
"""What is said of the image of a model.

Sources: https://github.com/aws/sagemaker-pytorch-inference-toolkit/pull/7,
https://github.com/aws/deep-learning-containers/issues/5657,
https://github.com/aws-samples/easy-amazon-sagemaker-deployments/issues/4 and
https://github.com/aws/sagemaker-python-sdk/pull/4700.
"""


class Images:
    """Looks at images.

    An image that a program of this machine stands for need not be in a registry, but its name has to be one that AWS
    would pull from.

    Args:
        registry: Knows the programs that stand for images.
        clients: To the host, whose ECR has the caller's own images.
    """

    def __init__(self, registry: ImageRegistry, clients: Clients) -> None:
        self._registry, self._clients = registry, clients

    def require(
        self, caller: Caller, uri: str, role_arn: str | None, words: ImageWords, *, is_private: bool = False
    ) -> None:
        """Refuses an image that AWS would not pull.

        Args:
            caller: Who names it.
            uri: The image.
            role_arn: As which role it is pulled.
            words: What the operation says.
            is_private: Whether the request says how to reach a registry that is not ECR.

        Raises:
            ApiError: With AWS's words.
        """
        image = EcrImage.parse(uri)
        if image is None:
            if words.not_ecr is not None and not is_private:
                raise _refused(words.not_ecr, caller, uri, role_arn)
            return
        if image.region != caller.region:
            raise _refused(words.other_region, caller, uri, role_arn, image)
        if self._registry.is_registered(uri) or image.is_aws or docker_engine() is not None:
            return
        if image.account != caller.account:
            if words.other_account is not None:
                raise _refused(words.other_account, caller, uri, role_arn, image)
        elif words.missing is not None and not self._has(caller, image):
            raise _refused(words.missing, caller, uri, role_arn, image)

    def _has(self, caller: Caller, image: EcrImage) -> bool:
        """Whether the caller's registry has an image; so it counts where the host has no ECR to ask."""
        named = {"imageDigest": image.digest} if image.digest is not None else {"imageTag": image.tag or "latest"}
        try:
            found = self._clients.ecr(*caller).describe_images(repositoryName=image.repository, imageIds=[named])  # type: ignore[list-item]  # one of two members
        except ClientError as error:
            return error.response["Error"]["Code"] not in {"RepositoryNotFoundException", "ImageNotFoundException"}
        return bool(found["imageDetails"])


def _refused(words: str, caller: Caller, uri: str, role_arn: str | None, image: EcrImage | None = None) -> ApiError:
    return validation_error(
        words.format(
            uri=uri,
            region=caller.region,
            dns_suffix=dns_suffix(caller.region),
            role=role_arn,
            **({} if image is None else {"image": image}),
        )
    )
