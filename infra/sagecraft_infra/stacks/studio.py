"""Studio for a few people who look at the same data."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_constructs import InstanceType, InvalidProps, StudioApp, StudioAppType, StudioDomain, UserProfile

from .exports import check_exports


class StudioStack(Stack):
    """A domain of Studio, a user profile for each of some people, and leave for all of them to read a bucket.

    Apps stop by themselves when nobody works. To take somebody out, take their name out: their apps are ended and their
    spaces deleted. To destroy the stack destroys what is in the domain, whoever made it.

    Attributes:
        domain: The domain.
        user_profiles: Those of the people, by their names.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        bucket: s3.IBucket,
        people: Sequence[str],
        instance_type: InstanceType | None = None,
        idle_time: Duration | None = None,
        encryption_key: kms.IKey | None = None,
        home_removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
        vpc: ec2.IVpc | None = None,
        subnets: Sequence[ec2.ISubnet] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        env: Environment | None = None,
    ) -> None:
        """Declares the stack.

        Args:
            scope: The app.
            id: Its name.
            bucket: What the notebooks may read; it may be another stack's.
            people: The names of the user profiles. Who is taken out loses what is theirs in Studio.
            instance_type: What JupyterLab runs on. Left out, SageMaker's choice, `ml.t3.medium`.
            idle_time: When apps stop in which nobody works. Left out, after an hour.
            encryption_key: Encrypts home directories and volumes; it may be another stack's. Left out, one is made.
            home_removal_policy: What becomes of the home directories when the stack is destroyed. Left out, they go.
            vpc: Where the apps' network interfaces stand; the way to S3 and to the internet is then the VPC's own.
                Left out, they run in SageMaker's own network, with a way to the internet.
            subnets: Which of the VPC's. Left out, its private ones.
            security_groups: In the VPC. Left out, one is made that allows nothing in.
            env: Account and region. Left out, the template fits any.

        Raises:
            InvalidProps: With every problem of the domain, or of a user profile; or one name is given, and no list.
            ValueError: A name is given twice.
        """
        super().__init__(scope, id, env=env, description="Studio for people who may read the data")
        check_exports(self)
        _check_people(self.node.path, people)
        self.domain = StudioDomain(
            self,
            "Domain",
            apps={StudioAppType.JUPYTER_LAB: StudioApp(instance_type=instance_type)},
            idle_time=idle_time,
            encryption_key=encryption_key,
            home_removal_policy=home_removal_policy,
            vpc=vpc,
            subnets=subnets,
            security_groups=security_groups,
        )
        self.domain.allow_read(bucket)
        self.user_profiles = {
            name: UserProfile(self, f"User{name}", domain=self.domain, user_profile_name=name) for name in people
        }
        CfnOutput(self, "DomainId", value=self.domain.domain_id)


def _check_people(path: str, people: Sequence[str]) -> None:
    if isinstance(people, str):
        raise InvalidProps(
            f"StudioStack '{path}'", [f"people: should be a list, such as ['{people}'], got '{people}'."]
        )
    # SageMaker tells names apart by their letters, and not by whether these are capitals.
    seen: dict[str, str] = {}
    for name in people:
        first = seen.setdefault(name.lower(), name)
        if first is not name:
            raise ValueError(f"StudioStack '{path}': people: '{name}' is given twice; give each name once.")
