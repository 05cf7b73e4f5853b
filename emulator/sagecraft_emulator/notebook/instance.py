"""Notebook instances: machines with a JupyterLab, which a browser opens by a URL that is good for once."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.errors import ApiError, InvalidTransition, validation_error
from sagecraft_emulator.pages.sessions import MAY_GO_ON, anybody
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .lifecycle_config import LifecycleConfigKind
from .protocol import NotebookInstances

AT_REST: Final = ("Stopped", "Failed")
_RUNNING: Final = ("InService",)
SESSION_SECONDS: Final = 12 * 3600
"""How long a browser may go on where the request for the URL does not say."""
DEFAULTS: Final[dict[str, Any]] = {
    "DirectInternetAccess": "Enabled",
    "RootAccess": "Enabled",
    "VolumeSizeInGB": 5,
    "PlatformIdentifier": "notebook-al2023-v1",
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

    def __init__(self, store: Store, instances: NotebookInstances) -> None:
        super().__init__(store)
        self._instances = instances
        self._lifecycle_configs = LifecycleConfigKind(store)

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {
            **super().operations(),
            "StartNotebookInstance": self.start,
            "StopNotebookInstance": self.stop,
            "UpdateNotebookInstance": self.update,
            "CreatePresignedNotebookInstanceUrl": self.open,
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
        self._instances.start(record.key)
        return {"NotebookInstanceArn": record.arn}

    def start(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to start a notebook instance that was stopped, or has failed."""
        self._instances.start(self._move(caller, request, AT_REST, "Pending", {"FailureReason": None}))
        return {}

    def stop(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to stop a running notebook instance."""
        self._instances.stop(self._move(caller, request, _RUNNING, "Stopping"))
        return {}

    def open(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A URL at which a running notebook instance opens.

        Raises:
            ApiError: It is not in service, or does not open here.
        """
        record = self.record(caller, request["NotebookInstanceName"])
        if record.status != "InService":
            raise validation_error(
                f"Notebook Instance ({record.arn}) cannot be opened: its status is {record.status}, not InService."
            )
        seconds = request.get("SessionExpirationDurationInSeconds", SESSION_SECONDS)
        return {"AuthorizedUrl": self._instances.open(record, seconds, request.get(MAY_GO_ON, anybody))}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to change a stopped notebook instance.

        Raises:
            ApiError: It is not stopped, its volume would become smaller, or the lifecycle configuration does not exist.
        """
        members = self._checked(caller, request)
        present = self.record(caller, request["NotebookInstanceName"]).body["VolumeSizeInGB"]
        if members.get("VolumeSizeInGB", present) < present:
            raise validation_error(
                f"The volume of a notebook instance cannot become smaller: VolumeSizeInGB is {present}, got "
                f"{members['VolumeSizeInGB']}. Make another notebook instance."
            )
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
        self._instances.update(self._move(caller, request, ("Stopped",), "Updating", body))
        return {}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to remove a notebook instance that was stopped, or has failed."""
        self._instances.delete(self._move(caller, request, AT_REST, "Deleting"))
        return {}

    def record(self, caller: Caller, name: str) -> Record:
        """The record of a notebook instance, as it is by now."""
        return self._instances.present(super().record(caller, name))

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the notebook instances that pass the request's filters."""
        for record in self.store.find(self.kind, caller.account, caller.region):
            self._instances.present(record)
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
        allowed: tuple[str, ...],
        following: str,
        body: Mapping[str, Any] | None = None,
    ) -> RecordKey:
        record = self.record(caller, request["NotebookInstanceName"])
        if record.status in allowed:
            with suppress(InvalidTransition):  # it changed in this moment
                return self.store.update(record.key, status=following, body=body, present_status=record.status).key
        record = self.store.get(record.key)
        raise validation_error(
            f"Status ({record.status}) not in ([{', '.join(allowed)}]). Unable to transition to ({following}) for "
            f"Notebook Instance ({record.arn})."
        )
