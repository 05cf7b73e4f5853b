"""App image configurations: how an app runs an image."""

from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.errors import ApiError, resource_in_use, resource_not_found


class AppImageConfigKind(ResourceKind):
    """`CreateAppImageConfig` and its siblings."""

    kind, arn_type, spoken = "AppImageConfig", "app-image-config", "app image config"
    plural = list_member = "AppImageConfigs"

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), "UpdateAppImageConfig": self.update}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Changes an app image configuration."""
        record = self.record(caller, self.name_in(request))
        changes = {member: value for member, value in request.items() if member != "AppImageConfigName"}
        self.store.update(record.key, body=changes)
        return {"AppImageConfigArn": record.arn}

    def taken(self, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text does not tell it
        """AWS's answer to a name that is taken.

        Source: https://github.com/aws-samples/sagemaker-studio-custom-image-samples/issues/17
        """
        return resource_in_use("The ID or Name specified is already in use.")

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - the ARN has the name
        """AWS's answer to a name that there is not."""
        return resource_not_found(f"AppImageConfig [{arn}] does not exist.")
