"""Models: containers with their data, ready to be hosted."""

from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import ResourceKind
from sagecraft_emulator.errors import validation_error


class ModelKind(ResourceKind):
    """`CreateModel` and its siblings."""

    kind, arn_type, spoken, plural, list_member = "Model", "model", "model", "Models", "Models"

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds a model.

        Raises:
            ApiError: No container, both forms of container, or containers that the emulator cannot host.
        """
        primary, containers = request.get("PrimaryContainer"), request.get("Containers", [])
        if (primary is None) == (not containers):
            raise validation_error("Exactly one of PrimaryContainer and Containers must be given.")
        if len(containers) > 1:
            raise validation_error(
                f"Containers has {len(containers)} containers; this emulator hosts models of one container."
            )
        container = primary or containers[0]
        if "Image" not in container:
            raise validation_error("The container must name its Image; ModelPackageName is not supported here.")
        if container.get("AdditionalModelDataSources"):
            raise validation_error("AdditionalModelDataSources is not supported by this emulator; leave it out.")
        if container.get("Mode") == "MultiModel":
            raise validation_error("Mode 'MultiModel' is not supported here; use 'SingleModel'.")
        return super().create(caller, request)
