"""What steps share that look into data or a model, and compare what they find with what was found before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from sagecraft_constructs import permissions
from sagecraft_constructs.job.reference import StepProperty
from sagecraft_constructs.permissions.nag import acknowledge_resources
from sagecraft_constructs.permissions.policy import allow
from sagecraft_constructs.present import present
from sagecraft_constructs.processing.job import ProcessingJob
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from ..parameter import ParameterBoolean
from .job_step import JobStep

OUTPUT_PATH: Final = "/opt/ml/processing/output"
"""Where the program of a check writes what it finds."""


@check_props
@dataclass(frozen=True, kw_only=True)
class CheckBaseline:
    """What a check compares with, and what becomes of what it finds.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-quality-clarify-baseline-lifecycle.html

    Attributes:
        skip_check: Whether nothing is compared. Left out, it is.
        fail_on_violation: Whether the step fails if something differs. Left out, it does.
        register_new: Whether what was found is the baseline of later steps. Left out, that with which it was compared.
        model_package_group_name: The last approved version of the group has the baseline. Left out, there is none but
            what is supplied.
        constraints: `s3://…` of a baseline, which the `role` of the step must be let read. Left out, that of the group.
        statistics: As `constraints`, for a check of quality.
    """

    skip_check: bool | ParameterBoolean = False
    fail_on_violation: bool | ParameterBoolean = True
    register_new: bool | ParameterBoolean = False
    model_package_group_name: str | None = None
    constraints: str | None = None
    statistics: str | None = None


class CheckStep(JobStep):
    """A processing job of an analyzer of AWS's, and what it is compared with."""

    _type: str
    _processing: ProcessingJob
    _model_name: str | None = None

    def _check(self, check_type: str, baseline: CheckBaseline, output: tuple[s3.IBucket, str]) -> None:
        self.step_type = self._type
        self._check_type, self._baseline, self._output = check_type, baseline, output

    @property
    def role(self) -> iam.IRole:
        """The execution role of its job."""
        return self._processing.role

    @property
    def calculated_constraints(self) -> str:
        """`s3://…` of the constraints that it has found, for a later step."""
        return StepProperty(self.job, "CalculatedBaselineConstraints").text

    @property
    def baseline_constraints(self) -> str:
        """`s3://…` of the constraints with which a model that is registered is to be compared, for a later step."""
        return StepProperty(self.job, "BaselineUsedForDriftCheckConstraints").text

    def members(self) -> Mapping[str, Any]:
        """What is compared with what."""
        baseline = self._baseline
        return present(
            **super().members(),
            CheckType=self._check_type,
            ModelPackageGroupName=baseline.model_package_group_name,
            SkipCheck=baseline.skip_check,
            FailOnViolation=baseline.fail_on_violation,
            RegisterNewBaseline=baseline.register_new,
            SuppliedBaselineConstraints=baseline.constraints,
            SuppliedBaselineStatistics=baseline.statistics,
            ModelName=self._model_name,
        )

    def allow(self, scope: Construct, role: iam.IRole) -> None:
        """Allows to run the job, to read what it has found, and to look up the baseline of a group."""
        super().allow(scope, role)
        bucket, prefix = self._output
        permissions.allow_read(role, bucket, prefix, None)
        group = self._baseline.model_package_group_name
        if group is not None:
            name = group if is_token(group) else group.lower()
            arns = [resource_arn(scope, "model-package-group", name), resource_arn(scope, "model-package", f"{name}/*")]
            allow(role, ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"], arns)
            acknowledge_resources(scope, arns, "SageMaker numbers the versions of a group itself.")


def resource_arn(scope: Construct, resource: str, name: str) -> str:
    """The ARN of a resource of SageMaker's."""
    return Stack.of(scope).format_arn(
        service="sagemaker", resource=resource, resource_name=name, arn_format=ArnFormat.SLASH_RESOURCE_NAME
    )
