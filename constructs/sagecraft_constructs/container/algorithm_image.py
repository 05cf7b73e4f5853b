"""AWS's images of its algorithms and frameworks."""

from constructs import Construct
from sagecraft_catalog import Algorithm, ImageScope, algorithm

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props

from .container import ContainerImage, TrainingContainer
from .published import published_image


class AlgorithmImage(TrainingContainer):
    """An algorithm or framework of AWS by name and version.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/ecr-us-east-1.html
    """

    version: str

    @check_props
    def __init__(self, *, name: str, version: str) -> None:
        """Names the algorithm.

        Args:
            name: A built-in algorithm, such as `xgboost`, `kmeans` or `blazingtext`, or the framework `sklearn`.
            version: One that AWS publishes: `1` for most algorithms, such as `1.7-1` for XGBoost, whose `latest` is
                refused, because it is the oldest.

        Raises:
            CatalogError: There is no such algorithm or version; the message names near matches.
            InvalidProps: One of the two is a token.
        """
        Problems("AlgorithmImage").require_known(name=name, version=version)
        self._algorithm = algorithm(name)
        self._algorithm.repository(version)
        self.version = version

    @property
    def algorithm(self) -> Algorithm:
        """What the catalog knows of it."""
        return self._algorithm

    def bind(self, scope: Construct, use: ImageScope) -> ContainerImage:
        """The image in the region of the stack; where that is a token, by a mapping of regions to accounts.

        Raises:
            CatalogError: AWS publishes no such image for the use or in the region.
        """
        name, version = self._algorithm.name, self.version
        return published_image(
            scope,
            (*name.split("-"), *version.split("-"), use, "images"),
            f"{self._algorithm.repository(version)}:{self._algorithm.image_tag(version, use)}",
            self._algorithm.image_accounts(version, use),
            lambda region: self._algorithm.image_uri(version, region, use),
            # A framework image fetches the user's script from S3 by itself, which needs the network.
            network_isolation=bool(self._algorithm.hyperparameters),
        )
