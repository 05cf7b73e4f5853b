"""Experiments, trials and trial components, by requests for them."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.control_plane import ACCOUNT, REGION, ControlPlane

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"


@pytest.fixture
def client(control_plane: ControlPlane) -> Any:
    """Of a control plane with one component in one trial of one experiment."""
    made = control_plane.client
    made.create_experiment(ExperimentName="churn", Tags=[{"Key": "team", "Value": "growth"}])
    made.create_trial(TrialName="week-1", ExperimentName="churn", DisplayName="Week-one")
    made.create_trial_component(TrialComponentName="prepare")
    made.associate_trial_component(TrialComponentName="prepare", TrialName="week-1")
    return made


def test_each_is_described_by_its_name_and_displayed_by_it(client: Any) -> None:
    experiment = client.describe_experiment(ExperimentName="churn")
    assert experiment["ExperimentArn"] == f"{ARN}:experiment/churn"
    assert experiment["DisplayName"] == "churn"
    assert client.list_tags(ResourceArn=experiment["ExperimentArn"])["Tags"] == [{"Key": "team", "Value": "growth"}]
    trial = client.describe_trial(TrialName="week-1")
    assert trial["TrialArn"] == f"{ARN}:experiment-trial/week-1"
    assert (trial["DisplayName"], trial["ExperimentName"]) == ("Week-one", "churn")
    component = client.describe_trial_component(TrialComponentName=f"{ARN}:experiment-trial-component/prepare")
    assert component["TrialComponentArn"] == f"{ARN}:experiment-trial-component/prepare"
    assert "_Trials" not in component


def test_names_are_the_same_in_upper_and_lower_case(client: Any) -> None:
    """Source: the names in CreateExperiment, CreateTrial and CreateTrialComponent of the API reference."""
    assert client.describe_experiment(ExperimentName="Churn")["ExperimentName"] == "churn"
    client.create_trial(TrialName="Week-2", ExperimentName="CHURN")
    assert client.describe_trial(TrialName="week-2")["TrialName"] == "Week-2"
    client.associate_trial_component(TrialComponentName="Prepare", TrialName="WEEK-2")
    trials = client.list_trials(ExperimentName="Churn")["TrialSummaries"]
    assert {each["TrialName"] for each in trials} == {"week-1", "Week-2"}
    for of in ({"ExperimentName": "CHURN"}, {"TrialName": "week-2"}):
        components = client.list_trial_components(**of)["TrialComponentSummaries"]
        assert [each["TrialComponentName"] for each in components] == ["prepare"]


@pytest.mark.parametrize(
    ("operation", "request_", "message"),
    [
        ("create_experiment", {"ExperimentName": "Churn"}, r"Experiment with name \(Churn\) already exists\."),
        ("create_experiment", {"ExperimentName": "churn"}, r"Experiment with name \(churn\) already exists\."),
        (
            "create_trial",
            {"TrialName": "week-1", "ExperimentName": "churn"},
            r"Trial with name \(week-1\) already exists",
        ),
        ("create_trial_component", {"TrialComponentName": "prepare"}, r"with name \(prepare\) already exists"),
        ("create_trial", {"TrialName": "x", "ExperimentName": "y"}, r"Experiment '.*experiment/y' does not exist"),
        ("describe_experiment", {"ExperimentName": "y"}, r"Experiment '.*experiment/y' does not exist"),
        ("update_trial", {"TrialName": "y"}, r"Trial '.*experiment-trial/y' does not exist"),
        ("delete_trial_component", {"TrialComponentName": "y"}, r"experiment-trial-component/y' does not exist"),
        ("associate_trial_component", {"TrialComponentName": "prepare", "TrialName": "y"}, "trial/y' does not exist"),
        ("associate_trial_component", {"TrialComponentName": "y", "TrialName": "week-1"}, "component/y' does not"),
        # Source of AWS's words: https://github.com/aws/sagemaker-python-sdk/pull/1515
        (
            "delete_trial_component",
            {"TrialComponentName": "prepare"},
            "TrialComponent '.*/prepare' is linked to 1 or more trials and cannot be deleted",
        ),
        ("delete_trial", {"TrialName": "week-1"}, "is linked to 1 or more trial components and cannot be deleted"),
        ("delete_experiment", {"ExperimentName": "churn"}, "is linked to 1 or more trials and cannot be deleted"),
        ("list_trials", {"ExperimentName": "y"}, "experiment/y' does not exist"),
        ("list_trials", {"TrialComponentName": "y"}, "experiment-trial-component/y' does not exist"),
        ("list_trial_components", {"TrialName": "y"}, "experiment-trial/y' does not exist"),
        ("list_trial_components", {"ExperimentName": "y"}, "experiment/y' does not exist"),
        (
            "list_trial_components",
            {"TrialName": "week-1", "ExperimentName": "churn"},
            r"Only one of .*, got \['ExperimentName', 'TrialName'\]",
        ),
        (
            "create_trial_component",
            {"TrialComponentName": "x", "Parameters": {"rate": {"StringValue": "a", "NumberValue": 1}}},
            "Parameter 'rate' must have a StringValue or a NumberValue, and not both",
        ),
    ],
)
def test_what_is_wrong_is_refused(client: Any, operation: str, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        getattr(client, operation)(**request_)
    code = caught.value.response["Error"]["Code"]
    assert code == ("ResourceNotFound" if "does not" in message else "ValidationException")


def test_parts_go_before_what_they_are_of(client: Any) -> None:
    for _ in range(2):  # what is in a trial may be put into it again
        client.associate_trial_component(TrialComponentName="prepare", TrialName="week-1")
    client.disassociate_trial_component(TrialComponentName="prepare", TrialName="week-1")
    with pytest.raises(client.exceptions.ResourceNotFound, match="is not associated with Trial"):
        client.disassociate_trial_component(TrialComponentName="prepare", TrialName="week-1")
    client.delete_trial_component(TrialComponentName="prepare")
    client.delete_trial(TrialName="week-1")
    client.delete_experiment(ExperimentName="churn")
    assert client.list_experiments()["ExperimentSummaries"] == []


def test_an_update_adds_replaces_and_removes(client: Any) -> None:
    before = client.describe_trial_component(TrialComponentName="prepare")["LastModifiedTime"]
    client.update_trial_component(
        TrialComponentName="prepare",
        DisplayName="Prepare",
        Status={"PrimaryStatus": "InProgress", "Message": "Within a run context"},
        Parameters={"rate": {"NumberValue": 0.1}, "kind": {"StringValue": "tree"}},
        OutputArtifacts={"rows": {"Value": "s3://bucket/rows", "MediaType": "text/csv"}},
    )
    client.update_trial_component(
        TrialComponentName="prepare",
        Parameters={"rate": {"NumberValue": 0.2}},
        ParametersToRemove=["kind"],
        OutputArtifactsToRemove=["rows"],
    )
    component = client.describe_trial_component(TrialComponentName="prepare")
    assert component["Parameters"] == {"rate": {"NumberValue": 0.2}}
    assert component["OutputArtifacts"] == {}
    assert (component["DisplayName"], component["Status"]["PrimaryStatus"]) == ("Prepare", "InProgress")
    assert component["LastModifiedTime"] > before
    client.update_experiment(ExperimentName="churn", Description="Who leaves?")
    assert client.describe_experiment(ExperimentName="churn")["Description"] == "Who leaves?"


def test_more_parameters_than_a_component_has_are_refused_when_they_come_together(client: Any) -> None:
    def parameters(prefix: str, count: int) -> dict[str, Any]:
        return {f"{prefix}{number}": {"NumberValue": number} for number in range(count)}

    client.update_trial_component(TrialComponentName="prepare", Parameters=parameters("a", 200))
    with pytest.raises(ClientError, match="at most 300 Parameters; it would have 301"):
        client.update_trial_component(TrialComponentName="prepare", Parameters=parameters("b", 101))
    component = client.describe_trial_component(TrialComponentName="prepare")
    assert len(component["Parameters"]) == 200


def test_lists_are_filtered_sorted_and_paged(client: Any) -> None:
    between = time.time()
    client.create_experiment(ExperimentName="other")
    client.create_trial(TrialName="a-trial", ExperimentName="other")
    client.create_trial_component(TrialComponentName="loose")

    def names(operation: str, member: str, name: str, **request: Any) -> list[str]:
        pages = client.get_paginator(operation).paginate(PaginationConfig={"PageSize": 1}, **request)
        return [each[name] for page in pages for each in page[member]]

    assert names("list_experiments", "ExperimentSummaries", "ExperimentName") == ["other", "churn"]
    named = {"SortBy": "Name", "SortOrder": "Ascending"}
    assert names("list_trials", "TrialSummaries", "TrialName", **named) == ["a-trial", "week-1"]
    assert names("list_trials", "TrialSummaries", "TrialName", ExperimentName="churn") == ["week-1"]
    assert names("list_trials", "TrialSummaries", "TrialName", TrialComponentName="prepare") == ["week-1"]
    assert names("list_trials", "TrialSummaries", "TrialName", TrialComponentName="loose") == []
    listed = ("list_trial_components", "TrialComponentSummaries", "TrialComponentName")
    assert names(*listed) == ["loose", "prepare"]
    assert names(*listed, ExperimentName="churn") == ["prepare"]
    assert names(*listed, TrialName="a-trial") == []
    assert names(*listed, CreatedAfter=between) == ["loose"]
    assert names(*listed, CreatedBefore=between) == ["prepare"]
