"""What a team has, by the number of its people; and what cannot be one, refused by name."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it has no types
from aws_cdk import App, CfnParameter, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template
from sagecraft_constructs import InstanceType, InvalidProps, Person, Persona, TeamEnvironment
from sagecraft_constructs.team.checks import MOST_PEOPLE

from tests.constructs.stack import CONTEXT, make_stack, resources
from tests.constructs.template_checks import assert_clean, template_of

SCIENTIST = Person(name="ada", persona=Persona.DATA_SCIENTIST)
ENGINEER = Person(name="mel", persona="mlops-engineer")
REVIEWER = Person(name="rosa", persona="reviewer")


def make_team(stack: Stack, **props: Any) -> TeamEnvironment:
    given = {"name": "churn", "monthly_usd": 500, "emails": ["lead@example.com"], "people": [SCIENTIST], **props}
    return TeamEnvironment(stack, "Team", **given)


def existing_vpc(stack: Stack) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123abcd",
        availability_zones=["us-east-1a", "us-east-1b"],
        private_subnet_ids=["subnet-0123abcd", "subnet-4567abcd"],
        private_subnet_route_table_ids=["rtb-0123abcd", "rtb-4567abcd"],
    )


def types_of(stack: Stack) -> Counter[str]:
    return Counter(each["Type"] for each in template_of(stack)["Resources"].values())


def test_a_team_has_a_closed_network_of_its_own_and_what_its_people_need() -> None:
    stack = make_stack()
    team = make_team(stack, people=[SCIENTIST, ENGINEER, REVIEWER], tags={"cost-center": "4711"})
    assert_clean(stack)
    types = types_of(stack)
    assert not {"AWS::EC2::InternetGateway", "AWS::EC2::NatGateway"} & set(types)
    ways = [json.dumps(each["ServiceName"]) for each in resources(stack, "AWS::EC2::VPCEndpoint")]
    names = ("s3", "sagemaker.api", "sagemaker.runtime", "sts", "kms", "logs", "monitoring", "ecr.api", "ecr.dkr")
    assert len(ways) == len(names)
    assert all(any(f".{name}" in way for way in ways) for name in names)
    assert types["AWS::SageMaker::NotebookInstance"] == 1
    (notebook,) = resources(stack, "AWS::SageMaker::NotebookInstance")
    assert (notebook["DirectInternetAccess"], notebook["RootAccess"]) == ("Disabled", "Disabled")
    assert [(each["Key"], each["Value"]) for each in notebook["Tags"]] == [
        ("cost-center", "4711"),
        ("person", "ada"),
        ("team", "churn"),
    ]
    assert {name: member.execution_role is None for name, member in team.members.items()} == {
        "ada": False,
        "mel": False,
        "rosa": True,
    }
    assert [each["RetentionInDays"] for each in resources(stack, "Custom::LogRetention")] == [90] * 4
    (key,) = resources(stack, "AWS::KMS::Key")
    assert key["EnableKeyRotation"] is True


def test_the_budget_counts_what_is_tagged_with_the_team() -> None:
    stack = make_stack()
    make_team(stack, account_monthly_usd=2_000)
    (budget,) = resources(stack, "AWS::Budgets::Budget")
    assert budget["Budget"] == {
        "BudgetLimit": {"Amount": 500, "Unit": "USD"},
        "BudgetType": "COST",
        "CostFilters": {"TagKeyValue": ["user:team$churn"]},
        "TimeUnit": "MONTHLY",
    }
    told = [each["Notification"] for each in budget["NotificationsWithSubscribers"]]
    assert [(each["NotificationType"], each["Threshold"]) for each in told] == [
        ("ACTUAL", 80),
        ("ACTUAL", 100),
        ("FORECASTED", 100),
    ]
    (alarm,) = resources(stack, "AWS::CloudWatch::Alarm")
    assert alarm["Threshold"] == 2_000


def test_a_team_works_in_a_vpc_that_there_is() -> None:
    stack = make_stack()
    team = make_team(stack, vpc=existing_vpc(stack))
    assert_clean(stack)
    assert not {"AWS::EC2::VPC", "AWS::EC2::VPCEndpoint", "AWS::EC2::FlowLog"} & set(types_of(stack))
    assert list(team.network.subnet_ids) == ["subnet-0123abcd", "subnet-4567abcd"]


def test_the_data_and_its_key_stay_unless_it_is_said_otherwise() -> None:
    def policies(**props: Any) -> set[str]:
        stack = make_stack()
        make_team(stack, vpc=existing_vpc(stack), **props)
        kept = ("AWS::S3::Bucket", "AWS::KMS::Key")
        app = stack.node.root
        assert isinstance(app, App)
        app.synth()
        return {each["DeletionPolicy"] for each in template_of(stack)["Resources"].values() if each["Type"] in kept}

    assert policies() == {"Retain"}
    assert policies(removal_policy=RemovalPolicy.DESTROY) == {"Delete"}


def test_somebody_acts_as_their_role_by_whom_they_name() -> None:
    stack = make_stack()
    provider = iam.ArnPrincipal("arn:aws:iam::123456789012:user/ada")
    team = make_team(
        stack, vpc=existing_vpc(stack), people=[Person(name="ada", persona="reviewer", assumed_by=provider), ENGINEER]
    )
    trusted = {
        name: stack.resolve(member.role.assume_role_policy.to_json())["Statement"][0]["Principal"]["AWS"]
        for name, member in team.members.items()
        if member.role.assume_role_policy is not None
    }
    assert trusted["ada"] == "arn:aws:iam::123456789012:user/ada"
    assert "123456789012:root" in json.dumps(trusted["mel"])


def test_a_notebooks_sdk_says_what_the_rules_ask_for() -> None:
    stack = make_stack()
    make_team(stack, vpc=existing_vpc(stack), tags={"cost-center": "4711"}, idle_time=Duration.minutes(30))
    (scripts,) = resources(stack, "AWS::SageMaker::NotebookInstanceLifecycleConfig")
    parts = scripts["OnStart"][0]["Content"]["Fn::Base64"]["Fn::Join"][1]
    script = "".join(part if isinstance(part, str) else "token" for part in parts)
    assert "idle_seconds=1800" in script
    # What the tokens become is 100 characters longer at most, each; the limit is 12,288 bytes.
    assert len(script) + 100 * sum(not isinstance(part, str) for part in parts) < 12_288
    defaults = yaml.safe_load(script.partition("<<'END_OF_CONFIG'\n")[2].partition("END_OF_CONFIG")[0])["SageMaker"]
    network = {"Subnets": ["subnet-0123abcd", "subnet-4567abcd"], "SecurityGroupIds": ["token"]}
    tags = [
        {"Key": "team", "Value": "churn"},
        {"Key": "person", "Value": "ada"},
        {"Key": "cost-center", "Value": "4711"},
    ]
    assert defaults["TrainingJob"] == {"RoleArn": "token", "VpcConfig": network, "Tags": tags}
    assert defaults["ProcessingJob"] == {"RoleArn": "token", "NetworkConfig": {"VpcConfig": network}, "Tags": tags}
    assert defaults["Model"] == {"ExecutionRoleArn": "token", "VpcConfig": network, "Tags": tags}
    session = defaults["PythonSDK"]["Modules"]["Session"]
    assert session == {"DefaultS3Bucket": "token", "DefaultS3ObjectKeyPrefix": "people/ada"}


def test_data_scientists_may_work_in_studio_instead() -> None:
    stack = make_stack()
    team = make_team(stack, people=[SCIENTIST, ENGINEER], workplace="studio")
    assert_clean(stack)
    assert types_of(stack)["AWS::SageMaker::NotebookInstance"] == 0
    (domain,) = resources(stack, "AWS::SageMaker::Domain")
    assert (domain["AppNetworkAccessType"], domain["KmsKeyId"]) == (
        "VpcOnly",
        stack.resolve(team.encryption_key.key_arn),
    )
    (profile,) = resources(stack, "AWS::SageMaker::UserProfile")
    role = team.members["ada"].execution_role
    assert role is not None
    assert profile["UserSettings"]["ExecutionRole"] == stack.resolve(role.role_arn)
    stop = {"IdleSettings": {"IdleTimeoutInMinutes": 60, "LifecycleManagement": "ENABLED"}}
    for settings in (domain["DefaultUserSettings"], domain["DefaultSpaceSettings"]):
        assert settings["JupyterLabAppSettings"]["AppLifecycleManagement"] == stop
    groups = [each["LogGroupName"] for each in resources(stack, "Custom::LogRetention")]
    assert "/aws/sagemaker/studio" in groups
    (scripts,) = resources(stack, "AWS::SageMaker::StudioLifecycleConfig")
    assert "~/.config/sagemaker" in json.dumps(scripts)


def test_people_who_are_counted_are_called_by_their_persona() -> None:
    stack = make_stack()
    counts = {Persona.DATA_SCIENTIST: 2, "reviewer": 1, "mlops-engineer": 0}
    team = make_team(stack, vpc=existing_vpc(stack), people=None, counts=counts)
    assert list(team.members) == ["data-scientist-1", "data-scientist-2", "reviewer-1"]


def test_the_largest_team_fits_into_a_template() -> None:
    """Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

    def characters(people: int) -> int:
        stack = make_stack()
        make_team(stack, people=None, counts={Persona.DATA_SCIENTIST: people}, tags={"cost-center": "4711"})
        app = stack.node.root
        assert isinstance(app, App)
        assembly = Path(app.synth().directory)
        return (assembly / stack.template_file).stat().st_size

    one, two = characters(1), characters(2)
    assert one + (MOST_PEOPLE - 1) * (two - one) < 1_000_000


@pytest.mark.parametrize(
    ("props", "problem"),
    [
        ({"people": [SCIENTIST, SCIENTIST]}, "people: 'ada' is listed 2 times; list each person once."),
        (
            {"people": [SCIENTIST, Person(name="Ada", persona="reviewer")]},
            "people: 'Ada' and 'ada' differ in case or '-' alone, as names of AWS's may not; rename one.",
        ),
        (
            {"people": [Person(name="a-da", persona="reviewer"), SCIENTIST]},
            "people: 'a-da' and 'ada' differ in case or '-' alone",
        ),
        (
            {"people": [Person(name="ada", persona="data-scientst")]},
            "people: the persona of 'ada', 'data-scientst', is none. Did you mean 'data-scientist'?",
        ),
        ({"people": None, "counts": {"reviewr": 1}}, "Did you mean 'reviewer'?"),
        (
            {"people": [Person(name="../x", persona="reviewer")]},
            "people: '../x' should have 1 to 32 letters",
        ),
        ({"people": [Person(name="", persona="reviewer")]}, "people: '' should have"),
        ({"people": [Person(name="a" * 33, persona="reviewer")]}, "should have 1 to 32"),
        ({"people": [Person(name="ada*", persona="reviewer")]}, "people: 'ada*' should have"),
        ({"people": [Person(name="-ada", persona="reviewer")]}, "people: '-ada' should have"),
        (
            {"people": [Person(name=f"p{number}", persona="reviewer") for number in range(16)]},
            "people: at most 15 people fit into the stack of a team, got 16; divide the team into several.",
        ),
        ({"people": None, "counts": {"reviewer": 8, "mlops-engineer": 8}}, "counts: at most 15 people fit"),
        ({"people": None, "counts": {"reviewer": -1}}, "counts: 'reviewer' should be 0 to 15, got -1."),
        ({"counts": {"reviewer": 1}}, "counts: 'people' says who they are already; give one of the two."),
        ({"people": None}, "people: is missing; say who they are, or give 'counts' for how many there are."),
        ({"name": "Churn"}, "name: 'Churn' should be 2 to 20 lower-case letters and digits"),
        ({"name": "churn-eu"}, "which must not begin like the work of another team"),
        ({"monthly_usd": 0}, "monthly_usd: should be more than 0, got 0."),
        ({"emails": []}, "emails: a budget tells 1 to 10 addresses, got 0."),
        ({"emails": ["lead"]}, "emails: 'lead' is no email address"),
        ({"instance_types": []}, "instance_types: nobody could run anything; name at least one type."),
        ({"instance_types": [InstanceType.of("ml.m5.larg")]}, "instance_types: "),
        ({"notebook_instance_type": InstanceType.of("ml.nothing")}, "notebook_instance_type: "),
        ({"tags": {"Team": "x"}}, "tags: 'Team' is what the environment itself tags with; leave it out."),
        ({"tags": {"aws:x": "y"}}, "tags: 'aws:x' should have"),
        ({"tags": {"x": "a\nb"}}, "letters, digits, blanks"),
        ({"tags": {"x": '"'}}, "letters, digits, blanks"),
        ({"tags": {f"k{number}": "v" * 200 for number in range(3)}}, "characters together, and notebooks take 600."),
        ({"workplace": "studo"}, "workplace: is 'studo', which is none; give one of notebook, studio."),
        ({"volume_gib": 4}, "volume_gib: should be from 5 to 16,384, got 4."),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_a_team_is_refused_by_name(props: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidProps) as refused:
        make_team(make_stack(), **props)
    assert problem in str(refused.value)


def test_all_problems_of_a_team_are_told_at_once() -> None:
    with pytest.raises(InvalidProps) as refused:
        make_team(make_stack(), name="A", monthly_usd=-1, people=[Person(name="", persona="boss")], tags={"team": ""})
    assert [each.partition(":")[0] for each in refused.value.problems] == [
        "name",
        "tags",
        "monthly_usd",
        "people",
        "people",
    ]


def test_what_a_team_is_made_of_is_no_token() -> None:
    stack = make_stack()
    token = CfnParameter(stack, "Parameter").value_as_string
    for props in (
        {"name": token},
        {"people": [Person(name=token, persona="reviewer")]},
        {"people": [Person(name="ada", persona=token)]},
        {"emails": [token], "people": None},
        {"tags": {token: "x"}},
    ):
        with pytest.raises(InvalidProps) as refused:
            make_team(make_stack(), **props)
        assert "Token[" not in str(refused.value)


def test_two_teams_of_one_name_in_an_account_are_refused() -> None:
    app = App(context=CONTEXT)
    for name in ("First", "Second"):
        stack = make_stack(name=name, app=app)
        if name == "First":
            make_team(stack, vpc=existing_vpc(stack))
            continue
        with pytest.raises(InvalidProps, match="name: 'churn' is the team of 'First/Team' already"):
            make_team(stack)


def test_who_runs_nothing_needs_no_images() -> None:
    stack = make_stack()
    make_team(stack, people=[REVIEWER])
    assert_clean(stack)
    assert "Mappings" not in template_of(stack)


@pytest.mark.parametrize("region", ["eu-north-1", "ca-west-1"])
def test_a_team_is_in_regions_that_not_all_algorithms_are_published_in(region: str) -> None:
    stack = make_stack(region)
    make_team(stack)
    template = json.dumps(Template.from_stack(stack).to_json())
    assert "repository/sagemaker-xgboost" in template
    assert "repository/lda" not in template
