"""The resource types of hosting in CloudFormation."""

from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.service import SageMakerService
from sagecraft_emulator.orchestration.cloudformation import Request, ResourceFailed, ResourceType

from .endpoint import WHILE_IN_PROGRESS


class EndpointType(ResourceType):
    """`AWS::SageMaker::Endpoint`: is made when it is in service, and changed when it serves what was asked for."""

    def _after_create(self, service: SageMakerService, caller: Caller, name: str, request: Request) -> None:
        self._require(service, caller, name, request["EndpointConfigName"])

    def _change(self, service: SageMakerService, caller: Caller, name: str, properties: Mapping[str, Any]) -> None:
        asked = properties["EndpointConfigName"]
        present = self._settled(service, caller, name)
        if present["EndpointConfigName"] != asked:
            super()._change(service, caller, name, properties)
        self._require(service, caller, name, asked)

    def _delete(self, service: SageMakerService, caller: Caller, name: str) -> None:
        service.call("DeleteEndpoint", {"EndpointName": name}, caller, {WHILE_IN_PROGRESS: True})

    def _require(self, service: SageMakerService, caller: Caller, name: str, config_name: str) -> None:
        view = self._settled(service, caller, name)
        if view["EndpointStatus"] != "InService" or view.get("EndpointConfigName") != config_name:
            raise ResourceFailed(
                f"Endpoint '{name}' is {view['EndpointStatus']} with configuration "
                f"'{view.get('EndpointConfigName', 'none')}', not InService with '{config_name}'. "
                f"{view.get('FailureReason', '')}".rstrip()
            )


RESOURCE_TYPES: Final[Mapping[str, ResourceType]] = {
    "AWS::SageMaker::Model": ResourceType(
        "Model",
        frozenset(
            {
                "Containers",
                "EnableNetworkIsolation",
                "ExecutionRoleArn",
                "InferenceExecutionConfig",
                "ModelName",
                "PrimaryContainer",
                "VpcConfig",
            }
        ),
    ),
    "AWS::SageMaker::EndpointConfig": ResourceType(
        "EndpointConfig",
        frozenset(
            {
                "AsyncInferenceConfig",
                "DataCaptureConfig",
                "EnableNetworkIsolation",
                "EndpointConfigName",
                "ExecutionRoleArn",
                "ExplainerConfig",
                "KmsKeyId",
                "MetricsConfig",
                "ProductionVariants",
                "ShadowProductionVariants",
                "VpcConfig",
            }
        ),
    ),
    "AWS::SageMaker::Endpoint": EndpointType(
        "Endpoint",
        frozenset({"EndpointName"}),
        frozenset({"ExcludeRetainedVariantProperties", "RetainAllVariantProperties", "RetainDeploymentConfig"}),
    ),
}
