import json
from typing import Any

import boto3


def test_a_training_job_really_trains_in_one_process_with_moto(mock_sagemaker: object) -> None:
    s3, sagemaker = boto3.client("s3", "us-east-1"), boto3.client("sagemaker", "us-east-1")
    s3.create_bucket(Bucket="data")
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = boto3.client("iam").create_role(RoleName="work", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    s3.put_object(Bucket="data", Key="train/rows.csv", Body=b"1,5,6\n0,1,2\n" * 20)
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    rows = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"}}
    job: dict[str, Any] = {"TrainingJobName": "first", "RoleArn": role}
    job |= {"AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"}}
    job |= {"InputDataConfig": [{"ChannelName": "train", "ContentType": "csv", "DataSource": rows}]}
    job |= {"HyperParameters": {"num_round": "2"}, "OutputDataConfig": {"S3OutputPath": "s3://data/jobs"}}
    job |= {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}}
    sagemaker.create_training_job(**job, StoppingCondition={"MaxRuntimeInSeconds": 60})
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="first", WaiterConfig={"Delay": 1})
    assert sagemaker.describe_training_job(TrainingJobName="first")["TrainingJobStatus"] == "Completed"
    assert s3.head_object(Bucket="data", Key="jobs/first/output/model.tar.gz")["ContentLength"] > 0
