"""Training jobs as boto3 sees them."""

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sagecraft_catalog import algorithm

from tests.emulator.control_plane import ACCOUNT, IMAGE, REGION, ROLE, ControlPlane

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/job"


def request(name: str = "job", **members: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/output"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        **members,
    }


def channel(name: str = "train", **members: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/data"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, **members}


GROUP = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package-group/group"
ONE_INSTANCE = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}


def group(name: str) -> dict[str, Any]:
    return {"InstanceGroupName": name, "InstanceType": "ml.m5.large", "InstanceCount": 1}


def sourced(data_type: str, **source: Any) -> dict[str, Any]:
    return {"S3DataSource": {"S3DataType": data_type, "S3Uri": "s3://bucket/data", **source}}


def refused(control_plane: ControlPlane, **members: Any) -> str:
    with pytest.raises(ClientError) as raised:
        control_plane.client.create_training_job(**request(**members))
    not_done = "this emulator" in raised.value.response["Error"]["Message"]
    answer = raised.value.response["Error"]["Code"], raised.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert answer == (("NotImplemented", 501) if not_done else ("ValidationException", 400))
    return str(raised.value.response["Error"]["Message"])


def test_a_created_job_is_described_with_everything_that_was_asked(control_plane: ControlPlane) -> None:
    client = control_plane.client
    asked = request(HyperParameters={"num_round": "10"}, InputDataConfig=[channel()], Environment={"A": "b"})
    assert client.create_training_job(**asked, Tags=[{"Key": "team", "Value": "ml"}])["TrainingJobArn"] == ARN
    job = client.describe_training_job(TrainingJobName="job")
    for member in asked.keys() - {"OutputDataConfig", "AlgorithmSpecification"}:
        assert job[member] == asked[member], member
    assert job["OutputDataConfig"] == {"S3OutputPath": "s3://bucket/output", "KmsKeyId": ""}
    assert job["TrainingJobStatus"] == "InProgress"
    assert job["SecondaryStatus"] == "Starting"
    assert job["SecondaryStatusTransitions"][0]["StatusMessage"] == "Preparing the instances for training"
    assert job["CreationTime"] == job["LastModifiedTime"]
    assert job["EnableNetworkIsolation"] is False
    assert not {"VpcConfig", "FailureReason", "CheckpointConfig", "TrainingEndTime"} & job.keys()
    assert control_plane.training_jobs.started == ["job"]
    assert client.list_tags(ResourceArn=ARN)["Tags"] == [{"Key": "team", "Value": "ml"}]


def test_a_taken_name_is_in_use_and_starts_nothing(control_plane: ControlPlane) -> None:
    control_plane.client.create_training_job(**request())
    with pytest.raises(control_plane.client.exceptions.ResourceInUse, match=f"a training job with this name.*{ARN}"):
        control_plane.client.create_training_job(**request())
    assert control_plane.training_jobs.started == ["job"]


@pytest.mark.parametrize(("spot", "wait"), [(False, {}), (True, {"MaxWaitTimeInSeconds": 2_419_200})])
def test_a_job_may_run_for_weeks(control_plane: ControlPlane, spot: bool, wait: dict[str, int]) -> None:
    times = {"MaxRuntimeInSeconds": 2_419_200, **wait}
    control_plane.client.create_training_job(**request(StoppingCondition=times, EnableManagedSpotTraining=spot))
    assert control_plane.training_jobs.started == ["job"]


@pytest.mark.parametrize("operation", ["describe", "stop", "delete"])
def test_a_job_that_there_is_not_cannot_be_found(control_plane: ControlPlane, operation: str) -> None:
    with pytest.raises(ClientError) as raised:
        getattr(control_plane.client, f"{operation}_training_job")(TrainingJobName="none")
    assert raised.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "Requested resource not found.",
    }


def test_a_misspelt_instance_type_is_refused_with_the_allowed_ones(control_plane: ControlPlane) -> None:
    message = refused(
        control_plane, ResourceConfig={"InstanceType": "ml.m5.lrge", "InstanceCount": 1, "VolumeSizeInGB": 1}
    )
    assert "Value 'ml.m5.lrge' at 'resourceConfig.instanceType' failed to satisfy constraint" in message
    assert "Member must satisfy enum value set: [" in message
    assert "ml.m5.large" in message


@pytest.mark.parametrize(
    ("regex", "reason"),
    [
        ("loss:([0-9]", "missing ): loss:([0-9]."),
        (r"(['\"])loss\1:(\d+)", r"invalid escape sequence: \1."),
        ("(?<!val_)loss:([0-9.]+)", "invalid perl operator: (?<!."),
        ("((a{1000}){1000})", "invalid repetition size: {1000}."),
        ("([\\p{L}\\p{N}]{900})", "pattern too large - compile failed."),
    ],
)
def test_a_metric_that_cannot_be_searched_for_in_linear_time_is_refused_with_the_reason(
    control_plane: ControlPlane, regex: str, reason: str
) -> None:
    specification = {**request()["AlgorithmSpecification"], "MetricDefinitions": [{"Name": "loss", "Regex": regex}]}
    assert refused(control_plane, AlgorithmSpecification=specification) == (
        f"The Regex of the metric definition 'loss', '{regex}', cannot be searched for: {reason} This emulator takes "
        "the syntax of RE2, which has no backreferences and no lookaround."
    )


def test_every_problem_of_shape_is_told_at_once(control_plane: ControlPlane) -> None:
    message = refused(
        control_plane,
        RoleArn="arn:nothing-that-is-a-role",
        OutputDataConfig={"S3OutputPath": "file:///tmp"},
        Environment={"1st": "x"},
    )
    assert message.startswith("3 validation errors detected: ")
    assert set(re.findall(r"at '([\w.]+)'", message)) == {
        "roleArn",
        "outputDataConfig.s3OutputPath",
        "environment.key",
    }


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"AlgorithmSpecification": {"TrainingInputMode": "File"}}, "must name the TrainingImage"),
        (
            {"InputDataConfig": [channel(), channel(), channel("test")]},
            "Channel names must be unique, got: train, train, test (train more than once).",
        ),
        ({"EnableManagedSpotTraining": True}, "MaxWaitTimeInSeconds is required in StoppingCondition"),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 90}},
            "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true",
        ),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 3_456_000}}, "it must be at most 2419200, 28 days."),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 30},
            },
            "MaxWaitTimeInSeconds, 30, must be at least MaxRuntimeInSeconds, 60.",
        ),
        ({"ModelPackageConfig": {"ModelPackageGroupArn": GROUP}}, "ModelPackageConfig is not supported by this emul"),
        ({"ResourceConfig": {"VolumeSizeInGB": 1}}, "must give InstanceType and InstanceCount, or InstanceGroups."),
        ({"ResourceConfig": {**ONE_INSTANCE, "InstanceCount": 0}}, "InstanceCount is 0; it must be at least 1."),
        (
            {"ResourceConfig": {**ONE_INSTANCE, "InstanceGroups": [group("a")]}},
            "ResourceConfig gives InstanceGroups; leave InstanceType and InstanceCount out.",
        ),
        (
            {"ResourceConfig": {"InstanceGroups": [group("a"), group("a")], "VolumeSizeInGB": 1}},
            "InstanceGroupNames must be unique, got: a, a (a more than once).",
        ),
    ],
)
def test_a_request_that_contradicts_itself_or_cannot_be_run_is_refused(
    control_plane: ControlPlane, members: dict[str, Any], message: str
) -> None:
    assert message in refused(control_plane, **members)
    assert control_plane.training_jobs.started == []


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {
                "DataSource": {
                    "FileSystemDataSource": {
                        "FileSystemId": "fs-01234567",
                        "FileSystemAccessMode": "ro",
                        "FileSystemType": "EFS",
                        "DirectoryPath": "/data",
                    }
                }
            },
            "Channel 'train' has a FileSystemDataSource; this emulator has neither Amazon EFS nor FSx for Lustre. Copy",
        ),
        ({"ChannelName": ".."}, "Channel name '..' names no directory of its own; use letters and digits."),
        ({"RecordWrapperType": "RecordIO"}, "RecordWrapperType RecordIO, which needs the input mode Pipe, not File."),
        (
            {"DataSource": sourced("AugmentedManifestFile", AttributeNames=["a"])},
            "S3DataType AugmentedManifestFile, which needs the input mode Pipe, not File.",
        ),
        (
            {"DataSource": sourced("AugmentedManifestFile"), "InputMode": "Pipe"},
            "must give the AttributeNames to read from it.",
        ),
        (
            {"DataSource": sourced("ManifestFile"), "InputMode": "FastFile"},
            "has S3DataType ManifestFile, but the input mode FastFile supports S3Prefix only.",
        ),
        (
            {"DataSource": sourced("S3Prefix", AttributeNames=["a"])},
            "need the S3DataType AugmentedManifestFile, not S3",
        ),
        (
            {"DataSource": sourced("Converse")},
            "this emulator supports AugmentedManifestFile, ManifestFile and S3Prefix.",
        ),
        (
            {"DataSource": sourced("S3Prefix", InstanceGroupNames=["b"])},
            "names InstanceGroupNames that ResourceConfig does not have: b; it has: none.",
        ),
    ],
)
def test_a_channel_that_contradicts_itself_or_cannot_be_read_is_refused(
    control_plane: ControlPlane, members: dict[str, Any], message: str
) -> None:
    assert message in refused(control_plane, InputDataConfig=[{**channel(), **members}])


def test_debugger_profiler_and_experiments_are_described_and_rules_are_said_not_to_be_evaluated(
    control_plane: ControlPlane,
) -> None:
    rule = {"RuleConfigurationName": "overfit", "RuleEvaluatorImage": IMAGE}
    asked: dict[str, Any] = {
        "DebugHookConfig": {"S3OutputPath": "s3://bucket/debug"},
        "DebugRuleConfigurations": [rule],
        "TensorBoardOutputConfig": {"S3OutputPath": "s3://bucket/tensorboard"},
        "ProfilerConfig": {"S3OutputPath": "s3://bucket/profiler", "DisableProfiler": False},
        "ProfilerRuleConfigurations": [rule],
        "ExperimentConfig": {"ExperimentName": "e", "TrialName": "t"},
        "RetryStrategy": {"MaximumRetryAttempts": 2},
        "RemoteDebugConfig": {"EnableRemoteDebug": True},
        "InfraCheckConfig": {"EnableInfraCheck": True},
    }
    client = control_plane.client
    client.create_experiment(ExperimentName="e")
    client.create_trial(TrialName="t", ExperimentName="e")
    client.create_training_job(**request(**asked))
    job = client.describe_training_job(TrainingJobName="job")
    assert {member: job[member] for member in asked} == asked
    assert job["ProfilingStatus"] == "Disabled"
    for member in ("DebugRuleEvaluationStatuses", "ProfilerRuleEvaluationStatuses"):
        [status] = job[member]
        assert status.pop("LastModifiedTime")
        assert status == {
            "RuleConfigurationName": "overfit",
            "RuleEvaluationStatus": "Stopped",
            "StatusDetails": "This emulator does not evaluate rules.",
        }


def test_a_job_is_updated_while_it_runs_and_not_after(control_plane: ControlPlane) -> None:
    client = control_plane.client
    client.create_training_job(**request(ResourceConfig={**ONE_INSTANCE, "KeepAlivePeriodInSeconds": 60}))
    rule = {"RuleConfigurationName": "slow", "RuleEvaluatorImage": IMAGE}
    answer = client.update_training_job(
        TrainingJobName="job",
        ProfilerConfig={"S3OutputPath": "s3://bucket/profiler"},
        ProfilerRuleConfigurations=[rule],
        ResourceConfig={"KeepAlivePeriodInSeconds": 120},
    )
    assert answer["TrainingJobArn"] == ARN
    job = client.describe_training_job(TrainingJobName="job")
    assert job["ProfilerConfig"] == {"S3OutputPath": "s3://bucket/profiler"}
    assert job["ProfilerRuleConfigurations"] == [rule]
    assert [each["RuleConfigurationName"] for each in job["ProfilerRuleEvaluationStatuses"]] == ["slow"]
    assert job["ResourceConfig"] == {**ONE_INSTANCE, "KeepAlivePeriodInSeconds": 120}
    assert job["WarmPoolStatus"] == {"Status": "InUse"}
    control_plane.training_jobs.end("job", "Completed")
    job = client.describe_training_job(TrainingJobName="job")
    assert job["WarmPoolStatus"] == {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 0}
    with pytest.raises(ClientError, match="ProfilerConfig cannot be changed when the training job is in status Comple"):
        client.update_training_job(TrainingJobName="job", ProfilerConfig={"DisableProfiler": True})
    with pytest.raises(ClientError, match="the training job has no warm pool"):
        client.update_training_job(TrainingJobName="job", ResourceConfig={"KeepAlivePeriodInSeconds": 0})


def test_a_running_job_is_stopped_once_and_an_ended_one_not_at_all(control_plane: ControlPlane) -> None:
    client = control_plane.client
    client.create_training_job(**request())
    client.stop_training_job(TrainingJobName="job")
    client.stop_training_job(TrainingJobName="job")
    assert client.describe_training_job(TrainingJobName="job")["TrainingJobStatus"] == "Stopping"
    assert control_plane.training_jobs.stopped == ["job"]
    control_plane.training_jobs.end("job", "Stopped")
    with pytest.raises(ClientError, match="the training job is in status Stopped"):
        client.stop_training_job(TrainingJobName="job")


def test_only_the_record_of_an_ended_job_is_deleted(control_plane: ControlPlane) -> None:
    client = control_plane.client
    client.create_training_job(**request())
    with pytest.raises(client.exceptions.ResourceInUse, match="the training job is in status InProgress"):
        client.delete_training_job(TrainingJobName="job")
    control_plane.training_jobs.end("job", "Failed")
    client.delete_training_job(TrainingJobName="job")
    assert client.list_training_jobs()["TrainingJobSummaries"] == []
    client.create_training_job(**request())


def test_jobs_are_listed_by_filter_order_and_page(control_plane: ControlPlane) -> None:
    client = control_plane.client
    names = [f"job-{number:02}" for number in range(12)]
    for name in names:
        client.create_training_job(**request(name))
    control_plane.training_jobs.end("job-03", "Completed")

    def listed(**filters: Any) -> list[str]:
        return [job["TrainingJobName"] for job in client.list_training_jobs(**filters)["TrainingJobSummaries"]]

    assert listed() == names[:1:-1]
    assert listed(SortBy="Name", SortOrder="Ascending", MaxResults=3) == names[:3]
    assert listed(StatusEquals="Completed") == ["job-03"]
    # So many are taken first, and then those of the status: a page may be empty though there is more.
    first = client.list_training_jobs(StatusEquals="Completed", MaxResults=5)
    assert (first["TrainingJobSummaries"], "NextToken" in first) == ([], True)
    pages = client.get_paginator("list_training_jobs").paginate(StatusEquals="Completed", MaxResults=5)
    assert [len(page["TrainingJobSummaries"]) for page in pages] == [0, 1, 0]
    assert listed(NameContains="-1") == ["job-11", "job-10"]
    middle = client.describe_training_job(TrainingJobName="job-06")["CreationTime"]
    assert listed(CreationTimeAfter=middle, SortOrder="Ascending")[-1] == "job-11"
    assert "job-11" not in listed(CreationTimeBefore=middle)
    client.create_training_job(**request("warm", ResourceConfig={**ONE_INSTANCE, "KeepAlivePeriodInSeconds": 60}))
    assert listed(WarmPoolStatusEquals="InUse") == ["warm"]
    assert listed(WarmPoolStatusEquals="Available") == []
    assert listed(TrainingPlanArnEquals=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-plan/plan") == []
    control_plane.training_jobs.end("warm", "Stopped")
    client.delete_training_job(TrainingJobName="warm")
    pages = client.get_paginator("list_training_jobs").paginate(PaginationConfig={"PageSize": 5})
    paged = [[job["TrainingJobName"] for job in page["TrainingJobSummaries"]] for page in pages]
    assert paged == [names[:6:-1], names[6:1:-1], names[1::-1]]
    with pytest.raises(ClientError, match="NextToken 'guess' is not one that a list answered"):
        client.list_training_jobs(NextToken="guess")


def test_a_job_belongs_to_its_account_and_region(control_plane: ControlPlane) -> None:
    control_plane.client.create_training_job(**request())
    for account, region in (("111111111111", REGION), (ACCOUNT, "eu-west-1")):
        other = control_plane.client_of(account, region)
        assert other.list_training_jobs()["TrainingJobSummaries"] == []
        arn = other.create_training_job(**request())["TrainingJobArn"]
        assert arn == f"arn:aws:sagemaker:{region}:{account}:training-job/job"


def test_a_spot_job_of_an_algorithm_without_checkpoints_waits_for_an_hour_at_most(control_plane: ControlPlane) -> None:
    spot = {
        "AlgorithmSpecification": {
            "TrainingImage": algorithm("kmeans").image_uri("1", "us-east-1"),
            "TrainingInputMode": "File",
        },
        "EnableManagedSpotTraining": True,
        "StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 7200},
    }
    told = refused(control_plane, **spot)
    assert told.startswith("kmeans keeps no checkpoints, so a managed spot job of it may take 3600 seconds at most")


def test_an_algorithm_that_trains_on_one_instance_is_refused_on_two(control_plane: ControlPlane) -> None:
    lda = algorithm("lda").image_uri("1", "us-east-1")
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 10}
    specification = {"TrainingImage": lda, "TrainingInputMode": "File"}
    told = refused(control_plane, AlgorithmSpecification=specification, ResourceConfig=resources)
    assert told == "lda trains on one instance only, got 2; use 1."
    assert control_plane.training_jobs.started == []
    script = {"sagemaker_program": "train.py"}
    control_plane.client.create_training_job(
        **request(AlgorithmSpecification=specification, ResourceConfig=resources, HyperParameters=script)
    )
