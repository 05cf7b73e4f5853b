"""All that a request may name outside of SageMaker."""

from dataclasses import dataclass

from .images import Images
from .objects import Objects


@dataclass(frozen=True)
class Surroundings:
    """What is looked at before a request is accepted.

    Attributes:
        images: The images.
        objects: The buckets and objects of S3.
    """

    images: Images
    objects: Objects
