"""Our SageMaker in the place of moto's, in this process."""

import asyncio
import json
import os
import sys
import time
import unittest
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.client_files import write_client_files
from sagecraft_emulator.errors import EmulatorError
from sagecraft_emulator.hosts.moto import MockedSageMaker, mock_sagemaker

pytestmark = pytest.mark.slow

REGION = "us-east-1"
ACCOUNT = "123456789012"  # moto's
ROLE = f"arn:aws:iam::{ACCOUNT}:role/work"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/mine:1"
RESOURCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}

SERVE = """
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(body[::-1])

    def log_message(self, *_):
        pass

import os
http.server.HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""
WRITE = """
import boto3
boto3.client("s3").put_object(Bucket="results", Key="of/the/job", Body=b"written by the job")
print("accuracy=0.75")
"""


@pytest.fixture
def instant() -> Iterator[MockedSageMaker]:
    with mock_sagemaker(execute="instant") as mocked:
        make_role()
        yield mocked


def client(service: str, region: str = REGION, **options: Any) -> Any:
    return boto3.client(service, region, **options)  # type: ignore[call-overload]  # a name that is known at run time only


def make_role(**credentials: str) -> None:
    """Makes the role that the requests name."""
    statement = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("iam", **credentials).create_role(RoleName="work", AssumeRolePolicyDocument=document)


def training_job(name: str = "job") -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "accuracy", "Regex": "accuracy=([0-9.]+)"}],
        },
        "OutputDataConfig": {"S3OutputPath": "s3://results/jobs"},
        "ResourceConfig": RESOURCES,
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }


def wait(waiter: str, **request: Any) -> None:
    client("sagemaker").get_waiter(waiter).wait(**request, WaiterConfig={"Delay": 0.05, "MaxAttempts": 600})


def status_of(name: str) -> dict[str, Any]:
    view: dict[str, Any] = client("sagemaker").describe_training_job(TrainingJobName=name)
    return view


def test_a_job_runs_in_a_process_and_shares_s3_and_logs_with_the_test(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text(WRITE)
    with moto.mock_aws(), mock_sagemaker() as mocked:
        make_role()
        mocked.register_image(IMAGE, train=[sys.executable, str(program)])
        client("s3").create_bucket(Bucket="results")
        client("sagemaker").create_training_job(**training_job())
        wait("training_job_completed_or_stopped", TrainingJobName="job")
        view = status_of("job")
        assert view["TrainingJobStatus"] == "Completed", view
        assert [(each["MetricName"], each["Value"]) for each in view["FinalMetricDataList"]] == [("accuracy", 0.75)]
        body = client("s3").get_object(Bucket="results", Key="of/the/job")["Body"].read()
        assert body == b"written by the job"
        assert client("s3").head_object(Bucket="results", Key="jobs/job/output/model.tar.gz")["ContentLength"] > 0
        streams = client("logs").describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs")["logStreams"]
        assert [stream["logStreamName"].rpartition("-")[0] for stream in streams] == ["job/algo-1"]


def test_a_job_that_fails_has_failed() -> None:
    with mock_sagemaker() as mocked:
        make_role()
        mocked.register_image(IMAGE, train=[sys.executable, "-c", "raise SystemExit(3)"])
        client("s3").create_bucket(Bucket="results")
        client("sagemaker").create_training_job(**training_job())
        with pytest.raises(Exception, match="terminal failure state"):
            wait("training_job_completed_or_stopped", TrainingJobName="job")
        view = status_of("job")
        assert (view["TrainingJobStatus"], view["FailureReason"][:15]) == ("Failed", "AlgorithmError:")


def test_an_endpoint_answers_invocations(tmp_path: Path) -> None:
    program = tmp_path / "serve.py"
    program.write_text(SERVE)
    with mock_sagemaker() as mocked:
        make_role()
        mocked.register_image(IMAGE, serve=[sys.executable, str(program)])
        _make_endpoint()
        wait("endpoint_in_service", EndpointName="endpoint")
        answer = client("sagemaker-runtime").invoke_endpoint(EndpointName="endpoint", Body=b"abc")
        assert (answer["Body"].read(), answer["InvokedProductionVariant"]) == (b"cba", "All")
        with pytest.raises(ClientError, match="Endpoint none of account 123456789012 not found"):
            client("sagemaker-runtime").invoke_endpoint(EndpointName="none", Body=b"abc")


def test_what_the_runtime_does_not_do_is_refused(instant: MockedSageMaker) -> None:
    with pytest.raises(ClientError, match="The operation 'InvokeEndpointAsync' of Amazon SageMaker Runtime") as caught:
        client("sagemaker-runtime").invoke_endpoint_async(EndpointName="endpoint", InputLocation="s3://bucket/key")
    assert caught.value.response["Error"]["Code"] == "NotImplemented"


def test_metrics_of_trial_components_are_put_and_got(instant: MockedSageMaker) -> None:
    del instant
    sagemaker, metrics = client("sagemaker"), client("sagemaker-metrics")
    arn = sagemaker.create_trial_component(TrialComponentName="run")["TrialComponentArn"]
    now = int(time.time())
    point = {"MetricName": "loss", "Timestamp": now, "Step": 1, "Value": 0.5}
    assert "Errors" not in metrics.batch_put_metrics(TrialComponentName="run", MetricData=[point])
    [summary] = sagemaker.describe_trial_component(TrialComponentName="run")["Metrics"]
    assert (summary["MetricName"], summary["Last"]) == ("loss", 0.5)
    query = {"MetricName": "loss", "ResourceArn": arn, "MetricStat": "Max"}
    by_step = {"Period": "IterationNumber", "XAxisType": "IterationNumber"}
    [result] = metrics.batch_get_metrics(MetricQueries=[{**query, **by_step}])["MetricQueryResults"]
    assert (result["XAxisValues"], result["MetricValues"]) == ([1], [0.5])


def test_a_notebook_instance_is_a_record_that_does_not_open(instant: MockedSageMaker) -> None:
    client("sagemaker").create_notebook_instance(
        NotebookInstanceName="mine", InstanceType="ml.t3.medium", RoleArn=training_job()["RoleArn"]
    )
    wait("notebook_instance_in_service", NotebookInstanceName="mine")
    with pytest.raises(ClientError, match="notebook instances are records alone here") as caught:
        client("sagemaker").create_presigned_notebook_instance_url(NotebookInstanceName="mine")
    assert caught.value.response["Error"]["Code"] == "NotImplemented"


def test_an_instant_job_says_that_it_did_not_run(instant: MockedSageMaker) -> None:
    client("sagemaker").create_training_job(**training_job())
    view = status_of("job")
    assert view["TrainingJobStatus"] == "Completed"
    assert view["SecondaryStatusTransitions"][-1]["StatusMessage"].startswith("Completed without running")


def test_requests_are_checked_as_sagemaker_checks_them_and_not_as_moto(instant: MockedSageMaker) -> None:
    request = training_job() | {"RoleArn": "arn:aws:iam::123456789012:user/no-role-at-all"}
    with pytest.raises(ClientError, match=r"roleArn.* failed to satisfy constraint"):
        client("sagemaker").create_training_job(**request)
    with pytest.raises(ClientError, match="is not done by this emulator"):
        client("sagemaker").list_clusters()


def test_a_role_that_is_not_there_or_does_not_trust_sagemaker_is_refused(instant: MockedSageMaker) -> None:
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:*"}}
    client("iam").create_role(RoleName="person", AssumeRolePolicyDocument=json.dumps(trust))
    for name in ("absent", "person"):
        role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        with pytest.raises(ClientError, match=f"Could not assume role {role}"):
            client("sagemaker").create_training_job(**training_job() | {"RoleArn": role})


def test_a_bucket_of_another_region_and_an_empty_prefix_are_refused() -> None:
    with mock_sagemaker() as mocked:
        make_role()
        mocked.register_image(IMAGE, train=["true"])
        far = client("s3", "eu-west-1")
        far.create_bucket(Bucket="results", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        with pytest.raises(ClientError, match="BucketRegionError: bucket must be in the same region as the job"):
            client("sagemaker").create_training_job(**training_job())
        client("s3").create_bucket(Bucket="empty")
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://empty/train"}}
        channels = [{"ChannelName": "train", "DataSource": source}]
        with pytest.raises(ClientError, match='No S3 objects found under S3 URL "s3://empty/train"'):
            client("sagemaker").create_training_job(**training_job() | {"InputDataConfig": channels})


@pytest.mark.parametrize("member", ["Subnets", "SecurityGroupIds"])
def test_a_network_that_is_not_there_is_refused(instant: MockedSageMaker, member: str) -> None:
    ec2 = client("ec2")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"][:1]]
    groups = [each["GroupId"] for each in ec2.describe_security_groups()["SecurityGroups"][:1]]
    there = {"Subnets": subnets, "SecurityGroupIds": groups}
    absent = {**there, member: ["subnet-0123456789abcdef0" if member == "Subnets" else "sg-0123456789abcdef0"]}
    with pytest.raises(ClientError, match=r"\(ValidationException\).*-0123456789abcdef0.* does not exist"):
        client("sagemaker").create_training_job(**training_job(), VpcConfig=absent)
    assert client("sagemaker").create_training_job(**training_job(), VpcConfig=there)["TrainingJobArn"]


def test_regions_and_accounts_are_apart(instant: MockedSageMaker) -> None:
    client("sagemaker").create_training_job(**training_job())
    assert client("sagemaker", "eu-west-1").list_training_jobs()["TrainingJobSummaries"] == []
    role = client("sts").assume_role(RoleArn="arn:aws:iam::210987654321:role/other", RoleSessionName="other")
    credentials = {
        "aws_access_key_id": role["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": role["Credentials"]["SecretAccessKey"],
        "aws_session_token": role["Credentials"]["SessionToken"],
    }
    other = client("sagemaker", **credentials)
    assert other.list_training_jobs()["TrainingJobSummaries"] == []
    with pytest.raises(ClientError, match="Cross-account pass role is not allowed"):
        other.create_training_job(**training_job())
    make_role(**credentials)
    own_role = "arn:aws:iam::210987654321:role/work"
    arn = other.create_training_job(**training_job() | {"RoleArn": own_role})["TrainingJobArn"]
    assert arn == "arn:aws:sagemaker:us-east-1:210987654321:training-job/job"


def test_cloudformation_makes_our_resources(instant: MockedSageMaker) -> None:
    model: dict[str, Any] = {"ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": IMAGE}}
    template = {
        "Resources": {"Model": {"Type": "AWS::SageMaker::Model", "Properties": model}},
        "Outputs": {
            "Arn": {"Value": {"Ref": "Model"}},
            "Name": {"Value": {"Fn::GetAtt": ["Model", "ModelName"]}},
        },
    }
    stacks = client("cloudformation")
    stacks.create_stack(StackName="stack", TemplateBody=json.dumps(template))
    (stack,) = stacks.describe_stacks(StackName="stack")["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    (made,) = client("sagemaker").list_models()["Models"]
    assert outputs == {"Arn": made["ModelArn"], "Name": made["ModelName"]}
    assert made["ModelName"].startswith("stack-Model-")

    model["PrimaryContainer"] = {"Image": IMAGE, "Environment": {"A": "1"}}
    stacks.update_stack(StackName="stack", TemplateBody=json.dumps(template))
    (changed,) = client("sagemaker").list_models()["Models"]
    assert changed["ModelName"] != made["ModelName"]  # every property of a model replaces it
    stacks.delete_stack(StackName="stack")
    assert client("sagemaker").list_models()["Models"] == []


def test_cloudformation_answers_with_our_reason(instant: MockedSageMaker) -> None:
    properties = {"EndpointConfigName": "none"}
    template = {"Resources": {"Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": properties}}}
    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        client("cloudformation").create_stack(StackName="stack", TemplateBody=json.dumps(template))


def test_events_reach_the_rules_of_moto(instant: MockedSageMaker) -> None:
    events, queues = client("events"), client("sqs")
    url = queues.create_queue(QueueName="events")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="jobs", EventPattern=json.dumps({"source": ["aws.sagemaker"]}))
    events.put_targets(Rule="jobs", Targets=[{"Id": "queue", "Arn": arn}])
    client("sagemaker").create_training_job(**training_job())
    received: list[str] = []
    while len(received) < 2:
        messages = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5).get("Messages", [])
        assert messages, received
        received += [json.loads(message["Body"])["detail"]["TrainingJobStatus"] for message in messages]
    assert sorted(received) == ["Completed", "InProgress"]


def test_every_service_of_moto_answers_over_http_too(instant: MockedSageMaker) -> None:
    client("s3").create_bucket(Bucket="shared")
    over_http = client("s3", endpoint_url=instant.endpoint_url)
    over_http.put_object(Bucket="shared", Key="a b/ü", Body=b"1")
    assert client("s3").get_object(Bucket="shared", Key="a b/ü")["Body"].read() == b"1"
    assert over_http.head_object(Bucket="shared", Key="a b/ü")["ContentLength"] == 1
    url = over_http.generate_presigned_url("get_object", Params={"Bucket": "shared", "Key": "a b/ü"})
    with urllib.request.urlopen(url, timeout=10) as response:
        assert response.read() == b"1"
    assert client("sagemaker", endpoint_url=instant.endpoint_url).list_models()["Models"] == []
    client("iam", endpoint_url=instant.endpoint_url).create_user(UserName="someone")
    assert [user["UserName"] for user in client("iam").list_users()["Users"]] == ["someone"]


def test_afterwards_moto_is_as_it_was() -> None:
    before = dict(os.environ)
    with mock_sagemaker(execute="instant"):
        make_role()
        client("sagemaker").create_training_job(**training_job())
    assert dict(os.environ) == before
    with moto.mock_aws():
        assert client("sagemaker").list_training_jobs()["TrainingJobSummaries"] == []
        arn = client("sagemaker").create_training_job(**training_job())["TrainingJobArn"]
        assert client("sagemaker").list_tags(ResourceArn=arn)["Tags"] == []  # ours has one that says "instant"


def test_each_call_of_a_decorated_function_begins_anew() -> None:
    @mock_sagemaker(execute="instant")
    def names() -> list[str]:
        make_role()
        client("sagemaker").create_training_job(**training_job())
        return [each["TrainingJobName"] for each in client("sagemaker").list_training_jobs()["TrainingJobSummaries"]]

    assert names() == ["job"]
    assert names() == ["job"]


def test_what_leads_clients_elsewhere_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = "http://127.0.0.1:1"
    configuration = tmp_path / "config"
    configuration.write_text(f"[default]\nendpoint_url = {elsewhere}\n[profile mine]\nendpoint_url = {elsewhere}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", elsewhere)
    for name, value in write_client_files(tmp_path, elsewhere, {}).items():
        monkeypatch.setenv(name, value)

    with mock_sagemaker(execute="instant"):
        assert client("sagemaker").list_models()["Models"] == []
        assert client("s3").list_buckets()["Buckets"] == []
        assert client("sts").get_caller_identity()["Account"] == ACCOUNT


def names_of_jobs() -> list[str]:
    """Those that there are, after one more was made."""
    make_role()
    client("sagemaker").create_training_job(**training_job())
    return [each["TrainingJobName"] for each in client("sagemaker").list_training_jobs()["TrainingJobSummaries"]]


def test_decorated_coroutines_and_generators_run_within_it() -> None:
    @mock_sagemaker(execute="instant")
    async def coroutine() -> list[str]:
        return names_of_jobs()

    @mock_sagemaker(execute="instant")
    def generator() -> Iterator[list[str]]:
        yield names_of_jobs()

    @mock_sagemaker(execute="instant")
    async def asynchronous_generator() -> AsyncIterator[list[str]]:
        yield names_of_jobs()

    async def first() -> list[str]:
        return [names async for [names] in asynchronous_generator()]

    assert asyncio.run(coroutine()) == ["job"]
    assert next(generator()) == ["job"]
    assert asyncio.run(first()) == ["job"]


class EachBeginsAnew:
    """Two tests and what is done before each, within a decorated class."""

    def begin(self) -> None:
        assert names_of_jobs() == ["job"]

    def test_one(self) -> None:
        assert len(client("sagemaker").list_training_jobs()["TrainingJobSummaries"]) == 1

    def test_another(self) -> None:
        self.test_one()


@mock_sagemaker(execute="instant")
class TestDecoratedClass(EachBeginsAnew):
    def setup_method(self) -> None:
        self.begin()


@mock_sagemaker(execute="instant")
class TestDecoratedTestCase(EachBeginsAnew, unittest.TestCase):
    def setUp(self) -> None:
        self.begin()


@mock_sagemaker(execute="instant")
class TestDecoratedAsyncTestCase(EachBeginsAnew, unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        self.begin()

    async def test_a_coroutine(self) -> None:
        self.test_one()


def test_a_class_without_tests_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^Helper has no test"):

        @mock_sagemaker()
        class Helper:
            pass


def test_one_at_a_time(instant: MockedSageMaker) -> None:
    with pytest.raises(EmulatorError, match=r"^mock_sagemaker is active already\."), mock_sagemaker():
        pass
    assert client("sagemaker").list_models()["Models"] == []


def test_another_execute_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^execute must be one of real, instant, got 'fast'\."):
        mock_sagemaker(execute="fast")  # type: ignore[arg-type]  # that is the point


def _make_endpoint() -> None:
    sagemaker = client("sagemaker")
    sagemaker.create_model(ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    variant = {"VariantName": "All", "ModelName": "model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="config", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="endpoint", EndpointConfigName="config")
