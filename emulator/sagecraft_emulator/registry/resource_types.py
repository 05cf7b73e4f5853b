"""The resource types of the registry in CloudFormation.

Source: the handlers of https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-sagemaker
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.service import SageMakerService
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.orchestration.cloudformation import (
    Provisioned,
    ResourceType,
    generated_name,
    is_generated_name,
)
from sagecraft_emulator.state.store import Record

_POLICY: Final = "ModelPackageGroupPolicy"
_CHANGED_IN_PLACE: Final = ("ApprovalDescription", "ModelApprovalStatus", "ModelCard", "SourceUri")
_LONGEST_STEM: Final = 23
"""A token has 36 characters at most."""


class ModelPackageGroupType(ResourceType):
    """`AWS::SageMaker::ModelPackageGroup`: with its policy, which the API has operations of its own for."""

    def create(
        self, service: SageMakerService, caller: Caller, logical_id: str, properties: Mapping[str, Any]
    ) -> Provisioned:
        """Makes a group, and gives it its policy; one that the API refuses leaves no group behind."""
        made = super().create(service, caller, logical_id, properties)
        name = self._name_in_arn(made.physical_id)
        try:
            self._set_policy(service, caller, name, properties)
        except ApiError:
            self._remove(service, caller, name)
            raise
        return made

    def _change(self, service: SageMakerService, caller: Caller, name: str, properties: Mapping[str, Any]) -> None:
        self._set_policy(service, caller, name, properties)

    def _set_policy(self, service: SageMakerService, caller: Caller, name: str, properties: Mapping[str, Any]) -> None:
        group, policy = {"ModelPackageGroupName": name}, properties.get(_POLICY)
        if policy is not None:
            text = policy if isinstance(policy, str) else json.dumps(policy)
            service.call("PutModelPackageGroupPolicy", {**group, "ResourcePolicy": text}, caller)
            return
        with suppress(ApiError):  # it has none
            service.call("DeleteModelPackageGroupPolicy", group, caller)

    def _provisioned(self, service: SageMakerService, caller: Caller, name: str, arn: str) -> Provisioned:
        view = service.call("DescribeModelPackageGroup", {"ModelPackageGroupName": name}, caller)
        attributes = {
            "CreationTime": _iso(view["CreationTime"]),
            "ModelPackageGroupArn": arn,
            "ModelPackageGroupStatus": view["ModelPackageGroupStatus"],
        }
        return Provisioned(arn, attributes)


class ModelPackageType(ResourceType):
    """`AWS::SageMaker::ModelPackage`: another version where anything but its approval and remarks changes."""

    def may_be(self, record: Record, logical_id: str, properties: Mapping[str, Any]) -> bool:
        """Whether a record can be what was made for a resource of a template, by the token of its request."""
        token = record.body.get("_ClientToken") or ""
        return token == properties.get("ClientToken") or is_generated_name(token, logical_id[:_LONGEST_STEM])

    def _named(self, properties: Mapping[str, Any], logical_id: str) -> Mapping[str, Any]:
        """The properties as they are: a package without a name is the next version of its group."""
        return {"ClientToken": generated_name(logical_id[:_LONGEST_STEM]), **properties}

    def _name_in_arn(self, arn: str) -> str:
        return arn.partition("/")[2]

    def _change(self, service: SageMakerService, caller: Caller, name: str, properties: Mapping[str, Any]) -> None:
        """Changes a version; a package that stands alone has nothing that could be."""
        view = service.call("DescribeModelPackage", self._members_of(name), caller)
        if "ModelPackageVersion" not in view:
            return
        metadata = properties.get("CustomerMetadataProperties", {})
        removed = sorted(view.get("CustomerMetadataProperties", {}).keys() - metadata.keys())
        changes = {
            "ModelPackageArn": view["ModelPackageArn"],
            **{member: properties[member] for member in _CHANGED_IN_PLACE if member in properties},
            **({"CustomerMetadataProperties": metadata} if metadata else {}),
            **({"CustomerMetadataPropertiesToRemove": removed} if removed else {}),
        }
        added = properties.get("AdditionalInferenceSpecificationsToAdd")
        if added:
            changes["AdditionalInferenceSpecificationsToAdd"] = added
        service.call("UpdateModelPackage", self._request("UpdateModelPackage", changes), caller)

    def _provisioned(self, service: SageMakerService, caller: Caller, name: str, arn: str) -> Provisioned:
        view = service.call("DescribeModelPackage", self._members_of(name), caller)
        attributes = {
            "CreationTime": _iso(view["CreationTime"]),
            "LastModifiedTime": _iso(view["LastModifiedTime"]),
            "ModelPackageArn": arn,
            "ModelPackageStatus": view["ModelPackageStatus"],
        }
        return Provisioned(arn, attributes)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


RESOURCE_TYPES: Final[Mapping[str, ResourceType]] = {
    "AWS::SageMaker::ModelPackageGroup": ModelPackageGroupType(
        "ModelPackageGroup",
        frozenset({"ModelPackageGroupName", "ModelPackageGroupDescription"}),
        frozenset({_POLICY}),
    ),
    "AWS::SageMaker::ModelPackage": ModelPackageType(
        "ModelPackage",
        frozenset(
            {
                "ClientToken",
                "Domain",
                "DriftCheckBaselines",
                "InferenceSpecification",
                "MetadataProperties",
                "ModelMetrics",
                "ModelPackageDescription",
                "ModelPackageGroupName",
                "SamplePayloadUrl",
                "SecurityConfig",
                "SourceAlgorithmSpecification",
                "Task",
                "ValidationSpecification",
            }
        ),
        frozenset({"AdditionalInferenceSpecificationsToAdd", "ApprovalDescription"}),
    ),
}
