"""Asks one emulator every row of the tables."""

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from . import asked, identities, logs, named, s3_objects, studio
from .table import ACCOUNT, FAR_REGION, OPEN, REGION, XGBOOST, Row

if TYPE_CHECKING:
    from sagecraft_infra.testing.emulator import RunningEmulator

ROWS = [
    *named.ROLES,
    *named.ASSUMED,
    *identities.IAM,
    *named.OBJECTS,
    *named.IMAGES,
    *named.NETWORKS,
    *asked.TUNING,
    *asked.MISSING,
    *asked.TAGS,
    *asked.TIMES,
    *asked.REQUIRED,
    *asked.NOT_DONE,
    *s3_objects.BODIES,
    *logs.PUT,
    *logs.READ,
    *logs.ABSENT,
    *studio.IN_THE_WAY,
    *studio.ABSENT,
    *studio.TAKEN,
    *studio.ASKED,
    *studio.NOT_DONE,
]
BUCKET, FAR_BUCKET = "conformance-near", "conformance-far"
SESSION = boto3.session.Session()


@pytest.fixture(scope="module")
def names(sagecraft_emulator: "RunningEmulator") -> dict[str, str]:
    """Prepares an account, and says what the tables call the things in it."""
    s3, iam = _client(sagecraft_emulator, "s3"), _client(sagecraft_emulator, "iam")
    s3.create_bucket(Bucket=BUCKET)
    far = {"LocationConstraint": FAR_REGION}
    _client(sagecraft_emulator, "s3", FAR_REGION).create_bucket(Bucket=FAR_BUCKET, CreateBucketConfiguration=far)
    for key in ("train/part-0.csv", "model.tar.gz"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"1,2\n")
    roles = {
        name: iam.create_role(RoleName=name, AssumeRolePolicyDocument=_trust(service))["Role"]["Arn"]
        for name, service in (("role", "sagemaker"), ("lambda_role", "lambda"))
    }
    _client(sagecraft_emulator, "sagemaker").create_model(
        ModelName="model", ExecutionRoleArn=roles["role"], PrimaryContainer={"Image": XGBOOST}
    )
    domain = _make_studio(_client(sagecraft_emulator, "sagemaker"), roles["role"])
    policy = identities.prepare(iam)
    logs.prepare(_client(sagecraft_emulator, "logs"))
    return {"bucket": BUCKET, "far_bucket": FAR_BUCKET, "domain": domain, "policy": policy, **roles}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_aws_answers(row: Row, names: dict[str, str], sagecraft_emulator: "RunningEmulator") -> None:
    ask = getattr(_client(sagecraft_emulator, row.service), _snake(row.operation))
    with pytest.raises(ClientError) as refused:
        ask(**_filled(row.request, names))
    error = refused.value.response["Error"]
    message = row.message.format(**names)
    began = message.removesuffix(OPEN)
    assert (error["Code"], error["Message"][: None if began == message else len(began)]) == (row.code, began)
    status = refused.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert (status == 501) is (row.code == "NotImplemented")


def test_a_name_of_a_users_own_is_no_network(names: dict[str, str], sagecraft_emulator: "RunningEmulator") -> None:
    container = {"Image": XGBOOST, "Environment": {"SubnetId": "mine", "SecurityGroupIds": "mine"}}
    _client(sagecraft_emulator, "sagemaker").create_model(
        ModelName="own-names", ExecutionRoleArn=names["role"], PrimaryContainer=container
    )


def test_tags_are_seen_by_the_tagging_api(names: dict[str, str], sagecraft_emulator: "RunningEmulator") -> None:
    tagging = _client(sagecraft_emulator, "resourcegroupstaggingapi")
    group = {"ModelPackageGroupName": "tagged", "Tags": [{"Key": "team", "Value": "growth"}]}
    arn = _client(sagecraft_emulator, "sagemaker").create_model_package_group(**group)["ModelPackageGroupArn"]
    chosen = {"TagFilters": [{"Key": "team", "Values": ["growth"]}], "ResourceTypeFilters": ["sagemaker"]}
    [found] = tagging.get_resources(**chosen)["ResourceTagMappingList"]
    assert found == {"ResourceARN": arn, "Tags": group["Tags"]}
    tagging.tag_resources(ResourceARNList=[arn], Tags={"stage": "test"})
    tagging.untag_resources(ResourceARNList=[arn], TagKeys=["team"])
    assert _client(sagecraft_emulator, "sagemaker").list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "stage", "Value": "test"}
    ]


def _make_studio(sagemaker: Any, role: str) -> str:
    """A domain with a user who has a space, and an image; the domain's ID."""
    made = sagemaker.create_domain(
        DomainName="conforms",
        AuthMode="IAM",
        VpcId="vpc-00000001",
        SubnetIds=["subnet-00000001"],
        DefaultUserSettings={"ExecutionRole": role},
    )
    domain = {"DomainId": made["DomainId"]}
    sagemaker.create_image(ImageName="tools", RoleArn=role)
    sagemaker.create_app_image_config(AppImageConfigName="config")
    _wait(lambda: sagemaker.describe_domain(**domain)["Status"])
    sagemaker.create_user_profile(**domain, UserProfileName="ana")
    _wait(lambda: sagemaker.describe_user_profile(**domain, UserProfileName="ana")["Status"])
    sagemaker.create_space(
        **domain,
        SpaceName="work",
        OwnershipSettings={"OwnerUserProfileName": "ana"},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={"AppType": "JupyterLab"},
    )
    _wait(lambda: sagemaker.describe_space(**domain, SpaceName="work")["Status"])
    return str(made["DomainId"])


def _wait(status: Callable[[], str]) -> None:
    deadline = time.monotonic() + 60
    while (present := status()) != "InService":
        assert time.monotonic() < deadline, present
        time.sleep(0.05)


def _client(emulator: "RunningEmulator", service: str, region: str = REGION) -> Any:
    return SESSION.client(
        service,  # type: ignore[call-overload]  # a name that is known at run time only
        region_name=region,
        endpoint_url=emulator.endpoint_url,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="sagecraft",
        config=Config(parameter_validation=False, retries={"max_attempts": 0}),
    )


def _filled(value: Any, names: dict[str, str]) -> Any:
    match value:
        case dict():
            return {name: _filled(each, names) for name, each in value.items()}
        case list():
            return [_filled(each, names) for each in value]
        case str():
            return value.format(**names)
        case _:
            return value


def _snake(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")


def _trust(service: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
