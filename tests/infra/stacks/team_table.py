"""Three people in two teams of one account: who can do what, asked of an emulator that enforces permissions.

python -m tests.infra.stacks.team_table writes the table of the guide.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from aws_cdk import App, RemovalPolicy
from botocore.exceptions import ClientError
from sagecraft_constructs import Person
from sagecraft_infra.stacks import TeamStack
from sagecraft_infra.testing.deployment import TestDeployment
from sagecraft_infra.testing.emulator import RunningEmulator, running_emulator
from sagecraft_infra.testing.outputs import Outputs
from sagecraft_infra.testing.publishing import Publisher

from tests.clients import SESSION
from tests.constructs.stack import CONTEXT

TABLE: Final = Path(__file__).parents[3] / "docs" / "guide" / "teams" / "who.md"
PEOPLE: Final = {
    "churn": {"ada": "data-scientist", "rosa": "reviewer"},
    "fraud": {"mel": "mlops-engineer"},
}
IMAGE: Final = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
ALLOWED, REFUSED = "yes", "no"
AFTERWARDS: Final = ("Completed", "execute is 'instant'")
REFUSALS: Final = ("AccessDenied", "AccessDeniedException", "403")


@dataclass(frozen=True)
class Caller:
    """Somebody, or their notebook, as a role."""

    teams: Teams
    name: str
    team: str
    role: str

    def client(self, service: str) -> Any:
        return SESSION.client(
            service,  # type: ignore[call-overload]  # a name that is known at run time only
            endpoint_url=self.teams.emulator.endpoint_url,
            region_name=self.teams.emulator.region,
            **self._credentials,
        )

    @cached_property
    def _credentials(self) -> dict[str, str]:
        sts = self.teams.emulator.client("sts")
        given = sts.assume_role(RoleArn=self.role, RoleSessionName=self.name)["Credentials"]
        names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
        arguments = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        return {argument: given[name] for argument, name in zip(arguments, names, strict=True)}

    @cached_property
    def sagemaker(self) -> Any:
        return self.client("sagemaker")

    @cached_property
    def s3(self) -> Any:
        return self.client("s3")


@dataclass(frozen=True)
class Teams:
    """The deployed teams."""

    emulator: RunningEmulator
    deployment: TestDeployment
    outputs: Outputs

    def of(self, team: str) -> Mapping[str, str]:
        return self.outputs.of(f"Team-{team}")

    def notebook_of(self, name: str) -> Caller:
        """The execution role of somebody, that SageMaker alone may assume; here we do in its place."""
        caller = self.person(name, "ExecutionRole")
        statement = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ours = {**statement, "Principal": {"AWS": f"arn:aws:iam::{self.emulator.account}:root"}}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement, ours]})
        self.emulator.client("iam").update_assume_role_policy(
            RoleName=caller.role.rpartition("/")[2], PolicyDocument=document
        )
        return caller

    def person(self, name: str, kind: str = "Role") -> Caller:
        team = next(team for team, people in PEOPLE.items() if name in people)
        (role,) = [value for output, value in self.of(team).items() if output == f"{kind}Of{name}"]
        return Caller(self, name, team, role)

    def training(self, team: str, person: str, name: str, **changed: Any) -> dict[str, Any]:
        """A request for a training job as the rules of a team ask for it."""
        told = self.of(team)
        source = {
            "S3DataType": "S3Prefix",
            "S3Uri": f"s3://{told['BucketName']}/shared/",
            "S3DataDistributionType": "FullyReplicated",
        }
        request = {
            "TrainingJobName": name,
            "RoleArn": told[f"ExecutionRoleOf{person}"],
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "HyperParameters": {"num_round": "1", "objective": "binary:logistic"},
            "InputDataConfig": [
                {"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
            ],
            "OutputDataConfig": {"S3OutputPath": f"s3://{told['BucketName']}/people/{person}/models"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "VpcConfig": self.network(team),
            "Tags": tags(team, person),
        }
        return {key: value for key, value in {**request, **changed}.items() if value is not None}

    def model(self, team: str, person: str, name: str, **changed: Any) -> dict[str, Any]:
        request = {
            "ModelName": name,
            "ExecutionRoleArn": self.of(team)[f"ExecutionRoleOf{person}"],
            "PrimaryContainer": {"Image": IMAGE},
            "VpcConfig": self.network(team),
            "Tags": tags(team, person),
        }
        return {**request, **changed}

    def network(self, team: str) -> dict[str, list[str]]:
        told = self.of(team)
        return {"Subnets": told["SubnetIds"].split(","), "SecurityGroupIds": [told["SecurityGroupId"]]}


@dataclass(frozen=True)
class Question:
    """Something that somebody may try.

    Attributes:
        about: What it is about.
        text: What they try.
        tried: Tries it; a refusal by IAM is an error of boto3's.
    """

    about: str
    text: str
    tried: Callable[[Teams, Caller], object]

    def answer(self, teams: Teams, caller: Caller) -> str:
        """`ALLOWED`, or `REFUSED` where IAM says so; what comes later, such as that a job has ended, does not count."""
        try:
            self.tried(teams, caller)
        except ClientError as error:
            told = error.response["Error"]
            if told["Code"] in REFUSALS:
                return REFUSED
            if not any(each in told["Message"] for each in AFTERWARDS):
                raise
        return ALLOWED


def other(team: str) -> str:
    return next(each for each in PEOPLE if each != team)


def worker(team: str) -> str:
    """Who in a team runs jobs."""
    return next(name for name, persona in PEOPLE[team].items() if persona != "reviewer")


def bucket(teams: Teams, team: str) -> str:
    return teams.of(team)["BucketName"]


def start(**changed: Callable[[Teams, Caller], Any]) -> Callable[[Teams, Caller], object]:
    """Starts a training job as the rules say, but for what is changed."""

    def started(teams: Teams, caller: Caller) -> object:
        different = {name: change(teams, caller) for name, change in changed.items()}
        name = f"{caller.team}-{caller.name}-{'-'.join(changed).lower() or 'plain'}"
        request = teams.training(caller.team, worker(caller.team), name, Tags=tags(caller.team, caller.name))
        given = {**request, **different}
        return caller.sagemaker.create_training_job(**{key: each for key, each in given.items() if each is not None})

    return started


def machine(name: str) -> dict[str, Any]:
    return {"InstanceType": name, "InstanceCount": 1, "VolumeSizeInGB": 1}


def configured(teams: Teams, caller: Caller, model: str) -> object:
    del teams
    variant = {"VariantName": "a", "ModelName": model, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    return caller.sagemaker.create_endpoint_config(
        EndpointConfigName=f"{caller.team}-{caller.name}-{model}",
        ProductionVariants=[variant],
        Tags=tags(caller.team, caller.name),
    )


def transformed(teams: Teams, caller: Caller, model: str) -> object:
    data = f"s3://{bucket(teams, caller.team)}"
    return caller.sagemaker.create_transform_job(
        TransformJobName=f"{caller.team}-{caller.name}-{model}",
        ModelName=model,
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{data}/shared/"}}},
        TransformOutput={"S3OutputPath": f"{data}/people/{caller.name}/"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        Tags=tags(caller.team, caller.name),
    )


def asked(teams: Teams, caller: Caller, team: str) -> object:
    del teams
    runtime = caller.client("sagemaker-runtime")
    return runtime.invoke_endpoint(EndpointName=f"{team}-live", Body=b"1,2", ContentType="text/csv")


def log(teams: Teams, caller: Caller, team: str) -> object:
    del teams
    return caller.client("logs").get_log_events(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamName=f"{team}-first/algo-1"
    )


def key_of(teams: Teams, team: str) -> str:
    encryption = teams.emulator.client("s3").get_bucket_encryption(Bucket=bucket(teams, team))
    (rule,) = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    return str(rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"])


def retagged(teams: Teams, caller: Caller) -> object:
    job = teams.emulator.client("sagemaker").describe_training_job(TrainingJobName=f"{other(caller.team)}-first")
    return caller.sagemaker.add_tags(ResourceArn=job["TrainingJobArn"], Tags=tags(caller.team, caller.name))


QUESTIONS: Final = (
    Question(
        "Data",
        "read what the team shares",
        lambda t, c: c.s3.get_object(Bucket=bucket(t, c.team), Key="shared/rows.csv"),
    ),
    Question(
        "Data",
        "write what the team shares",
        lambda t, c: c.s3.put_object(Bucket=bucket(t, c.team), Key=f"shared/{c.name}.csv", Body=b"1"),
    ),
    Question(
        "Data",
        "delete what the team shares",
        lambda t, c: c.s3.delete_object(Bucket=bucket(t, c.team), Key="shared/old.csv"),
    ),
    Question(
        "Data",
        "write their own data",
        lambda t, c: c.s3.put_object(Bucket=bucket(t, c.team), Key=f"people/{c.name}/own.csv", Body=b"1"),
    ),
    Question(
        "Data",
        "read a teammate's own data",
        lambda t, c: c.s3.get_object(Bucket=bucket(t, c.team), Key="people/someone/own.csv"),
    ),
    Question(
        "Data",
        "read what the other team shares",
        lambda t, c: c.s3.get_object(Bucket=bucket(t, other(c.team)), Key="shared/rows.csv"),
    ),
    Question(
        "Data",
        "list the other team's data",
        lambda t, c: c.s3.list_objects_v2(Bucket=bucket(t, other(c.team)), Prefix="shared/"),
    ),
    Question(
        "Data",
        "use the other team's key",
        lambda t, c: c.client("kms").generate_data_key(KeyId=key_of(t, other(c.team)), KeySpec="AES_256"),
    ),
    Question("Jobs", "start a training job by the team's rules", start()),
    Question(
        "Jobs",
        "start one as another role",
        start(RoleArn=lambda t, c: t.of(other(c.team))[f"ExecutionRoleOf{worker(other(c.team))}"]),
    ),
    Question("Jobs", "start one on another machine", start(ResourceConfig=lambda t, c: machine("ml.p3.2xlarge"))),
    Question("Jobs", "start one without tags", start(Tags=lambda t, c: None)),
    Question("Jobs", "start one with the other team's tag", start(Tags=lambda t, c: tags(other(c.team), c.name))),
    Question("Jobs", "start one outside the VPC", start(VpcConfig=lambda t, c: None)),
    Question("Jobs", "start one in the other team's network", start(VpcConfig=lambda t, c: t.network(other(c.team)))),
    Question(
        "Jobs",
        "start one by a name of the other team's",
        start(TrainingJobName=lambda t, c: f"{other(c.team)}-of-{c.name}"),
    ),
    Question(
        "Jobs", "stop their own", lambda t, c: c.sagemaker.stop_training_job(TrainingJobName=f"{c.team}-{c.name}-own")
    ),
    Question(
        "Jobs", "stop a teammate's", lambda t, c: c.sagemaker.stop_training_job(TrainingJobName=f"{c.team}-someones")
    ),
    Question(
        "Jobs",
        "stop the other team's",
        lambda t, c: c.sagemaker.stop_training_job(TrainingJobName=f"{other(c.team)}-first"),
    ),
    Question(
        "Jobs", "look at the team's", lambda t, c: c.sagemaker.describe_training_job(TrainingJobName=f"{c.team}-first")
    ),
    Question(
        "Jobs",
        "look at the other team's",
        lambda t, c: c.sagemaker.describe_training_job(TrainingJobName=f"{other(c.team)}-first"),
    ),
    Question("Jobs", "tag one of the other team's as their own team's", retagged),
    Question("Jobs", "list those of the whole account", lambda t, c: c.sagemaker.list_training_jobs()),
    Question("Jobs", "read the logs of the team's", lambda t, c: log(t, c, c.team)),
    Question("Jobs", "read the logs of the other team's", lambda t, c: log(t, c, other(c.team))),
    Question(
        "Models",
        "make a model",
        lambda t, c: c.sagemaker.create_model(
            **t.model(c.team, worker(c.team), f"{c.team}-of-{c.name}", Tags=tags(c.team, c.name))
        ),
    ),
    Question("Models", "transform data by the team's model", lambda t, c: transformed(t, c, f"{c.team}-model")),
    Question(
        "Models", "transform data by the other team's model", lambda t, c: transformed(t, c, f"{other(c.team)}-model")
    ),
    Question("Models", "configure an endpoint for the team's model", lambda t, c: configured(t, c, f"{c.team}-model")),
    Question(
        "Models",
        "configure an endpoint for the other team's model",
        lambda t, c: configured(t, c, f"{other(c.team)}-model"),
    ),
    Question("Models", "ask the team's endpoint", lambda t, c: asked(t, c, c.team)),
    Question("Models", "ask the other team's endpoint", lambda t, c: asked(t, c, other(c.team))),
    Question(
        "Notebook",
        "open ada's",
        lambda t, c: c.sagemaker.describe_notebook_instance(NotebookInstanceName=t.of("churn")["NotebookOfada"]),
    ),
    Question(
        "Account",
        "make a role",
        lambda t, c: c.client("iam").create_role(RoleName=f"of-{c.name}", AssumeRolePolicyDocument="{}"),
    ),
)


@contextmanager
def deployed_teams(directory: Path) -> Iterator[Teams]:
    """Both teams, on an emulator that enforces permissions, with something of everything in each."""
    with running_emulator(directory, "instant", enforce_iam=True) as emulator:
        deployment = TestDeployment(emulator, Publisher())
        teams = Teams(emulator, deployment, deployment.deploy(declared()))
        for name in PEOPLE:
            furnish(teams, name)
        yield teams


def declared(*, leaves: str | None = None) -> App:
    """The app that declares both teams, with all their people or without one."""
    app = App(context=CONTEXT)
    for name, people in PEOPLE.items():
        TeamStack(
            app,
            f"Team-{name}",
            name=name,
            monthly_usd=500,
            emails=["lead@example.com"],
            people=[Person(name=each, persona=persona) for each, persona in people.items() if each != leaves],
            removal_policy=RemovalPolicy.DESTROY,
        )
    return app


def furnish(teams: Teams, team: str) -> None:
    """Gives a team data, jobs, logs, a model and an endpoint, as the account's administrator."""
    s3, sagemaker, logs = (teams.emulator.client(service) for service in ("s3", "sagemaker", "logs"))
    for key in ("shared/rows.csv", "shared/old.csv", "people/someone/own.csv"):
        s3.put_object(Bucket=bucket(teams, team), Key=key, Body=b"1,2\n")
    owners = {f"{team}-first": worker(team), f"{team}-someones": "someone"}
    for name, owner in {**owners, **{f"{team}-{person}-own": person for person in PEOPLE[team]}}.items():
        sagemaker.create_training_job(**teams.training(team, worker(team), name, Tags=tags(team, owner)))
    stream = {"logGroupName": "/aws/sagemaker/TrainingJobs", "logStreamName": f"{team}-first/algo-1"}
    logs.create_log_stream(**stream)
    sagemaker.create_model(**teams.model(team, worker(team), f"{team}-model"))
    variant = {
        "VariantName": "a",
        "ModelName": f"{team}-model",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    given = {"EndpointConfigName": f"{team}-config", "Tags": tags(team, worker(team))}
    sagemaker.create_endpoint_config(**given, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=f"{team}-live", **given)


def table(teams: Teams) -> str:
    """Who can do what, in Markdown."""
    callers = [teams.person(name) for people in PEOPLE.values() for name in people]
    head = [f"{each.name}, {PEOPLE[each.team][each.name]} of {each.team}" for each in callers]
    rows = [["", "", *head], ["---", "---", *("---" for _ in head)]]
    for question in QUESTIONS:
        answers = [question.answer(teams, each) for each in callers]
        rows.append([question.about, question.text, *(f"**{each}**" if each == ALLOWED else each for each in answers)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def tags(team: str, person: str) -> list[dict[str, str]]:
    return [{"Key": "team", "Value": team}, {"Key": "person", "Value": person}]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place, deployed_teams(Path(place)) as found:
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(table(found), encoding="utf-8")
