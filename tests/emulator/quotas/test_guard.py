"""What would take more of a quota than a new account has is refused, with AWS's error, and nothing is made of it."""

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.state.store import RecordKey

from .limited import CALLER, IMAGE, ROLE, LimitedEngine, grant

ADVICE = (
    " Please use AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is not available, "
    "contact AWS support to request an increase for this quota."
)
"""Source: https://github.com/aws-samples/aws-genai-llm-chatbot/issues/244 has the first of the two sentences."""


def limit(name: str, value: int, used: int, more: int, unit: str = "Instances") -> str:
    return (
        f"The account-level service limit '{name}' is {value} {unit}, with current utilization of {used} {unit} and a "
        f"request delta of {more} {unit}.{ADVICE}"
    )


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LimitedEngine]:
    running = LimitedEngine(tmp_path)
    container = {"Image": IMAGE}
    running.call("CreateModel", ModelName="model", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    yield running
    running.close()


def test_a_type_that_a_new_account_has_none_of_is_refused_and_leaves_no_record(engine: LimitedEngine) -> None:
    said = engine.refused("CreateTrainingJob", **engine.train("job", spot=False, count=2))
    assert said == limit("ml.m5.large for training job usage", 0, 0, 2)
    with pytest.raises(ApiError, match="Requested resource not found"):
        engine.call("DescribeTrainingJob", TrainingJobName="job")


def test_what_works_is_counted_and_what_has_ended_is_not(engine: LimitedEngine) -> None:
    key = engine.works("first", 3)
    assert engine.refused("CreateTrainingJob", **engine.train("second", count=2)) == limit(
        "ml.m5.large for spot training job usage", 4, 3, 2
    )
    engine.store.update(key, status="Completed")
    engine.call("CreateTrainingJob", **engine.train("second", count=2))


def test_the_total_of_all_types_is_a_quota_of_its_own(engine: LimitedEngine) -> None:
    engine.works("first", 3)
    said = engine.refused("CreateTrainingJob", **engine.train("second", count=2, kind="ml.c5.xlarge"))
    assert said == limit("Number of instances across all spot training jobs", 4, 3, 2)


def test_quotas_are_of_an_account_and_a_region(engine: LimitedEngine) -> None:
    engine.works("first", 4, region="eu-west-1")
    engine.call("CreateTrainingJob", **engine.train("second", count=4))


def test_what_is_wrong_with_a_request_is_said_before_its_quota(engine: LimitedEngine) -> None:
    with pytest.raises(ApiError, match="Could not find endpoint configuration"):
        engine.call("CreateEndpoint", EndpointName="e", EndpointConfigName="absent")


def test_a_tuning_job_is_refused_for_all_of_its_jobs_that_run_at_once(engine: LimitedEngine) -> None:
    """Of 5 jobs and a quota of 4. Source: https://github.com/awsdocs/amazon-sagemaker-developer-guide/issues/70"""
    definition = {name: value for name, value in engine.train("").items() if name != "TrainingJobName"}
    definition["AlgorithmSpecification"] = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=(.*)"}],
    }
    ranges = {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0", "MaxValue": "1"}]}
    config = {
        "Strategy": "Random",
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 9, "MaxParallelTrainingJobs": 5},
        "ParameterRanges": ranges,
    }
    said = engine.refused(
        "CreateHyperParameterTuningJob",
        HyperParameterTuningJobName="tuning",
        HyperParameterTuningJobConfig=config,
        TrainingJobDefinition=definition,
    )
    assert said == limit("ml.m5.large for spot training job usage", 4, 0, 5)


def test_an_endpoint_takes_its_instances_until_it_is_deleted(engine: LimitedEngine) -> None:
    engine.call("CreateEndpoint", EndpointName="first", EndpointConfigName=engine.config("one"))
    two = engine.config("two", 2)
    assert engine.refused("CreateEndpoint", EndpointName="second", EndpointConfigName=two) == limit(
        "ml.t2.medium for endpoint usage", 2, 1, 2
    )
    engine.call("DeleteEndpoint", EndpointName="first")
    engine.call("CreateEndpoint", EndpointName="second", EndpointConfigName=two)


def test_an_update_needs_the_new_instances_beside_the_old_ones(engine: LimitedEngine) -> None:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html"""
    engine.call("CreateEndpoint", EndpointName="e", EndpointConfigName=engine.config("two", 2))
    one = engine.config("one")
    said = engine.refused("UpdateEndpoint", EndpointName="e", EndpointConfigName=one)
    assert said == limit("ml.t2.medium for endpoint usage", 2, 2, 1)
    described = engine.call("DescribeEndpoint", EndpointName="e")
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "two")
    engine.call("UpdateEndpoint", EndpointName="e", EndpointConfigName=engine.config("other", kind="ml.m6g.large"))


def test_one_endpoint_has_a_most_of_instances(engine: LimitedEngine) -> None:
    for each in ("ml.t2.medium for endpoint usage", "Number of instances across active endpoints"):
        grant(engine, each, 50)
    said = engine.refused("CreateEndpoint", EndpointName="e", EndpointConfigName=engine.config("five", 5))
    assert said == limit("Maximum number of instances per endpoint", 4, 0, 5)


def test_notebook_instances_take_their_type_while_they_run_and_one_of_all_always(engine: LimitedEngine) -> None:
    """Source: https://github.com/aws-cloudformation/rain/issues/468"""
    xlarge = {"InstanceType": "ml.c5.xlarge", "RoleArn": ROLE}
    engine.call("CreateNotebookInstance", NotebookInstanceName="n0", **xlarge)
    said = engine.refused("CreateNotebookInstance", NotebookInstanceName="n1", **xlarge)
    assert said == limit("ml.c5.xlarge for notebook instance usage", 1, 1, 1)
    stop(engine, "n0")
    engine.call("CreateNotebookInstance", NotebookInstanceName="n1", **xlarge)
    assert engine.refused("StartNotebookInstance", NotebookInstanceName="n0") == said
    for number in range(2, 8):
        small = {"InstanceType": "ml.t3.medium", "RoleArn": ROLE}
        engine.call("CreateNotebookInstance", NotebookInstanceName=f"n{number}", **small)
    said = engine.refused("CreateNotebookInstance", NotebookInstanceName="n8", InstanceType="ml.t2.large", RoleArn=ROLE)
    assert said == limit("Total number of notebook instances", 8, 8, 1, "NotebookInstances")


def test_of_two_that_ask_at_once_one_is_refused(engine: LimitedEngine) -> None:
    configs = [engine.config(f"c{number}", 2) for number in range(2)]
    barrier, answers = Barrier(2), list[str]()

    def ask(number: int) -> None:
        barrier.wait()
        try:
            engine.call("CreateEndpoint", EndpointName=f"e{number}", EndpointConfigName=configs[number])
        except ApiError as error:
            answers.append(error.code)

    threads = [Thread(target=ask, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["ResourceLimitExceeded"]


def test_what_nobody_has_published_is_not_refused(engine: LimitedEngine) -> None:
    engine.call(
        "CreateTransformJob",
        TransformJobName="job",
        ModelName="model",
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in"}}},
        TransformOutput={"S3OutputPath": "s3://bucket/out"},
        TransformResources={"InstanceType": "ml.m7i.large", "InstanceCount": 1},
    )


def test_what_an_automl_job_starts_is_on_instances_of_awss(engine: LimitedEngine) -> None:
    automl = {"AutoMLJobArn": f"arn:aws:sagemaker:us-east-1:{CALLER.account}:automl-job/a"}
    engine.service.call("CreateTrainingJob", engine.train("part", spot=False), CALLER, automl)


def test_an_increase_outlives_the_emulator(tmp_path: Path) -> None:
    first = LimitedEngine(tmp_path)
    grant(first, "ml.m5.large for training job usage", 2)
    first.close()
    second = LimitedEngine(tmp_path)
    second.call("CreateTrainingJob", **second.train("job", spot=False, count=2))
    said = second.refused("CreateTrainingJob", **second.train("more", spot=False, count=3))
    assert said == limit("ml.m5.large for training job usage", 2, 0, 3)
    second.reset()
    assert " is 0 Instances" in second.refused("CreateTrainingJob", **second.train("job", spot=False, count=2))
    second.close()


def stop(engine: LimitedEngine, name: str) -> None:
    engine.store.update(RecordKey("NotebookInstance", *CALLER, name), status="InService")
    engine.call("StopNotebookInstance", NotebookInstanceName=name)
    engine.store.update(RecordKey("NotebookInstance", *CALLER, name), status="Stopped")
