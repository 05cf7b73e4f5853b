"""Pipelines outlive their emulator: killed in the middle, an execution goes on and ends true."""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from sagecraft_emulator.jobs.work import EMULATOR_ENDED

from tests.emulator.conftest import RunningEmulator

from .pipeline import condition, definition, equal, get, processing
from .running import RunningPipelines

pytestmark = pytest.mark.slow

BRANCHES = 10


def test_thirty_steps_in_ten_branches_go_on_after_a_sigkill(own_emulator: RunningEmulator) -> None:
    emulator = replace(own_emulator, settings=replace(own_emulator.settings, execute="instant")).start()
    own_emulator.process = emulator.process
    emulator.make_role()
    pipelines = RunningPipelines(emulator)
    queue = pipelines.make_queue()
    steps: list[dict[str, Any]] = []
    for number in range(BRANCHES):
        wait: dict[str, Any] = {
            "Name": f"wait-{number}",
            "Type": "Callback",
            "SqsQueueUrl": queue,
            "Arguments": {"branch": number},
        }
        wait["OutputParameters"] = [{"OutputName": "branch", "OutputType": "Integer"}]
        wait["DependsOn"] = [f"first-{number}"]
        again = get(f"Steps.wait-{number}.OutputParameters['branch']")
        steps += [
            processing(f"first-{number}"),
            wait,
            condition(f"check-{number}", equal(again, number), [processing(f"last-{number}")], []),
        ]
    arn = pipelines.start(definition(*steps))
    tokens: dict[int, str] = {}
    while len(tokens) < BRANCHES:
        message = pipelines.receive(queue)
        tokens[message["arguments"]["branch"]] = message["token"]

    def answer(number: int) -> None:
        outputs = [{"Name": "branch", "Value": str(number)}]
        pipelines.client.send_pipeline_execution_step_success(CallbackToken=tokens[number], OutputParameters=outputs)

    for number in range(BRANCHES // 2):
        answer(number)
    emulator.kill()
    emulator.start()
    own_emulator.process = emulator.process
    assert pipelines.status(arn) == "Executing"
    for number in range(BRANCHES // 2, BRANCHES):
        answer(number)
    assert pipelines.end(arn) == "Succeeded", pipelines.steps(arn)
    steps_of = pipelines.steps(arn)
    assert len(steps_of) == 4 * BRANCHES
    assert {each["StepStatus"] for each in steps_of.values()} == {"Succeeded"}
    jobs = [
        each["Metadata"]["ProcessingJob"]["Arn"] for each in steps_of.values() if "ProcessingJob" in each["Metadata"]
    ]
    assert len(set(jobs)) == 2 * BRANCHES
    # Those that an execution has begun are those that it has told of: none was lost, and none was done twice. One that
    # the emulator's end has interrupted has failed by that, and its step has begun another.
    pages = pipelines.client.get_paginator("list_processing_jobs").paginate(NameContains=arn.rpartition("/")[2])
    listed = [each for page in pages for each in page["ProcessingJobSummaries"]]
    assert {each["ProcessingJobArn"] for each in listed if each["ProcessingJobStatus"] == "Completed"} == set(jobs)
    interrupted = [each["FailureReason"] for each in listed if each["ProcessingJobStatus"] != "Completed"]
    assert set(interrupted) <= {EMULATOR_ENDED}
    token = uuid.uuid4().hex
    name = arn.split("/")[1]
    again_arn = pipelines.client.start_pipeline_execution(PipelineName=name, ClientRequestToken=token)
    assert again_arn == pipelines.client.start_pipeline_execution(PipelineName=name, ClientRequestToken=token) | {
        "ResponseMetadata": again_arn["ResponseMetadata"]
    }
