"""What constructs allow, with every way in which the CDK knows a resource that it is about."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct
from sagecraft_constructs import (
    AlgorithmImage,
    BillingAlarm,
    DataCapture,
    EndpointConfig,
    Model,
    ModelData,
    NotebookInstance,
    ProcessingJob,
    ProductionVariant,
    TrainingContainer,
    TrainingInput,
    TrainingJob,
    TransformJob,
    TuningJob,
)

from tests.constructs.every_construct import EVERY_CONSTRUCT, bucket_of
from tests.constructs.stack import (
    make_bucket,
    make_job,
    make_processing,
    make_stack,
    make_transform,
    make_tuning,
    resources,
)
from tests.constructs.template_checks import assert_clean, template_of

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234"
ALIAS = f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/data"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:costs"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/work"


def own_key(scope: Construct) -> kms.Key:
    return kms.Key(scope, "Key", enable_key_rotation=True)


BY_KEY: dict[str, Callable[[Construct], kms.IKey]] = {
    "declared": own_key,
    "by ARN": lambda scope: kms.Key.from_key_arn(scope, "Key", KEY),
    "by the declared alias of a key": lambda scope: kms.Alias(
        scope, "Alias", alias_name="alias/data", target_key=own_key(scope)
    ),
}
BY_ALIAS: dict[str, Callable[[Construct], kms.IKey]] = {
    "by the name of an alias": lambda scope: kms.Alias.from_alias_name(scope, "Alias", "alias/data"),
    "by the attributes of an alias": lambda scope: kms.Alias.from_alias_attributes(
        scope, "Alias", alias_name="alias/data", alias_target_key=own_key(scope)
    ),
    "by the ARN of an alias": lambda scope: kms.Key.from_key_arn(scope, "Alias", ALIAS),
}
IMMUTABLE: dict[str, Callable[[Construct], iam.IRole]] = {
    "by ARN": lambda scope: iam.Role.from_role_arn(scope, "Work", ROLE, mutable=False),
    "declared": lambda scope: iam.Role(
        scope, "Work", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com")
    ).without_policy_updates(),
}
MUTABLE: dict[str, Callable[[Construct], iam.IRole]] = {
    "by ARN": lambda scope: iam.Role.from_role_arn(scope, "Work", ROLE),
    "by name": lambda scope: iam.Role.from_role_name(scope, "Work", "work"),
}
BUCKETS: dict[str, Callable[[Construct], s3.IBucket]] = {
    "by name": lambda scope: s3.Bucket.from_bucket_name(scope, "Data", "data"),
    "by ARN": lambda scope: s3.Bucket.from_bucket_arn(scope, "Data", "arn:aws:s3:::data"),
    "by attributes, with its key": lambda scope: s3.Bucket.from_bucket_attributes(
        scope, "Data", bucket_name="data", encryption_key=kms.Key.from_key_arn(scope, "DataKey", KEY)
    ),
    "by attributes, with the alias of its key": lambda scope: s3.Bucket.from_bucket_attributes(
        scope, "Data", bucket_name="data", encryption_key=kms.Alias.from_alias_name(scope, "DataKey", "alias/data")
    ),
    "from its resource": lambda scope: s3.Bucket.from_cfn_bucket(s3.CfnBucket(scope, "Data")),
}
SECURITY_GROUPS: dict[str, Callable[[Construct], ec2.ISecurityGroup]] = {
    "by id": lambda scope: ec2.SecurityGroup.from_security_group_id(scope, "Group", "sg-12345678"),
    "by id, immutable": lambda scope: ec2.SecurityGroup.from_security_group_id(
        scope, "Group", "sg-12345678", mutable=False
    ),
}
TOPICS: dict[str, Callable[[Construct], sns.ITopic]] = {
    "by ARN": lambda scope: sns.Topic.from_topic_arn(scope, "Costs", TOPIC),
    "by attributes": lambda scope: sns.Topic.from_topic_attributes(scope, "Costs", topic_arn=TOPIC, key_arn=KEY),
}
REPOSITORIES: dict[str, Callable[[Construct], ecr.IRepository]] = {
    "by name": lambda scope: ecr.Repository.from_repository_name(scope, "Images", "own"),
    "by ARN": lambda scope: ecr.Repository.from_repository_arn(
        scope, "Images", f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/own"
    ),
}


def statements_on_keys(stack: Stack) -> list[dict[str, Any]]:
    """What policies say of keys, except for those of the keys themselves."""
    found = [each for policy in resources(stack, "AWS::IAM::Policy") for each in policy["PolicyDocument"]["Statement"]]
    return [each for each in found if "kms:" in json.dumps(each["Action"])]


def everything_with_a_key(stack: Stack, key: kms.IKey) -> None:
    bucket = make_bucket(stack)
    reader = iam.Role(stack, "Reader", assumed_by=iam.AccountRootPrincipal())
    job = make_job(stack, bucket=bucket, output_key=key, volume_key=key)
    job.grant_read_artifacts(reader)
    make_tuning(stack, bucket=bucket, output_key=key, volume_key=key)
    make_processing(stack, bucket=bucket, output_key=key, volume_key=key).grant_read_outputs(reader)
    make_transform(stack, bucket=bucket, output_key=key, volume_key=key).grant_read_output(reader)
    data = ModelData(bucket=bucket, uri="s3://data/model.tar.gz", prefix="models/", key=key)
    Model(stack, "OfKey", container=AlgorithmImage(name="xgboost", version="1.7-1"), model_data=data)
    NotebookInstance(stack, "Notebook", encryption_key=key)


@pytest.mark.parametrize("known", BY_KEY)
def test_permissions_on_a_key_name_the_key(known: str) -> None:
    stack = make_stack()
    everything_with_a_key(stack, BY_KEY[known](stack))
    found = statements_on_keys(stack)
    assert len(found) >= 15
    keys = [each["Resource"] for each in found]
    assert all(each == KEY or each["Fn::GetAtt"][0].startswith("Key") for each in keys)


@pytest.mark.parametrize("known", BY_ALIAS)
def test_permissions_on_a_key_that_is_known_by_its_alias_ask_for_the_alias(known: str) -> None:
    """Source: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html"""
    stack = make_stack()
    everything_with_a_key(stack, BY_ALIAS[known](stack))
    found = statements_on_keys(stack)
    assert len(found) >= 15
    assert all(":key/*" in json.dumps(each["Resource"]) for each in found)
    asked = {each["Condition"]["ForAnyValue:StringEquals"]["kms:ResourceAliases"] for each in found}
    assert asked == {"alias/data"}
    grants = [each for each in found if each["Action"] == "kms:CreateGrant"]
    assert all(each["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"} for each in grants)


def test_what_a_job_has_left_is_decrypted_by_the_work_that_reads_it() -> None:
    stack = make_stack()
    bucket, key = make_bucket(stack), own_key(stack)
    output = make_processing(stack, bucket=bucket, output_key=key).output("train")
    make_job(stack, bucket=bucket, inputs={"train": output})
    (policy,) = [each for each in resources(stack, "AWS::IAM::Policy") if each["PolicyName"].startswith("JobRole")]
    on_keys = [each for each in policy["PolicyDocument"]["Statement"] if each["Action"] == "kms:Decrypt"]
    assert [each["Resource"] for each in on_keys] == [stack.resolve(key.key_arn)]


def everything_with_a_role(stack: Stack, role: iam.IRole) -> None:
    for kind in (Model, NotebookInstance, ProcessingJob, TrainingJob, TuningJob):
        kind(stack, kind.__name__, **EVERY_CONSTRUCT[kind](stack), role=role)
    model = Model(stack, "Other", container=AlgorithmImage(name="xgboost", version="1.7-1"), role=role)
    TransformJob(stack, "Transform", **{**EVERY_CONSTRUCT[TransformJob](stack), "model": model})
    EndpointConfig(
        stack,
        "Config",
        production_variants=[ProductionVariant(model=model)],
        data_capture=DataCapture(bucket=bucket_of(stack), prefix="captured/"),
        data_capture_role=role,
    )


def policies_of(stack: Stack, role: iam.IRole) -> list[dict[str, Any]]:
    name = stack.resolve(role.role_name)
    return [each for each in resources(stack, "AWS::IAM::Policy") if name in each["Roles"]]


@pytest.mark.parametrize("known", IMMUTABLE)
def test_nothing_is_attached_to_an_immutable_role(known: str) -> None:
    stack = make_stack()
    role = IMMUTABLE[known](stack)
    everything_with_a_role(stack, role)
    assert policies_of(stack, role) == []


@pytest.mark.parametrize("known", MUTABLE)
def test_an_imported_role_is_allowed_what_the_work_needs(known: str) -> None:
    stack = make_stack()
    role = MUTABLE[known](stack)
    everything_with_a_role(stack, role)
    actions = json.dumps(policies_of(stack, role))
    assert all(action in actions for action in ("s3:PutObject", "logs:PutLogEvents", "sagemaker:StopNotebookInstance"))


@pytest.mark.parametrize("known", BUCKETS)
def test_a_bucket_is_read_and_written_however_it_is_known(known: str) -> None:
    stack = make_stack()
    bucket = BUCKETS[known](stack)
    source = TrainingInput(bucket=bucket, prefix="train/", content_type="text/csv")
    make_job(stack, bucket=make_bucket(stack), inputs={"train": source}, output_bucket=bucket)
    if known != "from its resource":
        assert_clean(stack)
    policies = json.dumps(resources(stack, "AWS::IAM::Policy"))
    assert "/train/*" in policies
    assert "/models/titanic-*" in policies
    assert ("kms:GenerateDataKey" in policies) == ("key" in known)
    assert ":alias/" not in policies


@pytest.mark.parametrize("known", REPOSITORIES)
def test_an_image_is_pulled_however_its_repository_is_known(known: str) -> None:
    stack = make_stack()
    Model(stack, "Model", container=TrainingContainer.from_ecr(REPOSITORIES[known](stack), tag="1"))
    assert_clean(stack)
    assert ":repository/own" in json.dumps(template_of(stack))


@pytest.mark.parametrize("known", SECURITY_GROUPS)
def test_work_stands_in_a_security_group_however_it_is_known(known: str) -> None:
    stack = make_stack()
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-12345678",
        availability_zones=["us-east-1a"],
        private_subnet_ids=["subnet-12345678"],
    )
    container = AlgorithmImage(name="xgboost", version="1.7-1")
    Model(stack, "Model", container=container, vpc=vpc, security_groups=[SECURITY_GROUPS[known](stack)])
    (model,) = resources(stack, "AWS::SageMaker::Model")
    assert model["VpcConfig"] == {"Subnets": ["subnet-12345678"], "SecurityGroupIds": ["sg-12345678"]}
    assert resources(stack, "AWS::EC2::SecurityGroup") == resources(stack, "AWS::EC2::SecurityGroupIngress") == []


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
@pytest.mark.parametrize("known", TOPICS)
def test_an_alarm_tells_a_topic_however_it_is_known(known: str, region: str) -> None:
    stack = make_stack(region)
    topic = TOPICS[known](stack)
    alarm = BillingAlarm(stack, "Alarm", threshold_usd=20, emails=["someone@example.com"], topic=topic)
    (properties,) = resources(alarm.billing_stack, "AWS::CloudWatch::Alarm")
    (subscription,) = resources(alarm.billing_stack, "AWS::SNS::Subscription")
    assert (properties["AlarmActions"], subscription["TopicArn"]) == ([TOPIC], TOPIC)
