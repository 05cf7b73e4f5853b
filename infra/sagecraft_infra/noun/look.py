"""What the resources of a noun look like in a picture of an environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What the resources of a picture are told apart by, in the order of the legend."""

    DATA = "Data"
    JOB = "Job"
    MODEL = "Model"
    ENDPOINT_CONFIG = "Endpoint configuration"
    ENDPOINT = "Endpoint"
    NOTEBOOK = "Notebook"
    ROLE = "Role"
    MONITORING = "Alarm and topic"
    KEY = "Key"
    NETWORK = "Network"
    OTHER = "Other"


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a picture shows resources.

    Attributes:
        shown: The kind of each type of resource, and the noun for it.
        by_hand: The nouns for jobs that are run by hand, by what the API calls them.
        serves: The types that are only a part of another resource, by the properties that name the other.
    """

    shown: Mapping[str, tuple[Kind, str]] = field(default_factory=dict)
    by_hand: Mapping[str, str] = field(default_factory=dict)
    serves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
