"""Notebook instances: their state, as a state machine that time moves on.

No Jupyter server runs behind an instance; a request for its URL is refused.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.errors import ApiError, InvalidTransition, validation_error
from sagecraft_emulator.state.store import Record, Store

from .lifecycle_config import LifecycleConfigKind

TRANSITION_SECONDS: Final = 1.0
SETTLES: Final = {"Pending": "InService", "Stopping": "Stopped", "Updating": "Stopped"}
DEFAULTS: Final[dict[str, Any]] = {
    "DirectInternetAccess": "Enabled",
    "RootAccess": "Enabled",
    "VolumeSizeInGB": 5,
    "PlatformIdentifier": "notebook-al2-v3",
    "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
}


class NotebookInstanceKind(ResourceKind):
    """`CreateNotebookInstance` and its siblings."""

    kind, arn_type, spoken = "NotebookInstance", "notebook-instance", "notebook instance"
    plural = list_member = "NotebookInstances"
    sort_by, sort_order = "Name", "Ascending"
    filters = frozenset(
        {
            "AdditionalCodeRepositoryEquals",
            "DefaultCodeRepositoryContains",
            "NotebookInstanceLifecycleConfigNameContains",
        }
    )

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._lifecycle_configs = LifecycleConfigKind(store)

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {
            **super().operations(),
            "StartNotebookInstance": self.start,
            "StopNotebookInstance": self.stop,
            "UpdateNotebookInstance": self.update,
        }

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to bring a notebook instance into service.

        Raises:
            ApiError: The lifecycle configuration does not exist, direct internet access is off without a subnet, or the
                name is taken.
        """
        if request.get("DirectInternetAccess") == "Disabled" and "SubnetId" not in request:
            raise validation_error("Notebook instances without direct internet access must have a SubnetId.")
        members = self._checked(caller, request)
        name = request["NotebookInstanceName"]
        url = f"{name}.notebook.{caller.region}.sagemaker.aws"
        record = self.add(caller, {**DEFAULTS, **members}, status="Pending", body={"Url": url})
        return {"NotebookInstanceArn": record.arn}

    def start(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to start a stopped notebook instance."""
        self._move(caller, request, "Stopped", "Pending")
        return {}

    def stop(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to stop a running notebook instance."""
        self._move(caller, request, "InService", "Stopping")
        return {}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to change a stopped notebook instance.

        Raises:
            ApiError: It is not stopped, or the lifecycle configuration does not exist.
        """
        members = self._checked(caller, request)
        removals: dict[str, Any] = {
            member: None
            for flag, member in (
                ("DisassociateLifecycleConfig", "NotebookInstanceLifecycleConfigName"),
                ("DisassociateDefaultCodeRepository", "DefaultCodeRepository"),
                ("DisassociateAdditionalCodeRepositories", "AdditionalCodeRepositories"),
            )
            if members.pop(flag, False)
        }
        body = {**removals, **members, "NotebookInstanceName": None}
        self._move(caller, request, "Stopped", "Updating", body)
        return {}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Removes a stopped or failed notebook instance."""
        record = self.record(caller, request["NotebookInstanceName"])
        if record.status not in {"Stopped", "Failed"}:
            raise _wrong_status(record, "Stopped, Failed", "Deleting")
        self._move(caller, request, record.status, "Deleting")
        self.store.delete(record.key)
        return {}

    def record(self, caller: Caller, name: str) -> Record:
        """The record of a notebook instance, moved on to where time has brought it."""
        return settle(self.store, super().record(caller, name))

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the notebook instances that pass the request's filters."""
        for record in self.store.find(self.kind, caller.account, caller.region):
            settle(self.store, record)
        return super().list(caller, request)

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether a notebook instance passes the filters of a List request."""
        additional, view = request.get("AdditionalCodeRepositoryEquals"), record.body
        return (
            super().passes(record, request)
            and request.get("DefaultCodeRepositoryContains", "") in view.get("DefaultCodeRepository", "")
            and request.get("NotebookInstanceLifecycleConfigNameContains", "")
            in view.get("NotebookInstanceLifecycleConfigName", "")
            and (additional is None or additional in view.get("AdditionalCodeRepositories", []))
        )

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text names neither
        """AWS's answer to a name that there is not."""
        return validation_error("RecordNotFound")

    def _checked(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The request's members as Describe answers them."""
        members = dict(request)
        config_name = members.pop("LifecycleConfigName", None)
        if config_name is not None:
            self._lifecycle_configs.record(caller, config_name)
            members["NotebookInstanceLifecycleConfigName"] = config_name
        if "SecurityGroupIds" in members:
            members["SecurityGroups"] = members.pop("SecurityGroupIds")
        return members

    def _move(
        self,
        caller: Caller,
        request: Mapping[str, Any],
        present: str,
        following: str,
        body: Mapping[str, Any] | None = None,
    ) -> None:
        record = self.record(caller, request["NotebookInstanceName"])
        try:
            self.store.update(record.key, status=following, body=body, present_status=present)
        except InvalidTransition:
            raise _wrong_status(self.store.get(record.key), present, following) from None


def _wrong_status(record: Record, allowed: str, following: str) -> ApiError:
    return validation_error(
        f"Status ({record.status}) not in ([{allowed}]). Unable to transition to ({following}) for Notebook Instance "
        f"({record.arn})."
    )


def settle(store: Store, record: Record) -> Record:
    """Moves a notebook instance on to where time has brought it."""
    following = SETTLES.get(record.status or "")
    if following is None or time.time() < record.modified + TRANSITION_SECONDS:
        return record
    try:
        return store.update(record.key, status=following, present_status=record.status)
    except InvalidTransition:
        return store.get(record.key)
