"""A pipeline does what its role may, and no more."""

import json
import time
from typing import Any

from tests.emulator.conftest import ACCOUNT, REGION

from .enforced import IMAGE, Enforced, allow

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"


def run(enforced: Enforced, name: str, role_arn: str, model_role: str) -> dict[str, Any]:
    """The step of a pipeline that makes a model, when it has ended."""
    arguments = {"PrimaryContainer": {"Image": IMAGE}, "ExecutionRoleArn": model_role}
    step = {"Name": "model", "Type": "Model", "Arguments": arguments}
    text = json.dumps({"Version": "2020-12-01", "Metadata": {}, "Parameters": [], "Steps": [step]})
    client = enforced.client("sagemaker")
    client.create_pipeline(PipelineName=name, PipelineDefinition=text, RoleArn=role_arn)
    arn = client.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
    while client.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"] == "Executing":
        time.sleep(0.05)
    (found,) = client.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    return dict(found)


def test_steps_run_as_the_role_of_the_pipeline(enforced: Enforced) -> None:
    model_role = enforced.role("of-the-model")
    made = allow(["sagemaker:AddTags", "sagemaker:CreateModel", "sagemaker:DescribeModel"], f"{ARN}:model/pipelines-*")
    passing = allow("iam:PassRole", model_role)
    less = run(enforced, "less", enforced.role("less-pipeline", made), model_role)
    assert less["StepStatus"] == "Failed"
    assert less["FailureReason"].startswith(
        "ClientError: Failed to invoke sagemaker:CreateModel. Error Details: User: "
    )
    assert f"is not authorized to perform: iam:PassRole on resource: {model_role}" in less["FailureReason"]
    enough = run(enforced, "enough", enforced.role("enough-pipeline", made, passing), model_role)
    assert enough["StepStatus"] == "Succeeded", enough
    (used,) = enforced.emulator.get("permissions?name=enough-pipeline")["roles"]
    assert {"sagemaker:CreateModel", "sagemaker:DescribeModel", "iam:PassRole"} <= json_words(used)


def json_words(report: Any) -> set[str]:
    """All texts in a report."""
    if isinstance(report, dict):
        return set().union(*(json_words(each) for each in [*report.keys(), *report.values()]))
    if isinstance(report, list):
        return set().union(*map(json_words, report))
    return {report} if isinstance(report, str) else set()
