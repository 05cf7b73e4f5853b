"""Model package groups: a declaration and nothing more, which is recorded truthfully."""

from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import ResourceKind
from sagecraft_emulator.errors import ApiError, validation_error


class ModelPackageGroupKind(ResourceKind):
    """`CreateModelPackageGroup` and its siblings: a name under which versions of a model are kept."""

    kind, arn_type, spoken = "ModelPackageGroup", "model-package-group", "model package group"
    plural, list_member = "ModelPackageGroups", "ModelPackageGroupSummaryList"
    sort_order = "Ascending"

    @property
    def status_member(self) -> str:
        """The member that holds the status."""
        return "ModelPackageGroupStatus"

    def taken(self, arn: str) -> ApiError:
        """AWS's answer to a name that is taken."""
        return validation_error(f"Model Package Group already exists: {arn}")

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text tells the ARN
        """AWS's answer to a name that there is not."""
        return validation_error(f"ModelPackageGroup {arn} does not exist.")

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds a model package group; it is complete at once."""
        body = {"ModelPackageGroupStatus": "Completed", "CreatedBy": {}}
        return {"ModelPackageGroupArn": self.add(caller, request, status=None, body=body).arn}
