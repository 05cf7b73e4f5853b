"""Pipelines of a running emulator: real jobs, functions and queues, and the services that start and watch them."""

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator
from tests.emulator.events.rule import Rule
from tests.emulator.orchestration.executions import run, task
from tests.emulator.tiny_job import ROLE, TinyJobs
from tests.emulator.world import wait_until

from .pipeline import condition, definition, equal, fail, get
from .running import RunningPipelines

PREPARE = """
import json, pathlib, sys
out = pathlib.Path("/opt/ml/processing/out")
(out / "report.json").write_text(json.dumps({"metrics": {"rows": int(sys.argv[1])}}))
"""
CHECK = """
import pathlib
out = pathlib.Path("/opt/ml/processing/output")
(out / "constraints.json").write_text("{}")
(out / "constraint_violations.json").write_text('{"violations": [{"feature_name": "age"}]}')
"""
DOUBLE = "def handler(event, context):\n    return {'rows': event['rows'] * 2, 'name': 200}\n"
RAISE = "def handler(event, context):\n    raise ValueError('no rows at all')\n"


@pytest.fixture(scope="module")
def pipelines(emulator: RunningEmulator) -> RunningPipelines:
    return RunningPipelines(emulator)


def function(arn: str, **arguments: Any) -> dict[str, Any]:
    outputs = [{"OutputName": "rows", "OutputType": "Integer"}, {"OutputName": "name", "OutputType": "String"}]
    return {
        "Name": "function",
        "Type": "Lambda",
        "FunctionArn": arn,
        "Arguments": arguments,
        "OutputParameters": outputs,
    }


def callback(queue_url: str, **arguments: Any) -> dict[str, Any]:
    outputs = [{"OutputName": "rows", "OutputType": "Integer"}]
    return {
        "Name": "wait",
        "Type": "Callback",
        "SqsQueueUrl": queue_url,
        "Arguments": arguments,
        "OutputParameters": outputs,
    }


@pytest.mark.slow
def test_rows_are_prepared_trained_on_and_judged(
    emulator: RunningEmulator, pipelines: RunningPipelines, tmp_path: Path
) -> None:
    jobs = TinyJobs(emulator, tmp_path)
    where = {"S3Uri": f"s3://{jobs.bucket}/report", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}
    prepare = {
        **jobs.processing_request("none"),
        "AppSpecification": {
            "ImageUri": jobs.image,
            "ContainerEntrypoint": ["python3", "-c", PREPARE],
            "ContainerArguments": [{"Std:Join": {"On": "", "Values": [get("Parameters.Rows")]}}],
        },
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "report", "S3Output": where}]},
    }
    train = jobs.request("none", x="1")
    report = get("Steps.prepare.ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri")
    source = {"S3DataType": "S3Prefix", "S3Uri": report, "S3DataDistributionType": "FullyReplicated"}
    train["InputDataConfig"] = [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}]
    del prepare["ProcessingJobName"], train["TrainingJobName"]
    rows = {"Std:JsonGet": {"PropertyFile": get("Steps.prepare.PropertyFiles.Report"), "Path": "metrics.rows"}}
    container = {"Image": jobs.image, "ModelDataUrl": get("Steps.train.ModelArtifacts.S3ModelArtifacts")}
    model = {"PrimaryContainer": container, "ExecutionRoleArn": ROLE}
    text = definition(
        {
            "Name": "prepare",
            "Type": "Processing",
            "Arguments": prepare,
            "PropertyFiles": [{"PropertyFileName": "Report", "OutputName": "report", "FilePath": "report.json"}],
        },
        {"Name": "train", "Type": "Training", "Arguments": train},
        condition(
            "enough",
            {"Type": "GreaterThanOrEqualTo", "LeftValue": rows, "RightValue": 100},
            [{"Name": "model", "Type": "Model", "Arguments": model}],
            [fail("few", {"Std:Join": {"On": " ", "Values": ["rows:", rows]}})],
            DependsOn=["train"],
        ),
        Parameters=[{"Name": "Rows", "Type": "Integer", "DefaultValue": 100}],
    )
    arn = pipelines.start(text)
    assert pipelines.end(arn) == "Succeeded", pipelines.steps(arn)
    steps = pipelines.steps(arn)
    assert list(steps) == ["prepare", "train", "enough", "model"]
    trained = emulator.client("sagemaker").describe_training_job(
        TrainingJobName=steps["train"]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    )
    made = emulator.client("sagemaker").describe_model(
        ModelName=steps["model"]["Metadata"]["Model"]["Arn"].rpartition("/")[2]
    )
    assert made["PrimaryContainer"]["ModelDataUrl"] == trained["ModelArtifacts"]["S3ModelArtifacts"]


def test_a_function_is_run_and_puts_out_what_it_declares(pipelines: RunningPipelines) -> None:
    twice = get("Steps.function.OutputParameters['rows']")
    text = definition(
        function(pipelines.make_function(DOUBLE), rows=get("Parameters.Rows")),
        condition("check", equal(twice, 42), [], [fail("wrong", "not 42")]),
        Parameters=[{"Name": "Rows", "Type": "Integer", "DefaultValue": 21}],
    )
    arn = pipelines.start(text)
    assert pipelines.end(arn) == "Succeeded", pipelines.steps(arn)
    outputs = pipelines.steps(arn)["function"]["Metadata"]["Lambda"]["OutputParameters"]
    assert {each["Name"]: each["Value"] for each in outputs} == {"rows": "42", "name": "200"}


def test_a_function_that_raises_fails_its_step_with_what_it_says(pipelines: RunningPipelines) -> None:
    arn = pipelines.start(definition(function(pipelines.make_function(RAISE))))
    assert pipelines.end(arn) == "Failed"
    assert "no rows at all" in pipelines.steps(arn)["function"]["FailureReason"]


def test_a_function_that_is_not_there_or_lacks_an_output_fails_its_step(pipelines: RunningPipelines) -> None:
    absent = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:absent"
    less = pipelines.make_function("def handler(event, context):\n    return {'rows': 1}\n")
    for arn, words in ((absent, "Failed to invoke lambda:InvokeFunction"), (less, "the output 'name' of the step")):
        execution = pipelines.start(definition(function(arn)))
        assert pipelines.end(execution) == "Failed"
        assert words in pipelines.steps(execution)["function"]["FailureReason"]


def test_whoever_reads_the_queue_of_a_callback_says_how_its_step_ends(pipelines: RunningPipelines) -> None:
    queue = pipelines.make_queue()
    text = definition(
        callback(queue, rows=3),
        condition("check", equal(get("Steps.wait.OutputParameters['rows']"), 4), [], [fail("no", "")]),
    )
    arn = pipelines.start(text)
    message = pipelines.receive(queue)
    assert (message["arguments"], message["status"], message["pipelineExecutionArn"]) == ({"rows": 3}, "Executing", arn)
    sent = {"CallbackToken": message["token"], "OutputParameters": [{"Name": "rows", "Value": "4"}]}
    assert pipelines.client.send_pipeline_execution_step_success(**sent)["PipelineExecutionArn"] == arn
    assert pipelines.end(arn) == "Succeeded", pipelines.steps(arn)
    told = pipelines.steps(arn)["wait"]["Metadata"]["Callback"]
    assert told == {
        "CallbackToken": message["token"],
        "SqsQueueUrl": queue,
        "OutputParameters": sent["OutputParameters"],
    }
    with pytest.raises(ClientError, match="has had its answer"):
        pipelines.client.send_pipeline_execution_step_failure(CallbackToken=message["token"])
    with pytest.raises(ClientError, match="There is no callback step with the token 'abcdefghij'"):
        pipelines.client.send_pipeline_execution_step_success(CallbackToken="abcdefghij")


def test_a_callback_fails_as_it_is_told_and_keeps_a_stopped_execution_waiting(pipelines: RunningPipelines) -> None:
    queue = pipelines.make_queue()
    arn = pipelines.start(definition(callback(queue)))
    pipelines.client.send_pipeline_execution_step_failure(
        CallbackToken=pipelines.receive(queue)["token"], FailureReason="nobody is here"
    )
    assert pipelines.end(arn) == "Failed"
    assert pipelines.steps(arn)["wait"]["FailureReason"] == "nobody is here"
    stopped = pipelines.start(definition(callback(queue)))
    token = pipelines.receive(queue)["token"]
    pipelines.client.stop_pipeline_execution(PipelineExecutionArn=stopped)
    message = pipelines.receive(queue)
    assert (message["token"], message["status"]) == (token, "Stopping")
    assert pipelines.status(stopped) == "Stopping"
    pipelines.client.send_pipeline_execution_step_failure(CallbackToken=token)
    assert pipelines.end(stopped) == "Stopped"


def test_events_tell_of_executions_and_steps_as_aws_does(
    emulator: RunningEmulator, pipelines: RunningPipelines
) -> None:
    kinds = [f"SageMaker Model Building Pipeline Execution {each}Status Change" for each in ("", "Step ")]
    rule = Rule(emulator, {"detail-type": kinds})
    arn = pipelines.start(
        definition(condition("check", equal(1, 1), [], []), fail("wrong", "it is", DependsOn=["check"]))
    )
    pipelines.end(arn)

    def ours(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [each for each in events if arn in each["resources"]]

    events = ours(rule.events(lambda found: len(ours(found)) == 6))
    pipeline_arn = arn.partition("/execution/")[0]
    assert all(each["resources"] == [pipeline_arn, arn] for each in events)
    *_, last = [each["detail"] for each in events if each["detail-type"] == kinds[0]]
    assert (
        last.items()
        >= {
            "previousPipelineExecutionStatus": "Executing",
            "currentPipelineExecutionStatus": "Failed",
            "pipelineArn": pipeline_arn,
            "pipelineExecutionArn": arn,
        }.items()
    )
    assert last["executionStartTime"] <= last["executionEndTime"]
    steps = [each["detail"] for each in events if each["detail-type"] == kinds[1]]
    assert [(each["stepName"], each["currentStepStatus"]) for each in steps] == [
        ("check", "Starting"),
        ("check", "Succeeded"),
        ("wrong", "Starting"),
        ("wrong", "Failed"),
    ]
    assert (steps[1]["stepType"], steps[1]["metadata"]) == ("Condition", {"condition": {"outcome": "True"}})
    assert (steps[3]["failureReason"], steps[3]["previousStepStatus"]) == ("it is", "Starting")


def test_cloudformation_makes_changes_and_removes_a_pipeline(emulator: RunningEmulator) -> None:
    stacks, client, s3 = emulator.client("cloudformation"), emulator.client("sagemaker"), emulator.client("s3")
    name = f"stack-{uuid.uuid4().hex[:12]}"
    bucket = name
    s3.create_bucket(Bucket=bucket)
    texts = [definition(fail("first", "x")), definition(fail("second", "x"))]
    s3.put_object(Bucket=bucket, Key="definition.json", Body=texts[1])
    place = {"PipelineDefinitionS3Location": {"Bucket": bucket, "Key": "definition.json"}}

    def template(of: dict[str, Any]) -> str:
        properties = {
            "PipelineName": name,
            "RoleArn": ROLE,
            "PipelineDefinition": of,
            "Tags": [{"Key": "team", "Value": "a"}],
        }
        resource = {"Type": "AWS::SageMaker::Pipeline", "Properties": properties}
        return json.dumps({"Resources": {"P": resource}, "Outputs": {"Name": {"Value": {"Ref": "P"}}}})

    stacks.create_stack(StackName=name, TemplateBody=template({"PipelineDefinitionBody": texts[0]}))
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    described = client.describe_pipeline(PipelineName=name)
    assert described["PipelineDefinition"] == texts[0]
    assert client.list_tags(ResourceArn=described["PipelineArn"])["Tags"] == [{"Key": "team", "Value": "a"}]
    (output,) = stacks.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    assert output["OutputValue"] == name
    stacks.update_stack(StackName=name, TemplateBody=template(place))
    stacks.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    assert client.describe_pipeline(PipelineName=name)["PipelineDefinition"] == texts[1]
    stacks.delete_stack(StackName=name)
    stacks.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    with pytest.raises(ClientError, match="does not exist"):
        client.describe_pipeline(PipelineName=name)


def test_a_state_machine_starts_a_pipeline(emulator: RunningEmulator, pipelines: RunningPipelines) -> None:
    name = f"pipeline-{uuid.uuid4().hex[:12]}"
    text = definition(condition("check", equal(1, 1), [], []))
    pipelines.client.create_pipeline(PipelineName=name, PipelineDefinition=text, RoleArn=ROLE)
    request = {"PipelineName": name, "ClientRequestToken": uuid.uuid4().hex}
    output = run(emulator, {"Start": task("arn:aws:states:::aws-sdk:sagemaker:startPipelineExecution", request)})
    assert pipelines.end(output["PipelineExecutionArn"]) == "Succeeded"


def test_a_definition_in_s3_that_is_not_there_is_refused(emulator: RunningEmulator) -> None:
    place = {"Bucket": f"absent-{uuid.uuid4().hex[:12]}", "ObjectKey": "definition.json"}
    with pytest.raises(ClientError, match="cannot be read") as caught:
        emulator.client("sagemaker").create_pipeline(
            PipelineName="never", RoleArn=ROLE, PipelineDefinitionS3Location=place
        )
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_condition_on_a_file_that_nothing_wrote_fails_with_its_place(
    emulator: RunningEmulator, pipelines: RunningPipelines, tmp_path: Path
) -> None:
    jobs = TinyJobs(emulator, tmp_path)
    where = {"S3Uri": f"s3://{jobs.bucket}/none", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}
    request = {
        **jobs.processing_request("none"),
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "report", "S3Output": where}]},
    }
    del request["ProcessingJobName"]
    files = [{"PropertyFileName": "Report", "OutputName": "report", "FilePath": "report.json"}]
    value = {"Std:JsonGet": {"PropertyFile": get("Steps.first.PropertyFiles.Report"), "Path": "rows"}}
    text = definition(
        {"Name": "first", "Type": "Processing", "Arguments": request, "PropertyFiles": files},
        condition("check", equal(value, 1), [], []),
    )
    arn = pipelines.start(text)
    assert pipelines.end(arn) == "Failed"
    wait_until(lambda: "FailureReason" in pipelines.steps(arn)["check"])
    reason = pipelines.steps(arn)["check"]["FailureReason"]
    assert f"the property file s3://{jobs.bucket}/none/report.json cannot be read" in reason


def test_a_check_is_refused_without_a_program_and_finds_violations_with_one(
    emulator: RunningEmulator, pipelines: RunningPipelines, tmp_path: Path
) -> None:
    jobs = TinyJobs(emulator, tmp_path)
    where = {"S3Uri": f"s3://{jobs.bucket}/check", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}
    request = {
        **jobs.processing_request("none"),
        "AppSpecification": {"ImageUri": jobs.image, "ContainerEntrypoint": ["python3", "-c", CHECK]},
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "quality_check_output", "S3Output": where}]},
    }
    del request["ProcessingJobName"]

    def check(name: str, **members: Any) -> dict[str, Any]:
        return {"Name": name, "Type": "QualityCheck", "CheckType": "DATA_QUALITY", "Arguments": request, **members}

    uri = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
    aws = check("aws", Arguments={**request, "AppSpecification": {"ImageUri": uri}})
    words = f"The QualityCheck step 'aws' needs AWS's analyzer. No local program is known for the image '{uri}'"
    with pytest.raises(ClientError, match=re.escape(words)):
        pipelines.start(definition(aws))
    told = get("Steps.lenient.CalculatedBaselineConstraints")
    arn = pipelines.start(
        definition(check("lenient", FailOnViolation=False), check("strict"), fail("end", told, DependsOn=["lenient"]))
    )
    assert pipelines.end(arn) == "Failed"
    steps = pipelines.steps(arn)
    report = f"s3://{jobs.bucket}/check/constraint_violations.json"
    assert (steps["lenient"]["StepStatus"], steps["strict"]["StepStatus"]) == ("Succeeded", "Failed")
    assert steps["lenient"]["Metadata"]["QualityCheck"]["ViolationReport"] == report
    assert steps["strict"]["FailureReason"] == f"ClientError: Quality check failed. See violation report '{report}'."
    assert steps["end"]["FailureReason"] == f"s3://{jobs.bucket}/check/constraints.json"


def started(pipelines: RunningPipelines, name: str) -> dict[str, str]:
    """The parameters of the one execution of a pipeline, once it has begun."""
    list_executions = pipelines.client.list_pipeline_executions
    wait_until(lambda: bool(list_executions(PipelineName=name)["PipelineExecutionSummaries"]), pause=0.1)
    (execution,) = list_executions(PipelineName=name)["PipelineExecutionSummaries"]
    told = pipelines.client.list_pipeline_parameters_for_execution(
        PipelineExecutionArn=execution["PipelineExecutionArn"]
    )
    return {each["Name"]: each["Value"] for each in told["PipelineParameters"]}


def test_a_rule_starts_a_pipeline_with_what_its_event_says(
    emulator: RunningEmulator, pipelines: RunningPipelines
) -> None:
    name = f"pipeline-{uuid.uuid4().hex[:12]}"
    parameters = [{"Name": each, "Type": "String", "DefaultValue": "none"} for each in ("Key", "Kept")]
    text = definition(condition("check", equal(1, 1), [], []), Parameters=parameters)
    made = pipelines.client.create_pipeline(PipelineName=name, PipelineDefinition=text, RoleArn=ROLE)
    events = emulator.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    given = [{"Name": "Key", "Value": "$.detail.object.key"}, {"Name": "Kept", "Value": "as it is"}]
    target = {"Id": "pipeline", "Arn": made["PipelineArn"], "RoleArn": ROLE}
    events.put_targets(Rule=name, Targets=[{**target, "SageMakerPipelineParameters": {"PipelineParameterList": given}}])
    detail = json.dumps({"object": {"key": "rows.csv"}})
    events.put_events(Entries=[{"Source": name, "DetailType": "new", "Detail": detail}])
    assert started(pipelines, name) == {"Key": "rows.csv", "Kept": "as it is"}


@pytest.mark.slow
def test_a_schedule_starts_a_pipeline_by_its_arn_or_by_the_operation(
    emulator: RunningEmulator, pipelines: RunningPipelines
) -> None:
    name = f"pipeline-{uuid.uuid4().hex[:12]}"
    names = [f"{name}-arn", f"{name}-operation"]
    parameters = [{"Name": "Rows", "Type": "Integer", "DefaultValue": 1}]
    text = definition(condition("check", equal(1, 1), [], []), Parameters=parameters)
    arns = [
        pipelines.client.create_pipeline(PipelineName=each, PipelineDefinition=text, RoleArn=ROLE)["PipelineArn"]
        for each in names
    ]
    given = [{"Name": "Rows", "Value": "7"}]
    targets = [
        {"Arn": arns[0], "RoleArn": ROLE, "SageMakerPipelineParameters": {"PipelineParameterList": given}},
        {
            "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:startPipelineExecution",
            "RoleArn": ROLE,
            "Input": json.dumps({"PipelineName": names[1], "PipelineParameters": given}),
        },
    ]
    scheduler = emulator.client("scheduler")
    for each, target in zip(names, targets, strict=True):
        window = {"Mode": "OFF"}
        when = "at(2020-01-01T00:00:00)"  # which is over, so that it is due at once
        scheduler.create_schedule(Name=each, ScheduleExpression=when, FlexibleTimeWindow=window, Target=target)
    for each in names:
        assert started(pipelines, each) == {"Rows": "7"}
        scheduler.delete_schedule(Name=each)
