"""Artifacts, actions, contexts, associations and queries, by requests for them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.control_plane import ACCOUNT, REGION, ControlPlane

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
ROWS = {"SourceUri": "s3://bucket/rows", "SourceTypes": [{"SourceIdType": "S3ETag", "Value": "e"}]}
SOURCE = {"SourceUri": "https://example.com/x", "SourceType": "URL"}


@pytest.fixture
def client(control_plane: ControlPlane) -> Any:
    return control_plane.client


class Graph:
    """rows -> component -> model -> deployment - endpoint"""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.rows = client.create_artifact(ArtifactName="rows", ArtifactType="DataSet", Source=ROWS)["ArtifactArn"]
        source = {"SourceUri": "s3://bucket/model"}
        properties = {"stage": "best"}
        self.model = client.create_artifact(ArtifactType="Model", Source=source, Properties=properties)["ArtifactArn"]
        self.component = client.create_trial_component(TrialComponentName="train")["TrialComponentArn"]
        self.deployment = client.create_action(ActionName="deploy", ActionType="ModelDeployment", Source=SOURCE)[
            "ActionArn"
        ]
        self.endpoint = client.create_context(ContextName="live", ContextType="Endpoint", Source=SOURCE)["ContextArn"]
        self.join(self.rows, self.component, "ContributedTo")
        self.join(self.component, self.model, "Produced")
        self.join(self.model, self.deployment, "ContributedTo")
        self.join(self.deployment, self.endpoint, "AssociatedWith")

    def join(self, source: str, destination: str, kind: str) -> None:
        self._client.add_association(SourceArn=source, DestinationArn=destination, AssociationType=kind)

    def query(self, *starts: str, **request: Any) -> list[str]:
        return [each["Arn"] for each in self._client.query_lineage(StartArns=list(starts), **request)["Vertices"]]


@pytest.fixture
def graph(client: Any) -> Graph:
    return Graph(client)


def test_entities_are_described_listed_and_changed(client: Any, graph: Graph) -> None:
    rows = client.describe_artifact(ArtifactArn=graph.rows)
    assert (rows["ArtifactName"], rows["Source"], rows["ArtifactType"]) == ("rows", ROWS, "DataSet")
    assert "ArtifactName" not in client.describe_artifact(ArtifactArn=graph.model)
    listed = client.list_artifacts(SourceUri="s3://bucket/rows")["ArtifactSummaries"]
    assert [each["ArtifactArn"] for each in listed] == [graph.rows]
    assert len(client.list_artifacts(ArtifactType="Model")["ArtifactSummaries"]) == 1
    assert client.describe_action(ActionName=graph.deployment)["ActionName"] == "deploy"
    client.update_action(ActionName="deploy", Status="Completed", Properties={"a": "1", "b": "2"})
    client.update_action(ActionName="deploy", Properties={"b": "3"}, PropertiesToRemove=["a"])
    action = client.describe_action(ActionName="deploy")
    assert (action["Status"], action["Properties"]) == ("Completed", {"b": "3"})
    client.update_artifact(ArtifactArn=graph.model, ArtifactName="model")
    assert client.describe_artifact(ArtifactArn=graph.model)["ArtifactName"] == "model"
    client.update_context(ContextName="live", Description="The one")
    assert client.describe_context(ContextName="live")["Description"] == "The one"
    assert [each["ContextName"] for each in client.list_contexts(ContextType="Endpoint")["ContextSummaries"]] == [
        "live"
    ]
    assert client.list_actions(ActionType="Approval")["ActionSummaries"] == []


@pytest.mark.parametrize(
    ("operation", "request_", "message"),
    [
        # There is one of each URI: https://docs.aws.amazon.com/sagemaker/latest/dg/lineage-tracking-entities.html
        ("create_artifact", {"ArtifactType": "x", "Source": {"SourceUri": "s3://bucket/rows"}}, "' already exists"),
        # The SDK knows what is there by "already exists": sagemaker/experiments/_helper.py
        ("create_artifact", {"ArtifactType": "DataSet", "Source": ROWS}, "Artifact '.*' already exists"),
        (
            "create_action",
            {"ActionName": "deploy", "ActionType": "x", "Source": SOURCE},
            "action/deploy' already exists",
        ),
        ("describe_context", {"ContextName": "none"}, "Context '.*context/none' does not exist"),
        ("delete_action", {"ActionName": "deploy"}, "has 1 or more associations and cannot be deleted"),
        ("delete_artifact", {}, "Exactly one of ArtifactArn and Source must be given"),
        ("delete_artifact", {"Source": {"SourceUri": "s3://none"}}, "Artifact '.*' does not exist"),
        ("query_lineage", {"StartArns": [f"{ARN}:artifact/none"]}, "artifact/none' does not exist"),
        ("query_lineage", {}, "At least one of StartArns and Filters must be given"),
    ],
)
def test_what_is_wrong_is_refused(
    client: Any, graph: Graph, operation: str, request_: dict[str, Any], message: str
) -> None:
    del graph
    with pytest.raises(ClientError, match=message):
        getattr(client, operation)(**request_)


def test_associations_are_between_entities_and_there_once(client: Any, graph: Graph) -> None:
    with pytest.raises(ClientError, match="already exists"):
        graph.join(graph.rows, graph.component, "DerivedFrom")
    with pytest.raises(client.exceptions.ResourceNotFound, match="is none of Artifact, Action, Context"):
        graph.join(graph.rows, f"{ARN}:artifact/none", "ContributedTo")
    with pytest.raises(ClientError, match="training-job/train' at 'destinationArn' failed to satisfy constraint"):
        graph.join(graph.rows, f"{ARN}:training-job/train", "ContributedTo")
    with pytest.raises(ClientError, match="cannot be associated with itself"):
        graph.join(graph.rows, graph.rows, "SameAs")
    # https://github.com/aws/sagemaker-experiments/issues/157
    experiment = client.create_experiment(ExperimentName="churn")["ExperimentArn"]
    with pytest.raises(ClientError, match="cannot be made between two of Experiment, TrialComponent"):
        graph.join(experiment, graph.component, "AssociatedWith")

    [incoming] = client.list_associations(DestinationArn=graph.component)["AssociationSummaries"]
    assert (incoming["SourceArn"], incoming["SourceName"], incoming["SourceType"]) == (graph.rows, "rows", "DataSet")
    assert (incoming["DestinationName"], incoming["AssociationType"]) == ("train", "ContributedTo")
    assert len(client.list_associations(AssociationType="ContributedTo")["AssociationSummaries"]) == 2
    ordered = client.list_associations(SortBy="SourceType", SortOrder="Ascending")["AssociationSummaries"]
    assert [each["SourceType"] for each in ordered] == ["DataSet", "Model", "ModelDeployment", "TrialComponent"]

    client.delete_association(SourceArn=graph.rows, DestinationArn=graph.component)
    with pytest.raises(client.exceptions.ResourceNotFound, match="does not exist"):
        client.delete_association(SourceArn=graph.rows, DestinationArn=graph.component)
    client.delete_artifact(Source=ROWS)
    client.delete_trial_component(TrialComponentName="train")  # its associations go with it
    assert client.list_associations(SourceArn=graph.component)["AssociationSummaries"] == []


def test_a_query_goes_along_associations(client: Any, graph: Graph) -> None:
    assert graph.query(graph.model, Direction="Ascendants") == [graph.component, graph.rows]
    assert graph.query(graph.model, Direction="Descendants") == [graph.deployment, graph.endpoint]
    assert graph.query(graph.model, Direction="Descendants", MaxDepth=1) == [graph.deployment]
    assert set(graph.query(graph.model)) == {graph.component, graph.rows, graph.deployment, graph.endpoint}
    assert graph.query(graph.rows, Filters={"Types": ["Endpoint"]}) == [graph.endpoint]
    assert graph.query(graph.rows, Filters={"LineageTypes": ["Artifact"]}) == [graph.model]
    assert graph.query(graph.rows, Filters={"Properties": {"stage": "best"}}) == [graph.model]
    assert graph.query(graph.rows, Filters={"CreatedBefore": 1.0}) == []
    assert graph.query(Filters={"Types": ["DataSet"]}) == [graph.rows]

    answer = client.query_lineage(StartArns=[graph.rows], Direction="Descendants", MaxDepth=2)
    assert [(each["SourceArn"], each["DestinationArn"], each["AssociationType"]) for each in answer["Edges"]] == [
        (graph.rows, graph.component, "ContributedTo"),
        (graph.component, graph.model, "Produced"),
    ]
    model = {"Arn": graph.model, "Type": "Model", "LineageType": "Artifact"}
    assert answer["Vertices"][1] == model
    assert client.query_lineage(StartArns=[graph.rows], IncludeEdges=False)["Edges"] == []


def test_a_query_in_a_circle_ends_and_comes_in_pages(client: Any, graph: Graph) -> None:
    graph.join(graph.endpoint, graph.rows, "DerivedFrom")
    request: dict[str, Any] = {"StartArns": [graph.rows], "Direction": "Descendants", "MaxResults": 3}
    first = client.query_lineage(**request)
    second = client.query_lineage(**request, NextToken=first["NextToken"])
    assert [each["Arn"] for each in first["Vertices"]] == [graph.component, graph.model, graph.deployment]
    assert [each["Arn"] for each in second["Vertices"]] == [graph.endpoint]
    assert "NextToken" not in second
    assert (len(first["Edges"]), len(second["Edges"])) == (3, 2)
