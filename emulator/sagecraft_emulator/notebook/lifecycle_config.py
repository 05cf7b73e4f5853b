"""Lifecycle configurations of notebook instances: scripts that run when one is created or started."""

import base64
from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.errors import validation_error


class LifecycleConfigKind(ResourceKind):
    """`CreateNotebookInstanceLifecycleConfig` and its siblings."""

    kind = "NotebookInstanceLifecycleConfig"
    arn_type, spoken = "notebook-instance-lifecycle-config", "notebook instance lifecycle config"
    plural = list_member = "NotebookInstanceLifecycleConfigs"

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), f"Update{self.kind}": self.update}

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds a lifecycle configuration.

        Raises:
            ApiError: A script is not base64, or the name is taken.
        """
        _check_scripts(request)
        return super().create(caller, request)

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Changes the scripts of a lifecycle configuration.

        Raises:
            ApiError: A script is not base64, or there is none of that name.
        """
        _check_scripts(request)
        record = self.record(caller, request[f"{self.kind}Name"])
        self.store.update(record.key, body={"OnCreate": request.get("OnCreate"), "OnStart": request.get("OnStart")})
        return {}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Removes a lifecycle configuration that no notebook instance runs.

        Raises:
            ApiError: One does, or there is none of that name.
        """
        record = self.record(caller, request[f"{self.kind}Name"])
        users = [
            notebook.key.name
            for notebook in self.store.find("NotebookInstance", caller.account, caller.region)
            if notebook.body.get("NotebookInstanceLifecycleConfigName") == record.key.name
        ]
        if users:
            raise validation_error(
                f"Unable to delete Notebook Instance Lifecycle Config {record.key.name}: "
                f"it is used by the notebook instances {', '.join(users)}."
            )
        return super().delete(caller, request)


def _check_scripts(request: dict[str, Any]) -> None:
    for hook in ("OnCreate", "OnStart"):
        for script in request.get(hook, []):
            if "Content" not in script:
                raise validation_error(f"The scripts of {hook} must have Content.")
            try:
                base64.b64decode(script["Content"], validate=True)
            except ValueError:  # no base64, or not even ASCII
                raise validation_error(f"The content of {hook} must be base64 encoded.") from None
