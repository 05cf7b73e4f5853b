"""A pipeline as it is declared, deployed to the emulator, started, and done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from aws_cdk import App, CfnOutput, RemovalPolicy, Stack
from sagecraft_constructs import (
    AlgorithmImage,
    Condition,
    ConditionStep,
    DataBucket,
    FailStep,
    JobRealization,
    ParameterFloat,
    Pipeline,
    ProcessingJob,
    ProcessingOutput,
    PropertyFile,
)
from sagecraft_infra.inventory import take_whole_inventory
from sagecraft_infra.pipelines.run import find_pipeline, start
from sagecraft_infra.pipelines.standing import PIPELINES
from sagecraft_infra.pipelines.view import watch_run

if TYPE_CHECKING:
    from sagecraft_infra.target import Target
    from sagecraft_infra.testing.emulator import RunningEmulator
    from sagecraft_infra.testing.outputs import Deploy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SCRIPT = """
import pathlib, sys
report = pathlib.Path("/opt/ml/processing/output/report")
report.mkdir(parents=True, exist_ok=True)
(report / "evaluation.json").write_text('{"auc": %s}' % sys.argv[1])
"""


class _Here:
    """The shared emulator as a target."""

    has_sagemaker = True

    def __init__(self, emulator: RunningEmulator) -> None:
        self._emulator = emulator

    def sagemaker(self, _: str) -> object:
        return self._emulator.client("sagemaker")


def test_a_run_takes_its_parameters_reads_a_report_and_says_why_it_failed(
    sagecraft_deploy: Deploy, sagecraft_emulator: RunningEmulator, tmp_path: Path
) -> None:
    script = tmp_path / "evaluate.py"
    script.write_text(SCRIPT)
    stack = Stack(App(), "Judged")
    measured, least = ParameterFloat(name="Measured", default=0.9), ParameterFloat(name="Least")
    evaluate = ProcessingJob(
        stack,
        "Evaluate",
        container=AlgorithmImage(name="sklearn", version="1.4-2"),
        script=script,
        arguments=[measured.text],
        outputs={"report": ProcessingOutput()},
        output_bucket=DataBucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY),
        realization=JobRealization.PIPELINE_STEP,
    )
    auc = PropertyFile(job=evaluate, output="report", path="evaluation.json").get("auc")
    bad = FailStep(name="IsBad", error_message=f"{auc.text} is less than {least.text}")
    judge = ConditionStep(name="IsGood", conditions=[Condition.less_than(auc, least)], if_steps=[bad])
    pipeline = Pipeline(stack, "Pipeline", steps=[judge, evaluate])
    CfnOutput(stack, "Name", value=pipeline.pipeline_name)
    name = sagecraft_deploy(stack)["Name"]

    target = cast("Target", _Here(sagecraft_emulator))
    assert _standing(target, name) == (name, "", "Not run yet", "")
    arn = start(target, "us-east-1", find_pipeline(target, "us-east-1", name), {"Measured": "0.25", "Least": "0.5"})
    run = watch_run(target, "us-east-1", arn)
    steps = {step.definition.name: step for step in run.steps}
    assert run.status == "Failed"
    assert {name: step.status for name, step in steps.items()} == {
        "Evaluate": "Succeeded",
        "IsGood": "Succeeded",
        "IsBad": "Failed",
    }
    assert steps["IsBad"].reason == "0.25 is less than 0.5"
    assert "processing-job/pipelines-" in steps["Evaluate"].work
    began = f"{run.began:%Y-%m-%d %H:%M}"
    assert _standing(target, name) == (name, run.id, "Failed", began)


def _standing(target: Target, name: str) -> tuple[str, ...]:
    """What `sagecraft status` has in the line of a pipeline."""
    inventory = take_whole_inventory(target, [], [PIPELINES], ["us-east-1"])
    (state,) = (each for each in inventory.of(PIPELINES) if each.name == name)
    return PIPELINES.row(state)
