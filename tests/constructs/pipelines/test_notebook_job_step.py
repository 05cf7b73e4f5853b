"""A notebook as a step: as `workflow/notebook_job_step.py` of https://github.com/aws/sagemaker-python-sdk writes it."""

import json
from pathlib import Path

import pytest
from sagecraft_constructs import FailStep, NotebookJobStep, ParameterString, Pipeline
from sagecraft_constructs.errors import InvalidProps

from tests.constructs.job.test_realization import joined
from tests.constructs.stack import make_bucket, make_stack, resources, statements
from tests.constructs.template_checks import assert_clean


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook with a script and a folder beside it."""
    (tmp_path / "report.ipynb").write_text('{"cells": []}', "utf-8")
    (tmp_path / "init.sh").write_text("export A=1\n", "utf-8")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.py").write_text("A = 1\n", "utf-8")
    return tmp_path / "report.ipynb"


def test_it_is_a_training_job_as_the_sdk_writes_it(notebook: Path) -> None:
    stack = make_stack()
    day = ParameterString(name="Day", default="today")
    step = NotebookJobStep(
        stack,
        "Report",
        notebook=notebook,
        output_bucket=make_bucket(stack),
        parameters={"day": day.value},
        environment={"MODE": "fast"},
        initialization_script=notebook.with_name("init.sh"),
        additional_dependencies=[notebook.with_name("lib")],
    )
    end = FailStep(name="End", error_message=f"See {step.output_location}")
    Pipeline(stack, "Pipeline", steps=[step, end], pipeline_name="reports")
    (template,) = resources(stack, "AWS::SageMaker::Pipeline")
    made, fail = json.loads(joined(template["PipelineDefinition"]["PipelineDefinitionBody"]))["Steps"]
    assert (made["Name"], made["Type"]) == ("Report", "Training")
    arguments = made["Arguments"]
    assert arguments["AlgorithmSpecification"] == {
        "TrainingImage": "885854791233.dkr.ecr.us-east-1.amazonaws.com/sagemaker-distribution-prod:3.2.0-cpu",
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["amazon_sagemaker_scheduler"],
    }
    assert arguments["HyperParameters"] == {"day": {"Get": "Parameters.Day"}}
    (channel,) = arguments["InputDataConfig"]
    assert channel["ChannelName"] == "sagemaker_headless_execution_pipelinestep"
    assert arguments["Environment"] == {
        "MODE": "fast",
        "AWS_DEFAULT_REGION": "us-east-1",
        "SM_JOB_DEF_VERSION": "1.0",
        "SM_ENV_NAME": "sagemaker-default-env",
        "SM_SKIP_EFS_SIMULATION": "true",
        "SM_EXECUTION_INPUT_PATH": "/opt/ml/input/data/sagemaker_headless_execution_pipelinestep",
        "SM_KERNEL_NAME": "python3",
        "SM_INPUT_NOTEBOOK_NAME": "report.ipynb",
        "SM_OUTPUT_NOTEBOOK_NAME": "report.ipynb",
        "SM_INIT_SCRIPT": "init.sh",
    }
    assert arguments["RetryStrategy"] == {"MaximumRetryAttempts": 1}
    assert arguments["StoppingCondition"]["MaxRuntimeInSeconds"] == 172_800
    tags = {each["Key"]: each["Value"] for each in arguments["Tags"]}
    assert tags["sagemaker:notebook-job-origin"] == "PIPELINE_STEP"
    assert tags["sagemaker:notebook-name"] == "report.ipynb"
    assert "Steps.Report.OutputDataConfig.S3OutputPath" in json.dumps(fail)
    passed = [each for each in statements(stack, "PipelineRole") if each["Action"] == "iam:PassRole"]
    assert '"ReportRole' in json.dumps(passed)
    assert_clean(stack)


def test_what_is_not_there_is_refused(notebook: Path) -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    with pytest.raises(InvalidProps, match=r"should be a file '\*\.ipynb'") as caught:
        NotebookJobStep(stack, "A", notebook="absent.py", output_bucket=bucket)
    assert "'absent.py' does not exist" in str(caught.value)
    with pytest.raises(InvalidProps, match="have one name twice"):
        NotebookJobStep(stack, "B", notebook=notebook, output_bucket=bucket, additional_dependencies=[notebook])
