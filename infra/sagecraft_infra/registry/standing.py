"""The groups and versions of the registry that stand somewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_infra.noun.api import Api
from sagecraft_infra.noun.section import Remark, Section

GROUP: Final = Api("ModelPackageGroup", "model_package_group", "ModelPackageGroupSummaryList")


@dataclass(frozen=True)
class PackageApi(Api):
    """The operations of model packages, which are told apart by what their ARNs end with: `group/3` of a version."""

    def names(self, client: Any, **chosen: str) -> Iterator[str]:
        """The names of the versions of all groups, and of the packages that stand alone."""
        pages = client.get_paginator("list_model_packages").paginate(ModelPackageType="Both", **chosen)
        for page in pages:
            for summary in page[self.listed]:
                yield summary["ModelPackageArn"].partition("/")[2]


PACKAGE: Final = PackageApi("ModelPackage", "model_package", "ModelPackageSummaryList")


@dataclass(frozen=True)
class ModelPackageGroupState:
    """A model package group."""

    name: str
    region: str
    status: str
    description: str


@dataclass(frozen=True)
class ModelPackageState:
    """A version of a group, or a package that stands alone.

    Attributes:
        name: Such as `group/3`.
        region: Where it is.
        status: Of the package.
        approval: Whether it may be deployed; None for a package that stands alone.
        description: What it is said to be.
        arn: What it is approved by.
    """

    name: str
    region: str
    status: str
    approval: str | None
    description: str
    arn: str


def _group(name: str, region: str, group: Mapping[str, Any]) -> ModelPackageGroupState:
    described = group.get("ModelPackageGroupDescription", "")
    return ModelPackageGroupState(name, region, group["ModelPackageGroupStatus"], described)


def _package(name: str, region: str, package: Mapping[str, Any]) -> ModelPackageState:
    return ModelPackageState(
        name=name,
        region=region,
        status=package["ModelPackageStatus"],
        approval=package.get("ModelApprovalStatus"),
        description=package.get("ApprovalDescription", package.get("ModelPackageDescription", "")),
        arn=package["ModelPackageArn"],
    )


def _hint(package: ModelPackageState) -> Remark | None:
    if package.approval != "PendingManualApproval":
        return None
    command = f"aws sagemaker update-model-package --model-package-arn {package.arn} --model-approval-status Approved"
    return Remark("Approve it: ", command)


MODEL_PACKAGE_GROUPS: Final = Section(
    key="model_package_groups",
    resource_type="AWS::SageMaker::ModelPackageGroup",
    api=GROUP,
    state=_group,
    columns=("Model package group", "Status", ""),
    row=lambda group: (group.name, group.status, group.description),
)
MODEL_PACKAGES: Final = Section(
    key="model_packages",
    resource_type="AWS::SageMaker::ModelPackage",
    api=PACKAGE,
    state=_package,
    columns=("Model package", "Status", "Approval", ""),
    row=lambda package: (package.name, package.status, package.approval or "", package.description),
    hint=_hint,
)
