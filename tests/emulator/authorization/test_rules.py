"""What a policy is held to beyond an action and a resource as ministack knows them, and what a refusal says of it."""

from __future__ import annotations

from functools import partial

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import ACCOUNT, REGION

from .enforced import LIST, Enforced, allow, refusal, training_job


def test_a_refusal_names_the_conditions_that_would_have_allowed_it(enforced: Enforced) -> None:
    small = {"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.large"]}}
    given = {"Null": {"sagemaker:VpcSubnets": "false"}, "StringEquals": {"aws:RequestTag/team": "data"}}
    passed = enforced.role("passed-by-rules", LIST)
    role = enforced.role(
        "rules",
        allow("sagemaker:CreateTrainingJob", Sid="Small", Condition=small),
        allow("sagemaker:Create*", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/ours-*", Condition=given),
        allow("sagemaker:CreateTrainingJob", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/theirs-*"),
    )
    large = {"InstanceType": "ml.p3.2xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
    request = {**training_job("ours-a", passed), "ResourceConfig": large}
    with pytest.raises(ClientError) as error:
        enforced.as_role(role, "sagemaker").create_training_job(**request)
    assert refusal(error)[1].partition("CreateTrainingJob action. ")[2] == (
        "The statement 'Small' allows it where sagemaker:InstanceTypes is ml.m5.large (ForAllValues:StringEquals), got "
        "ml.p3.2xlarge. A statement allows it where sagemaker:VpcSubnets is given and aws:RequestTag/team is data "
        "(StringEquals), got nothing."
    )


def test_a_log_stream_is_a_resource(enforced: Enforced) -> None:
    """Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html"""
    administrator = enforced.client("logs")
    administrator.create_log_group(logGroupName="streams")
    for stream in ("ours-a", "theirs-a"):
        administrator.create_log_stream(logGroupName="streams", logStreamName=stream)
    ours = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:streams:log-stream:ours-*"
    actions = ["logs:GetLogEvents", "logs:PutLogEvents", "logs:DeleteLogStream"]
    logs = enforced.as_role(enforced.role("streams", allow(actions, ours)), "logs")
    line = {"timestamp": 1_796_000_000_000, "message": "a"}

    def each(stream: str) -> None:
        given = {"logGroupName": "streams", "logStreamName": stream}
        for call in (partial(logs.put_log_events, logEvents=[line]), logs.get_log_events, logs.delete_log_stream):
            if stream.startswith("ours"):
                call(**given)
                continue
            with pytest.raises(ClientError, match=r"log-group:streams:log-stream:theirs-a"):
                call(**given)

    each("ours-a")
    each("theirs-a")
