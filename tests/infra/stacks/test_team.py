"""Two teams of one account, on an emulator that enforces permissions: by what it allows and refuses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aws_cdk import App, RemovalPolicy
from botocore.exceptions import ClientError
from sagecraft_constructs import Person
from sagecraft_infra.stacks import TeamStack

from tests.constructs.stack import CONTEXT

from .team_table import PEOPLE, QUESTIONS, TABLE, Caller, Teams, declared, deployed_teams, machine, table, tags

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teams]:
    with deployed_teams(tmp_path_factory.mktemp("teams")) as found:
        yield found


def test_who_can_do_what_is_what_the_guide_says(teams: Teams) -> None:
    found = table(teams)
    assert found == TABLE.read_text(encoding="utf-8"), "run python -m tests.infra.stacks.team_table"
    told = {line.split(" | ")[1]: line for line in found.splitlines()[2:]}
    assert all("yes" not in line for text, line in told.items() if "other team" in text)


@pytest.mark.parametrize(
    ("name", "change", "rule"),
    [
        (
            "machine",
            lambda _: {"ResourceConfig": machine("ml.p3.2xlarge")},
            "where sagemaker:InstanceTypes is ml.m5.large, ml.m5.xlarge (ForAllValues:StringEquals), got ml.p3.2xl",
        ),
        (
            "untagged",
            lambda _: {"Tags": None},
            "where aws:RequestTag/team is churn (StringEquals), got nothing and aws:RequestTag/person is ada",
        ),
        (
            "anothers",
            lambda _: {"Tags": tags("churn", "rosa")},
            "where aws:RequestTag/person is ada (StringEquals), got rosa.",
        ),
        (
            "outside",
            lambda _: {"VpcConfig": None},
            "where sagemaker:VpcSubnets is given and sagemaker:VpcSecurityGroupIds is given.",
        ),
        (
            "elsewhere",
            lambda teams: {"VpcConfig": teams.network("fraud")},
            "where sagemaker:VpcSubnets is subnet-",
        ),
        (
            "role",
            lambda teams: {"RoleArn": teams.of("fraud")["ExecutionRoleOfmel"]},
            "is not authorized to perform: iam:PassRole on resource: arn:aws:iam::000000000000:role/Team-fraud-",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["person", "notebook"])
def test_a_job_that_breaks_a_rule_is_refused_by_the_rules_name(
    teams: Teams, name: str, change: Callable[[Teams], dict[str, Any]], rule: str, kind: str
) -> None:
    ada = teams.person("ada") if kind == "person" else teams.notebook_of("ada")
    with pytest.raises(ClientError) as refused:
        ada.sagemaker.create_training_job(**teams.training("churn", "ada", f"churn-{name}-{kind}", **change(teams)))
    told = refused.value.response["Error"]
    assert told["Code"] == "AccessDeniedException"
    assert rule in told["Message"]
    assert "PassRole" in rule or "The statement 'StartJobs' allows it " in told["Message"]


def test_a_notebook_and_its_jobs_read_what_their_owner_reads(teams: Teams) -> None:
    notebook = teams.notebook_of("ada")
    notebook.sagemaker.create_training_job(**teams.training("churn", "ada", "churn-of-the-notebook"))
    questions = [each for each in QUESTIONS if each.about == "Data"]
    own, theirs = (
        {each.text: each.answer(teams, caller) for each in questions} for caller in (teams.person("ada"), notebook)
    )
    assert own == theirs
    # As the SageMaker SDK finds out whom it acts as.
    instance = notebook.sagemaker.describe_notebook_instance(NotebookInstanceName=teams.of("churn")["NotebookOfada"])
    assert instance["RoleArn"] == notebook.role


@pytest.mark.parametrize("kind", ["person", "notebook"])
def test_the_sdk_finds_its_default_bucket(teams: Teams, kind: str) -> None:
    """Source: `general_bucket_check_if_user_has_permission` in aws/sagemaker-python-sdk src/sagemaker/session.py"""
    ada = teams.person("ada") if kind == "person" else teams.notebook_of("ada")
    bucket = {"Bucket": teams.of("churn")["BucketName"]}
    ada.s3.head_bucket(**bucket)
    ada.s3.list_objects_v2(**bucket, Prefix="people/ada")
    with pytest.raises(ClientError, match="s3:ListBucket"):
        ada.s3.list_objects_v2(**bucket, Prefix="people/rosa")


def test_the_policies_of_a_role_are_as_long_as_aws_takes_them(teams: Teams) -> None:
    """Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    iam = teams.emulator.client("iam")
    roles = {value.rpartition("/")[2] for team in PEOPLE for name, value in teams.of(team).items() if "RoleOf" in name}
    lengths = {}
    for role in roles:
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        found = [iam.get_role_policy(RoleName=role, PolicyName=each)["PolicyDocument"] for each in names]
        lengths[role] = sum(len(json.dumps(each, separators=(",", ":"))) for each in found)
    assert len(lengths) == 5
    # What a stack of another name adds: 40 characters to each ARN of the team's bucket, key and roles.
    assert max(lengths.values()) < 10_240 - 20 * 40


def test_each_team_has_a_budget_by_its_tag(teams: Teams) -> None:
    budgets = teams.emulator.client("budgets")
    found = budgets.describe_budgets(AccountId=teams.emulator.account)["Budgets"]
    assert sorted(each["CostFilters"]["TagKeyValue"][0] for each in found) == ["user:team$churn", "user:team$fraud"]
    assert {each["BudgetLimit"]["Amount"] for each in found} == {"500"}


def test_whatever_costs_money_is_tagged_with_its_team(teams: Teams) -> None:
    tagging = teams.emulator.client("resourcegroupstaggingapi")
    asked = [{"Key": "team", "Values": ["churn"]}]
    pages = tagging.get_paginator("get_resources").paginate(TagFilters=asked)
    arns = [each["ResourceARN"] for page in pages for each in page["ResourceTagMappingList"]]
    assert not [arn for arn in arns if "fraud" in arn]
    kinds = (":s3:::", ":notebook-instance/", ":training-job/", ":endpoint/", ":key/")
    assert [kind for kind in kinds if not any(kind in arn for arn in arns)] == []
    ways = teams.emulator.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    owners = Counter(tag["Value"] for way in ways for tag in way["Tags"] if tag["Key"] == "team")
    assert owners == {"churn": 9, "fraud": 9}


@pytest.mark.last
def test_a_data_scientist_works_in_studio_as_their_execution_role(teams: Teams) -> None:
    app = App(context=CONTEXT)
    people = [Person(name="eve", persona="data-scientist")]
    TeamStack(
        app,
        "Team-price",
        name="price",
        monthly_usd=500,
        emails=["lead@example.com"],
        people=people,
        workplace="studio",
        removal_policy=RemovalPolicy.DESTROY,
    )
    told = teams.deployment.deploy(app).of("Team-price")
    profile = {"DomainId": told["DomainId"], "UserProfileName": told["UserProfileOfeve"]}
    eve = Caller(teams, "eve", "price", told["RoleOfeve"])
    found = eve.sagemaker.describe_user_profile(**profile)
    assert (found["Status"], found["UserSettings"]["ExecutionRole"]) == ("InService", told["ExecutionRoleOfeve"])
    with pytest.raises(ClientError, match="is not authorized to perform: sagemaker:DescribeUserProfile"):
        teams.person("mel").sagemaker.describe_user_profile(**profile)


@pytest.mark.last
def test_who_leaves_loses_role_and_notebook_and_their_data_stays(teams: Teams) -> None:
    ada = teams.person("ada")
    ada.s3.put_object(Bucket=teams.of("churn")["BucketName"], Key="people/ada/kept.csv", Body=b"1")
    roles = {value for name, value in teams.of("churn").items() if name.endswith("RoleOfada")}
    notebook = teams.of("churn")["NotebookOfada"]
    after = teams.deployment.deploy(declared(leaves="ada"))
    assert not [name for name in after.of("Team-churn") if name.endswith("Ofada")]
    iam, sagemaker, s3 = (teams.emulator.client(service) for service in ("iam", "sagemaker", "s3"))
    assert not roles & {each["Arn"] for page in iam.get_paginator("list_roles").paginate() for each in page["Roles"]}
    assert len(roles) == 2
    with pytest.raises(ClientError, match="RecordNotFound"):
        sagemaker.describe_notebook_instance(NotebookInstanceName=notebook)
    kept = s3.get_object(Bucket=after.of("Team-churn")["BucketName"], Key="people/ada/kept.csv")
    assert kept["Body"].read() == b"1"
    with pytest.raises(ClientError):
        ada.s3.get_object(Bucket=teams.of("churn")["BucketName"], Key="people/ada/kept.csv")
