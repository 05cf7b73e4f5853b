"""`Search`: expressions, order and pages."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.control_plane import IMAGE, ROLE, ControlPlane

Expression = dict[str, Any]


def train(control_plane: ControlPlane, name: str, depth: str, *uris: str, **more: Any) -> None:
    channels = [
        {
            "ChannelName": f"channel-{index}",
            "InputMode": ("File", "Pipe")[index],
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
        }
        for index, uri in enumerate(uris)
    ]
    control_plane.call(
        "CreateTrainingJob",
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        RoleArn=ROLE,
        HyperParameters={"depth": depth, "booster": "gbtree" if depth != "10" else "gblinear"},
        **({"InputDataConfig": channels} if channels else {}),
        OutputDataConfig={"S3OutputPath": "s3://bucket/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": int(depth) + 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
        **more,
    )


@pytest.fixture
def trained(control_plane: ControlPlane) -> ControlPlane:
    """With three training jobs, of which one has ended with a metric."""
    train(control_plane, "shallow", "2", "s3://a/x", Tags=[{"Key": "team", "Value": "growth"}])
    train(control_plane, "middle", "5", "s3://b/x", "s3://a/y")
    train(control_plane, "deep", "10", "s3://b/y", "s3://b/z", Tags=[{"Key": "team", "Value": "risk"}])
    key = control_plane.record("TrainingJob", "deep").key
    metric = {"MetricName": "validation:rmse", "Value": 0.25, "Timestamp": 1.0}
    ended = {"SecondaryStatus": "Failed", "FailureReason": "No rows", "FinalMetricDataList": [metric]}
    control_plane.store.update(key, status="Failed", body=ended)
    return control_plane


def found(control_plane: ControlPlane, **request: Any) -> set[str]:
    results = control_plane.call("Search", **{"Resource": "TrainingJob", **request})["Results"]
    return {each["TrainingJob"]["TrainingJobName"] for each in results}


def where(name: str, operator: str | None = None, value: str | None = None) -> Expression:
    filter_ = {"Name": name, "Operator": operator, "Value": value}
    return {"Filters": [{member: each for member, each in filter_.items() if each is not None}]}


S3_URI = "InputDataConfig.DataSource.S3DataSource.S3Uri"


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        (where("TrainingJobName", None, "deep"), {"deep"}),
        (where("TrainingJobName", "NotEquals", "deep"), {"shallow", "middle"}),
        (where("TrainingJobName", "Contains", "dd"), {"middle"}),
        (where("TrainingJobName", "In", "deep,middle,none"), {"deep", "middle"}),
        (where("TrainingJobStatus", "Equals", "Failed"), {"deep"}),
        (where("FailureReason", "Exists"), {"deep"}),
        (where("FailureReason", "NotExists"), {"shallow", "middle"}),
        (where("HyperParameters.depth", "GreaterThan", "5"), {"deep"}),  # as numbers, though they are texts
        (where("HyperParameters.depth", "LessThanOrEqualTo", "5.0"), {"shallow", "middle"}),
        (where("HyperParameters.booster", "Equals", "gbtree"), {"shallow", "middle"}),
        (where("ResourceConfig.VolumeSizeInGB", "GreaterThanOrEqualTo", "6"), {"middle", "deep"}),
        (where("EnableManagedSpotTraining", "Equals", "false"), {"shallow", "middle", "deep"}),
        (where("Tags.team", "Equals", "growth"), {"shallow"}),
        (where("Tags.team", "Exists"), {"shallow", "deep"}),
        (where("Metrics.validation:rmse", "LessThan", "0.3"), {"deep"}),
        (where("metrics.validation:rmse", "LessThan", "0.2"), set()),
        (where("CreationTime", "GreaterThan", "2020-01-31T12:00:00"), {"shallow", "middle", "deep"}),
        (where("CreationTime", "LessThan", "2020-01-31T12:00:00Z"), set()),
        (where(S3_URI, "Contains", "s3://a"), {"shallow", "middle"}),
        (
            {
                "Filters": [
                    {"Name": "TrainingJobName", "Value": "deep"},
                    {"Name": "TrainingJobName", "Value": "middle"},
                ],
                "Operator": "Or",
            },
            {"deep", "middle"},
        ),
        (
            {
                **where("HyperParameters.depth", "GreaterThan", "1"),
                "SubExpressions": [where("Tags.team", "Exists"), where("FailureReason", "NotExists")],
            },
            {"shallow"},
        ),
    ],
)
def test_an_expression_is_true_of_what_it_says(trained: ControlPlane, expression: Expression, names: set[str]) -> None:
    assert found(trained, SearchExpression=expression) == names


def test_nested_filters_are_true_of_one_member_of_a_list(trained: ControlPlane) -> None:
    def both(uri: str, mode: str) -> Expression:
        filters = [
            {"Name": S3_URI, "Operator": "Contains", "Value": uri},
            {"Name": "InputDataConfig.InputMode", "Operator": "Equals", "Value": mode},
        ]
        return {"NestedFilters": [{"NestedPropertyName": "InputDataConfig", "Filters": filters}]}

    assert found(trained, SearchExpression=both("s3://a", "File")) == {"shallow"}
    assert found(trained, SearchExpression=both("s3://a", "Pipe")) == {"middle"}
    assert found(trained, SearchExpression=both("s3://c", "Pipe")) == set()


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ({}, "must have at least one subexpression, filter or nested filter"),
        (where("Colour", "Equals", "red"), "Unknown property name 'Colour'. It begins with one of: .*TrainingJobName"),
        (where("ResourceConfig.Colour", "Exists"), "Unknown property name 'ResourceConfig.Colour'"),
        (where("TrainingJobName", "GreaterThan", "a"), "GreaterThan is for numbers and times, and 'TrainingJobName'"),
        (where("TrainingTimeInSeconds", "Contains", "1"), "Contains is for text, and 'TrainingTimeInSeconds' is a num"),
        (where("TrainingTimeInSeconds", "LessThan", "x"), "must be a number such as 0.9, got 'x'"),
        (where("CreationTime", "LessThan", "today"), "must be a timestamp such as 2026-01-31T12:00:00, got 'today'"),
        (where("TrainingJobName", "Equals"), "The filter of 'TrainingJobName' must have a Value, for it is Equals"),
        (where("TrainingJobName", "Exists", "x"), "must have no Value, for it is Exists"),
        (
            {
                "NestedFilters": [
                    {"NestedPropertyName": "InputDataConfig", "Filters": [{"Name": "RoleArn", "Value": "x"}]}
                ]
            },
            "Filters within 'InputDataConfig' must be of its properties, got 'RoleArn'",
        ),
        (
            {"NestedFilters": [{"NestedPropertyName": "RoleArn", "Filters": [{"Name": "RoleArn.x", "Value": "x"}]}]},
            "NestedPropertyName 'RoleArn' is no list of objects",
        ),
    ],
)
def test_an_expression_that_is_wrong_is_refused(
    control_plane: ControlPlane, expression: Expression, message: str
) -> None:
    with pytest.raises(ClientError, match=message) as caught:
        control_plane.client.search(Resource="TrainingJob", SearchExpression=expression)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_what_is_not_here_is_refused_by_name(control_plane: ControlPlane) -> None:
    with pytest.raises(ClientError, match=r"Search for 'HubContent' is not supported.*ExperimentTrialComponent"):
        control_plane.client.search(Resource="HubContent")
    with pytest.raises(ClientError, match="VisibilityConditions is not supported"):
        control_plane.client.search(Resource="Model", VisibilityConditions=[{"Key": "a", "Value": "b"}])


def test_results_are_sorted_and_come_in_pages(trained: ControlPlane) -> None:
    def names(**request: Any) -> list[str]:
        asked = {"Resource": "TrainingJob", "PaginationConfig": {"PageSize": 1}, **request}
        pages = list(trained.client.get_paginator("search").paginate(**asked))
        return [each["TrainingJob"]["TrainingJobName"] for page in pages for each in page["Results"]]

    assert names() == ["deep", "middle", "shallow"]  # the last that was changed first
    assert names(SortBy="TrainingJobName", SortOrder="Ascending") == ["deep", "middle", "shallow"]
    assert names(SortBy="ResourceConfig.VolumeSizeInGB", SortOrder="Ascending") == ["shallow", "middle", "deep"]
    assert names(SortBy="Metrics.validation:rmse")[0] == "deep"  # those without it come last
    assert trained.call("Search", Resource="TrainingJob", MaxResults=1)["TotalHits"] == {
        "Value": 3,
        "Relation": "EqualTo",
    }


def test_every_kind_that_is_searched_is_found_by_its_name(control_plane: ControlPlane) -> None:
    train(control_plane, "job", "2")
    control_plane.make_config("config", control_plane.make_model())
    control_plane.call("CreateEndpoint", EndpointName="endpoint", EndpointConfigName="config")
    control_plane.call("CreateModelPackageGroup", ModelPackageGroupName="group")
    control_plane.call("CreateExperiment", ExperimentName="churn")
    control_plane.call("CreateTrial", TrialName="week-1", ExperimentName="churn")
    component = "job-aws-training-job"
    control_plane.call("AssociateTrialComponent", TrialName="week-1", TrialComponentName=component)

    def one(resource: str, property_: str, name: str) -> dict[str, Any]:
        expression = where(property_, "Equals", name)
        [result] = control_plane.call("Search", Resource=resource, SearchExpression=expression)["Results"]
        return dict(next(iter(result.values())))

    assert one("Endpoint", "EndpointName", "endpoint")["EndpointStatus"] == "InService"
    model = one("Model", "Model.ModelName", "model")
    assert [each["EndpointName"] for each in model["Endpoints"]] == ["endpoint"]
    assert one("ModelPackageGroup", "ModelPackageGroupName", "group")["ModelPackageGroupStatus"] == "Completed"
    assert one("Experiment", "ExperimentName", "churn")["DisplayName"] == "churn"
    trial = one("ExperimentTrial", "ExperimentName", "churn")
    assert [each["TrialComponentName"] for each in trial["TrialComponentSummaries"]] == [component]
    # As ExperimentAnalytics of the SDK asks.
    told = one("ExperimentTrialComponent", "Parents.ExperimentName", "churn")
    assert told["Parents"] == [{"ExperimentName": "churn", "TrialName": "week-1"}]
    for name, value in (("Parameters.depth", "2"), ("Parameters.SageMaker.InstanceType", "ml.m5.large")):
        assert one("ExperimentTrialComponent", name, value)["TrialComponentName"] == component
    empty = {
        resource: control_plane.call("Search", Resource=resource)["Results"]
        for resource in ("ModelPackage", "Pipeline", "PipelineExecution", "HyperParameterTuningJob", "FeatureGroup")
    }
    assert not any(empty.values())
