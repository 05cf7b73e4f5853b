"""The emulator's resident memory after a mixed load, against its memory when nothing has been asked of it.

Each round is what a suite of tests does, in an account and a region of its own: stacks come and go, with a function
that is invoked; jobs run and write logs; objects and log events are written, listed and read; an endpoint is deployed,
invoked and deleted. All that a round makes is deleted, but for the records and logs of jobs, which AWS keeps, too.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psutil
from invocation import train_model
from measure import ROLE_TRUST, Emulator, Row, emulator, print_rows
from sagecraft_catalog import algorithm

ROUNDS, STACKS, JOBS, OBJECTS, LOG_BATCHES, INVOCATIONS = 8, 6, 8, 40, 10, 200
REGIONS = ("us-east-1", "eu-west-1", "ap-northeast-1", "us-west-2")
OBJECT_BYTES, EVENTS = 65_536, 100
SETTLE_SECONDS, POLL_SECONDS = 6.0, 0.2
MIB = 2**20
FUNCTION = "def handler(event, context):\n    return {'given': event}\n"


@dataclass(frozen=True)
class Account:
    """An account and a region of the emulator."""

    host: Emulator
    number: int

    @property
    def region(self) -> str:
        """Its region."""
        return REGIONS[self.number % len(REGIONS)]

    def client(self, service: str) -> Any:
        """A boto3 client in its name."""
        return boto3.client(
            service,
            endpoint_url=self.host.url,
            region_name=self.region,
            aws_access_key_id=f"{self.number:012}",
            aws_secret_access_key="sagecraft",
        )


def template(image: str) -> str:
    role = {"AssumeRolePolicyDocument": json.loads(ROLE_TRUST.replace("sagemaker.", "lambda."))}
    function = {
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": FUNCTION},
    }
    model = {"ExecutionRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "PrimaryContainer": {"Image": image}}
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        },
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Model": {"Type": "AWS::SageMaker::Model", "Properties": model},
    }
    return json.dumps({"Resources": resources, "Outputs": {"Function": {"Value": {"Ref": "Function"}}}})


def stacks(account: Account, image: str) -> None:
    cloudformation, functions = account.client("cloudformation"), account.client("lambda")
    for number in range(STACKS):
        name = f"stack-{number}"
        capabilities = ["CAPABILITY_IAM"]
        cloudformation.create_stack(StackName=name, TemplateBody=template(image), Capabilities=capabilities)
        cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        [output] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
        functions.invoke(FunctionName=output["OutputValue"], Payload=b'{"value": 1}')
        cloudformation.delete_stack(StackName=name)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def jobs(account: Account, image: str, role_arn: str) -> None:
    sagemaker = account.client("sagemaker")
    for number in range(JOBS):
        sagemaker.create_training_job(
            TrainingJobName=f"job-{number}",
            RoleArn=role_arn,
            AlgorithmSpecification={
                "TrainingImage": image,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["seq", "1000"],
            },
            OutputDataConfig={"S3OutputPath": "s3://benchmark/output"},
            ResourceConfig={"InstanceType": "ml.t3.medium", "InstanceCount": 1, "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 600},
        )
    while sagemaker.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"]:
        time.sleep(POLL_SECONDS)
    for number in range(JOBS):
        status = sagemaker.describe_training_job(TrainingJobName=f"job-{number}")["TrainingJobStatus"]
        if status != "Completed":
            raise RuntimeError(f"job-{number} is {status}")


def objects(account: Account) -> None:
    s3 = account.client("s3")
    for number in range(OBJECTS):
        s3.put_object(Bucket="benchmark", Key=f"data/{number}", Body=bytes(OBJECT_BYTES))
    for each in s3.list_objects_v2(Bucket="benchmark", Prefix="data/")["Contents"]:
        s3.get_object(Bucket="benchmark", Key=each["Key"])["Body"].read()
        s3.delete_object(Bucket="benchmark", Key=each["Key"])


def log_events(account: Account) -> None:
    logs = account.client("logs")
    stream = {"logGroupName": "/benchmark", "logStreamName": "stream"}
    logs.create_log_group(logGroupName="/benchmark")
    logs.create_log_stream(**stream)
    for _ in range(LOG_BATCHES):
        now = int(time.time() * 1000)
        logs.put_log_events(**stream, logEvents=[{"timestamp": now, "message": f"line {n}"} for n in range(EVENTS)])
        logs.get_log_events(**stream)
    logs.delete_log_group(logGroupName="/benchmark")


def endpoint(account: Account, image: str, role_arn: str, archive: Path) -> None:
    sagemaker, runtime = account.client("sagemaker"), account.client("sagemaker-runtime")
    account.client("s3").upload_file(str(archive), "benchmark", "model.tar.gz")
    container = {"Image": image, "ModelDataUrl": "s3://benchmark/model.tar.gz"}
    sagemaker.create_model(ModelName="model", ExecutionRoleArn=role_arn, PrimaryContainer=container)
    variant = {"VariantName": "one", "ModelName": "model", "InstanceType": "ml.t2.medium", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="config", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="endpoint", EndpointConfigName="config")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="endpoint", WaiterConfig={"Delay": 1})
    row = ",".join(["0.5"] * 10).encode()
    for _ in range(INVOCATIONS):
        runtime.invoke_endpoint(EndpointName="endpoint", ContentType="text/csv", Body=row)["Body"].read()
    sagemaker.delete_endpoint(EndpointName="endpoint")
    sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="endpoint", WaiterConfig={"Delay": 1})
    sagemaker.delete_endpoint_config(EndpointConfigName="config")
    sagemaker.delete_model(ModelName="model")


def one_round(account: Account, archive: Path) -> None:
    image = algorithm("xgboost").image_uri("3.2-0", account.region)
    iam, s3 = account.client("iam"), account.client("s3")
    role_arn = iam.create_role(RoleName="benchmark", AssumeRolePolicyDocument=ROLE_TRUST)["Role"]["Arn"]
    place = {} if account.region == "us-east-1" else {"LocationConstraint": account.region}
    s3.create_bucket(Bucket="benchmark", **({"CreateBucketConfiguration": place} if place else {}))
    stacks(account, image)
    jobs(account, image, role_arn)
    objects(account)
    log_events(account)
    endpoint(account, image, role_arn, archive)
    for each in s3.list_objects_v2(Bucket="benchmark").get("Contents", []):
        s3.delete_object(Bucket="benchmark", Key=each["Key"])
    s3.delete_bucket(Bucket="benchmark")
    iam.delete_role(RoleName="benchmark")


def resident(host: Emulator) -> float:
    """MiB of the emulator's own process, once it has come to rest."""
    time.sleep(SETTLE_SECONDS)
    return psutil.Process(host.process.pid).memory_info().rss / MIB


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        train_model(directory / "xgboost-model")
        archive = directory / "model.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(directory / "xgboost-model", "xgboost-model")
        with emulator(directory / "state") as host:
            seen = [resident(host)]
            for number in range(1, ROUNDS + 1):
                one_round(Account(host, number), archive)
                seen.append(resident(host))
    idle, first, last = seen[0], seen[1], seen[-1]
    print_rows(
        f"The emulator's memory over {ROUNDS} rounds of a mixed load",
        [
            Row("idle", f"{idle:.0f} MiB"),
            *(Row(f"after round {number}", f"{each:.0f} MiB") for number, each in enumerate(seen[1:], 1)),
            Row("ratio, after the last to idle", f"{last / idle:.2f}", "<= 1.3"),
            Row("a round after the first adds", f"{(last - first) / (ROUNDS - 1):.1f} MiB"),
        ],
    )


if __name__ == "__main__":
    main()
