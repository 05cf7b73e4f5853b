"""What a `CreateTrainingJob` request names outside of SageMaker."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sagecraft_catalog import is_untrained_model

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.surroundings.images import ImageWords
from sagecraft_emulator.surroundings.surroundings import Surroundings

_PULL: Final = (
    "has proper pull permissions for SageMaker: ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, "
    "ecr:GetDownloadUrlForLayer"
)
WORDS: Final = ImageWords(
    other_region=(
        "Invalid DNS suffix '{image.dns_suffix}' for region '{image.region}' in training image. Please provide the "
        "valid <region>.<dns-suffix>: '{region}.{dns_suffix}'"
    ),
    other_account=(
        "Access denied for repository: {image.repository} in registry ID: {image.account}. Please check if your ECR "
        f"repository and image exist and role {{role}} {_PULL}"
    ),
    missing=(
        "Cannot find repository: {image.repository} in registry ID: {image.account} Please check if your ECR "
        f"repository exists and role {{role}} {_PULL}"
    ),
    not_ecr=(
        "TrainingImageConfig with TrainingRepositoryAccessMode set to VPC must be provided when using a training image "
        "from a private Docker registry. Please provide TrainingImageConfig and TrainingRepositoryAccessMode set to "
        "VPC when using a training image from a private Docker registry."
    ),
)
"""Sources: https://github.com/aws-samples/mlops-amazon-sagemaker/issues/9,
https://github.com/wpilibsuite/DetectCoral/issues/37, https://github.com/aws/amazon-sagemaker-examples/issues/2534 and
https://github.com/aws/aws-sdk/issues/117.
"""
_WRITTEN: Final = (
    ("OutputDataConfig", "S3OutputPath"),
    ("CheckpointConfig", "S3Uri"),
    ("DebugHookConfig", "S3OutputPath"),
    ("ProfilerConfig", "S3OutputPath"),
    ("TensorBoardOutputConfig", "S3OutputPath"),
)


def look(surroundings: Surroundings, caller: Caller, request: Mapping[str, Any]) -> None:
    """Refuses an image, input or output that AWS would.

    Raises:
        ApiError: With AWS's words.
    """
    specification, role_arn = request["AlgorithmSpecification"], request["RoleArn"]
    access = specification.get("TrainingImageConfig", {}).get("TrainingRepositoryAccessMode")
    surroundings.images.require(caller, specification["TrainingImage"], role_arn, WORDS, is_private=access == "Vpc")
    for channel in request.get("InputDataConfig", []):
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        if not is_untrained_model(channel["ChannelName"], uri):
            surroundings.objects.require_input(caller, role_arn, uri)
    for uri in _written(request):
        surroundings.objects.require_region(caller, uri)


def _written(request: Mapping[str, Any]) -> Iterator[str]:
    for member, path in _WRITTEN:
        if (uri := request.get(member, {}).get(path)) is not None:
            yield uri
