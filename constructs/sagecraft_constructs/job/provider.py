"""The custom resource provider that runs the jobs of a stack."""

from dataclasses import dataclass
from typing import ClassVar

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from sagecraft_constructs import permissions
from sagecraft_constructs.permissions.nag import acknowledge_resource
from sagecraft_constructs.provider import FunctionProvider

from .kind import JobKind


@dataclass(frozen=True, kw_only=True)
class JobNeeds:
    """What the provider has to be allowed for a job, besides beginning, asking about and stopping it.

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


class JobProvider(FunctionProvider):
    """The functions that begin, await and stop jobs of every kind; one for each stack.

    They may do so to jobs of the kinds and below the name prefixes that were allowed, and whatever else those need.
    """

    construct_id: ClassVar[str] = "SagecraftJobs"
    handler_module: ClassVar[str] = "job"
    begins: ClassVar[str] = "Begins and stops the jobs of this stack"
    asks: ClassVar[str] = "Asks whether the jobs of this stack have ended"

    def allow(self, kind: JobKind, name_prefix: str, needs: JobNeeds) -> None:
        """Allows to run the jobs of a kind whose names begin with a prefix."""
        name, version = kind.name, kind.api_version
        actions = ["AddTags", f"Create{name}{version}", "DeleteTags", f"Describe{name}{version}", f"Stop{name}"]
        self._allow_jobs(actions, kind, name_prefix)
        if needs.role is not None:
            to_sagemaker = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
            self._allow(["iam:PassRole"], needs.role.role_arn, to_sagemaker)
        if needs.results is not None:
            bucket, prefix = needs.results
            self._allow(["s3:ListBucket"], bucket.bucket_arn, {"StringLike": {"s3:prefix": [f"{prefix}*"]}})
        if needs.begun is not None:
            self._allow_jobs([f"Describe{needs.begun.name}"], needs.begun, name_prefix)
        if needs.volume_key is not None:
            permissions.allow_volume_key_of_work(self._role, needs.volume_key)

    def _allow_jobs(self, actions: list[str], kind: JobKind, name_prefix: str) -> None:
        arn = Stack.of(self).format_arn(
            service="sagemaker",
            resource=kind.arn_type,
            resource_name=f"{name_prefix}-*",
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
        self._allow([f"sagemaker:{action}" for action in actions], arn)
        acknowledge_resource(
            self, arn, "The name of a job ends with a hash of its definition, known only at deployment."
        )
