"""A notebook instance to look at the data with."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_constructs import InstanceType, NotebookInstance

from .exports import check_exports


class NotebookStack(Stack):
    """A notebook instance that may read a bucket, and stops by itself when nobody works.

    Attributes:
        notebook_instance: The instance.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        bucket: s3.IBucket,
        instance_type: InstanceType | None = None,
        default_code_repository: str | None = None,
        encryption_key: kms.IKey | None = None,
        vpc: ec2.IVpc | None = None,
        subnet: ec2.ISubnet | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        env: Environment | None = None,
    ) -> None:
        """Declares the stack.

        Args:
            scope: The app.
            id: Its name.
            bucket: What the notebooks may read; it may be another stack's.
            instance_type: Left out, the construct's default.
            default_code_repository: The Git repository that Jupyter opens. Left out, there is none.
            encryption_key: Encrypts the volume; it may be another stack's. Left out, one is made.
            vpc: Where the instance's network interface stands; the way to S3 and to the internet is then the VPC's
                own. Left out, it runs in SageMaker's own network, with a way to the internet.
            subnet: Which of the VPC's. Left out, its first private one.
            security_groups: In the VPC. Left out, one is made that allows nothing in.
            env: Account and region. Left out, the template fits any.

        Raises:
            InvalidProps: With every problem of the instance.
        """
        super().__init__(scope, id, env=env, description="A notebook instance that may read the data")
        check_exports(self)
        self.notebook_instance = NotebookInstance(
            self,
            "NotebookInstance",
            instance_type=instance_type,
            default_code_repository=default_code_repository,
            encryption_key=encryption_key,
            vpc=vpc,
            subnet=subnet,
            security_groups=security_groups,
            # In SageMaker's own network there is no other way to S3.
            direct_internet_access=vpc is None,
        )
        self.notebook_instance.allow_read(bucket)
        CfnOutput(self, "NotebookInstanceName", value=self.notebook_instance.notebook_instance_name)
