"""Model packages: versions of a model in a group, and models that stand alone."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.errors import ApiError, not_done, validation_error
from sagecraft_emulator.state.store import Record, Store
from sagecraft_emulator.surroundings.surroundings import Surroundings

from .algorithm import AlgorithmKind
from .model_package_group import CHANGING, LAST_VERSION, ModelPackageGroupKind
from .named import Named, named
from .specification import check_additional, inference_specification, look, specification_problems

UPDATED: Final = "_UpdatedModelPackageFields"
"""The member of the record that has the names of the members which were changed last."""
MOST_METADATA: Final = 50
_UNSUPPORTED: Final = ("CertifyForMarketplace", "ManagedStorageType", "ValidationSpecification")
_PLAIN: Final = (
    "ApprovalDescription",
    "InferenceSpecification",
    "ModelApprovalStatus",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
    "SourceUri",
)
"""What an update sets as it is given."""


class ModelPackageKind(ResourceKind):
    """`CreateModelPackage` and its siblings.

    Args:
        store: Where records are.
        groups: The groups.
        algorithms: The algorithms.
        surroundings: What a request may name outside of SageMaker. Left out, nothing need be there.
    """

    kind, arn_type, spoken = "ModelPackage", "model-package", "model package"
    plural, list_member = "ModelPackages", "ModelPackageSummaryList"
    filters = frozenset({"ModelApprovalStatus", "ModelPackageGroupName", "ModelPackageType"})
    sort_order = "Ascending"
    searched_as = "ModelPackage"

    def __init__(
        self,
        store: Store,
        groups: ModelPackageGroupKind,
        algorithms: AlgorithmKind,
        surroundings: Surroundings | None = None,
    ) -> None:
        super().__init__(store)
        self._groups, self._algorithms, self._surroundings = groups, algorithms, surroundings

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {
            **super().operations(),
            "UpdateModelPackage": self.update,
            "BatchDescribeModelPackage": self.batch_describe,
        }

    def name_in(self, request: Mapping[str, Any]) -> str:
        """The name of a package: of a version, its group's and its number."""
        version = request.get("ModelPackageVersion")
        name: str = request["ModelPackageName"] if version is None else f"{request['ModelPackageGroupName']}/{version}"
        return name

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds the next version of a group, or a package that stands alone; a request that comes twice adds one.

        Raises:
            ApiError: Names that exclude each other, a group that is not there, a specification that cannot be served,
                or what the emulator does not do.
        """
        group, name = request.get("ModelPackageGroupName"), request.get("ModelPackageName")
        # Source of both texts: https://github.com/getmoto/moto/pull/7165
        if group is not None and name is not None:
            raise validation_error(
                "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot determine which one "
                "to use."
            )
        if group is None and name is None:
            raise validation_error("Missing ARN.")
        if group is not None and request.get("Tags"):
            raise validation_error(
                "Tags cannot be given with ModelPackageGroupName: a version uses the tags of its group."
            )
        for member in _UNSUPPORTED:
            if request.get(member):
                raise not_done(f"{member} is not supported by this emulator; leave it out.")
        body = self._body(caller, request, versioned=group is not None)
        if group is None:
            return {"ModelPackageArn": self._alone(caller, body).arn}
        return {"ModelPackageArn": self._version(caller, named(caller, self._groups.arn_type, group), body).arn}

    def describe(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The members of a package, by its name or ARN; with its metadata alone, where no more is asked for."""
        found = named(caller, self.arn_type, request["ModelPackageName"])
        view = self.view(self._of(caller, found, "sagemaker:DescribeModelPackage"))
        if request.get("IncludedData") == "MetadataOnly" and "ModelCard" in view:
            view["ModelCard"] = {name: each for name, each in view["ModelCard"].items() if name != "ModelCardContent"}
        return view

    def deployable(self, caller: Caller, name: str) -> dict[str, Any]:
        """The members of a package that a model may be made from, by its name or ARN.

        Source: `ModelApprovalStatus` of https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html

        Raises:
            ApiError: There is none, its group does not let the caller in, or it is a version that is not approved.
        """
        record = self._of(caller, named(caller, self.arn_type, name), "sagemaker:CreateModel")
        view = self.view(record)
        status = view.get("ModelApprovalStatus", "Approved")
        if status != "Approved":
            raise validation_error(
                f"Cannot create a model from ModelPackage {record.arn}, because its ModelApprovalStatus is {status}. "
                "Approve it first: UpdateModelPackage with ModelApprovalStatus 'Approved'."
            )
        return view

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Removes a package; the number of a version is not given to another one."""
        found = named(caller, self.arn_type, request["ModelPackageName"])
        self.store.delete(self._of(caller, found, "sagemaker:DeleteModelPackage").key)
        return {}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Changes a version of a group.

        Raises:
            ApiError: There is none, it is no version, or it would have too much of something.
        """
        arn = request["ModelPackageArn"]
        record = self._of(caller, named(caller, self.arn_type, arn), "sagemaker:UpdateModelPackage")
        if "ModelPackageVersion" not in record.body:
            raise validation_error(f"ModelPackage {record.arn} is not versioned, and only a version can be updated.")
        if "InferenceSpecification" in request:
            self._check(caller, request["InferenceSpecification"], request, versioned=True)
        check_card(request)
        self.store.update(record.key, body=lambda present: _changes(present.body, request), tell=True)
        return {"ModelPackageArn": record.arn}

    def batch_describe(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The summaries of several versions, and why there is none of some."""
        summaries: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for arn in request["ModelPackageArnList"]:
            try:
                record = self._of(caller, named(caller, self.arn_type, arn), "sagemaker:DescribeModelPackage")
                if "ModelPackageVersion" not in record.body:
                    raise validation_error(f"ModelPackage {arn} is not versioned.")
                summaries[arn] = self.view(record)
            except ApiError as error:
                errors[arn] = {"ErrorCode": error.code, "ErrorResponse": error.message}
        return {"ModelPackageSummaries": summaries, "BatchDescribeModelPackageErrorMap": errors}

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of packages: of a group, or of those that stand alone, or of both.

        Raises:
            ApiError: The group is not there, or does not let the caller in.
        """
        group = request.get("ModelPackageGroupName")
        if group is None:
            return super().list(caller, request)
        found = named(caller, self._groups.arn_type, group)
        each_version = found.owner.arn(self.arn_type, f"{found.name}/*")
        self._groups.of(caller, found, "sagemaker:ListModelPackages", each_version)
        versions = {"ModelPackageType": "Versioned", **request, "ModelPackageGroupName": found.name}
        return super().list(found.owner, versions)

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether a package passes the filters of a List request."""
        body = record.body
        kinds = {"Versioned": (True,), "Unversioned": (False,), "Both": (True, False)}
        of_group, approval = body.get("ModelPackageGroupName"), body.get("ModelApprovalStatus")
        return (
            super().passes(record, request)
            and (of_group is not None) in kinds[request.get("ModelPackageType", "Unversioned")]
            and request.get("ModelPackageGroupName", of_group) == of_group
            and request.get("ModelApprovalStatus", approval) == approval
        )

    def sort_key(self, record: Record, sort_by: str) -> Any:
        """What a list is sorted by; versions by their numbers."""
        if sort_by == "Name":
            return [record.key.name.partition("/")[0], record.body.get("ModelPackageVersion", 0)]
        return super().sort_key(record, sort_by)

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered; a version has no name of its own."""
        view = super().view(record)
        return {name: each for name, each in view.items() if name != "ModelPackageName" or "/" not in record.key.name}

    def taken(self, arn: str) -> ApiError:
        """AWS's answer to a name that is taken.

        Source of this and the next: `ExceptionMapper` of the model package in
        https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-sagemaker
        """
        return validation_error(f"Model Package already exists: {arn}")

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text tells the ARN
        """AWS's answer to a name that there is not."""
        return validation_error(f"ModelPackage {arn} does not exist.")

    def _body(self, caller: Caller, request: Mapping[str, Any], *, versioned: bool) -> dict[str, Any]:
        """The members of a new package."""
        specification = inference_specification(self._algorithms, caller, request)
        if specification is None and "SourceUri" not in request:
            raise validation_error(
                "A model package must have an InferenceSpecification or a SourceAlgorithmSpecification."
            )
        if specification is not None:
            self._check(caller, specification, request, versioned=versioned)
        check_additional(request.get("AdditionalInferenceSpecifications", []))
        check_card(request)
        # What the API reference says of approval is that it does not apply to packages that are no versions.
        approval = {"ModelApprovalStatus": request.get("ModelApprovalStatus", "PendingManualApproval")}
        members = {name: each for name, each in request.items() if name not in {"ClientToken", "ModelApprovalStatus"}}
        return {
            **members,
            **({} if specification is None else {"InferenceSpecification": specification}),
            **(approval if versioned else {}),
            "CertifyForMarketplace": False,
            "CreatedBy": {},
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "_ClientToken": request.get("ClientToken"),
        }

    def _check(
        self, caller: Caller, specification: Mapping[str, Any], request: Mapping[str, Any], *, versioned: bool
    ) -> None:
        problems = list(dict.fromkeys(specification_problems(specification, versioned=versioned)))
        if problems:
            noun = "error" if len(problems) == 1 else "errors"
            raise validation_error(f"{len(problems)} validation {noun} detected: {'; '.join(problems)}")
        if self._surroundings is not None and request.get("SkipModelValidation") != "All":
            look(self._surroundings, caller, specification)

    def _alone(self, caller: Caller, body: dict[str, Any]) -> Record:
        present = next(self._again(caller, body, lambda each: self.name_in(body) == each.key.name), None)
        return present if present is not None else self._add(caller, body)

    def _version(self, caller: Caller, group: Named, body: dict[str, Any]) -> Record:
        each_version = group.owner.arn(self.arn_type, f"{group.name}/*")
        with CHANGING:
            record = self._groups.of(caller, group, "sagemaker:CreateModelPackage", each_version)

            def is_of_group(each: Record) -> bool:
                return bool(each.body.get("ModelPackageGroupName") == group.name)

            present = next(self._again(group.owner, body, is_of_group), None)
            if present is not None:
                return present
            number = record.body.get(LAST_VERSION, 0) + 1
            self.store.update(record.key, body={LAST_VERSION: number})
            return self._add(group.owner, {**body, "ModelPackageGroupName": group.name, "ModelPackageVersion": number})

    def _again(self, owner: Caller, body: Mapping[str, Any], among: Callable[[Record], bool]) -> Iterator[Record]:
        """What an earlier request of the same token has made."""
        if body["_ClientToken"] is not None:
            for each in self.store.each(self.kind, *owner):
                if each.body.get("_ClientToken") == body["_ClientToken"] and among(each):
                    yield each

    def _add(self, owner: Caller, body: dict[str, Any]) -> Record:
        return self.add(owner, body, status="Completed", body={})

    def _of(self, caller: Caller, found: Named, action: str) -> Record:
        """The record of a package that a caller may do something with; of another account's, as its group says."""
        if caller.account != found.owner.account:
            group = Named(found.owner, found.name.partition("/")[0])
            self._groups.of(caller, group, action, found.owner.arn(self.arn_type, found.name))
        return self.record(found.owner, found.name)


def check_card(request: Mapping[str, Any]) -> None:
    """Refuses a model card whose content is no JSON.

    Raises:
        ApiError: It is none.
    """
    content = request.get("ModelCard", {}).get("ModelCardContent")
    try:
        is_object = content is None or isinstance(json.loads(content), dict)
    except ValueError:
        is_object = False
    if not is_object:
        raise validation_error("ModelCardContent must be a JSON object, as the schema of model cards has it.")


def _changes(present: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """What an update changes of the members of a version."""
    changes: dict[str, Any] = {member: request[member] for member in _PLAIN if member in request}
    added, removed = (
        request.get("CustomerMetadataProperties", {}),
        request.get("CustomerMetadataPropertiesToRemove", []),
    )
    if added or removed:
        kept = {
            key: value for key, value in present.get("CustomerMetadataProperties", {}).items() if key not in removed
        }
        properties = {**kept, **added}
        if len(properties) > MOST_METADATA:
            raise validation_error(
                f"A model package has at most {MOST_METADATA} CustomerMetadataProperties; it would have "
                f"{len(properties)}."
            )
        changes["CustomerMetadataProperties"] = properties or None
    if "AdditionalInferenceSpecificationsToAdd" in request:
        specifications = [
            *present.get("AdditionalInferenceSpecifications", []),
            *request["AdditionalInferenceSpecificationsToAdd"],
        ]
        check_additional(specifications)
        changes["AdditionalInferenceSpecifications"] = specifications
    if "ModelCard" in request:
        changes["ModelCard"] = {**present.get("ModelCard", {}), **request["ModelCard"]}
    return {**changes, UPDATED: sorted(changes)}
