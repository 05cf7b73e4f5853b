"""The exceptions of this package.

    CatalogError (ValueError)
    ├── UnknownAlgorithm
    ├── UnknownVersion
    ├── UnknownRegion
    ├── UnknownInstanceType
    ├── UnknownBilledService
    ├── InvalidName
    ├── InvalidS3Uri
    ├── InvalidPrices
    └── InvalidHyperparameters

Every message names the value that was given, what is allowed, and what to change.
"""

from collections.abc import Sequence


class CatalogError(ValueError):
    """Root of what a look-up or a check in the catalog raises."""


class UnknownAlgorithm(CatalogError):
    """No such algorithm stands in the catalog."""


class UnknownVersion(CatalogError):
    """The algorithm has no image of this version for this use."""


class UnknownRegion(CatalogError):
    """AWS publishes no image of the algorithm in this region, or there is no such region."""


class UnknownInstanceType(CatalogError):
    """No such instance type for this use."""


class UnknownBilledService(CatalogError):
    """No such service stands in the catalog."""


class InvalidName(CatalogError):
    """A name breaks SageMaker's rule for it."""


class InvalidS3Uri(CatalogError):
    """A text names no place in S3.

    Attributes:
        uri: The text.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri
        super().__init__(f"'{uri}' is not an S3 URI; write s3://BUCKET/KEY.")


class InvalidPrices(CatalogError):
    """A file that should hold prices holds none."""


class InvalidHyperparameters(CatalogError):
    """One or more hyperparameters would be refused by the algorithm.

    Attributes:
        problems: One sentence per problem.
    """

    def __init__(self, algorithm: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"Hyperparameters that {algorithm} refuses: " + " ".join(self.problems))
