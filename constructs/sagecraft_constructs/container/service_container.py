"""AWS's images that look into data and models, and that run notebooks."""

from typing import Literal

from constructs import Construct
from sagecraft_catalog import ImageScope, ServiceImage

from .container import ContainerImage, TrainingContainer
from .published import published_image


class ServiceContainer(TrainingContainer):
    """Model Monitor's or Clarify's image, or SageMaker Distribution.

    Args:
        name: Which.
        network_isolation: Whether what it is to do needs no network.
    """

    def __init__(self, name: Literal["model-monitor", "clarify", "distribution"], *, network_isolation: bool) -> None:
        self._image, self._network_isolation = ServiceImage.of(name), network_isolation

    def bind(self, scope: Construct, use: ImageScope) -> ContainerImage:  # noqa: ARG002 - it has one use
        """The image in the region of the stack.

        Raises:
            CatalogError: AWS publishes none there.
        """
        image = self._image
        words = (*image.name.split("-"), "images")
        return published_image(
            scope,
            words,
            image.path,
            image.accounts,
            image.image_uri,
            network_isolation=self._network_isolation,
        )
