"""Runs of pipelines, answered as SageMaker's service model has it: started, found, shown as trees and pictures."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console
from sagecraft_infra.errors import UserError
from sagecraft_infra.graph.environment import Arrow
from sagecraft_infra.graph.pipeline import pipeline_graph, run_graph
from sagecraft_infra.pipelines.definition import PipelineDefinition
from sagecraft_infra.pipelines.run import as_json, find_pipeline, find_run, start, take_run
from sagecraft_infra.pipelines.view import run_tree, watch_run

from .run import ANY, ARN, BEGAN, DEFINITION, FAILED, NAME, PIPELINE, RUN, Stubbed, step

LATER = BEGAN + timedelta(seconds=30)


def _definition() -> PipelineDefinition:
    return PipelineDefinition.read(json.dumps(DEFINITION))


def test_steps_stand_behind_what_they_wait_for_whatever_the_order_of_the_definition() -> None:
    assert [(each.name, sorted(each.before), each.branch) for each in _definition().steps] == [
        ("Prepare", [], None),
        ("Train", ["Prepare"], None),
        ("Evaluate", ["Train"], None),
        ("IsGood", ["Evaluate"], None),
        ("Register", ["IsGood", "Train"], ("IsGood", "if")),
        ("IsBad", ["IsGood"], ("IsGood", "else")),
    ]


def test_parameters_are_checked_before_anything_is_started() -> None:
    definition = _definition()
    given = {"Machine": "ml.m5.large", "Rounds": "20", "Ask": "True"}
    assert definition.values(given) == [{"Name": name, "Value": value} for name, value in given.items()]
    for wrong, told in (
        ({}, "have no default: Machine. Give --parameter Machine=…"),
        ({**given, "Round": "1"}, "no parameter 'Round'. Did you mean 'Rounds'?"),
        ({**given, "Rounds": "many"}, "'Rounds' is of type Integer, and 'many' is none."),
        ({**given, "Rounds": "1.5"}, "'Rounds' is of type Integer, and '1.5' is none."),
        ({**given, "Ask": "1"}, "'Ask' is of type Boolean, and '1' is none."),
        ({**given, "Machine": "ml.p4d.24xlarge"}, "takes 'ml.m5.large' or 'ml.m5.xlarge', not 'ml.p4d.24xlarge'."),
    ):
        with pytest.raises(UserError) as raised:
            definition.values(wrong)
        assert told in str(raised.value)
    with pytest.raises(UserError, match="The definition of the pipeline cannot be read"):
        PipelineDefinition.read('{"Steps": 3}')


def test_a_run_is_started_as_it_is_asked_for() -> None:
    stubbed = Stubbed()
    asked = {
        "PipelineName": NAME,
        "PipelineParameters": [{"Name": "Machine", "Value": "ml.m5.large"}],
        "ClientRequestToken": ANY,
        "ParallelismConfiguration": {"MaxParallelExecutionSteps": 2},
        "SelectiveExecutionConfig": {"SelectedSteps": [{"StepName": "Train"}], "SourcePipelineExecutionArn": RUN},
    }
    stubbed.answers("start_pipeline_execution", {"PipelineExecutionArn": RUN}, asked)
    given = {"Machine": "ml.m5.large"}
    started = start(
        stubbed.target, "us-east-1", PIPELINE, given, max_parallel_steps=2, steps=["Train"], source="abc123def456"
    )
    assert started == RUN
    with pytest.raises(UserError, match=r"The pipeline has no step 'Trian'\. Did you mean 'Train'"):
        start(stubbed.target, "us-east-1", PIPELINE, given, steps=["Trian"])
    with pytest.raises(UserError, match="--from names the run that --step takes results of"):
        start(stubbed.target, "us-east-1", PIPELINE, given, source="abc123def456")
    stubbed.stubber.assert_no_pending_responses()


def test_a_pipeline_is_found_by_a_part_of_its_name_and_its_newest_run_by_none() -> None:
    stubbed = Stubbed()
    summary = {"PipelineArn": ARN, "PipelineName": "stack-retrain-1"}
    for listed in ([summary], [summary, {**summary, "PipelineName": "stack-retrain-2"}], []):
        stubbed.stubber.add_client_error("describe_pipeline", "ResourceNotFound", "Pipeline 'Retrain' does not exist.")
        stubbed.answers("list_pipelines", {"PipelineSummaries": listed})
        if len(listed) == 1:
            stubbed.answers(
                "describe_pipeline", {"PipelineName": "stack-retrain-1"}, {"PipelineName": "stack-retrain-1"}
            )
    assert find_pipeline(stubbed.target, "us-east-1", "Retrain")["PipelineName"] == "stack-retrain-1"
    with pytest.raises(UserError, match="Say which: stack-retrain-1, stack-retrain-2"):
        find_pipeline(stubbed.target, "us-east-1", "Retrain")
    with pytest.raises(UserError, match="There is no pipeline 'Retrain' in us-east-1"):
        find_pipeline(stubbed.target, "us-east-1", "Retrain")
    assert find_run(stubbed.target, "us-east-1", PIPELINE, "abc123def456") == RUN
    stubbed.answers("list_pipeline_executions", {"PipelineExecutionSummaries": []})
    with pytest.raises(UserError, match=r"has not been run yet\. Start it with: sagecraft pipeline start retrain"):
        find_run(stubbed.target, "us-east-1", PIPELINE, None)


def test_a_run_is_a_tree_of_its_steps_with_times_and_reasons() -> None:
    stubbed = Stubbed()
    stubbed.answers_run("Failed", FAILED, FailureReason="Step failure: One or multiple steps failed.")
    run = take_run(stubbed.target, "us-east-1", RUN)
    console = Console(file=StringIO(), width=100)
    console.print(run_tree(run, LATER))
    assert isinstance(console.file, StringIO)
    assert [line.rstrip() for line in console.file.getvalue().splitlines()] == [
        "retrain abc123def456  Failed  5:00 min",
        "Step failure: One or multiple steps failed.",
        "├── ✓ Prepare  Processing  Succeeded  1:05 min  taken from an earlier run",
        "├── ✓ Train  Training  Succeeded  7 s",
        "├── ✓ Evaluate  Processing  Succeeded  1:01:40 h",
        "└── ✓ IsGood  Condition  Succeeded  1 s  False",
        "    ├── if",
        "    │   └── ○ Register  RegisterModel  Not run",
        "    └── else",
        "        └── ✗ IsBad  Fail  Failed  1 s",
        "              AUC is too low",
    ]
    told = {each["name"]: each for each in as_json(run, LATER)["steps"]}
    assert told["Train"]["work"].endswith(":training-job/t")
    assert (told["Prepare"]["cached"], told["IsBad"]["failure_reason"]) == (True, "AUC is too low")


def test_a_run_is_watched_until_it_ends(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sagecraft_infra.pipelines.view.FOLLOW_SECONDS", 0)
    monkeypatch.setattr("sagecraft_infra.pipelines.view.results", Console(width=100))
    stubbed = Stubbed()
    for status, steps in (
        ("Executing", [step("Prepare", "Executing")]),
        ("Executing", [step("Prepare", "Succeeded", 5), step("Train", "Executing")]),
        ("Stopped", [step("Prepare", "Succeeded", 5), step("Train", "Stopped", 9)]),
    ):
        stubbed.answers_run(status, steps)
    assert watch_run(stubbed.target, "us-east-1", RUN).status == "Stopped"
    shown = capsys.readouterr().out
    lines, tree = shown.split("retrain abc123def456  Stopped")
    assert [line.partition("  ")[0] for line in lines.splitlines()] == ["▶ Prepare", "✓ Prepare", "▶ Train", "■ Train"]
    assert "○ Evaluate  Processing  Not run" in tree


def test_a_picture_has_the_steps_in_their_branches_and_how_each_stands() -> None:
    stubbed = Stubbed()
    stubbed.answers_run("Failed", FAILED)
    groups, arrows = run_graph(take_run(stubbed.target, "us-east-1", RUN), LATER)
    nodes = {node.name: node for group in groups for node in group.nodes}
    assert [group.name for group in groups] == [NAME, "IsGood: if", "IsGood: else"]
    assert nodes["IsGood"].detail == "Succeeded · False · 1 s"
    assert nodes["IsBad"].type == "AUC is too low"
    assert len({nodes[name].colour for name in ("Prepare", "IsBad", "Register")}) == 3
    assert Arrow("Train", "Register") in arrows
    drawn, same = pipeline_graph(NAME, _definition().steps)
    assert [group.name for group in drawn] == [group.name for group in groups]
    assert same == arrows
