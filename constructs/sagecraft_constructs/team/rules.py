"""What the people of a team may do with SageMaker: their own team's work, under the team's conditions.

Whatever a team makes is called `<team>-…` and tagged. By the tag, which a request has to carry, IAM tells the work of
teams apart; by the name it tells their logs apart, which have no tags. Operations that list everything of an account
know no resource, so nobody has them.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aws_cdk import aws_iam as iam

from sagecraft_constructs.asked import arn_at
from sagecraft_constructs.network import Network
from sagecraft_constructs.permissions.nag import acknowledge_resources

from .checks import PERSON_TAG, TEAM_TAG

_JOBS: Final = {
    "training-job": "TrainingJob",
    "processing-job": "ProcessingJob",
    "hyper-parameter-tuning-job": "HyperParameterTuningJob",
}
"""What names its network and its machines. By the type of the resource, what operations call it."""
_TRANSFORM: Final = {"transform-job": "TransformJob"}
_MODEL: Final = {"model": "Model"}
_DEPLOYED: Final = {"endpoint-config": "EndpointConfig", "endpoint": "Endpoint"}
_WORK: Final = {**_JOBS, **_TRANSFORM, **_MODEL}
_LOGGED: Final = ("ProcessingJobs", "TrainingJobs", "TransformJobs")
_LOGS_OF_ENDPOINTS: Final = "/aws/sagemaker/Endpoints"
_BELOW_THE_NAME: Final = "Whatever the team makes is called by its name; what it is called behind that, it chooses."
Conditions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Team:
    """What the work of a team is held to.

    Attributes:
        name: The team's.
        instance_types: The machines that it may use.
        network: Where its work runs.
        tags: What its work is tagged with, besides the team and the person.
    """

    name: str
    instance_types: Sequence[str]
    network: Network
    tags: Mapping[str, str] = field(default_factory=dict)

    def tags_of(self, person: str) -> dict[str, str]:
        """What the work of one of its people is tagged with."""
        return {TEAM_TAG: self.name, PERSON_TAG: person, **self.tags}


@dataclass(frozen=True)
class Rules:
    """Adds what somebody of a team may do to a role.

    Attributes:
        role: That they, or their notebooks and jobs, act as.
        team: The team.
        person: Their name.
    """

    role: iam.Role
    team: Team
    person: str

    def allow_work(self, execution_role: iam.IRole) -> None:
        """Allows to run jobs and make models: as one role, on the team's machines, in its network, with its tags."""
        tagged = self._tagged()
        self._allow("StartJobs", _create(_JOBS), _JOBS, tagged, self._on_machines(), self._in_network())
        self._allow("StartTransformJobs", _create(_TRANSFORM), _TRANSFORM, tagged, self._on_machines(), self._models())
        self._allow("MakeModels", _create(_MODEL), _MODEL, tagged, self._in_network())
        self._allow_tagging("TagWork", _WORK)
        self._state(
            "HandOverTheExecutionRole",
            ["iam:PassRole"],
            [execution_role.role_arn],
            {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        )

    def allow_end(self, *, of_team: bool) -> None:
        """Allows to stop jobs and delete models.

        Args:
            of_team: Everybody's of the team; otherwise only their own.
        """
        actions = [f"sagemaker:Stop{noun}" for noun in (*_JOBS.values(), *_TRANSFORM.values())]
        own = {} if of_team else {PERSON_TAG: self.person}
        self._allow("EndWork", [*actions, "sagemaker:DeleteModel"], _WORK, self._of_team(**own))

    def allow_deployment(self) -> None:
        """Allows to put the team's models behind endpoints, and to take them away."""
        tagged, of_team = self._tagged(), self._of_team()
        configs, endpoints = ({kind: _DEPLOYED[kind]} for kind in _DEPLOYED)
        self._allow("MakeEndpointConfigs", _create(configs), configs, tagged, self._on_machines(), self._models())
        # An endpoint is authorized by its configuration too.
        self._allow("MakeEndpoints", _create(endpoints), _DEPLOYED, tagged)
        self._allow_tagging("TagEndpoints", _DEPLOYED)
        change = ("DeleteEndpoint", "DeleteEndpointConfig", "UpdateEndpoint", "UpdateEndpointWeightsAndCapacities")
        self._allow("ChangeEndpoints", [f"sagemaker:{each}" for each in change], _DEPLOYED, of_team)

    def allow_look(self) -> None:
        """Allows to look at the team's work and to read its logs."""
        every = {**_WORK, **_DEPLOYED}
        actions = [f"sagemaker:Describe{noun}" for noun in every.values()]
        listed = ["sagemaker:ListTags", "sagemaker:ListTrainingJobsForHyperParameterTuningJob"]
        self._allow("LookAtTheTeamsWork", [*actions, *listed], every, self._of_team())
        stream = f"log-stream:{self.team.name}-*"
        groups = [self._log_group(f"/aws/sagemaker/{group}") for group in _LOGGED]
        endpoints = self._log_group(f"{_LOGS_OF_ENDPOINTS}/{self.team.name}-*")
        # Streams of all teams lie in the groups that SageMaker names; only their names can be seen by this.
        self._state("FindLogs", ["logs:DescribeLogStreams"], [f"{each}*" for each in groups] + [endpoints])
        self._state("ReadLogs", ["logs:GetLogEvents"], [f"{each}:{stream}" for each in groups] + [endpoints])

    def allow_invocation(self) -> None:
        """Allows to ask the team's endpoints."""
        self._allow("AskEndpoints", ["sagemaker:InvokeEndpoint"], {"endpoint": _DEPLOYED["endpoint"]}, self._of_team())

    def _allow_tagging(self, sid: str, kinds: Mapping[str, str]) -> None:
        # While something is made, and never afterwards: by a tag that is changed, work would become another team's.
        made = {"StringEquals": {"sagemaker:TaggingAction": [f"Create{noun}" for noun in kinds.values()]}}
        self._allow(sid, ["sagemaker:AddTags"], kinds, self._tagged(), made)

    def _tagged(self) -> Conditions:
        tags = self.team.tags_of(self.person)
        return {"StringEquals": {f"aws:RequestTag/{key}": value for key, value in tags.items()}}

    def _of_team(self, **others: str) -> Conditions:
        tags = {TEAM_TAG: self.team.name, **others}
        return {"StringEquals": {f"aws:ResourceTag/{key}": value for key, value in tags.items()}}

    def _on_machines(self) -> Conditions:
        return _only("ForAllValues:StringEquals", {"InstanceTypes": self.team.instance_types})

    def _in_network(self) -> Conditions:
        network = self.team.network
        given = {"VpcSubnets": network.subnet_ids, "VpcSecurityGroupIds": network.security_group_ids}
        return _only("ForAllValues:StringEquals", given)

    def _models(self) -> Conditions:
        # A model acts as its own role: whoever may run another team's model, reads as that team.
        return _only("ForAllValues:ArnLike", {"ModelArn": [self._arn("model")]})

    def _arn(self, kind: str) -> str:
        return arn_at(self.role, "sagemaker", f"{kind}/{self.team.name}-*")

    def _log_group(self, name: str) -> str:
        return arn_at(self.role, "logs", f"log-group:{name}")

    def _allow(self, sid: str, actions: list[str], kinds: Iterable[str], *conditions: Conditions) -> None:
        self._state(sid, actions, [self._arn(kind) for kind in kinds], *conditions)

    def _state(self, sid: str, actions: list[str], resources: list[str], *conditions: Conditions) -> None:
        statement = iam.PolicyStatement(sid=sid, actions=actions, resources=resources, conditions=_all(conditions))
        self.role.add_to_policy(statement)  # whose answer is no object that is asked for its members
        if wide := [arn for arn in resources if "*" in arn]:
            acknowledge_resources(self.role, wide, _BELOW_THE_NAME)


def _create(kinds: Mapping[str, str]) -> list[str]:
    return [f"sagemaker:Create{noun}" for noun in kinds.values()]


def _only(operator: str, given: Mapping[str, Sequence[str]]) -> Conditions:
    """Nothing but the given values; `ForAllValues` alone would be met by a request without any."""
    return {
        operator: {f"sagemaker:{key}": list(values) for key, values in given.items()},
        "Null": {f"sagemaker:{key}": "false" for key in given},
    }


def _all(conditions: Iterable[Conditions]) -> dict[str, dict[str, Any]] | None:
    together: dict[str, dict[str, Any]] = {}
    for each in conditions:
        for operator, keys in each.items():
            together.setdefault(operator, {}).update(keys)
    return together or None
