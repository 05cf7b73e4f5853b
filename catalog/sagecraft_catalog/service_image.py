"""AWS's images that look into data and models, and that run notebooks: Model Monitor's, Clarify's, Distribution's."""

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import UnknownRegion
from .near_match import did_you_mean
from .package_data import load
from .region import dns_suffix


@dataclass(frozen=True)
class ServiceImage:
    """An image that AWS publishes for jobs of its own.

    Attributes:
        name: `model-monitor`, `clarify` or `distribution`.
        repository: In ECR.
        tag: Of the image; None for one that is named without.
        accounts: Whose registry it is in, by region.
    """

    name: str
    repository: str
    tag: str | None
    accounts: Mapping[str, str]

    @classmethod
    def of(cls, name: str) -> "ServiceImage":
        """The one of a name."""
        return cls(name, **load("service_images")["images"][name])

    @property
    def path(self) -> str:
        """What stands in its URI behind the registry."""
        return self.repository if self.tag is None else f"{self.repository}:{self.tag}"

    def image_uri(self, region: str) -> str:
        """The URI in a region.

        Raises:
            UnknownRegion: AWS publishes none there.
        """
        if region not in self.accounts:
            raise UnknownRegion(
                f"AWS publishes no image '{self.repository}' in region '{region}'."
                f"{did_you_mean(region, self.accounts)} It does in: {', '.join(sorted(self.accounts))}."
            )
        return f"{self.accounts[region]}.dkr.ecr.{region}.{dns_suffix(region)}/{self.path}"
