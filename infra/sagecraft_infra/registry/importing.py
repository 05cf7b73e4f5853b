"""The code of a model package group; its versions stay in it, and are not written."""

import json
from typing import TYPE_CHECKING

from sagecraft_infra.code import references
from sagecraft_infra.code.members import Members
from sagecraft_infra.code.module import Module, call, literal
from sagecraft_infra.noun.importable import Existing

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

    from sagecraft_infra.target import Target


def write(module: Module, target: "Target", region: str, existing: Existing) -> dict[str, dict[str, str]]:
    """Writes the code of a group, with its policy as it is, into a module.

    Returns:
        The identifiers of the resources, by the paths of their constructs.
    """
    client = target.sagemaker(region)
    shape = client.meta.service_model.operation_model("CreateModelPackageGroup").input_shape
    members = Members(existing.description, shape)
    members.take("ModelPackageGroupName")
    description = members.take("ModelPackageGroupDescription")
    references.not_expressed(module, members)
    module.ours("ModelPackageGroup")
    written = call(
        "ModelPackageGroup",
        "self",
        literal("ModelPackageGroup"),
        model_package_group_name=literal(existing.name),
        description=literal(description) if description else None,
    )
    module.statement(f"model_package_group = {written}")
    policy = _policy(client, existing.name)
    if policy is not None:
        references.override(module, "model_package_group", {"ModelPackageGroupPolicy": json.loads(policy)})
    references.tags(module, target, region, existing.arn, "model_package_group")
    return {"ModelPackageGroup/Resource": {"ModelPackageGroupArn": existing.arn}}


def _policy(client: "SageMakerClient", name: str) -> str | None:
    from sagecraft_infra.target.missing import found  # noqa: PLC0415 - loads botocore, which is slow

    answer = found(lambda: client.get_model_package_group_policy(ModelPackageGroupName=name))
    return None if answer is None else answer["ResourcePolicy"]
