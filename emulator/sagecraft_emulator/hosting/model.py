"""Models: containers with their data, ready to be hosted."""

from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import ResourceKind
from sagecraft_emulator.data.model_data import ModelData
from sagecraft_emulator.errors import not_done, validation_error
from sagecraft_emulator.state.store import Store
from sagecraft_emulator.surroundings.images import ImageWords
from sagecraft_emulator.surroundings.surroundings import Surroundings

UNSUPPORTED: Final = (
    "AdditionalModelDataSources",
    "InferenceSpecificationName",
    "ModelPackageName",
    "MultiModelConfig",
)
WORDS: Final = ImageWords(
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
"""Sources: https://github.com/aws/sagemaker-pytorch-inference-toolkit/pull/7,
https://github.com/aws/deep-learning-containers/issues/5657,
https://github.com/aws-samples/easy-amazon-sagemaker-deployments/issues/4 and
https://github.com/aws/sagemaker-python-sdk/pull/4700.
"""


class ModelKind(ResourceKind):
    """`CreateModel` and its siblings.

    Args:
        store: Where records are.
        surroundings: What a request may name outside of SageMaker. Left out, nothing need be there.
    """

    kind, arn_type, spoken, plural, list_member = "Model", "model", "model", "Models", "Models"

    def __init__(self, store: Store, surroundings: Surroundings | None = None) -> None:
        super().__init__(store)
        self._surroundings = surroundings

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds a model.

        Raises:
            ApiError: No container, both forms of container, or containers that the emulator cannot host.
        """
        primary, containers = request.get("PrimaryContainer"), request.get("Containers", [])
        if (primary is None) == (not containers):
            raise validation_error("Exactly one of PrimaryContainer and Containers must be given.")
        if len(containers) > 1:
            raise not_done(f"Containers has {len(containers)} containers; this emulator hosts models of one container.")
        container = containers[0] if primary is None else primary
        for member in UNSUPPORTED:
            if container.get(member):
                raise not_done(f"{member} is not supported by this emulator; leave it out.")
        if "Image" not in container:
            raise validation_error("The container must name its Image.")
        if container.get("Mode") == "MultiModel":
            raise not_done("Mode 'MultiModel' is not supported by this emulator; use 'SingleModel'.")
        if self._surroundings is not None:
            _look(self._surroundings, caller, container, request.get("ExecutionRoleArn"))
        return super().create(caller, request)


def _look(surroundings: Surroundings, caller: Caller, container: Mapping[str, Any], role_arn: str | None) -> None:
    """Refuses an image or model data that AWS would."""
    access = container.get("ImageConfig", {}).get("RepositoryAccessMode")
    surroundings.images.require(caller, container["Image"], role_arn, WORDS, is_private=access == "Vpc")
    data = ModelData.of_container(container)
    if data is not None:
        surroundings.objects.require_model_data(caller, role_arn, data)
