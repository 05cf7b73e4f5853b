"""Where a command works: the emulator, or the user's account on AWS."""

import os
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from sagecraft_infra.errors import UserError
from sagecraft_infra.project import Project
from sagecraft_infra.project.assembly import Assembly

from .session import quick_session
from .variables import SECRET, aws_environment, emulator_environment

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient
    from mypy_boto3_ssm import SSMClient

INVOCATION_TIMEOUT_SECONDS = 70


class TargetName(StrEnum):
    """The values of `--target`."""

    LOCAL = "local"
    AWS = "aws"


@dataclass(frozen=True)
class Target:
    """Where a command works, with the clients for it."""

    name: TargetName
    project: Project

    @property
    def is_local(self) -> bool:
        """Whether it is the emulator."""
        return self.name is TargetName.LOCAL

    @property
    def has_sagemaker(self) -> bool:
        """Whether SageMaker is answered there."""
        return self.project.external is None or self.project.external.has_sagemaker

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of a process that is to work there."""
        if self.is_local:
            return emulator_environment(self.project, os.environ)
        return aws_environment(os.environ)

    @property
    def region(self) -> str:
        """Where to look unless a stack says otherwise.

        Raises:
            UserError: Neither the environment nor the profile names a region.
        """
        region = self.project.region if self.is_local else self._session.region_name
        if region is None:
            raise UserError("No AWS region is set. Set AWS_REGION, or a region in your AWS profile.")
        return region

    def regions(self) -> list[str]:
        """Every region that there is, where a stack may be."""
        return self._session.get_available_regions("cloudformation")

    @property
    def account(self) -> str:
        """The account that a stack goes to unless it says otherwise."""
        if self.is_local:
            return self.project.account
        return self._session.client("sts", region_name=self.region).get_caller_identity()["Account"]

    def read_assembly(self) -> Assembly:
        """What the app was synthesized to, placed here.

        Raises:
            UserError: It has not been synthesized.
        """
        return Assembly.read(self.project.assembly_dir).located(lambda: self.account, lambda: self.region)

    @cached_property
    def _session(self) -> boto3.Session:
        if self.is_local:
            return boto3.Session(
                self.project.account, SECRET, region_name=self.project.region, botocore_session=quick_session()
            )
        # boto3 reads the environment of this process, which `sagecraft env` may have pointed at the emulator.
        kept = aws_environment(os.environ)
        for name in os.environ.keys() - kept.keys():
            del os.environ[name]
        return boto3.Session()

    def _config(self) -> Config:
        if self.is_local:
            return Config(retries={"total_max_attempts": 2}, proxies={}, read_timeout=INVOCATION_TIMEOUT_SECONDS)
        return Config(read_timeout=INVOCATION_TIMEOUT_SECONDS)

    @cached_property
    def _clients(self) -> dict[tuple[str, str], Any]:
        return {}

    def _client(self, service: str, region: str) -> Any:
        """A client, the same one each time: making one reads the whole model of its service."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self._session.client(
                service,  # type: ignore[call-overload]  # one overload for each name
                region_name=region,
                endpoint_url=self.project.endpoint_url if self.is_local else None,
                config=self._config(),
            )
        return self._clients[service, region]

    def client(self, service: str, region: str) -> Any:
        """The client of a service by boto3's name for it, in a region."""
        return self._client(service, region)

    def cloudformation(self, region: str) -> "CloudFormationClient":
        """The client of CloudFormation in a region."""
        client: CloudFormationClient = self._client("cloudformation", region)
        return client

    def sagemaker(self, region: str) -> "SageMakerClient":
        """The client of SageMaker in a region."""
        client: SageMakerClient = self._client("sagemaker", region)
        return client

    def sagemaker_runtime(self, region: str) -> "SageMakerRuntimeClient":
        """The client that invokes endpoints in a region."""
        client: SageMakerRuntimeClient = self._client("sagemaker-runtime", region)
        return client

    def logs(self, region: str) -> "CloudWatchLogsClient":
        """The client of CloudWatch Logs in a region."""
        client: CloudWatchLogsClient = self._client("logs", region)
        return client

    def s3(self, region: str) -> "S3Client":
        """The client of S3 in a region."""
        client: S3Client = self._client("s3", region)
        return client

    def ecr(self, region: str) -> "ECRClient":
        """The client of ECR in a region."""
        client: ECRClient = self._client("ecr", region)
        return client

    def iam(self) -> Any:
        """The client of IAM, which has no regions."""
        return self._client("iam", self.region)

    def service_quotas(self, region: str) -> Any:
        """The client of Service Quotas in a region."""
        return self._client("service-quotas", region)

    def ec2(self, region: str) -> Any:
        """The client of EC2, which knows the networks, in a region."""
        return self._client("ec2", region)

    def ssm(self, region: str) -> "SSMClient":
        """The client of Systems Manager in a region."""
        client: SSMClient = self._client("ssm", region)
        return client
