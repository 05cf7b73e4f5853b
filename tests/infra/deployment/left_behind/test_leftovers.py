"""What is left of an app, why, what it costs, and what removes it: on an emulator, in accounts of their own."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from sagecraft_catalog.price.book import bundled_prices
from sagecraft_catalog.price.row import Component
from sagecraft_infra.deployment.left_behind.finding import leftovers, remove
from sagecraft_infra.deployment.left_behind.leftover import Leftover, Prices
from sagecraft_infra.project import Project
from sagecraft_infra.target import Target, TargetName

from tests.emulator.conftest import REGION, RunningEmulator

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
IMAGE = f"683313688378.dkr.ecr.{REGION}.amazonaws.com/sagemaker-xgboost:1.7-1"


class Account:
    """An account of the emulator's."""

    def __init__(self, emulator: RunningEmulator, directory: Path, number: str) -> None:
        self.number = number
        self.target = Target(TargetName.LOCAL, Project(directory, emulator.settings, account=number))

    def client(self, service: str) -> Any:
        return self.target.client(service, REGION)

    def left(self, *, apps: list[str] | None = None, tags: tuple[tuple[str, str], ...] = ()) -> dict[str, Leftover]:
        found, problems = leftovers(self.target, [REGION], apps, tags, bundled_prices())
        assert not problems
        assert len({each.name for each in found}) == len(found)
        return {each.name: each for each in found}

    def stack(self, name: str, resources: dict[str, Any]) -> None:
        stacks = self.client("cloudformation")
        stacks.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
        stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})

    def delete(self, stack: str) -> None:
        stacks = self.client("cloudformation")
        identifier = stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
        stacks.delete_stack(StackName=stack)
        stacks.get_waiter("stack_delete_complete").wait(StackName=identifier, WaiterConfig={"Delay": 1})

    @property
    def role(self) -> str:
        return f"arn:aws:iam::{self.number}:role/work"

    def endpoint(self, name: str, count: int = 1, tags: dict[str, str] | None = None) -> None:
        """An endpoint that somebody makes by hand, as of AutoML."""
        sagemaker = self.client("sagemaker")
        sagemaker.create_model(ModelName=f"{name}-m", PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=self.role)
        variant = {"VariantName": "All", "ModelName": f"{name}-m", "InstanceType": "ml.t2.medium"}
        variants = [{**variant, "InitialInstanceCount": count}]
        sagemaker.create_endpoint_config(EndpointConfigName=f"{name}-c", ProductionVariants=variants)
        listed = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-c", Tags=listed)


@pytest.fixture
def account(limited_emulator: RunningEmulator, tmp_path: Path, request: pytest.FixtureRequest) -> Account:
    number = f"{crc32(request.node.name.encode()):012}"
    made = Account(limited_emulator, tmp_path, number)
    made.client("iam").create_role(RoleName="work", AssumeRolePolicyDocument=json.dumps(TRUST))
    return made


def bucket(name: str, policy: str) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "DeletionPolicy": policy, "Properties": {"BucketName": name}}


def test_of_nothing_nothing_is_left(account: Account) -> None:
    assert account.left() == {}


def test_what_a_stack_kept_is_told_with_its_size_and_price_and_removed(account: Account) -> None:
    name = f"data-{account.number}"
    key = {"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain", "Properties": {"KeyPolicy": {}}}
    topic = {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain", "Properties": {"TopicName": "told"}}
    account.stack("App", {"Data": bucket(name, "Retain"), "Key": key, "Topic": topic})
    account.client("s3").put_object(Bucket=name, Key="train.csv", Body=b"1" * 2**20)
    standing = account.left(apps=["App"])
    account.delete("App")
    found = account.left(apps=["App"])
    arn = f"arn:aws:sns:{REGION}:{account.number}:told"
    (key_id,) = (each for each in found if each not in {name, arn})

    assert standing == {}
    kept = "the stack App kept it, as its DeletionPolicy or UpdateReplacePolicy says"
    assert {each.why for each in found.values()} == {kept, f"{kept}; 1 objects"}
    assert (found[name].bill.usd, found[name].bill.how) == (
        Decimal("0.023") / 1024,
        "0.001 GB at 0.023 USD/GB-month",
    )
    assert found[name].command == f"aws s3 rb s3://{name} --force --region {REGION}"
    assert (found[key_id].bill.usd, found[key_id].kind) == (Decimal(1), "AWS::KMS::Key")
    assert found[key_id].command == (
        f"aws kms schedule-key-deletion --key-id {key_id} --pending-window-in-days 7 --region {REGION}"
    )
    assert (found[arn].bill.usd, found[arn].bill.how) == (None, "charged by use")

    assert [problem for _, problem in remove(list(found.values()))] == [None, None, None]
    assert account.left(apps=["App"]) == {}


def test_versions_are_removed_before_their_bucket(account: Account) -> None:
    name, s3 = f"versions-{account.number}", account.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=name, Key="train.csv", Body=b"1")
    command = account.left()[name].command
    assert command.startswith(f"aws s3api delete-objects --bucket {name} --delete ")
    assert command.endswith(f" && aws s3 rb s3://{name} --force --region {REGION}")


def test_what_costs_by_the_hour_comes_first_and_what_depends_on_it_behind(account: Account) -> None:
    account.endpoint("by-hand", 2)
    account.client("logs").create_log_group(logGroupName="/aws/sagemaker/Endpoints/by-hand")
    account.client("sagemaker").create_notebook_instance(
        NotebookInstanceName="forgotten", InstanceType="ml.t3.medium", RoleArn=account.role, VolumeSizeInGB=10
    )
    account.client("sagemaker").get_waiter("notebook_instance_in_service").wait(
        NotebookInstanceName="forgotten", WaiterConfig={"Delay": 1}
    )
    found = account.left()
    hosting = bundled_prices().price(Component.HOSTING, "ml.t2.medium", REGION).usd
    assert hosting is not None
    assert found["by-hand"].bill.usd == hosting * 2 * 730
    assert found["by-hand"].why == "it stands in no stack"
    assert found["by-hand"].command == f"aws sagemaker delete-endpoint --endpoint-name by-hand --region {REGION}"
    named = f"--notebook-instance-name forgotten --region {REGION}"
    assert found["forgotten"].command == (
        f"aws sagemaker stop-notebook-instance {named} && aws sagemaker wait notebook-instance-stopped {named}"
        f" && aws sagemaker delete-notebook-instance {named}"
    )
    assert "1 x ml.t3.medium at" in found["forgotten"].bill.how
    assert "10 GB for notebook at" in found["forgotten"].bill.how
    # The configuration and the model are in use; they are left when the endpoint is gone.
    assert {"by-hand-c", "by-hand-m"}.isdisjoint(found)

    assert {problem for _, problem in remove(list(found.values()))} == {None}
    behind = account.left()
    assert {name: each.bill.usd for name, each in behind.items()} == {"by-hand-c": 0, "by-hand-m": 0}
    assert {problem for _, problem in remove(list(behind.values()))} == {None}
    assert account.left() == {}


def test_on_aws_only_what_was_the_apps_is_left_and_nothing_of_others(account: Account) -> None:
    others, ours = f"others-{account.number}", f"ours-{account.number}"
    account.stack("Others", {"Data": bucket(others, "Retain")})
    account.stack("App", {"Data": bucket(ours, "Retain")})
    account.client("s3").create_bucket(Bucket=f"by-hand-{account.number}")
    account.endpoint("of-others")
    account.delete("App")
    account.delete("Others")
    assert list(account.left(apps=["App"])) == [ours]
    account.stack("Again", {"Role": {"Type": "AWS::SNS::Topic", "Properties": {}}})
    assert list(account.left(apps=["App"])) == [ours]


def test_what_has_a_tag_is_left_too_unless_a_stack_has_it(account: Account) -> None:
    account.endpoint("churn", tags={"team": "churn"})
    account.endpoint("other", tags={"team": "other"})
    found = account.left(apps=[], tags=(("team", "churn"),))
    assert {name: each.why for name, each in found.items()} == {
        "churn": "it has the tag team=churn, and no stack has it"
    }


def test_logs_of_what_a_stack_had_are_told_and_those_of_all_jobs_are_not_removed(account: Account) -> None:
    function = f"fn-{account.number}"
    account.stack("App", {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": function}}})
    account.delete("App")
    logs = account.client("logs")
    for group in (f"/aws/lambda/{function}", "/aws/lambda/of-others", "/aws/sagemaker/TrainingJobs"):
        logs.create_log_group(logGroupName=group)
    found = account.left(apps=["App"])
    assert found.keys() == {f"/aws/lambda/{function}", "/aws/sagemaker/TrainingJobs"}
    assert found[f"/aws/lambda/{function}"].why == f"made for '{function}': the stack App had it, and has it no more"
    of_jobs = found["/aws/sagemaker/TrainingJobs"]
    assert (of_jobs.why, of_jobs.remove) == ("SageMaker made it for jobs, whoever ran them", None)
    assert len(list(remove(list(found.values())))) == 1


def test_file_systems_of_domains_that_are_gone_are_left(account: Account) -> None:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/dg/gs-studio-delete-domain.html"""
    domain = f"arn:aws:sagemaker:{REGION}:{account.number}:domain/d-gone"
    tags = [{"Key": "ManagedByAmazonSageMakerResource", "Value": domain}]
    efs = account.client("efs")
    made = efs.create_file_system(CreationToken="d-gone", Tags=tags)["FileSystemId"]
    efs.create_file_system(CreationToken="own", Tags=[])
    found = account.left()
    assert list(found) == [made]
    assert found[made].why == "the domain d-gone left it, with the files of its users"
    assert [problem for _, problem in remove(list(found.values()))] == [None]
    assert account.left() == {}


def test_what_cannot_be_removed_says_why_and_the_rest_is(account: Account) -> None:
    first, second = f"first-{account.number}", f"second-{account.number}"
    s3 = account.client("s3")
    for name in (first, second):
        s3.create_bucket(Bucket=name)
    found = account.left()
    s3.delete_bucket(Bucket=first)
    done = {each.name: problem for each, problem in remove(list(found.values()))}
    assert "NoSuchBucket" in (done[first] or "")
    assert done[second] is None


def test_a_size_without_a_price_is_unpriced() -> None:

    prices = Prices(bundled_prices(), REGION)
    unknown = prices.stored("logs-storage", 2**30)
    assert (unknown.usd, unknown.how) == (None, "1.000 GB, and no price of logs-storage is known")
    assert prices.stored("logs-storage", 0).usd == 0
