"""All that a team works in."""

from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import Duration, RemovalPolicy, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct
from sagecraft_catalog import algorithm

from sagecraft_constructs.container.algorithm_image import AlgorithmImage
from sagecraft_constructs.container.container import TrainingContainer
from sagecraft_constructs.data.bucket import DataBucket
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.money.billing_alarm import BillingAlarm
from sagecraft_constructs.money.cost_budget import CostBudget
from sagecraft_constructs.network import Network
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.studio.domain import StudioDomain

from .checks import TEAM_TAG, check_instances, check_money, check_tags, check_team_name, check_workplace, people_of
from .member import Member, Surroundings
from .network import add_endpoints, closed_vpc, work_group
from .persona import Person, Persona, Workplace
from .retention import keep_logs
from .rules import Team

_EVERYWHERE: Final = ("sklearn", "xgboost")
"""AWS's images that are in every region, so that a team can be in any."""


class TeamEnvironment(Construct):
    """What the people of a team need to work with SageMaker, and nothing more.

    Each person has a role, by which they see and do what their persona is there for: their own data and what is shared,
    the work of their team, and no other team's. Who runs jobs, runs them as their own execution role, on the team's
    machines, in its network and under its tags; all else is refused by IAM. A data scientist also has a notebook
    instance, which stops when nobody works, and in which the SageMaker SDK says by itself what the rules ask for. What
    the team makes is called `<name>-…`, for names are what its logs are told apart by.

    Whoever is taken from the list loses their roles and notebook instance, **with what lies only on its volume**. Their
    data stays in the bucket, below `people/<name>/`, until somebody deletes it.

    Tagged `team` and `person`, all of it shows in AWS's bill once the tags are switched on as cost allocation tags.

    Attributes:
        name: The team's.
        members: What each person has, by their name.
        bucket: The data: `people/<name>/` and `shared/`.
        encryption_key: Encrypts the data and the volumes of the notebooks.
        vpc: Where the team works.
        security_group: Of its notebooks and jobs.
        network: Where in the VPC its jobs have to run.
        budget: The `CostBudget` of what it may spend.
        studio: The domain of Studio, if data scientists work there.
        billing_alarm: On all charges of the account, if it is asked for.
    """

    @check_props
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
        tags: Mapping[str, str] | None = None,
        account_monthly_usd: float | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        """Declares the environment.

        Args:
            scope: Where it stands.
            id: Its name there.
            name: The team's: 2 to 20 lower-case letters and digits. An account has one team of a name.
            monthly_usd: The budget, in US dollars a month.
            emails: Who is told at 80 and 100 percent of it, and when it is going to be exceeded; up to ten.
            people: Who they are. Left out, `counts` says how many.
            counts: How many there are of each persona; they are called `data-scientist-1` and so on. Left out, `people`
                says who they are.
            instance_types: What jobs and endpoints may run on. Left out, `ml.m5.large` and `ml.m5.xlarge`.
            containers: Whose images jobs and models may run. Left out, AWS's of XGBoost and scikit-learn.
            workplace: Where data scientists work: `notebook`, on an instance each; or `studio`, as users of a domain of
                the team's, which is made in its network. Left out, `notebook`.
            notebook_instance_type: The machine of a notebook, or of JupyterLab in Studio. Left out, `ml.t3.medium`.
            volume_gib: The size of a notebook's volume, or a space's. Left out, 5 GiB, the smallest.
            idle_time: After which a notebook stops; five minutes to seven days, and in Studio an hour to a year. Left
                out, one hour.
            vpc: Where the team works, in its private or else its isolated subnets; ways to AWS's services are there.
                Left out, a VPC without internet is made, with those ways.
            encryption_key: Of data and volumes; switch on its rotation. Left out, one is made.
            tags: More tags of all that the team has, which its jobs have to carry, too. Left out, there are none.
            account_monthly_usd: From how many US dollars of the whole account's charges on they are told, too. Left
                out, there is no `BillingAlarm`: an account with several teams needs but one.
            log_retention: How long logs of work, and of the traffic in the VPC, are kept. Left out, three months.
            removal_policy: What becomes of bucket, key and Studio's home directories when the stack is deleted. Left
                out, they stay. `DESTROY` deletes the data, too.

        Raises:
            InvalidProps: With every problem: a person listed twice, a persona that there is not (the nearest one is
                named), a name that cannot be one, too many people, and so on.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "TeamEnvironment")
        problems.require_known(name=name, people=people, counts=counts, emails=emails)
        types = [InstanceType.M5_LARGE, InstanceType.M5_XLARGE] if instance_types is None else list(instance_types)
        notebook_type = InstanceType.T3_MEDIUM if notebook_instance_type is None else notebook_instance_type
        tags = {} if tags is None else tags
        check_team_name(problems, self, name)
        check_tags(problems, tags)
        check_instances(problems, types, notebook_type, volume_gib)
        place_of_work = check_workplace(problems, workplace)
        check_money(problems, monthly_usd, emails)
        known = people_of(problems, people, counts)
        problems.raise_any()

        self.name = name
        for key, value in {TEAM_TAG: name, **tags}.items():
            Tags.of(self).add(key, value)
        self.encryption_key = self._key(removal_policy) if encryption_key is None else encryption_key
        self.bucket = DataBucket(self, "Bucket", encryption_key=self.encryption_key, removal_policy=removal_policy)
        self.vpc, self.security_group = _place(self, vpc, log_retention)
        in_studio = place_of_work is Workplace.STUDIO
        keep_logs(self, log_retention, "studio" if in_studio else "NotebookInstances")
        self.budget = CostBudget(self, "Budget", monthly_usd=monthly_usd, emails=emails, tags={TEAM_TAG: name})
        self.billing_alarm = (
            None
            if account_monthly_usd is None
            else BillingAlarm(self, "BillingAlarm", threshold_usd=account_monthly_usd, emails=emails)
        )
        network = Network.of(self, self.vpc, None, [self.security_group])
        if network is None:
            raise TypeError("a network in a VPC is one")
        self.network = network
        team = Team(name=name, instance_types=[each.name for each in types], network=network, tags=tags)
        idle = Duration.hours(1) if idle_time is None else idle_time
        self.studio = self._studio(idle, volume_gib, removal_policy) if in_studio else None
        surroundings = Surroundings(
            bucket=self.bucket,
            encryption_key=self.encryption_key,
            vpc=self.vpc,
            security_group=self.security_group,
            repository_arns=self._repositories(containers, known),
            notebook_instance_type=notebook_type,
            volume_gib=volume_gib,
            idle_time=idle,
            studio=self.studio,
        )
        people_of_team = Construct(self, "People")
        self.members: Mapping[str, Member] = {
            person.name: Member(people_of_team, person.name, person=person, team=team, surroundings=surroundings)
            for person in known
        }

    def _studio(self, idle_time: Duration, volume_gib: int, removal_policy: RemovalPolicy) -> StudioDomain:
        return StudioDomain(
            self,
            "Studio",
            vpc=self.vpc,
            security_groups=[self.security_group],
            idle_time=idle_time,
            volume_gib=volume_gib,
            encryption_key=self.encryption_key,
            home_removal_policy=removal_policy,
        )

    def _key(self, removal_policy: RemovalPolicy) -> kms.Key:
        return kms.Key(
            self,
            "Key",
            description=f"Encrypts the data of {self.node.path}, and the volumes of its notebooks",
            enable_key_rotation=True,
            removal_policy=removal_policy,
        )

    def _repositories(
        self, containers: Sequence[TrainingContainer] | None, people: Sequence[Person]
    ) -> tuple[str, ...]:
        """Where the images are that the team's work runs, if somebody is there to run it."""
        if not any(Persona(person.persona).works for person in people):
            return ()
        of_aws = [AlgorithmImage(name=each, version=algorithm(each).versions[-1]) for each in _EVERYWHERE]
        images = Construct(self, "Images")
        bound = [
            each.bind(Construct(images, str(number)), "training")
            for number, each in enumerate(of_aws if containers is None else containers)
        ]
        return tuple(dict.fromkeys(image.repository_arn for image in bound))


def _place(scope: Construct, vpc: ec2.IVpc | None, retention: logs.RetentionDays) -> tuple[ec2.IVpc, ec2.SecurityGroup]:
    """Where the team works: a VPC, one of its own if there is none yet, and the security group in it."""
    if vpc is not None:
        return vpc, work_group(scope, vpc)
    own = closed_vpc(scope, retention)
    group = work_group(scope, own)
    add_endpoints(own, group)
    return own, group
