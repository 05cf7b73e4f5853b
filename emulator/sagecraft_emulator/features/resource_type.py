"""`AWS::SageMaker::FeatureGroup` in CloudFormation."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.service import SageMakerService
from sagecraft_emulator.orchestration.cloudformation import (
    Provisioned,
    Request,
    ResourceFailed,
    ResourceType,
    is_generated_name,
)
from sagecraft_emulator.state.store import Record

from .online.event_time import iso


class FeatureGroupType(ResourceType):
    """A feature group: features are added in place, and `Ref` is its name."""

    settled: ClassVar[frozenset[str]] = frozenset({"Created", "CreateFailed", "DeleteFailed"})

    def physical_id(self, record: Record) -> str:
        """The name, as it was given."""
        return str(record.body["FeatureGroupName"])

    def may_be(self, record: Record, logical_id: str, properties: Mapping[str, Any]) -> bool:
        """Whether a record can be what was made for a resource of a template."""
        name = self.physical_id(record)
        return name == properties.get("FeatureGroupName") or is_generated_name(name, logical_id)

    def _arn(self, service: SageMakerService, caller: Caller, physical_id: str) -> str:
        arn: str = service.call("DescribeFeatureGroup", self._members_of(physical_id), caller)["FeatureGroupArn"]
        return arn

    def _after_create(self, service: SageMakerService, caller: Caller, name: str, request: Request) -> None:
        del request
        view = self._settled(service, caller, name)
        if view["FeatureGroupStatus"] != "Created":
            raise ResourceFailed(view.get("FailureReason", f"FeatureGroup '{name}' is {view['FeatureGroupStatus']}."))

    def _change(self, service: SageMakerService, caller: Caller, name: str, properties: Mapping[str, Any]) -> None:
        """Adds the features that are new, and changes how long records live and what the group may take."""
        view = service.call("DescribeFeatureGroup", self._members_of(name), caller)
        present = {each["FeatureName"]: each for each in view["FeatureDefinitions"]}
        request = self._request("CreateFeatureGroup", properties)
        given = {each["FeatureName"]: each for each in request["FeatureDefinitions"]}
        lost = [each for each in present if given.get(each) != present[each]]
        if lost:
            raise ResourceFailed(
                f"Features cannot be removed from a feature group, nor get another type: {', '.join(lost)}. Keep them, "
                "or give the feature group another name, so that it is replaced."
            )
        added = [each for name, each in given.items() if name not in present]
        ttl = request.get("OnlineStoreConfig", {}).get("TtlDuration")
        changes: list[Request] = [{"FeatureAdditions": added}] if added else []
        if ttl != view.get("OnlineStoreConfig", {}).get("TtlDuration"):
            changes.append({"OnlineStoreConfig": {"TtlDuration": ttl or {}}})
        throughput = request.get("ThroughputConfig", {"ThroughputMode": "OnDemand"})
        if throughput != view["ThroughputConfig"]:
            changes.append({"ThroughputConfig": throughput})
        for change in changes:
            service.call("UpdateFeatureGroup", {**self._members_of(name), **change}, caller)

    def _provisioned(self, service: SageMakerService, caller: Caller, name: str, arn: str) -> Provisioned:
        del arn
        view = service.call("DescribeFeatureGroup", self._members_of(name), caller)
        attributes = {"CreationTime": iso(view["CreationTime"]), "FeatureGroupStatus": view["FeatureGroupStatus"]}
        return Provisioned(view["FeatureGroupName"], attributes)


RESOURCE_TYPES: Final[Mapping[str, ResourceType]] = {
    "AWS::SageMaker::FeatureGroup": FeatureGroupType(
        "FeatureGroup",
        frozenset(
            {
                "Description",
                "EventTimeFeatureName",
                "FeatureGroupName",
                "OfflineStoreConfig",
                "OnlineStoreConfig.EnableOnlineStore",
                "OnlineStoreConfig.SecurityConfig",
                "OnlineStoreConfig.StorageType",
                "RecordIdentifierFeatureName",
                "RoleArn",
                "Tags",
            }
        ),
    )
}
"""Source: aws-sagemaker-featuregroup.json of
https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-sagemaker
"""
