import json
from typing import Any

import pytest
from aws_cdk import Duration, Stack, Tags
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk.assertions import Template
from constructs import Construct
from sagecraft_constructs import InvalidProps, JobRealization

from tests.constructs.stack import (
    make_bucket,
    make_job,
    make_processing,
    make_stack,
    make_transform,
    make_tuning,
    resources,
)
from tests.constructs.template_checks import assert_clean

BY_HAND = JobRealization.BY_HAND
STEP = JobRealization.PIPELINE_STEP


def joined(value: Any) -> str:
    """A value as it is once references are known, which stand as their names."""
    match value:
        case str():
            return value
        case {"Fn::Join": [delimiter, [*items]]}:
            return str(delimiter).join(joined(item) for item in items)
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return str(name)
        case _:
            raise AssertionError(value)


def test_jobs_that_are_run_by_hand_need_no_function_and_stand_in_a_parameter() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    make_job(stack, bucket=bucket, realization=BY_HAND, max_runtime=Duration.days(2))
    make_tuning(stack, bucket=bucket, realization=BY_HAND)
    make_transform(stack, bucket=bucket, realization=BY_HAND)
    make_processing(stack, bucket=bucket, realization=BY_HAND, max_runtime=Duration.days(2))
    Tags.of(stack).add("team", "data")
    Template.from_stack(stack).resource_count_is("AWS::StepFunctions::StateMachine", 0)
    parameters = {each["Name"]: each for each in resources(stack, "AWS::SSM::Parameter")}
    contents = {name: json.loads(joined(each["Value"])) for name, each in parameters.items()}
    assert {name: (each["kind"], each["namePrefix"]) for name, each in contents.items()} == {
        "/sagecraft/Stack/Job": ("TrainingJob", "titanic"),
        "/sagecraft/Stack/Tuning": ("HyperParameterTuningJob", "titanic"),
        "/sagecraft/Stack/Transform": ("TransformJob", "titanic"),
        "/sagecraft/Stack/Processing": ("ProcessingJob", "titanic"),
    }
    request = contents["/sagecraft/Stack/Job"]["request"]
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 2 * 24 * 3600}
    assert request["EnableNetworkIsolation"] is True
    assert request["RoleArn"].startswith("JobRole")
    assert request["Tags"] == [{"Key": "team", "Value": "data"}]
    assert {each["Tier"] for each in parameters.values()} == {"Intelligent-Tiering"}
    assert_clean(stack)


def test_the_parameter_waits_for_what_the_job_needs() -> None:
    stack = make_stack()
    make_job(stack, realization=BY_HAND)
    (parameter,) = Template.from_stack(stack).find_resources("AWS::SSM::Parameter").values()
    assert any(name.startswith("JobRoleDefaultPolicy") for name in parameter["DependsOn"])


def test_results_of_a_job_that_the_deployment_does_not_run_are_refused() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    job = make_job(stack, bucket=bucket, realization=BY_HAND)
    tuning = make_tuning(stack, bucket=bucket, realization=BY_HAND)
    transform = make_transform(stack, bucket=bucket, realization=BY_HAND)
    processing = make_processing(stack, bucket=bucket, realization=BY_HAND)
    with pytest.raises(InvalidProps, match="model_data: the job is run 'by-hand'"):
        _ = job.model_data
    with pytest.raises(InvalidProps, match="best_objective_value: the job is run 'by-hand'"):
        _ = tuning.best_objective_value
    with pytest.raises(InvalidProps, match="output_uri: the job is run 'by-hand'"):
        transform.output()
    with pytest.raises(InvalidProps, match="output_uri: the job is run 'by-hand'"):
        processing.output("train")


def test_a_job_is_a_step_of_a_pipeline_by_its_request() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    processing = make_processing(stack, bucket=bucket, realization=STEP)
    job = make_job(stack, bucket=bucket, realization=STEP)
    role = iam.Role(stack, "PipelineRole", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    steps = [
        {"Name": "Prepare", "Type": "Processing", "Arguments": processing.request},
        {"Name": "Train", "Type": "Training", "Arguments": job.request, "DependsOn": ["Prepare"]},
    ]
    definition = Stack.of(stack).to_json_string({"Version": "2020-12-01", "Steps": steps})
    sagemaker.CfnPipeline(
        stack,
        "Pipeline",
        pipeline_name="titanic",
        role_arn=role.role_arn,
        pipeline_definition={"PipelineDefinitionBody": definition},
    )
    template = Template.from_stack(stack)
    assert not template.find_resources("Custom::SageMakerTrainingJob")
    assert not template.find_resources("AWS::SSM::Parameter")
    (pipeline,) = resources(stack, "AWS::SageMaker::Pipeline")
    prepare, train = json.loads(joined(pipeline["PipelineDefinition"]["PipelineDefinitionBody"]))["Steps"]
    assert prepare["Arguments"]["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 1
    assert train["Arguments"]["HyperParameters"]["num_round"] == "10"
    assert "TrainingJobName" not in train["Arguments"]


@pytest.mark.parametrize(
    ("scopes", "path"),
    [
        (["My_group"], "My_group/Job"),
        # "My group" and "My:group" must not be called the same.
        (["My group"], "Stack-Mygroup-Job-1D904F66"),
        # Systems Manager takes 15 levels.
        ([f"L{level}" for level in range(13)], "Stack-L0"),
    ],
)
def test_a_parameter_is_called_like_its_construct_or_after_it(scopes: list[str], path: str) -> None:
    stack = make_stack()
    scope: Construct = stack
    for each in scopes:
        scope = Construct(scope, each)
    make_job(scope, bucket=make_bucket(stack), realization=BY_HAND)
    (parameter,) = resources(stack, "AWS::SSM::Parameter")
    assert parameter["Name"].startswith(f"/sagecraft/Stack/{path}")
