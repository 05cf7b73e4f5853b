"""AWS's images that look into data and models."""

from typing import Literal

from constructs import Construct
from sagecraft_catalog import Analyzer, ImageScope

from .container import ContainerImage, TrainingContainer
from .published import published_image


class AnalyzerImage(TrainingContainer):
    """Model Monitor's or Clarify's image.

    Args:
        name: Which.
        network_isolation: Whether what it is to do needs no network.
    """

    def __init__(self, name: Literal["model-monitor", "clarify"], *, network_isolation: bool) -> None:
        self._analyzer, self._network_isolation = Analyzer.of(name), network_isolation

    def bind(self, scope: Construct, use: ImageScope) -> ContainerImage:  # noqa: ARG002 - it has one use
        """The image in the region of the stack.

        Raises:
            CatalogError: AWS publishes none there.
        """
        analyzer = self._analyzer
        words = (*analyzer.name.split("-"), "images")
        return published_image(
            scope,
            words,
            analyzer.path,
            analyzer.accounts,
            analyzer.image_uri,
            network_isolation=self._network_isolation,
        )
