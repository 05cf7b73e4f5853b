"""Pipelines as they are declared: their definition, what their role may do, and what is refused."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from sagecraft_constructs import (
    AlgorithmImage,
    CallbackStep,
    Condition,
    ConditionStep,
    EventTrigger,
    ExecutionVariable,
    FailStep,
    InstanceType,
    JobRealization,
    JobStep,
    LambdaStep,
    ModelStep,
    ParameterBoolean,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
    Pipeline,
    ProcessingInput,
    ProcessingOutput,
    PropertyFile,
    RegisterModelStep,
    RetryException,
    RetryPolicy,
    Schedule,
)

from tests.constructs.api_checks import assert_is_what_the_api_takes
from tests.constructs.job.test_realization import joined
from tests.constructs.stack import (
    make_bucket,
    make_job,
    make_processing,
    make_stack,
    make_transform,
    make_tuning,
    resources,
    statements,
)
from tests.constructs.template_checks import assert_clean

STEP = JobRealization.PIPELINE_STEP
RUN = {"Get": "Execution.PipelineExecutionId"}
ARTEFACT = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
CREATES = {
    "Processing": ("CreateProcessingJob", "ProcessingJobName"),
    "Training": ("CreateTrainingJob", "TrainingJobName"),
    "Tuning": ("CreateHyperParameterTuningJob", "HyperParameterTuningJobName"),
    "Transform": ("CreateTransformJob", "TransformJobName"),
    "Model": ("CreateModel", "ModelName"),
    "RegisterModel": ("CreateModelPackage", "ModelPackageName"),
}


@dataclass(frozen=True)
class Declared:
    """A stack with one pipeline of steps of every kind.

    Attributes:
        stack: The stack.
        pipeline: The pipeline.
        definition: Its definition, in which a reference to a resource stands as its name.
    """

    stack: Stack
    pipeline: Pipeline
    definition: dict[str, Any]

    def step(self, name: str) -> dict[str, Any]:
        return next(each for each in _all(self.definition["Steps"]) if each["Name"] == name)


def _all(steps: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield step
        for member in ("IfSteps", "ElseSteps"):
            yield from _all(step["Arguments"].get(member, []))


@pytest.fixture(scope="module")
def declared() -> Declared:
    stack = make_stack()
    bucket = make_bucket(stack)
    rounds = ParameterInteger(name="Rounds", default=10)
    least = ParameterFloat(name="LeastAuc", default=0.8)
    machine = ParameterString(name="Machine", default="ml.m5.large", enum=["ml.m5.large", "ml.m5.xlarge"])
    asked = ParameterBoolean(name="Ask")
    xgboost = AlgorithmImage(name="xgboost", version="1.7-1")
    prepare = make_processing(stack, "Prepare", bucket, realization=STEP, name_prefix="prepare")
    train = make_job(
        stack,
        "Train",
        bucket,
        realization=STEP,
        name_prefix="train",
        inputs={"train": prepare.output("train")},
        hyperparameters={"num_round": rounds.value, "objective": "binary:logistic"},
        instance_type=InstanceType.of(machine.value),
        max_runtime=Duration.days(2),
    )
    tune = make_tuning(stack, "Tune", bucket, realization=STEP, name_prefix="tune")
    evaluate = make_processing(
        stack,
        "Evaluate",
        bucket,
        realization=STEP,
        name_prefix="evaluate",
        inputs={"model": ProcessingInput(source=train.model_data.input())},
        outputs={"report": ProcessingOutput()},
        environment={"TUNED": tune.s3_model_artifacts, "AUC": train.step_property("FinalMetricDataList['auc'].Value")},
    )
    auc = PropertyFile(job=evaluate, output="report", path="evaluation.json").get("metrics.auc")
    function = lambda_.Function.from_function_name(stack, "Tell", "tell")
    tell = LambdaStep(name="Tell", function=function, inputs={"auc": auc, "ask": asked}, outputs={"ticket": "String"})
    queue = sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:us-east-1:123456789012:asks")
    ask = CallbackStep(name="Ask", queue=queue, inputs={"ticket": tell.output("ticket")}, outputs={"by": "String"})
    model = ModelStep(stack, "Model", container=xgboost, model_data=train.model_data, depends_on=[ask])
    score = make_transform(
        stack, "Score", bucket, realization=STEP, name_prefix="score", model=model, input=prepare.output("train")
    )
    register = RegisterModelStep(
        stack,
        "Register",
        model_package_group_name="Titanic",
        container=xgboost,
        model_data=train.model_data,
        model_quality=f"{evaluate.output_uri('report')}/evaluation.json",
        customer_metadata={"approved-by": ask.output("by").text, "run": ExecutionVariable.PIPELINE_EXECUTION_ARN.text},
    )
    good = ConditionStep(
        name="IsGood",
        conditions=[
            Condition.greater_than_or_equal_to(auc, least),
            Condition.less_than(train.step_property("BillableTimeInSeconds"), 3600),
            Condition.any_of(
                [Condition.is_not(Condition.equals(asked, False)), Condition.is_in(machine, ["ml.m5.large"])]
            ),
        ],
        if_steps=[tell, ask, model, score, register],
        else_steps=[FailStep(name="IsBad", error_message=f"AUC {auc.text} is less than {least.text}")],
    )
    retried = JobStep(
        train,
        cache_for=Duration.days(30),
        retry_policies=[RetryPolicy(exceptions=[RetryException.CAPACITY_ERROR], expire_after=Duration.hours(2))],
        depends_on=["Tune"],
    )
    topic = sns.Topic(stack, "Topic", enforce_ssl=True, topic_name="failures")
    pipeline = Pipeline(
        stack,
        "Pipeline",
        steps=[good, retried, evaluate, prepare, tune],
        max_parallel_steps=3,
        failure_topic=topic,
    )
    Schedule(
        stack,
        "Weekly",
        pipeline=pipeline,
        expression="cron(0 3 ? * MON *)",
        time_zone="Europe/Berlin",
        parameters={"Rounds": 20, "Ask": True},
    )
    given: dict[str, Any] = {"parameters": {"Ask": False}}
    pipeline.start_on("NewData", EventTrigger.new_object(bucket, prefix="raw/"), **given)
    pipeline.start_on("Approved", EventTrigger.approved_package("Titanic"), **given)
    drift = cloudwatch.Alarm.from_alarm_arn(stack, "Drift", "arn:aws:cloudwatch:us-east-1:123456789012:alarm:drift")
    pipeline.start_on("Drifted", EventTrigger.alarm(drift), **given)
    (made,) = resources(stack, "AWS::SageMaker::Pipeline")
    assert made["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 3}
    body = made["PipelineDefinition"]["PipelineDefinitionBody"]
    return Declared(stack, pipeline, json.loads(joined(body)))


def test_its_parameters_are_those_that_its_steps_use(declared: Declared) -> None:
    assert declared.definition["Version"] == "2020-12-01"
    assert sorted(declared.definition["Parameters"], key=lambda each: str(each["Name"])) == [
        {"Name": "Ask", "Type": "Boolean"},
        {"Name": "LeastAuc", "Type": "Float", "DefaultValue": 0.8},
        {
            "Name": "Machine",
            "Type": "String",
            "DefaultValue": "ml.m5.large",
            "EnumValues": ["ml.m5.large", "ml.m5.xlarge"],
        },
        {"Name": "Rounds", "Type": "Integer", "DefaultValue": 10},
    ]


def test_the_arguments_of_a_step_are_what_the_api_takes(declared: Declared) -> None:
    checked = {each["Type"] for each in _all(declared.definition["Steps"]) if each["Type"] in CREATES}
    assert checked == set(CREATES)
    for step in _all(declared.definition["Steps"]):
        if step["Type"] in CREATES:
            assert_is_what_the_api_takes(_known(step["Arguments"]), *CREATES[step["Type"]])


def _known(value: Any) -> Any:
    """Arguments with a text in place of each expression, and of each role, whose ARN is known at deployment alone."""
    match value:
        case {"Get": _} | {"Std:Join": _} | {"Std:JsonGet": _}:
            return "s3://known/later"
        case dict():
            return {name: "known" * 5 if name.endswith("RoleArn") else _known(each) for name, each in value.items()}
        case list():
            return [_known(each) for each in value]
        case _:
            return value


def test_what_a_job_leaves_is_an_expression_in_those_that_use_it(declared: Declared) -> None:
    train, evaluate = declared.step("Train")["Arguments"], declared.step("Evaluate")["Arguments"]
    (channel,) = train["InputDataConfig"]
    prepared = {"Get": "Steps.Prepare.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"}
    assert channel["DataSource"]["S3DataSource"]["S3Uri"] == {"Std:Join": {"On": "", "Values": [prepared, "/"]}}
    assert train["HyperParameters"]["num_round"] == {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Rounds"}]}}
    assert train["ResourceConfig"]["InstanceType"] == {"Get": "Parameters.Machine"}
    assert evaluate["ProcessingInputs"][0]["S3Input"]["S3Uri"] == ARTEFACT
    best = {"Get": "Steps.Tune.BestTrainingJob.TrainingJobName"}
    values = ["s3://Bucket83908E77/models/tune/", best, "/output/model.tar.gz"]
    assert evaluate["Environment"] == {
        "TUNED": {"Std:Join": {"On": "", "Values": values}},
        "AUC": {"Std:Join": {"On": "", "Values": [{"Get": "Steps.Train.FinalMetricDataList['auc'].Value"}]}},
    }
    assert declared.step("Score")["Arguments"]["ModelName"] == {"Get": "Steps.Model.ModelName"}


def test_no_run_writes_over_what_another_has_left(declared: Declared) -> None:
    (output,) = declared.step("Evaluate")["Arguments"]["ProcessingOutputConfig"]["Outputs"]
    report = ["s3://Bucket83908E77/processing/evaluate/report/", RUN]
    assert output["S3Output"]["S3Uri"] == {"Std:Join": {"On": "", "Values": report}}
    scores = declared.step("Score")["Arguments"]["TransformOutput"]["S3OutputPath"]
    assert scores == {"Std:Join": {"On": "", "Values": ["s3://Bucket83908E77/transform/score/", RUN]}}
    assert declared.step("Train")["Arguments"]["OutputDataConfig"] == {
        "S3OutputPath": "s3://Bucket83908E77/models/train"
    }


def test_conditions_functions_and_messages_are_written_as_the_sdk_writes_them(declared: Declared) -> None:
    """As https://github.com/aws/sagemaker-python-sdk has them in `workflow/conditions.py`, `lambda_step.py`, ...."""
    auc = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.report"}, "Path": "metrics.auc"}}
    machine = {"Get": "Parameters.Machine"}
    denied = {"Type": "Equals", "LeftValue": {"Get": "Parameters.Ask"}, "RightValue": False}
    assert declared.step("IsGood")["Arguments"]["Conditions"] == [
        {"Type": "GreaterThanOrEqualTo", "LeftValue": auc, "RightValue": {"Get": "Parameters.LeastAuc"}},
        {"Type": "LessThan", "LeftValue": {"Get": "Steps.Train.BillableTimeInSeconds"}, "RightValue": 3600},
        {
            "Type": "Or",
            "Conditions": [
                {"Type": "Not", "Condition": denied},
                {"Type": "In", "QueryValue": machine, "Values": ["ml.m5.large"]},
            ],
        },
    ]
    assert declared.step("Evaluate")["PropertyFiles"] == [
        {"PropertyFileName": "report", "OutputName": "report", "FilePath": "evaluation.json"}
    ]
    tell, ask = declared.step("Tell"), declared.step("Ask")
    assert tell["Arguments"] == {"auc": auc, "ask": {"Get": "Parameters.Ask"}}
    assert tell["OutputParameters"] == [{"OutputName": "ticket", "OutputType": "String"}]
    assert tell["FunctionArn"].endswith(":lambda:us-east-1:123456789012:function:tell")
    assert ask["Arguments"] == {"ticket": {"Get": "Steps.Tell.OutputParameters['ticket']"}}
    assert ask["SqsQueueUrl"].endswith("/123456789012/asks")
    message = ["AUC ", auc, " is less than ", {"Get": "Parameters.LeastAuc"}]
    assert declared.step("IsBad")["Arguments"] == {"ErrorMessage": {"Std:Join": {"On": "", "Values": message}}}
    assert declared.step("Model")["DependsOn"] == ["Ask"]


def test_a_job_is_cached_tried_again_and_made_to_wait(declared: Declared) -> None:
    train = declared.step("Train")
    assert train["CacheConfig"] == {"Enabled": True, "ExpireAfter": "P30D"}
    assert train["RetryPolicies"] == [
        {
            "ExceptionType": ["SageMaker.CAPACITY_ERROR"],
            "IntervalSeconds": 1,
            "BackoffRate": 2,
            "ExpireAfterMin": 120,
        }
    ]
    assert train["DependsOn"] == ["Tune"]


def test_its_role_may_do_what_the_steps_need_and_pass_their_roles_alone(declared: Declared) -> None:
    allowed = statements(declared.stack, "PipelineRole")
    by_action: dict[str, list[str]] = {}
    for statement in allowed:
        actions, found = statement["Action"], statement["Resource"]
        for action in actions if isinstance(actions, list) else [actions]:
            by_action.setdefault(action, []).extend(
                json.dumps(each) for each in (found if isinstance(found, list) else [found])
            )
    assert {action for action in by_action if action.startswith("sagemaker:Create")} == {
        f"sagemaker:{operation}" for operation, _ in CREATES.values()
    }
    assert all("training-job/pipelines-*" in each for each in by_action["sagemaker:CreateTrainingJob"])
    assert all(
        "model-package-group/titanic" in each or "model-package/titanic/*" in each
        for each in by_action["sagemaker:CreateModelPackage"]
    )
    passed = "".join(by_action["iam:PassRole"])
    assert [
        role
        for role in ("Prepare", "Train", "Tune", "Evaluate", "Model", "Weekly", "Start")
        if f'"{role}Role' in passed
    ] == [
        "Prepare",
        "Train",
        "Tune",
        "Evaluate",
        "Model",
    ]
    assert "function:tell" in by_action["lambda:InvokeFunction"][0]
    assert ":asks" in by_action["sqs:SendMessage"][0]
    assert [
        each for each in by_action["s3:GetObject"] if "processing/" in each and "evaluate/report/*" not in each
    ] == []
    assert not any(action.endswith("*") for action in by_action)


def test_it_starts_by_the_clock_and_by_events_and_tells_of_failures(declared: Declared) -> None:
    (schedule,) = resources(declared.stack, "AWS::Scheduler::Schedule")
    assert schedule["ScheduleExpression"] == "cron(0 3 ? * MON *)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert schedule["Target"]["SageMakerPipelineParameters"] == {
        "PipelineParameterList": [{"Name": "Rounds", "Value": "20"}, {"Name": "Ask", "Value": "true"}]
    }
    rules = {
        json.dumps(rule["EventPattern"]["detail-type"]): rule for rule in resources(declared.stack, "AWS::Events::Rule")
    }
    assert [*rules] == [
        json.dumps([each])
        for each in (
            "SageMaker Model Building Pipeline Execution Status Change",
            "Object Created",
            "SageMaker Model Package State Change",
            "CloudWatch Alarm State Change",
        )
    ]
    failures, new, approved, drifted = rules.values()
    assert failures["EventPattern"]["detail"]["currentPipelineExecutionStatus"] == ["Failed"]
    assert failures["Targets"][0]["Arn"] == {"Ref": "TopicBFC7AF6E"}
    assert new["EventPattern"]["detail"]["object"] == {"key": [{"prefix": "raw/"}]}
    assert approved["EventPattern"]["detail"] == {
        "ModelPackageGroupName": ["Titanic"],
        "ModelApprovalStatus": ["Approved"],
    }
    assert drifted["EventPattern"]["detail"] == {"state": {"value": ["ALARM"]}}
    for rule in (new, approved, drifted):
        (target,) = rule["Targets"]
        assert target["SageMakerPipelineParameters"] == {"PipelineParameterList": [{"Name": "Ask", "Value": "false"}]}
    starters = [*statements(declared.stack, "PipelineStartRole"), *statements(declared.stack, "WeeklyRole")]
    assert [each["Action"] for each in starters] == ["sagemaker:StartPipelineExecution"] * 2
    (bucket,) = [each for each in resources(declared.stack, "AWS::S3::Bucket") if "NotificationConfiguration" in each]
    assert bucket["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


def test_its_template_is_clean(declared: Declared) -> None:
    assert_clean(declared.stack)
