"""Tuning jobs as boto3 sees them; nothing runs."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from sagecraft_catalog import algorithm
from sagecraft_emulator.container.images import ImageRegistry, LocalProgram
from sagecraft_emulator.state.store import RecordKey

from tests.emulator.control_plane import ACCOUNT, IMAGE, REGION, ControlPlane

from .tuning import definition, tuning_config

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hyper-parameter-tuning-job/job"
XGBOOST = algorithm("xgboost").image_uri("3.2-0", REGION)
OLD_XGBOOST = "811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:latest"
CHANNEL = {
    "ChannelName": "a",
    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/a"}},
}
Y = [{"Name": "y", "Values": ["a", "b"]}]


def request(
    name: str = "job", *, jobs: int | None = 10, parallel: int = 2, static: dict[str, str] | None = None, **given: Any
) -> dict[str, Any]:
    """A request; what is given goes to it, to its definition or to its configuration, wherever it belongs."""
    top: dict[str, Any] = {
        member: given.pop(member) for member in ("WarmStartConfig", "Autotune", "Tags") if member in given
    }
    of_definition = (
        "AlgorithmSpecification",
        "ResourceConfig",
        "HyperParameterTuningResourceConfig",
        "InputDataConfig",
    )
    own = {member: given.pop(member) for member in of_definition if member in given}
    members = {**definition(IMAGE, "s3://bucket/output", static or {}), **own}
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": tuning_config(jobs, parallel, **given),
        "TrainingJobDefinition": {member: value for member, value in members.items() if value is not None},
        **top,
    }


def refused(control_plane: ControlPlane, asked: dict[str, Any]) -> str:
    with pytest.raises(ClientError) as raised:
        control_plane.client.create_hyper_parameter_tuning_job(**asked)
    not_done = "this emulator" in raised.value.response["Error"]["Message"]
    answer = raised.value.response["Error"]["Code"], raised.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert answer == (("NotImplemented", 501) if not_done else ("ValidationException", 400))
    assert control_plane.tuning_jobs.started == []
    return str(raised.value.response["Error"]["Message"])


def numbers(minimum: str, maximum: str, kind: str = "Continuous", **members: str) -> dict[str, Any]:
    return {f"{kind}ParameterRanges": [{"Name": "x", "MinValue": minimum, "MaxValue": maximum, **members}]}


def test_a_created_job_is_described_with_everything_that_was_asked(control_plane: ControlPlane) -> None:
    asked = request()
    assert control_plane.client.create_hyper_parameter_tuning_job(**asked)["HyperParameterTuningJobArn"] == ARN
    job = control_plane.client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="job")
    # AWS adds the metric to the definition; the SageMaker SDK's HyperparameterTuner.attach takes it out.
    objective = asked["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"]
    static = {**asked["TrainingJobDefinition"]["StaticHyperParameters"], "_tuning_objective_metric": objective}
    assert job["TrainingJobDefinition"] == {**asked["TrainingJobDefinition"], "StaticHyperParameters": static}
    assert job["HyperParameterTuningJobConfig"] == {
        "TrainingJobEarlyStoppingType": "Off",
        **asked["HyperParameterTuningJobConfig"],
    }
    assert job["HyperParameterTuningJobStatus"] == "InProgress"
    assert set(job["TrainingJobStatusCounters"].values()) == {0}
    assert not {"BestTrainingJob", "OverallBestTrainingJob", "FailureReason", "ConsumedResources"} & job.keys()
    assert control_plane.tuning_jobs.started == ["job"]
    (summary,) = control_plane.client.list_hyper_parameter_tuning_jobs()["HyperParameterTuningJobSummaries"]
    assert (summary["Strategy"], summary["ResourceLimits"]["MaxNumberOfTrainingJobs"]) == ("Random", 10)
    assert (
        control_plane.client.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName="job")[
            "TrainingJobSummaries"
        ]
        == []
    )


def test_a_metric_that_cannot_be_searched_for_in_linear_time_is_refused(control_plane: ControlPlane) -> None:
    specification = definition(IMAGE, "s3://bucket/output", {})["AlgorithmSpecification"]
    [metric] = specification["MetricDefinitions"]
    wrong = {**specification, "MetricDefinitions": [{**metric, "Regex": r"(.)loss\1=(.*)"}]}
    assert r"invalid escape sequence: \1" in refused(control_plane, request(AlgorithmSpecification=wrong))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (request(jobs=200, parallel=101), "is 100, got MaxParallelTrainingJobs 101"),
        (request(jobs=3, parallel=4), "MaxParallelTrainingJobs 4 cannot be greater than MaxNumberOfTrainingJobs 3."),
        (request(jobs=None), "must give MaxNumberOfTrainingJobs or MaxRuntimeInSeconds"),
        (request(jobs=751, Strategy="Bayesian"), "751 is more than the 750 that the strategy Bayesian allows"),
        (request(ParameterRanges=numbers("2", "1")), "MinValue '2' of the hyperparameter 'x' is greater than its Max"),
        (request(ParameterRanges=numbers("a", "1")), "must have numbers as MinValue and MaxValue, got 'a' and '1'"),
        (request(ParameterRanges=numbers("1", "2.5", "Integer")), "must have whole numbers"),
        (
            request(ParameterRanges=numbers("0", "1", ScalingType="Logarithmic")),
            "Logarithmic scaling, which needs a MinValue greater than 0, got '0'",
        ),
        (
            request(ParameterRanges=numbers("0", "1", ScalingType="ReverseLogarithmic")),
            "needs a range within 0 <= x < 1, got '0' to '1'",
        ),
        (
            request(ParameterRanges=numbers("0", "1", "Integer", ScalingType="ReverseLogarithmic")),
            "ReverseLogarithmic scaling, which is for ContinuousParameterRanges alone",
        ),
        (
            request(ParameterRanges={"CategoricalParameterRanges": [{"Name": "y", "Values": ["a", "a"]}]}),
            "values of the categorical hyperparameter 'y' must differ",
        ),
        (
            request(
                ParameterRanges={"CategoricalParameterRanges": [{"Name": "y", "Values": list(map(str, range(31)))}]}
            ),
            "Member must have length less than or equal to 30",
        ),
        (request(ParameterRanges={}), "At least one hyperparameter range must be given"),
        (
            request(
                ParameterRanges={
                    **numbers("0", "1"),
                    "CategoricalParameterRanges": [{"Name": f"y{each}", "Values": ["a"]} for each in range(30)],
                }
            ),
            "At most 30 hyperparameters can be searched, got 31.",
        ),
        (
            request(
                ParameterRanges={**numbers("0", "1"), "CategoricalParameterRanges": [{"Name": "x", "Values": ["1"]}]}
            ),
            "The hyperparameter 'x' has 2 ranges",
        ),
        (request(static={"x": "1"}), "'x' is given as a static hyperparameter and as a hyperparameter range"),
        (request(jobs=None, Strategy="Grid"), "Grid strategy supports CategoricalParameterRanges only, got Continuous"),
        (
            request(jobs=3, Strategy="Grid", ParameterRanges={"CategoricalParameterRanges": Y}),
            "3 is not the number of combinations of the Grid strategy, 2",
        ),
        (request(Strategy="Hyperband"), "MaxResource of HyperbandStrategyConfig is not given and cannot be inferred"),
        (
            request(Strategy="Hyperband", static={"epochs": "5"}, TrainingJobEarlyStoppingType="Auto"),
            "TrainingJobEarlyStoppingType must be Off with the strategy Hyperband",
        ),
        (
            request(
                Strategy="Hyperband", StrategyConfig={"HyperbandStrategyConfig": {"MinResource": 9, "MaxResource": 9}}
            ),
            "MinResource 9 must be less than MaxResource 9",
        ),
        (
            request(StrategyConfig={"HyperbandStrategyConfig": {"MinResource": 1}}),
            "HyperbandStrategyConfig is for the strategy Hyperband only, not Random",
        ),
        (request(Autotune={"Mode": "Enabled"}), "Autotune is not supported by this emulator"),
        (request(HyperParameterTuningJobObjective=None), "HyperParameterTuningJobObjective is required"),
        (
            request(HyperParameterTuningJobObjective={"Type": "Minimize", "MetricName": "los"}),
            "A metric is required for this hyperparameter tuning job objective.",
        ),
        (
            request(
                AlgorithmSpecification={"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
                HyperParameterTuningJobObjective={"Type": "Minimize", "MetricName": "validation:rmsee"},
            ),
            f"[validation:rmsee], isn't valid for the [{XGBOOST}] algorithm. Choose a valid objective metric: v",
        ),
        (
            request(
                AlgorithmSpecification={"TrainingImage": OLD_XGBOOST, "TrainingInputMode": "File"},
                HyperParameterTuningJobObjective={"Type": "Minimize", "MetricName": "validation:rmse"},
            ),
            f"The image '{OLD_XGBOOST}' is XGBoost 0.72 of 2018 (version 'latest'), which this emulator does not have.",
        ),
        (request(ResourceConfig=None), "ResourceConfig is required."),
        (
            request(HyperParameterTuningResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1}),
            "either ResourceConfig or HyperParameterTuningResourceConfig",
        ),
        (
            request(
                WarmStartConfig={
                    "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "none"}],
                    "WarmStartType": "TransferLearning",
                }
            ),
            "The parent hyperparameter tuning job 'none' could not be found.",
        ),
        (
            {**request(), "TrainingJobDefinitions": [request()["TrainingJobDefinition"]]},
            "either TrainingJobDefinition or TrainingJobDefinitions, and not both",
        ),
        (
            {
                **{member: value for member, value in request().items() if member != "TrainingJobDefinition"},
                "TrainingJobDefinitions": [request()["TrainingJobDefinition"]],
            },
            "DefinitionName is required in each of TrainingJobDefinitions.",
        ),
        (
            {member: value for member, value in request().items() if member != "TrainingJobDefinition"},
            "got neither",
        ),
    ],
)
def test_a_request_that_cannot_be_run_is_refused(control_plane: ControlPlane, asked: dict[str, Any], told: str) -> None:
    assert told in refused(control_plane, asked)


def test_every_problem_is_told_at_once(control_plane: ControlPlane) -> None:
    told = refused(control_plane, request(jobs=3, parallel=4, ParameterRanges=numbers("2", "1"), static={"x": "1"}))
    assert "cannot be greater than" in told
    assert "Swap them." in told
    assert "give it once." in told


def test_hyperband_finds_its_greatest_resource_among_static_hyperparameters(control_plane: ControlPlane) -> None:
    control_plane.client.create_hyper_parameter_tuning_job(**request(Strategy="Hyperband", static={"n_epochs": "9"}))
    assert control_plane.tuning_jobs.started == ["job"]


def test_a_name_is_taken_once(control_plane: ControlPlane) -> None:
    control_plane.client.create_hyper_parameter_tuning_job(**request())
    with pytest.raises(ClientError) as raised:
        control_plane.client.create_hyper_parameter_tuning_job(**request())
    assert raised.value.response["Error"]["Code"] == "ResourceInUse"


@pytest.mark.parametrize(
    ("child", "told"),
    [
        (
            {"HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "loss"}},
            "loss (Minimize), got loss",
        ),
        ({"static": {"more": "1"}}, "total number of static and tunable hyperparameters must be the same"),
        ({"InputDataConfig": [CHANNEL]}, "the InputDataConfig must be that of the parent"),
    ],
)
def test_a_child_that_differs_too_much_from_its_parent_is_refused(
    control_plane: ControlPlane, child: dict[str, Any], told: str
) -> None:
    warm_start = {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "parent"}],
        "WarmStartType": "IdenticalDataAndAlgorithm",
    }
    control_plane.client.create_hyper_parameter_tuning_job(**request("parent"))
    control_plane.tuning_jobs.started.clear()
    assert "is in status InProgress" in refused(control_plane, request(WarmStartConfig=warm_start))
    key = RecordKey("HyperParameterTuningJob", ACCOUNT, REGION, "parent")
    control_plane.store.update(key, status="Completed")
    assert told in refused(control_plane, request(WarmStartConfig=warm_start, **child))


def test_trials_are_listed_sorted_filtered_and_in_pages(control_plane: ControlPlane) -> None:
    client = control_plane.client
    client.create_hyper_parameter_tuning_job(**request())
    key = RecordKey("HyperParameterTuningJob", ACCOUNT, REGION, "job")
    names = ["job-001-a", "job-002-b", "job-003-c"]
    for name in names:
        client.create_training_job(
            TrainingJobName=name,
            **{
                member: value
                for member, value in request()["TrainingJobDefinition"].items()
                if member != "StaticHyperParameters"
            },
        )
    entries = [
        {"Name": name, "Definition": 0, "HyperParameters": {"x": "0.5"}, "Try": number}
        for number, name in enumerate(names)
    ]
    control_plane.store.update(key, body={"_Trials": entries})
    for name, value in (("job-001-a", 2.0), ("job-003-c", 1.0)):
        trial = RecordKey("TrainingJob", ACCOUNT, REGION, name)
        data = [{"MetricName": "loss", "Value": value, "Timestamp": 0.0}]
        control_plane.store.update(trial, body={"FinalMetricDataList": data})
        control_plane.training_jobs.end(name, "Completed")

    def listed(**members: Any) -> list[str]:
        page = client.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName="job", **members)
        return [trial["TrainingJobName"][-1] for trial in page["TrainingJobSummaries"]]

    assert listed() == ["a", "b", "c"]
    assert listed(SortOrder="Descending") == ["c", "b", "a"]
    assert listed(SortBy="FinalObjectiveMetricValue") == ["c", "a"]
    assert listed(SortBy="FinalObjectiveMetricValue", SortOrder="Descending") == ["a", "c"]
    assert listed(SortBy="CreationTime", SortOrder="Descending") == ["c", "b", "a"]
    assert listed(SortBy="Status")[-1] == "b"
    assert listed(StatusEquals="Completed") == ["a", "c"]
    paginator = client.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
    pages = paginator.paginate(HyperParameterTuningJobName="job", PaginationConfig={"PageSize": 2})
    assert [len(page["TrainingJobSummaries"]) for page in pages] == [2, 1]
    job = client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="job")
    assert job["BestTrainingJob"]["TrainingJobName"] == "job-003-c"
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 2, "Pending": 1, "Failed": 0}
    client.delete_training_job(TrainingJobName="job-003-c")
    assert listed() == ["a", "b"]


def test_the_description_has_what_the_sdk_reads_to_attach_to_a_job(control_plane: ControlPlane) -> None:
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}
    specification = {"TrainingImage": XGBOOST, "TrainingInputMode": "File"}
    asked = request(
        ResourceConfig=None,
        HyperParameterTuningResourceConfig=resources,
        AlgorithmSpecification=specification,
        ParameterRanges={"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]},
    )
    asked["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"] = "validation:auc"
    control_plane.client.create_hyper_parameter_tuning_job(**asked)
    job = control_plane.client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="job")
    described = job["TrainingJobDefinition"]
    assert described["StaticHyperParameters"]["_tuning_objective_metric"] == "validation:auc"
    assert described["HyperParameterTuningResourceConfig"] == described["ResourceConfig"] == resources
    metrics = {each["Name"]: each["Regex"] for each in described["AlgorithmSpecification"]["MetricDefinitions"]}
    assert "#011validation-auc:" in metrics["validation:auc"]


def of_algorithm(name: str, metric: str, ranges: dict[str, Any]) -> dict[str, Any]:
    image = algorithm(name).image_uri("1", REGION)
    return request(
        jobs=2,
        static={"feature_dim": "2", "k": "2"},
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
        HyperParameterTuningJobObjective={"Type": "Minimize", "MetricName": metric},
        ParameterRanges={"CategoricalParameterRanges": [ranges]},
    )


def test_the_ranges_of_a_built_in_algorithm_are_looked_at(control_plane: ControlPlane) -> None:
    methods = {"Name": "init_method", "Values": ["random", "forgy"]}
    told = refused(control_plane, of_algorithm("kmeans", "test:msd", methods))
    assert told == "init_method: Values: got 'forgy', must be 'random' or 'kmeans++'."
    methods["Values"] = ["random", "kmeans++"]
    assert "Choose a valid objective metric: test:msd" in refused(
        control_plane, of_algorithm("kmeans", "test:mse", methods)
    )
    control_plane.client.create_hyper_parameter_tuning_job(**of_algorithm("kmeans", "test:msd", methods))


def test_a_built_in_algorithm_without_a_program_is_tuned_when_one_is_registered(control_plane: ControlPlane) -> None:
    asked = of_algorithm("object2vec", "validation:accuracy", {"Name": "optimizer", "Values": ["adam", "sgd"]})
    assert "The algorithm object2vec is not supported by this emulator" in refused(control_plane, asked)
    image = algorithm("object2vec").image_uri("1", REGION)
    ImageRegistry(control_plane.store).register(image, LocalProgram(train=("python", "train.py")))
    control_plane.client.create_hyper_parameter_tuning_job(**asked)
