"""What one person of a team has: a role, and where they do work, a role for it and a notebook."""

from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from sagecraft_constructs import permissions
from sagecraft_constructs.asked import place_of
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.notebook.instance import NotebookInstance
from sagecraft_constructs.permissions.execution_role import ExecutionRole
from sagecraft_constructs.studio.domain import StudioDomain
from sagecraft_constructs.studio.user_profile import UserProfile

from .checks import PERSON_TAG
from .persona import Person, Persona
from .rules import Rules, Team
from .workplace import notebook, sdk_defaults, user_profile

SHARED: Final = "shared/"
_LOGGED: Final = tuple(
    f"/aws/sagemaker/{each}" for each in ("Endpoints", "ProcessingJobs", "TrainingJobs", "TransformJobs")
)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the people of a team share.

    Attributes:
        bucket: Their data.
        encryption_key: Encrypts it, and the volumes of their notebooks.
        vpc: Where they work.
        security_group: Of their work.
        repository_arns: Of the images that their work runs.
        notebook_instance_type: The machine of a notebook.
        volume_gib: Of a notebook.
        idle_time: After which a notebook stops.
        studio: Where data scientists work; None where they have notebook instances.
    """

    bucket: s3.IBucket
    encryption_key: kms.IKey
    vpc: ec2.IVpc
    security_group: ec2.ISecurityGroup
    repository_arns: tuple[str, ...]
    notebook_instance_type: InstanceType
    volume_gib: int
    idle_time: Duration
    studio: StudioDomain | None


class Member(Construct):
    """A person of a team.

    Attributes:
        persona: What they are there for.
        prefix: What the keys of their data begin with, which stays when they leave; None for a reviewer.
        role: That they act as, in the console or on their own machine.
        execution_role: That their notebook and jobs act as; None for a reviewer.
        notebook_instance: Theirs; None for whoever has none.
        user_profile: They as a user of Studio; None for whoever is none.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        person: Person,
        team: Team,
        surroundings: Surroundings,
    ) -> None:
        """Declares what they have.

        Args:
            scope: The people of the team.
            id: Their name.
            person: Who they are.
            team: What their work is held to.
            surroundings: What they share with the others.
        """
        super().__init__(scope, id)
        Tags.of(self).add(PERSON_TAG, person.name)
        self.persona = Persona(person.persona)
        self.prefix = f"people/{person.name}/" if self.persona.works else None
        self.role = self._own_role(person, team)
        self.execution_role: ExecutionRole | None = None
        self.notebook_instance: NotebookInstance | None = None
        if self.persona.works:
            self.execution_role = ExecutionRole(
                self, "ExecutionRole", description=f"What the notebook and the jobs of {person.name} may do"
            )
            self._allow_runtime(self.execution_role, surroundings)
        for role in (self.role, self.execution_role):
            if role is not None:
                self._allow(role, team, person.name, surroundings)
        self.user_profile: UserProfile | None = None
        if self.persona.has_workplace and self.execution_role is not None:
            self._furnish(self.execution_role, team, person.name, surroundings)

    def _own_role(self, person: Person, team: Team) -> iam.Role:
        account = place_of(self).account
        return iam.Role(
            self,
            "Role",
            description=f"What {person.name} may do in the team {team.name}, as {self.persona}",
            assumed_by=iam.AccountPrincipal(account) if person.assumed_by is None else person.assumed_by,
        )

    def _allow(self, role: iam.Role, team: Team, name: str, surroundings: Surroundings) -> None:
        rules = Rules(role, team, name)
        rules.allow_look()
        permissions.allow_read(role, surroundings.bucket, SHARED)
        if self.execution_role is None or self.prefix is None:
            return
        is_engineer = self.persona is Persona.MLOPS_ENGINEER
        rules.allow_work(self.execution_role)
        rules.allow_end(of_team=is_engineer)
        rules.allow_invocation()
        if is_engineer:
            rules.allow_deployment()
            if role is self.role:  # the role of work has it already
                permissions.allow_volume_key_of_work(role, surroundings.encryption_key)
        permissions.allow_read(role, surroundings.bucket, self.prefix)
        permissions.allow_look_for_bucket(role, surroundings.bucket, self.prefix.rstrip("/"))
        for prefix in (self.prefix, SHARED):
            permissions.allow_write(role, surroundings.bucket, prefix)
        for prefix in (self.prefix, *([SHARED] if is_engineer else [])):
            permissions.allow_delete(role, surroundings.bucket, prefix)

    def _allow_runtime(self, role: ExecutionRole, surroundings: Surroundings) -> None:
        for group in _LOGGED:
            permissions.allow_telemetry(role, f"/aws/sagemaker/{group}")
        for arn in surroundings.repository_arns:
            permissions.allow_pull(role, arn)
        permissions.allow_network(role)
        permissions.allow_volume_key_of_work(role, surroundings.encryption_key)

    def _furnish(self, role: ExecutionRole, team: Team, name: str, surroundings: Surroundings) -> None:
        """Gives them a place to work."""
        bucket = surroundings.bucket.bucket_name
        defaults = sdk_defaults(role.role_arn, team.network, team.tags_of(name), bucket, f"people/{name}")
        if surroundings.studio is None:
            self.notebook_instance = self._notebook(role, surroundings, defaults)
            return
        self.user_profile = user_profile(
            self,
            role=role,
            domain=surroundings.studio,
            instance_type=surroundings.notebook_instance_type,
            defaults=defaults,
        )
        self.user_profile.grant_open(self.role)

    def _notebook(self, role: ExecutionRole, surroundings: Surroundings, defaults: str) -> NotebookInstance:
        made = notebook(
            self,
            role=role,
            vpc=surroundings.vpc,
            security_group=surroundings.security_group,
            encryption_key=surroundings.encryption_key,
            instance_type=surroundings.notebook_instance_type,
            volume_gib=surroundings.volume_gib,
            idle_time=surroundings.idle_time,
            defaults=defaults,
        )
        for grant in (made.grant_open, made.grant_start, made.grant_stop):
            grant(self.role)
        # The SageMaker SDK asks in a notebook whom it acts as. The instance waits for the role's other policy.
        asks = iam.PolicyStatement(
            actions=["sagemaker:DescribeNotebookInstance"], resources=[made.notebook_instance_arn]
        )
        role.attach_inline_policy(iam.Policy(self, "OwnNotebook", statements=[asks]))
        return made
