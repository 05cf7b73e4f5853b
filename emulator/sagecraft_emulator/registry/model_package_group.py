"""Model package groups: names under which versions of a model are kept, and who else may see them."""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.errors import ApiError, RecordMissing, not_done, validation_error
from sagecraft_emulator.state.store import Record, RecordKey

from .named import Named, named
from .sharing import check_policy, require_shared

LAST_VERSION: Final = "_LastVersion"
"""The member of the record that has the number of the version that was made last; numbers are never used again."""
CHANGING: Final = Lock()
"""Held while the versions of a group become more, or the group goes."""
_POLICY: Final = "_ResourcePolicy"


class ModelPackageGroupKind(ResourceKind):
    """`CreateModelPackageGroup` and its siblings."""

    kind, arn_type, spoken = "ModelPackageGroup", "model-package-group", "model package group"
    plural, list_member = "ModelPackageGroups", "ModelPackageGroupSummaryList"
    filters = frozenset({"CrossAccountFilterOption"})
    sort_order = "Ascending"
    searched_as = "ModelPackageGroup"

    @property
    def status_member(self) -> str:
        """The member that holds the status."""
        return "ModelPackageGroupStatus"

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {
            **super().operations(),
            "PutModelPackageGroupPolicy": self.put_policy,
            "GetModelPackageGroupPolicy": self.get_policy,
            "DeleteModelPackageGroupPolicy": self.delete_policy,
        }

    def taken(self, arn: str) -> ApiError:
        """AWS's answer to a name that is taken."""
        return validation_error(f"Model Package Group already exists: {arn}")

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text tells the ARN
        """AWS's answer to a name that there is not."""
        return validation_error(f"ModelPackageGroup {arn} does not exist.")

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds a model package group; it is complete at once.

        Raises:
            ApiError: The name is taken, or the group is to be managed, which it is not here.
        """
        if request.get("ManagedConfiguration"):
            raise not_done("ManagedConfiguration is not supported by this emulator; leave it out.")
        body = {"ModelPackageGroupStatus": "Completed", "CreatedBy": {}}
        return {"ModelPackageGroupArn": self.add(caller, request, status=None, body=body).arn}

    def describe(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The members of a group, by its name or ARN."""
        group = named(caller, self.arn_type, request["ModelPackageGroupName"])
        return self.view(self.of(caller, group, "sagemaker:DescribeModelPackageGroup"))

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the account's groups.

        Raises:
            ApiError: Those of other accounts are asked for, which AWS shares by its Resource Access Manager.
        """
        if request.get("CrossAccountFilterOption") == "CrossAccount":
            raise not_done(
                "CrossAccountFilterOption 'CrossAccount' is not supported by this emulator, which has no AWS RAM; use "
                "'SameAccount', or describe a group of another account by its ARN."
            )
        return super().list(caller, request)

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Removes a group that has no versions.

        Raises:
            ApiError: There is none of that name, or it has versions.
        """
        group = named(caller, self.arn_type, request["ModelPackageGroupName"])
        record = self.of(caller, group, "sagemaker:DeleteModelPackageGroup")
        with CHANGING:
            versions = self.versions(record)
            if versions:
                # The service model has this error; AWS publishes no text of it.
                raise ApiError(
                    "ConflictException",
                    f"ModelPackageGroup {record.arn} cannot be deleted because it has {len(versions)} model packages, "
                    f"such as {versions[-1].arn}. Delete these first.",
                )
            self.store.delete(record.key)
        return {}

    def put_policy(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Lets other accounts see or change a group and its versions.

        Raises:
            ApiError: There is no such group, or the policy is none.
        """
        record = self._found(caller, request)
        check_policy(request["ResourcePolicy"])
        self.store.update(record.key, body={_POLICY: request["ResourcePolicy"]})
        return {"ModelPackageGroupArn": record.arn}

    def get_policy(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The policy of a group.

        Raises:
            ApiError: There is no such group, or it has none.
        """
        return {"ResourcePolicy": self._with_policy(caller, request).body[_POLICY]}

    def delete_policy(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Takes the policy of a group away.

        Raises:
            ApiError: There is no such group, or it has none.
        """
        self.store.update(self._with_policy(caller, request).key, body={_POLICY: None})
        return {}

    def of(self, caller: Caller, group: Named, action: str, resource: str | None = None) -> Record:
        """The record of a group that a caller may do something with.

        Args:
            caller: Who asks.
            group: It.
            action: As IAM names it.
            resource: The ARN of what it is done to. Left out, the group's.

        Raises:
            ApiError: There is none, or it is of an account that does not let the caller's.
        """
        record = self.record(group.owner, group.name)
        if caller.account != group.owner.account:
            require_shared(record.body.get(_POLICY), caller.account, action, resource or record.arn)
        return record

    def versions(self, group: Record) -> Sequence[Record]:
        """The model packages of a group, the oldest first."""
        found = self.store.find("ModelPackage", group.key.account, group.key.region)
        return [each for each in found if each.body.get("ModelPackageGroupName") == group.key.name]

    def _found(self, caller: Caller, request: Mapping[str, Any]) -> Record:
        """The group of a request about its policy.

        Source of the texts: hashicorp/terraform-provider-aws internal/service/sagemaker/model_package_group_policy.go
        """
        name = request["ModelPackageGroupName"]
        try:
            return self.store.get(RecordKey(self.kind, *caller, name))
        except RecordMissing:
            arn = caller.arn(self.arn_type, name)
            raise validation_error(f"Cannot find Model Package Group: {arn}") from None

    def _with_policy(self, caller: Caller, request: Mapping[str, Any]) -> Record:
        record = self._found(caller, request)
        if _POLICY not in record.body:
            raise validation_error(f"Cannot find resource policy for: {record.arn}")
        return record
