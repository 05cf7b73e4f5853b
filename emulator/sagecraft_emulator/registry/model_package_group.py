"""Model package groups: a declaration and nothing more, which is recorded truthfully."""

from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import ResourceKind


class ModelPackageGroupKind(ResourceKind):
    """`CreateModelPackageGroup` and its siblings: a name under which versions of a model are kept."""

    kind, arn_type, spoken = "ModelPackageGroup", "model-package-group", "model package group"
    plural, list_member = "ModelPackageGroups", "ModelPackageGroupSummaryList"

    @property
    def status_member(self) -> str:
        """The member that holds the status."""
        return "ModelPackageGroupStatus"

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds a model package group; it is complete at once."""
        body = {"ModelPackageGroupStatus": "Completed", "CreatedBy": {}}
        return {"ModelPackageGroupArn": self.add(caller, request, status=None, body=body).arn}
