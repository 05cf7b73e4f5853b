"""Spaces, each of which is named by the id of its domain and its own name, such as `d-abc/lab`."""

from collections.abc import Iterator
from typing import Any, Final

from sagecraft_infra.noun.api import Api


class _SpaceApi(Api):
    def describe(self, client: Any, name: str) -> dict[str, Any]:
        domain_id, _, own = name.partition("/")
        described: dict[str, Any] = client.describe_space(DomainId=domain_id, SpaceName=own)
        return described

    def names(self, client: Any, **chosen: str) -> Iterator[str]:
        for page in client.get_paginator("list_spaces").paginate(**chosen):
            for summary in page[self.listed]:
                yield f"{summary['DomainId']}/{summary['SpaceName']}"


SPACES: Final = _SpaceApi("Space", "space", "Spaces")
