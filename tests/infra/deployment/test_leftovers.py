"""What `down` meets on an emulator besides its stacks."""

import json
import sys
from typing import Any

from sagecraft_infra.deployment.leftovers import left_buckets, running_jobs, stop_jobs
from sagecraft_infra.emulator.process import ask
from sagecraft_infra.inventory.settled import GONE, settled_stack
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.testing.emulator import RunningEmulator

from tests.clients import client

REGION = "us-east-1"
ACCOUNT = "414141414141"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/sleeper:1"
TRUSTED = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
KEPT = {
    "Resources": {
        "Kept": {
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": "Retain",
            "Properties": {"BucketName": "kept-by-its-policy"},
        },
    }
}


def test_a_bucket_that_stays_says_why(sagecraft_emulator: RunningEmulator) -> None:
    target = sagecraft_emulator.in_account("414141414142")
    s3, cloudformation = target.s3(REGION), target.cloudformation(REGION)
    s3.create_bucket(Bucket="made-by-hand")
    cloudformation.create_stack(StackName="Keeper", TemplateBody=json.dumps(KEPT))
    settled_stack(target, "Keeper", REGION, 60)
    cloudformation.delete_stack(StackName="Keeper")
    assert settled_stack(target, "Keeper", REGION, 60).status == GONE
    template = json.dumps(KEPT).replace('"DeletionPolicy": "Retain", ', "").replace("kept-by-its-policy", "left-over")
    cloudformation.create_stack(StackName="Gone", TemplateBody=template)
    settled_stack(target, "Gone", REGION, 60)
    cloudformation.delete_stack(StackName="Gone")
    settled_stack(target, "Gone", REGION, 60)
    s3.put_bucket_versioning(Bucket="kept-by-its-policy", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="kept-by-its-policy", Key="k", Body=b"1")
    s3.delete_object(Bucket="kept-by-its-policy", Key="k")
    s3.create_bucket(Bucket="left-over")  # as if it had been made again, or not been deleted
    told = left_buckets(target, [REGION])
    versioned = told.pop("kept-by-its-policy")
    assert versioned.startswith("stack Keeper keeps it by its DeletionPolicy. To delete it: aws s3api delete-objects ")
    assert versioned.endswith(" && aws s3 rb s3://kept-by-its-policy --force")
    assert told == {
        "made-by-hand": "no stack that is known made it. To delete it: aws s3 rb s3://made-by-hand --force",
        "left-over": "it is left over from stack Gone, which is gone. To delete it: aws s3 rb s3://left-over --force",
    }


def test_jobs_that_run_are_found_and_stopped(sagecraft_emulator: RunningEmulator) -> None:
    target = sagecraft_emulator.in_account(ACCOUNT)
    program: dict[str, Any] = {"uri": IMAGE, "train": [sys.executable, "-c", "import time; time.sleep(600)"]}
    ask(sagecraft_emulator.settings.port, "POST", "images", program)
    client("iam", sagecraft_emulator.endpoint_url, account=ACCOUNT).create_role(
        RoleName="sleeper", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [TRUSTED]})
    )
    sagemaker = target.sagemaker(REGION)
    target.s3(REGION).create_bucket(Bucket="sleeper-output")
    sagemaker.create_training_job(
        TrainingJobName="sleeper",
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/sleeper",
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": "s3://sleeper-output/models"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    running = running_jobs(target, [REGION], NOUNS)
    assert [(region, job.name) for region, job in running] == [(REGION, "sleeper")]
    stop_jobs(target, running)
    assert sagemaker.describe_training_job(TrainingJobName="sleeper")["TrainingJobStatus"] == "Stopped"
    assert running_jobs(target, [REGION], NOUNS) == []
