"""Executions on a control plane: what begins when, what comes of it, and how all of it ends."""

import json

import pytest
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.jobs.work import EMULATOR_ENDED

from tests.emulator.control_plane import ACCOUNT, REGION, ROLE

from .pipeline import Pipelines, condition, definition, equal, fail, get, processing, token

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
INTEGER = {"Name": "Count", "Type": "Integer", "DefaultValue": 2}


def test_a_step_begins_when_all_it_needs_has_succeeded_and_is_a_job_of_the_pipeline(pipelines: Pipelines) -> None:
    uses = {"Environment": {"BEFORE": get("Steps.first.ProcessingJobArn")}}
    arn = pipelines.start(
        definition(processing("first"), processing("second", arguments=uses), processing("third", DependsOn=["second"]))
    )
    pipelines.reach(arn, first="Executing")
    job = pipelines.job(arn, "first")
    identity = arn.rpartition("/")[2]
    assert job.key.name.startswith(f"pipelines-{identity}-first-")
    assert pipelines.store.tags(job.arn) == {
        "sagemaker:pipeline-execution-arn": arn,
        "sagemaker:pipeline-name": "pipeline",
        "sagemaker:pipeline-step-name": "first",
    }
    pipelines.end_job(arn, "first")
    pipelines.reach(arn, first="Succeeded", second="Executing")
    assert pipelines.job(arn, "second").body["Environment"] == {"BEFORE": job.arn}
    pipelines.end_job(arn, "second")
    pipelines.end_job(arn, "third")
    ended = pipelines.end(arn)
    assert (ended["PipelineExecutionStatus"], ended.get("FailureReason")) == ("Succeeded", None)
    step = pipelines.steps(arn)["third"]
    assert step["StartTime"] <= step["EndTime"]
    assert (step["AttemptCount"], step["Metadata"]) == (1, {"ProcessingJob": {"Arn": pipelines.job(arn, "third").arn}})


def test_a_condition_runs_one_of_its_branches(pipelines: Pipelines) -> None:
    steps = [
        condition(
            "check",
            equal(get("Parameters.Count"), 2),
            [
                processing("yes"),
                condition("inner", equal("a", "b"), [], [fail("wrong", "it was wrong", DependsOn=["yes"])]),
            ],
            [processing("no")],
        ),
        processing("behind-no", DependsOn=["no"]),
    ]
    arn = pipelines.start(definition(*steps, Parameters=[INTEGER]))
    pipelines.end_job(arn, "yes")
    ended = pipelines.end(arn)
    assert ended["FailureReason"] == "Step failure: One or multiple steps failed"
    assert pipelines.statuses(arn) == {
        "check": "Succeeded",
        "yes": "Succeeded",
        "inner": "Succeeded",
        "wrong": "Failed",
    }
    found = pipelines.steps(arn)
    assert found["check"]["Metadata"] == {"Condition": {"Outcome": "True"}}
    assert found["inner"]["Metadata"] == {"Condition": {"Outcome": "False"}}
    assert found["wrong"]["Metadata"] == {"Fail": {"ErrorMessage": "it was wrong"}}
    assert found["wrong"]["FailureReason"] == "it was wrong"


def test_a_failed_step_fails_the_execution_when_other_branches_have_ended(pipelines: Pipelines) -> None:
    steps = [
        processing("bad"),
        processing("behind", DependsOn=["bad"]),
        processing("good"),
        processing("more", DependsOn=["good"]),
    ]
    arn = pipelines.start(definition(*steps))
    pipelines.end_job(arn, "bad", "Failed", FailureReason="AlgorithmError: no rows")
    pipelines.reach(arn, bad="Failed", good="Executing")
    assert pipelines.describe(arn)["PipelineExecutionStatus"] == "Executing"
    pipelines.end_job(arn, "good")
    pipelines.end_job(arn, "more")
    assert pipelines.end(arn)["PipelineExecutionStatus"] == "Failed"
    # https://github.com/aws/sagemaker-python-sdk tests/integ/sagemaker/workflow/test_step_decorator.py has these words.
    assert pipelines.steps(arn)["bad"]["FailureReason"] == "ClientError: AlgorithmError: no rows"
    assert "behind" not in pipelines.steps(arn)


def test_a_request_that_is_refused_fails_its_step_with_the_words_of_the_operation(pipelines: Pipelines) -> None:
    network = {
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 0, "VolumeSizeInGB": 1}
        }
    }
    arn = pipelines.start(definition(processing("first", arguments=network)))
    assert pipelines.end(arn)["PipelineExecutionStatus"] == "Failed"
    reason = pipelines.steps(arn)["first"]["FailureReason"]
    assert reason.startswith("ClientError: Failed to invoke sagemaker:CreateProcessingJob. Error Details: ")
    assert "instanceCount" in reason


def test_a_model_is_there_at_once_and_its_name_can_be_used(pipelines: Pipelines) -> None:
    container = {"Image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/image:1"}
    model = {"Name": "model", "Type": "Model", "Arguments": {"PrimaryContainer": container, "ExecutionRoleArn": ROLE}}
    uses = {"Environment": {"MODEL": get("Steps.model.ModelName")}}
    arn = pipelines.start(definition(model, processing("after", arguments=uses)))
    pipelines.end_job(arn, "after")
    pipelines.end(arn)
    name = pipelines.job(arn, "model").key.name
    assert pipelines.job(arn, "after").body["Environment"] == {"MODEL": name}
    assert pipelines.steps(arn)["model"]["Metadata"] == {"Model": {"Arn": f"{ARN}:model/{name}"}}


def test_no_more_steps_run_at_once_than_may(pipelines: Pipelines) -> None:
    steps = [processing(name) for name in ("one", "two", "three")]
    arn = pipelines.start(definition(*steps), ParallelismConfiguration={"MaxParallelExecutionSteps": 1})
    pipelines.reach(arn, one="Executing")
    pipelines.end_job(arn, "one")
    pipelines.reach(arn, one="Succeeded", two="Executing")
    pipelines.call(
        "UpdatePipelineExecution",
        PipelineExecutionArn=arn,
        PipelineExecutionDescription="wider",
        ParallelismConfiguration={"MaxParallelExecutionSteps": 2},
    )
    pipelines.reach(arn, one="Succeeded", two="Executing", three="Executing")
    assert pipelines.describe(arn)["PipelineExecutionDescription"] == "wider"


def test_stopped_in_the_middle_of_parallel_branches_it_waits_for_their_jobs_to_stop(pipelines: Pipelines) -> None:
    steps = [processing("one"), processing("two"), processing("three", DependsOn=["one"])]
    arn = pipelines.start(definition(*steps))
    pipelines.reach(arn, one="Executing", two="Executing")
    for _ in range(2):  # asked again, it stops as it did
        pipelines.call("StopPipelineExecution", PipelineExecutionArn=arn, ClientRequestToken=token())
    pipelines.reach(arn, one="Stopping", two="Stopping")
    assert pipelines.job(arn, "one").status == "Stopping"
    pipelines.end_job(arn, "one", "Stopped")
    pipelines.end_job(arn, "two", "Stopped")
    assert pipelines.end(arn)["PipelineExecutionStatus"] == "Stopped"
    assert pipelines.statuses(arn) == {"one": "Stopped", "two": "Stopped"}
    with pytest.raises(ApiError, match=r"Only executions with status Executing can be stopped, and '.*' is Stopped."):
        pipelines.call("StopPipelineExecution", PipelineExecutionArn=arn, ClientRequestToken=token())


def test_tried_again_it_runs_what_has_failed_and_what_follows(pipelines: Pipelines) -> None:
    arn = pipelines.start(definition(processing("first"), processing("second", DependsOn=["first"])))
    with pytest.raises(ApiError, match=r"Only executions with status Failed or Stopped can be retried"):
        pipelines.call("RetryPipelineExecution", PipelineExecutionArn=arn, ClientRequestToken=token())
    pipelines.end_job(arn, "first")
    pipelines.end_job(arn, "second", "Failed", FailureReason="AlgorithmError: once")
    pipelines.end(arn)
    kept, failed = pipelines.job(arn, "first").arn, pipelines.job(arn, "second").arn
    pipelines.call("RetryPipelineExecution", PipelineExecutionArn=arn, ClientRequestToken=token())
    pipelines.reach(arn, first="Succeeded", second="Executing")
    assert pipelines.job(arn, "second").arn != failed
    pipelines.end_job(arn, "second")
    ended = pipelines.end(arn)
    assert (ended["PipelineExecutionStatus"], ended.get("FailureReason")) == ("Succeeded", None)
    assert pipelines.job(arn, "first").arn == kept


def test_a_job_that_fails_of_what_a_policy_names_is_tried_again_until_that_is_exhausted(pipelines: Pipelines) -> None:
    policy = {
        "ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"],
        "IntervalSeconds": 0,
        "BackoffRate": 1.0,
        "MaxAttempts": 1,
    }
    arn = pipelines.start(definition(processing("first", RetryPolicies=[policy])))
    reason = "InternalServerError: lost"
    once = pipelines.job(arn, "first").arn
    pipelines.end_job(arn, "first", "Failed", FailureReason=reason)
    pipelines.wait(lambda: pipelines.job(arn, "first").arn, lambda each: each != once)
    pipelines.end_job(arn, "first", "Failed", FailureReason=reason)
    pipelines.end(arn)
    step = pipelines.steps(arn)["first"]
    assert step["AttemptCount"] == 2
    assert (
        step["FailureReason"] == f"ClientError: {reason} It was tried 2 times, which is what its retry policy allows."
    )


def test_a_job_that_its_emulator_has_lost_is_begun_again(pipelines: Pipelines) -> None:
    arn = pipelines.start(definition(processing("first")))
    once = pipelines.job(arn, "first").arn
    pipelines.end_job(arn, "first", "Failed", FailureReason=EMULATOR_ENDED)
    pipelines.wait(lambda: pipelines.job(arn, "first").arn, lambda each: each != once)
    pipelines.end_job(arn, "first")
    assert pipelines.end(arn)["PipelineExecutionStatus"] == "Succeeded"


def test_the_same_arguments_are_not_run_again_while_the_cache_holds(pipelines: Pipelines) -> None:
    cache = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P1D"}}
    uses = {"Environment": {"BEFORE": get("Steps.first.ProcessingJobArn")}}
    rows = {"Environment": {"ROWS": {"Std:Join": {"On": "", "Values": [get("Parameters.Count")]}}}}
    steps = [processing("first", arguments=rows, **cache), processing("second", arguments=uses)]
    first = pipelines.start(definition(*steps, Parameters=[INTEGER]))
    pipelines.end_job(first, "first")
    pipelines.end_job(first, "second")
    pipelines.end(first)
    again = pipelines.start()
    pipelines.reach(again, first="Succeeded", second="Executing")
    step = pipelines.steps(again)["first"]
    assert step["CacheHitResult"] == {"SourcePipelineExecutionArn": first}
    assert pipelines.job(again, "second").body["Environment"] == {"BEFORE": pipelines.job(first, "first").arn}
    other = pipelines.start(PipelineParameters=[{"Name": "Count", "Value": "3"}])
    pipelines.reach(other, first="Executing")
    for record in pipelines.store.find("PipelineStepCache"):
        pipelines.store.update(record.key, body={"At": record.body["At"] - 86_401})
    late = pipelines.start()
    pipelines.reach(late, first="Executing")


def test_selected_steps_take_from_another_execution_what_they_need(pipelines: Pipelines) -> None:
    uses = {"Environment": {"BEFORE": get("Steps.first.ProcessingJobArn")}}
    steps = [processing("first"), processing("second", arguments=uses), processing("third", DependsOn=["second"])]
    source = pipelines.start(definition(*steps))
    for name in ("first", "second", "third"):
        pipelines.end_job(source, name)
    pipelines.end(source)
    selected = {"SelectedSteps": [{"StepName": "second"}]}
    # https://github.com/aws/sagemaker-python-sdk/issues/4444 has these words.
    words = r"Invalid SourcePipelineExecutionArn: null. The selected steps \[second\] have dependencies on \[first\]"
    with pytest.raises(ApiError, match=words):
        pipelines.start(SelectiveExecutionConfig=selected)
    arn = pipelines.start(SelectiveExecutionConfig={**selected, "SourcePipelineExecutionArn": source})
    pipelines.end_job(arn, "second")
    assert pipelines.end(arn)["PipelineExecutionStatus"] == "Succeeded"
    assert pipelines.statuses(arn) == {"first": "Succeeded", "second": "Succeeded"}
    assert pipelines.steps(arn)["first"]["SelectiveExecutionResult"] == {"SourcePipelineExecutionArn": source}
    assert pipelines.job(arn, "second").body["Environment"] == {"BEFORE": pipelines.job(source, "first").arn}


def test_started_again_with_the_same_token_it_is_the_same_execution(pipelines: Pipelines) -> None:
    once = token()
    arn = pipelines.start(definition(processing("first")), ClientRequestToken=once)
    assert pipelines.start(ClientRequestToken=once) == arn
    assert len(pipelines.call("ListPipelineExecutions", PipelineName="pipeline")["PipelineExecutionSummaries"]) == 1
    with pytest.raises(ApiError, match=r"Another request had the ClientRequestToken") as caught:
        pipelines.start(ClientRequestToken=once, PipelineExecutionDescription="another")
    assert caught.value.code == "ConflictException"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, r"No value is given for the parameters \[Path\], which have no default value."),
        ({"Path": ""}, r'\[string "" is too short \(length: 0, required minimum: 1\)\]'),
        ({"Path": "x", "Rows": "many"}, "The parameter 'Rows' is of type Integer, got 'many'."),
        ({"Path": "x", "Size": "huge"}, "The parameter 'Size' must be one of 'small', 'large', got 'huge'."),
        ({"Path": "x", "Pat": "y"}, "The pipeline has no parameter 'Pat'. .* Did you mean 'Path'?"),
    ],
)
def test_parameters_that_are_not_as_declared_are_refused(
    pipelines: Pipelines, given: dict[str, str], words: str
) -> None:
    parameters = [
        {"Name": "Path"},
        {"Name": "Rows", "Type": "Integer", "DefaultValue": 1},
        {"Name": "Size", "Type": "String", "DefaultValue": "small", "EnumValues": ["small", "large"]},
    ]
    pipelines.create(definition(processing("first"), Parameters=parameters))
    with pytest.raises(ApiError, match=words):
        pipelines.start(PipelineParameters=[{"Name": name, "Value": value} for name, value in given.items()])


def test_the_parameters_and_the_definition_of_an_execution_are_told(pipelines: Pipelines) -> None:
    parameters = [
        {"Name": "Fast", "Type": "Boolean", "DefaultValue": False},
        {"Name": "Rate", "Type": "Float", "DefaultValue": 0.5},
        INTEGER,
    ]
    text = definition(processing("first"), Parameters=parameters)
    arn = pipelines.start(text, PipelineParameters=[{"Name": "Fast", "Value": "true"}])
    changed = definition(processing("other"))
    pipelines.call("UpdatePipeline", PipelineName="pipeline", PipelineDefinition=changed)
    told = pipelines.call("ListPipelineParametersForExecution", PipelineExecutionArn=arn)["PipelineParameters"]
    assert {each["Name"]: each["Value"] for each in told} == {"Fast": "true", "Rate": "0.5", "Count": "2"}
    answer = pipelines.call("DescribePipelineDefinitionForExecution", PipelineExecutionArn=arn)
    assert answer["PipelineDefinition"] == text
    assert json.loads(pipelines.call("DescribePipeline", PipelineName="pipeline")["PipelineDefinition"]) == json.loads(
        changed
    )


def test_the_experiment_of_an_execution_is_called_by_its_variables(pipelines: Pipelines) -> None:
    experiment = {"ExperimentName": get("Execution.PipelineName"), "TrialName": get("Execution.PipelineExecutionId")}
    arn = pipelines.start(definition(processing("first"), PipelineExperimentConfig=experiment))
    told = pipelines.describe(arn)["PipelineExperimentConfig"]
    trial = arn.rpartition("/")[2]
    assert told == {"ExperimentName": "pipeline", "TrialName": trial}
    job = pipelines.job(arn, "first")
    assert job.body["ExperimentConfig"] == told
    [component] = pipelines.call("ListTrialComponents", TrialName=trial)["TrialComponentSummaries"]
    assert component["TrialComponentSource"]["SourceArn"] == job.arn
    pipelines.end_job(arn, "first")
    again = pipelines.start()  # in a trial of its own, of the same experiment
    pipelines.job(again, "first")
    trials = pipelines.call("ListTrials", ExperimentName="pipeline")["TrialSummaries"]
    assert {each["TrialName"] for each in trials} == {trial, again.rpartition("/")[2]}


def test_an_execution_that_is_not_there_is_told_by_its_arn(pipelines: Pipelines) -> None:
    arn = f"{ARN}:pipeline/none/execution/abcdefghijkl"
    with pytest.raises(ApiError, match=f"Pipeline execution '{arn}' does not exist.") as caught:
        pipelines.describe(arn)
    assert caught.value.code == "ResourceNotFound"


def test_the_reports_of_an_automl_step_have_the_names_of_the_sdk(pipelines: Pipelines) -> None:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/rows/"}}
    arguments = {
        "InputDataConfig": [{"DataSource": source, "TargetAttributeName": "bought"}],
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/found"},
        "RoleArn": ROLE,
    }
    path = "Steps.search.BestCandidateProperties.ExplainabilityJsonReportPath"
    steps = [
        {"Name": "search", "Type": "AutoML", "Arguments": arguments},
        processing("after", arguments={"Environment": {"REPORT": get(path)}}),
    ]
    arn = pipelines.start(definition(*steps))
    job = pipelines.job(arn, "search")
    assert len(job.key.name) <= 32
    locations = {"Explainability": "s3://bucket/found/why/", "ModelInsights": "s3://bucket/found/how"}
    best = {"CandidateName": "best", "CandidateProperties": {"CandidateArtifactLocations": locations}}
    pipelines.end_job(arn, "search", BestCandidate=best)
    pipelines.reach(arn, search="Succeeded", after="Executing")
    assert pipelines.job(arn, "after").body["Environment"] == {"REPORT": "s3://bucket/found/why/analysis.json"}


@pytest.mark.parametrize("is_there", [True, False])
def test_a_model_is_registered_as_the_next_version_of_its_group(pipelines: Pipelines, is_there: bool) -> None:
    if is_there:
        pipelines.call("CreateModelPackageGroup", ModelPackageGroupName="flowers")
    container = {"Image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/image:1"}
    inference = {
        "Containers": [container],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    arguments = {
        "ModelPackageGroupName": "flowers",
        "InferenceSpecification": inference,
        "ModelApprovalStatus": "PendingManualApproval",
    }
    uses = {"Environment": {"PACKAGE": get("Steps.register.ModelPackageArn")}}
    steps = [{"Name": "register", "Type": "RegisterModel", "Arguments": arguments}, processing("after", arguments=uses)]
    arn = pipelines.start(definition(*steps))
    pipelines.reach(arn, register="Succeeded", after="Executing")
    package = f"{ARN}:model-package/flowers/1"
    assert pipelines.steps(arn)["register"]["Metadata"] == {"RegisterModel": {"Arn": package}}
    assert pipelines.job(arn, "after").body["Environment"] == {"PACKAGE": package}
    described = pipelines.call("DescribeModelPackage", ModelPackageName=package)
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
