"""What is said of single features, as a kind of its own: it stands in the records of their groups."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind

from .kind import FeatureGroupKind
from .metadata import changed, view, views


class FeatureMetadataKind(ResourceKind):
    """`DescribeFeatureMetadata` and `UpdateFeatureMetadata`; it comes and goes with its feature.

    Args:
        groups: The groups of the features.
    """

    kind = searched_as = "FeatureMetadata"

    def __init__(self, groups: FeatureGroupKind) -> None:
        super().__init__(groups.store)
        self._groups = groups

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {f"Describe{self.kind}": self.describe, f"Update{self.kind}": self.update}

    def describe(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
        """What is said of one feature.

        Raises:
            ApiError: There is no such group or feature.
        """
        return view(self._groups.named(caller, request), request["FeatureName"])

    def update(self, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
        """Changes what is said of one feature.

        Raises:
            ApiError: There is no such group or feature, or it would have too many parameters.
        """
        key = self._groups.named(caller, request).key
        self.store.update(key, body=lambda present: changed(present, request, time.time()))
        return {}

    def search_items(self, caller: Caller) -> Iterator[tuple[str, dict[str, Any]]]:
        """The metadata of all features of all groups."""
        for group in self.store.each(self._groups.kind, *caller):
            for each in views(group):
                yield f"{group.arn}/{each['FeatureName']}", each
