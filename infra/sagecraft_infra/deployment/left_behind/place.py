"""Where one looks for what is left."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sagecraft_infra.target import Target

from .history import History, plain_name
from .leftover import Bill, Leftover, Prices


@dataclass
class Place:
    """A region of an account.

    Attributes:
        target: The account.
        region: The region.
        history: Its stacks.
        prices: What things cost there.
        tagged: Why what has one of the tags that were asked for is left, by its name.
    """

    target: Target
    region: str
    history: History
    prices: Prices
    tagged: dict[str, str]

    def why(self, name: str) -> str | None:
        """Why something of that name is left; None where it is not."""
        if name in self.history.standing:
            return None
        return self.tagged.get(name) or self.history.why(name)

    @cached_property
    def sagemaker(self) -> Any:
        """SageMaker's client there."""
        return self.target.sagemaker(self.region)

    def client(self, service: str) -> Any:
        """The client of a service there."""
        return self.target.client(service, self.region)

    def leftover(
        self,
        kind: str,
        name: str,
        why: str,
        bill: Bill,
        command: str,
        remove: Callable[[], object] | None,
        order: int = 0,
    ) -> Leftover:
        """Something that is left there."""
        return Leftover(kind, name, self.region, why, bill, f"{command} --region {self.region}", remove, order)


Finder = Callable[[Place], Iterator[Leftover]]


def tagged_names(place_client: Any, tags: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Why what has one of the tags is left, by its name.

    Args:
        place_client: Of the Resource Groups Tagging API.
        tags: Each with its value.
    """
    found: dict[str, str] = {}
    for key, value in tags:
        pages = place_client.get_paginator("get_resources").paginate(TagFilters=[{"Key": key, "Values": [value]}])
        for page in pages:
            for resource in page["ResourceTagMappingList"]:
                arn = resource["ResourceARN"]
                name = arn.rpartition(":::")[2] if ":s3:::" in arn else plain_name(arn)
                found[name.removeprefix("log-group:")] = f"it has the tag {key}={value}, and no stack has it"
    return found
