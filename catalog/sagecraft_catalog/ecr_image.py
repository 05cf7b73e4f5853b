"""A container image in Amazon ECR, as its URI names it.

Source: "Pulling an image" in the user guide of Amazon ECR, and the registries that the SageMaker Python SDK names.
"""

import re
from dataclasses import dataclass
from typing import Final

from .package_data import load

_URI: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.(?P<dns_suffix>[a-z0-9.-]+)/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>.+))?"
)


@dataclass(frozen=True)
class EcrImage:
    """An image of a private registry of ECR.

    Attributes:
        account: Whose registry it is.
        region: Where the registry is.
        dns_suffix: The end of the registry's host name.
        repository: The repository's name.
        tag: The image's tag; None where none is named.
        digest: The image's digest; None where none is named.
    """

    account: str
    region: str
    dns_suffix: str
    repository: str
    tag: str | None
    digest: str | None

    @classmethod
    def parse(cls, uri: str) -> "EcrImage | None":
        """The image that a URI names; None for one that is not in ECR."""
        match = _URI.fullmatch(uri)
        return None if match is None else cls(**match.groupdict())

    @property
    def built_in_algorithm(self) -> str | None:
        """AWS's algorithm that it is, by its repository; None for a framework, XGBoost among them, or another image."""
        return self.repository if self.is_aws and self.repository in load("ecr_registries")["algorithms"] else None

    @property
    def is_aws(self) -> bool:
        """Whether AWS publishes its images for SageMaker in that account and region."""
        return self.region in load("ecr_registries")["accounts"].get(self.account, ())
