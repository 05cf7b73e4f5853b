"""One reset of everything, by whichever name a client knows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil
import pytest

from tests.emulator.conftest import RunningEmulator
from tests.emulator.tiny_job import ROLE, TinyJobs
from tests.emulator.world import wait_until

pytestmark = pytest.mark.slow

ENDS = 60.0
GROUP = {"Type": "AWS::SageMaker::ModelPackageGroup", "Properties": {"ModelPackageGroupName": "g"}}
STACK = {"Resources": {"Group": GROUP}}
LISTS = {
    "sagemaker": {
        "list_training_jobs": "TrainingJobSummaries",
        "list_hyper_parameter_tuning_jobs": "HyperParameterTuningJobSummaries",
        "list_processing_jobs": "ProcessingJobSummaries",
        "list_models": "Models",
        "list_endpoint_configs": "EndpointConfigs",
        "list_endpoints": "Endpoints",
        "list_model_package_groups": "ModelPackageGroupSummaryList",
        "list_notebook_instances": "NotebookInstances",
    },
    "s3": {"list_buckets": "Buckets"},
    "cloudformation": {"describe_stacks": "Stacks"},
    "iam": {"list_roles": "Roles"},
    "logs": {"describe_log_groups": "logGroups"},
    "cloudwatch": {"describe_alarms": "MetricAlarms"},
    "sqs": {"list_queues": "QueueUrls"},
}


def what_there_is(emulator: RunningEmulator) -> dict[str, list[Any]]:
    """By the name of what lists it; what is empty is left out."""
    listed = {
        list_name: getattr(emulator.client(service), list_name)().get(member, [])
        for service, lists in LISTS.items()
        for list_name, member in lists.items()
    }
    return {name: entries for name, entries in listed.items() if entries}


def fill(emulator: RunningEmulator, directory: Path) -> TinyJobs:
    """Makes something of each kind, with jobs that run for long and one that waits, and an endpoint."""
    tiny = TinyJobs(emulator, directory)
    sagemaker = emulator.client("sagemaker")
    emulator.client("s3").put_object(Bucket=tiny.bucket, Key="of/mine", Body=b"1")
    emulator.client("logs").create_log_group(logGroupName="mine")
    emulator.client("sqs").create_queue(QueueName="mine")
    emulator.client("cloudwatch").put_metric_alarm(
        AlarmName="mine",
        MetricName="m",
        Namespace="n",
        Period=60,
        Statistic="Sum",
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="LessThanThreshold",
    )
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": tiny.image})
    variant = {"VariantName": "v", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="e", WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})
    sagemaker.create_hyper_parameter_tuning_job(**tiny.tuning_request("t", seconds="600"))
    for number in range(3):  # more than the machine may have cores for
        sagemaker.create_training_job(**tiny.request(f"j{number}", seconds="600"))
    sagemaker.create_notebook_instance(NotebookInstanceName="n", InstanceType="ml.t3.medium", RoleArn=ROLE)
    emulator.client("cloudformation").create_stack(StackName="s", TemplateBody=json.dumps(STACK))
    emulator.client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName="s", WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
    )
    return tiny


def reset(emulator: RunningEmulator, path: str) -> str:
    with urlopen(Request(f"{emulator.url}{path}", method="POST"), timeout=ENDS) as answer:
        status: str = json.loads(answer.read())["status"]
        return status


def test_a_reset_ends_all_work_and_empties_all_services_while_the_emulator_stays(
    own_emulator: RunningEmulator, tmp_path: Path
) -> None:
    emulator = own_emulator.start()
    assert emulator.process is not None
    emulator.client("s3").list_buckets()
    before = what_there_is(emulator)
    tiny = fill(emulator, tmp_path)
    full = what_there_is(emulator)
    assert not {name for lists in LISTS.values() for name in lists} - full.keys() - {"list_processing_jobs"}

    assert reset(emulator, "/_ministack/reset") == "ok"

    assert what_there_is(emulator) == before
    status = emulator.get("status")
    assert status["queue"]["running"] == status["queue"]["waiting"] == []
    left = psutil.Process(emulator.process.pid).children(recursive=True)
    assert not [each for each in left if str(tmp_path) in " ".join(each.cmdline())]
    wait_until(lambda: not [each for each in (emulator.settings.work_dir / "endpoints").iterdir() if each.is_dir()])

    # It goes on, with the images that are registered; and nothing comes back with a restart.
    emulator.client("s3").create_bucket(Bucket=tiny.bucket)
    emulator.make_role()
    emulator.client("sagemaker").create_training_job(**tiny.request("j0"))
    emulator.client("sagemaker").get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName="j0", WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
    )
    emulator.kill()
    again = what_there_is(emulator.start())
    assert [each["TrainingJobName"] for each in again["list_training_jobs"]] == ["j0"]
    assert [each["Name"] for each in again["list_buckets"]] == [tiny.bucket]
    assert again.keys() <= {"list_training_jobs", "list_buckets", "list_roles", "describe_log_groups"}

    for path in ("/_sagecraft/reset", "/moto-api/reset", "/_localstack/state/reset"):  # the same one by other names
        emulator.client("sagemaker").create_model_package_group(ModelPackageGroupName="g")
        assert reset(emulator, path) == "ok"
        assert what_there_is(emulator) == before
