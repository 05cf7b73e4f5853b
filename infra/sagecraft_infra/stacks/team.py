"""All that a team works in, as a stack of its own."""

from collections.abc import Mapping, Sequence

from aws_cdk import CfnOutput, Duration, Environment, Fn, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct
from sagecraft_constructs import InstanceType, Person, Persona, TeamEnvironment, TrainingContainer, Workplace

from .exports import check_exports


class TeamStack(Stack):
    """A team's environment; its outputs tell each person their role, and the name of their notebook instance.

    Attributes:
        team: The environment.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        name: str,
        monthly_usd: float,
        emails: Sequence[str],
        people: Sequence[Person] | None = None,
        counts: Mapping[Persona | str, int] | None = None,
        instance_types: Sequence[InstanceType] | None = None,
        containers: Sequence[TrainingContainer] | None = None,
        workplace: Workplace | str = Workplace.NOTEBOOK,
        notebook_instance_type: InstanceType | None = None,
        volume_gib: int = 5,
        idle_time: Duration | None = None,
        vpc: ec2.IVpc | None = None,
        encryption_key: kms.IKey | None = None,
        cost_tags: Mapping[str, str] | None = None,
        account_monthly_usd: float | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        env: Environment | None = None,
    ) -> None:
        """Declares the stack.

        Args:
            scope: The app.
            id: Its name.
            name: The team's: 2 to 20 lower-case letters and digits.
            monthly_usd: The team's budget, in US dollars a month.
            emails: Who is told when it is nearly spent.
            people: Who they are. Left out, `counts` says how many.
            counts: How many there are of each persona. Left out, `people` says who they are.
            instance_types: What jobs and endpoints may run on. Left out, the construct's default.
            containers: Whose images they may run. Left out, AWS's of XGBoost and scikit-learn.
            workplace: Where data scientists work: `notebook` or `studio`. Left out, `notebook`.
            notebook_instance_type: Left out, the construct's default.
            volume_gib: The size of a notebook's volume, or a space's. Left out, 5 GiB, the smallest.
            idle_time: After which a notebook stops. Left out, one hour.
            vpc: Where the team works; it may be another stack's. Left out, one without internet is made.
            encryption_key: Of data and volumes; it may be another stack's. Left out, one is made.
            cost_tags: More tags of all that the team has and makes. Left out, there are none.
            account_monthly_usd: From how many US dollars of the whole account's charges on they are told, too. Left
                out, they are not.
            log_retention: How long logs of work, and of the traffic in the VPC, are kept. Left out, three months.
            removal_policy: What becomes of the data when the stack is destroyed. Left out, it stays.
            env: Account and region. Left out, the template fits any.

        Raises:
            InvalidProps: With every problem of the environment.
        """
        super().__init__(scope, id, env=env, description=f"What the team {name} works in")
        check_exports(self)
        self.team = TeamEnvironment(
            self,
            "Team",
            name=name,
            monthly_usd=monthly_usd,
            emails=emails,
            people=people,
            counts=counts,
            instance_types=instance_types,
            containers=containers,
            workplace=workplace,
            notebook_instance_type=notebook_instance_type,
            volume_gib=volume_gib,
            idle_time=idle_time,
            vpc=vpc,
            encryption_key=encryption_key,
            tags=cost_tags,
            account_monthly_usd=account_monthly_usd,
            log_retention=log_retention,
            removal_policy=removal_policy,
        )
        CfnOutput(self, "BucketName", value=self.team.bucket.bucket_name)
        if self.team.studio is not None:
            CfnOutput(self, "DomainId", value=self.team.studio.domain_id)
        CfnOutput(self, "SecurityGroupId", value=self.team.network.security_group_ids[0])
        CfnOutput(self, "SubnetIds", value=Fn.join(",", list(self.team.network.subnet_ids)))
        for person, member in self.team.members.items():
            told = {"Role": member.role.role_arn}
            if member.execution_role is not None:
                told["ExecutionRole"] = member.execution_role.role_arn
            if member.notebook_instance is not None:
                told["Notebook"] = member.notebook_instance.notebook_instance_name
            if member.user_profile is not None:
                told["UserProfile"] = member.user_profile.user_profile_name
            for what, value in told.items():
                CfnOutput(self, f"{what}Of-{person}", value=value)
