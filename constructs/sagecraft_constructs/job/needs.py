"""What whoever begins a job has to be allowed for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import ArnFormat
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from sagecraft_constructs import permissions
from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.permissions.nag import acknowledge_resource
from sagecraft_constructs.permissions.policy import allow

from .kind import JobKind


@dataclass(frozen=True, kw_only=True)
class JobNeeds:
    """What whoever begins a job has to be allowed for it, besides beginning, asking about and stopping it.

    Attributes:
        role: It is handed to SageMaker. Left out, SageMaker takes a role that it has already.
        results: Where those of earlier jobs may still exist: a bucket, and what their keys begin with. Left out, the
            job leaves none.
        begun: The kind of the jobs that the job begins under its own name. Left out, it begins none.
        volume_key: Encrypts the volumes. Left out, SageMaker's own key does.
    """

    role: iam.IRole | None = None
    results: tuple[s3.IBucket, str] | None = None
    begun: JobKind | None = None
    volume_key: kms.IKey | None = None


def allow_jobs(
    scope: IConstruct, role: iam.IRole, actions: Sequence[str], kind: JobKind, name_prefix: str, reason: str
) -> None:
    """Allows actions on the jobs of a kind whose names begin with a prefix.

    Args:
        scope: What the policy of the role stands below.
        role: Who may.
        actions: Of SageMaker, without its name.
        kind: Of jobs.
        name_prefix: With the hyphen behind.
        reason: Why the names are not known.
    """
    arn = stack_of(scope).format_arn(
        service="sagemaker",
        resource=kind.arn_type,
        resource_name=f"{name_prefix}*",
        arn_format=ArnFormat.SLASH_RESOURCE_NAME,
    )
    allow(role, [f"sagemaker:{action}" for action in actions], [arn])
    acknowledge_resource(scope, arn, reason)


def allow_hand_over(role: iam.IRole, handed: iam.IRole) -> None:
    """Allows to hand a role to SageMaker."""
    to_sagemaker = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    allow(role, ["iam:PassRole"], [handed.role_arn], to_sagemaker)


def allow_needs(role: iam.IRole, needs: JobNeeds) -> None:
    """Allows what beginning a job needs besides the job itself."""
    if needs.role is not None:
        allow_hand_over(role, needs.role)
    if needs.volume_key is not None:
        permissions.allow_volume_key_of_work(role, needs.volume_key)
