"""The resource types of notebooks in CloudFormation."""

from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.service import SageMakerService
from sagecraft_emulator.orchestration.cloudformation import Request, ResourceFailed, ResourceType


class NotebookInstanceType(ResourceType):
    """`AWS::SageMaker::NotebookInstance`: is stopped to be changed or deleted."""

    def _after_create(self, service: SageMakerService, caller: Caller, name: str, request: Request) -> None:  # noqa: ARG002
        view = self._settled(service, caller, name)
        if view["NotebookInstanceStatus"] != "InService":
            reason = view.get("FailureReason", "")
            raise ResourceFailed(f"Notebook instance '{name}' is {view['NotebookInstanceStatus']}. {reason}".rstrip())

    def _change(self, service: SageMakerService, caller: Caller, name: str, properties: Mapping[str, Any]) -> None:
        ran = self._settled(service, caller, name)["NotebookInstanceStatus"] == "InService"
        self._before_delete(service, caller, name)
        removed = {
            f"Disassociate{flag}": True
            for flag, property_name in (
                ("LifecycleConfig", "LifecycleConfigName"),
                ("DefaultCodeRepository", "DefaultCodeRepository"),
                ("AdditionalCodeRepositories", "AdditionalCodeRepositories"),
            )
            if property_name not in properties
        }
        super()._change(service, caller, name, {**properties, **removed})
        self._settled(service, caller, name)
        if ran:  # else its user stopped it, who pays for it
            service.call("StartNotebookInstance", {"NotebookInstanceName": name}, caller)
            self._settled(service, caller, name)

    def _before_delete(self, service: SageMakerService, caller: Caller, name: str) -> None:
        if self._settled(service, caller, name)["NotebookInstanceStatus"] == "InService":
            service.call("StopNotebookInstance", {"NotebookInstanceName": name}, caller)
            self._settled(service, caller, name)


RESOURCE_TYPES: Final[Mapping[str, ResourceType]] = {
    "AWS::SageMaker::NotebookInstance": NotebookInstanceType(
        "NotebookInstance",
        frozenset(
            {
                "DirectInternetAccess",
                "KmsKeyId",
                "NotebookInstanceName",
                "PlatformIdentifier",
                "SecurityGroupIds",
                "SubnetId",
            }
        ),
    ),
    "AWS::SageMaker::NotebookInstanceLifecycleConfig": ResourceType(
        "NotebookInstanceLifecycleConfig", frozenset({"NotebookInstanceLifecycleConfigName"})
    ),
    "AWS::SageMaker::CodeRepository": ResourceType(
        "CodeRepository", frozenset({"CodeRepositoryName", "GitConfig.Branch", "GitConfig.RepositoryUrl"})
    ),
}
