"""An emulator that enforces permissions, and policies to try on it."""

from __future__ import annotations

import io
import json
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError

from tests.clients import SESSION
from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator

BUCKET = "permissions"
TRUST = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
TRUST_ACCOUNT = {**TRUST, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
OBJECTS = f"arn:aws:s3:::{BUCKET}/*"
CODE = """
import boto3

def handler(event, context):
    return boto3.client("s3").get_object(Bucket=event["bucket"], Key="data/rows.csv")["Body"].read().decode()
"""
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/permissions:1"


def allow(actions: str | list[str], resource: str = "*", **members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **members}


def deny(actions: str | list[str], resource: str = "*", **members: Any) -> dict[str, Any]:
    return {**allow(actions, resource, **members), "Effect": "Deny"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


LIST = allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", Condition={"StringLike": {"s3:prefix": ["data/*"]}})


@dataclass(frozen=True)
class Enforced:
    """An emulator that enforces permissions, with a bucket whose policy demands TLS."""

    emulator: RunningEmulator

    def client(self, service: str) -> Any:
        return self.emulator.client(service)

    def role(
        self, name: str, *statements: dict[str, Any], trust: tuple[dict[str, Any], ...] = (TRUST_ACCOUNT, ROOT)
    ) -> str:
        iam = self.client("iam")
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(*trust))["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        return arn

    def as_role(self, arn: str, service: str) -> Any:
        credentials = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        return SESSION.client(
            service,  # type: ignore[call-overload]  # a name that is known at run time only
            endpoint_url=self.emulator.url,
            region_name=REGION,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    def job(self, name: str, role_arn: str) -> dict[str, Any]:
        sagemaker = self.client("sagemaker")
        sagemaker.create_training_job(**training_job(name, role_arn))
        while (job := sagemaker.describe_training_job(TrainingJobName=name))["TrainingJobStatus"] == "InProgress":
            time.sleep(0.05)
        return dict(job)


def training_job(name: str, role_arn: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/data/", "S3DataDistributionType": "FullyReplicated"}
    return {
        "TrainingJobName": name,
        "RoleArn": role_arn,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }


def register(emulator: RunningEmulator, script: Path) -> None:
    body = json.dumps({"uri": IMAGE, "train": [str(script)]}).encode()
    with urlopen(Request(f"{emulator.url}/_sagecraft/images", body, method="POST"), timeout=10):
        pass


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    told = error.value.response["Error"]
    return told["Code"], told["Message"]


def function(enforced: Enforced, name: str, role_arn: str, code: str = CODE) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", code)
    enforced.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role_arn,
        Handler="index.handler",
        Code={"ZipFile": packed.getvalue()},
        Timeout=30,
    )
    payload = json.dumps({"bucket": BUCKET})
    answer = enforced.client("lambda").invoke(FunctionName=name, Payload=payload)
    return str(answer["Payload"].read().decode())
