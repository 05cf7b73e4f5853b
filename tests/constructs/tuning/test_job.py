from typing import Any

import pytest
from aws_cdk import Duration, Tags, Token
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template
from sagecraft_constructs import (
    AlgorithmImage,
    CategoricalRange,
    ContinuousRange,
    Hyperband,
    InstanceType,
    IntegerRange,
    InvalidProps,
    JobRealization,
    Model,
    Objective,
    Scaling,
    TrainingContainer,
    TrainingInput,
    TuningDefinition,
    TuningStrategy,
    WarmStartType,
)

from tests.constructs.api_checks import assert_is_what_the_api_takes
from tests.constructs.stack import make_bucket, make_stack, make_tuning, resources, statements
from tests.constructs.template_checks import assert_clean

KIND = "Custom::SageMakerHyperParameterTuningJob"
OWN = TrainingContainer.from_image_uri("123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1")
OWN_METRIC = {"loss": "loss=(.*)"}


def request_of(stack: Any) -> dict[str, Any]:
    (properties,) = resources(stack, KIND)
    request: dict[str, Any] = properties["Request"]
    return request


def test_the_request_searches_over_a_training_job_with_safe_defaults() -> None:
    stack = make_stack()
    make_tuning(stack)
    request = request_of(stack)
    assert request["HyperParameterTuningJobConfig"] == {
        "Strategy": "Bayesian",
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": 8,
            "MaxParallelTrainingJobs": 2,
            "MaxRuntimeInSeconds": 2700,
        },
        "TrainingJobEarlyStoppingType": "Off",
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
        "ParameterRanges": {
            "ContinuousParameterRanges": [
                {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.3", "ScalingType": "Logarithmic"}
            ],
            "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "3", "MaxValue": "9", "ScalingType": "Auto"}],
        },
    }
    training = request["TrainingJobDefinition"]
    assert training["StaticHyperParameters"] == {
        "num_round": "10",
        "objective": "binary:logistic",
        "eval_metric": "auc",
    }
    assert "HyperParameters" not in training
    assert training["EnableNetworkIsolation"] is True
    assert training["StoppingCondition"] == {"MaxRuntimeInSeconds": 1800}
    assert [each["ChannelName"] for each in training["InputDataConfig"]] == ["train", "validation"]
    assert_is_what_the_api_takes(request, "CreateHyperParameterTuningJob", "HyperParameterTuningJobName")


def test_optional_props_reach_the_request_and_the_template_is_clean() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    parent = make_tuning(stack, "Parent", bucket, name_prefix="parent")
    tuning = make_tuning(
        stack,
        bucket=bucket,
        strategy=TuningStrategy.HYPERBAND,
        hyperband=Hyperband(min_resource=1, max_resource=10),
        max_runtime=Duration.minutes(40),
        target_objective_value=0.95,
        max_jobs_not_improving=5,
        complete_on_convergence=True,
        random_seed=0,
        warm_start_from=[parent, "older"],
        warm_start_type=WarmStartType.TRANSFER_LEARNING,
        max_training_runtime=Duration.minutes(5),
        max_wait=Duration.minutes(10),
        instance_count=2,
        retry_attempts=3,
        volume_key=key,
        output_key=key,
        checkpoints_prefix="checkpoints",
    )
    Model.from_tuning(stack, "Model", tuning=tuning)
    Tags.of(tuning).add("team", "data")
    (request,) = [each["Request"] for each in resources(stack, KIND) if each["NamePrefix"] == "titanic"]
    config = request["HyperParameterTuningJobConfig"]
    assert config["StrategyConfig"] == {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 10}}
    assert config["ResourceLimits"]["MaxRuntimeInSeconds"] == 2400
    assert config["TuningJobCompletionCriteria"] == {
        "TargetObjectiveMetricValue": 0.95,
        "BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 5},
        "ConvergenceDetected": {"CompleteOnConvergence": "Enabled"},
    }
    assert config["RandomSeed"] == 0
    (parent_id,) = [
        name
        for name, each in Template.from_stack(stack).find_resources(KIND).items()
        if each["Properties"]["NamePrefix"] == "parent"
    ]
    assert request["WarmStartConfig"] == {
        "ParentHyperParameterTuningJobs": [
            {"HyperParameterTuningJobName": {"Fn::GetAtt": [parent_id, "HyperParameterTuningJobName"]}},
            {"HyperParameterTuningJobName": "older"},
        ],
        "WarmStartType": "TransferLearning",
    }
    assert request["Tags"] == [{"Key": "team", "Value": "data"}]
    training = request["TrainingJobDefinition"]
    assert training["StoppingCondition"] == {"MaxRuntimeInSeconds": 300, "MaxWaitTimeInSeconds": 600}
    assert training["RetryStrategy"] == {"MaximumRetryAttempts": 3}
    assert training["EnableInterContainerTrafficEncryption"] is True
    assert_is_what_the_api_takes(request, "CreateHyperParameterTuningJob", "HyperParameterTuningJobName")
    assert_clean(stack)


def test_several_definitions_have_what_each_searches() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    train = TrainingInput(bucket=bucket, prefix="titanic/train/", content_type="text/csv")
    definitions = [
        TuningDefinition(
            name="trees",
            container=AlgorithmImage(name="xgboost", version="1.7-1"),
            inputs={"train": train},
            objective=Objective.maximize("train:auc"),
            ranges={"eta": ContinuousRange(0.1, 0.3)},
            hyperparameters={"num_round": 5},
        ),
        TuningDefinition(
            name="mine",
            container=OWN,
            inputs={"train": train},
            objective=Objective.minimize("loss"),
            ranges={"kernel": CategoricalRange(["a", True, 3])},
            metric_definitions=OWN_METRIC,
        ),
    ]
    tuning = make_tuning(
        stack,
        bucket=bucket,
        definitions=definitions,
        container=None,
        inputs=None,
        objective=None,
        ranges=None,
    )
    request = request_of(stack)
    assert "TrainingJobDefinition" not in request
    trees, mine = request["TrainingJobDefinitions"]
    assert (trees["DefinitionName"], mine["DefinitionName"]) == ("trees", "mine")
    assert trees["TuningObjective"] == {"Type": "Maximize", "MetricName": "train:auc"}
    assert mine["HyperParameterRanges"] == {
        "CategoricalParameterRanges": [{"Name": "kernel", "Values": ["a", "true", "3"]}]
    }
    assert_is_what_the_api_takes(request, "CreateHyperParameterTuningJob", "HyperParameterTuningJobName")
    pulled = [each["Resource"] for each in statements(stack, "TuningRole") if "ecr:BatchGetImage" in each["Action"]]
    assert len(pulled[0] if isinstance(pulled[0], list) else pulled) == 2
    with pytest.raises(
        InvalidProps, match="container: is needed, because the definitions of the tuning job have several"
    ):
        Model.from_tuning(stack, "Model", tuning=tuning)


def test_results_are_attributes_and_a_model_is_made_of_the_best() -> None:
    stack = make_stack()
    tuning = make_tuning(stack)
    model = Model.from_tuning(stack, "Model", tuning=tuning)
    logical_id = next(iter(Template.from_stack(stack).find_resources(KIND)))
    for got, attribute in {
        tuning.tuning_job_name: "HyperParameterTuningJobName",
        tuning.tuning_job_arn: "HyperParameterTuningJobArn",
        tuning.best_training_job_name: "BestTrainingJobName",
        tuning.best_objective_value: "BestObjectiveValue",
        tuning.s3_model_artifacts: "S3ModelArtifacts",
        tuning.best_hyperparameter("eta"): "BestHyperParameters.eta",
    }.items():
        assert stack.resolve(got) == {"Fn::GetAtt": [logical_id, attribute]}
    (properties,) = resources(stack, "AWS::SageMaker::Model")
    assert properties["PrimaryContainer"]["ModelDataUrl"] == {"Fn::GetAtt": [logical_id, "S3ModelArtifacts"]}
    (read,) = [each for each in statements(stack, "ModelRole") if "s3:GetObject" in each["Action"]]
    assert str(read["Resource"]).endswith("'/models/titanic-*']]}")
    assert model.role is not tuning.role
    with pytest.raises(InvalidProps, match="'gamma' is not tuned"):
        tuning.best_hyperparameter("gamma")


def test_the_function_may_run_the_job_and_ask_about_its_training_jobs_alone() -> None:
    stack = make_stack()
    make_tuning(stack)
    allowed = statements(stack, "SagecraftJobsRole")
    by_action = {
        action: str(each["Resource"])
        for each in allowed
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
        if action.startswith("sagemaker:")
    }
    tuning = ":sagemaker:us-east-1:123456789012:hyper-parameter-tuning-job/titanic-*']]}"
    assert set(by_action) == {
        "sagemaker:AddTags",
        "sagemaker:CreateHyperParameterTuningJob",
        "sagemaker:DeleteTags",
        "sagemaker:DescribeHyperParameterTuningJob",
        "sagemaker:DescribeTrainingJob",
        "sagemaker:StopHyperParameterTuningJob",
    }
    assert by_action["sagemaker:CreateHyperParameterTuningJob"].endswith(tuning)
    assert by_action["sagemaker:DescribeTrainingJob"].endswith(":training-job/titanic-*']]}")


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"objective": Objective.maximize("validation:acu")}, "objective: validation:acu: not a metric that xgboost"),
        ({"objective": Objective.minimize("validation:auc")}, "use 'Maximize'"),
        ({"ranges": {"etta": ContinuousRange(0.1, 0.2)}}, r"ranges: etta: not a hyperparameter of xgboost. .*'eta'"),
        ({"ranges": {"booster": CategoricalRange(["dart"])}}, "ranges: booster: cannot be tuned"),
        ({"ranges": {"eta": ContinuousRange(0.3, 0.1)}}, "eta: the minimum 0.3 is greater than the maximum 0.1; swap"),
        ({"ranges": {"eta": ContinuousRange(0.1, 1.5)}}, "ranges: eta: .*1.5"),
        ({"ranges": {"eta": ContinuousRange(0, 1, Scaling.LOGARITHMIC)}}, "needs a minimum greater than 0, got 0"),
        ({"ranges": {"eta": ContinuousRange(0, 1, Scaling.REVERSE_LOGARITHMIC)}}, "from 0 to less than 1, got 0 to 1"),
        ({"ranges": {}}, "ranges: should be 1 to 30 hyperparameters, got 0."),
        ({"ranges": {"num_round": IntegerRange(1, 9)}}, "num_round: is a hyperparameter that stays the same, too"),
        ({"max_parallel_jobs": 101, "max_jobs": 200}, "max_parallel_jobs: should be 1 to 100, got 101."),
        ({"max_parallel_jobs": 9}, "max_parallel_jobs: 9 are more than the 8 of 'max_jobs'"),
        ({"max_jobs": None}, "max_jobs: is needed, or 'max_runtime', or the job would never end"),
        ({"max_jobs": 751}, "max_jobs: should be 1 to 750, got 751."),
        ({"strategy": TuningStrategy.GRID}, "eta: TuningStrategy.GRID takes a CategoricalRange alone, got Continuous"),
        (
            {"strategy": TuningStrategy.HYPERBAND, "early_stopping": True},
            "early_stopping: Hyperband stops training jobs by itself",
        ),
        ({"hyperband": Hyperband(min_resource=1)}, "hyperband: is for TuningStrategy.HYPERBAND alone"),
        (
            {"strategy": TuningStrategy.HYPERBAND, "hyperband": Hyperband(min_resource=9, max_resource=3)},
            "min_resource should be less than max_resource, got 9 and 3",
        ),
        (
            {"strategy": TuningStrategy.HYPERBAND},
            "hyperband: max_resource is needed, because no",
        ),
        (
            {"strategy": TuningStrategy.HYPERBAND, "hyperband": Hyperband(max_resource=20_001)},
            "hyperband: max_resource: should be 1 to 20000, got 20001",
        ),
        ({"max_jobs_not_improving": 2}, "max_jobs_not_improving: should be at least 3, got 2."),
        ({"warm_start_from": ["a"] * 6}, "warm_start_from: should be at most 5 tuning jobs, got 6."),
        ({"warm_start_from": ["a_b"]}, "HyperParameterTuningJobName 'a_b' does not match"),
        ({"name_prefix": "a" * 19}, "name_prefix: .* has 19 characters; at most 18 leave room"),
        (
            {"max_runtime": Duration.hours(2)},
            "max_runtime: 7200 seconds are longer than a deployment can wait.*BY_HAND",
        ),
        ({"max_runtime": Duration.seconds(60)}, "max_runtime: should be whole seconds and at least 120, got 60"),
        (
            {"max_training_runtime": Duration.hours(1)},
            "max_training_runtime: 3600 seconds are longer",
        ),
        ({"instance_type": InstanceType.of("ml.m5.lage")}, "instance_type: 'ml.m5.lage' is not an instance type"),
        ({"container": None}, "container: is needed, and 'inputs', 'objective' and 'ranges'"),
        ({"definitions": []}, "definitions: say what trains; leave out 'container'.*definitions: should be 1 to 10"),
        ({"container": OWN, "objective": Objective.maximize("f1")}, "no metric 'f1'. Say with 'metric_definitions'"),
    ],
)
def test_what_cannot_work_is_refused(props: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidProps, match=message):
        make_tuning(make_stack(), **props)


def test_a_grid_is_as_large_as_its_combinations() -> None:
    grid: dict[str, Any] = {
        "container": OWN,
        "metric_definitions": OWN_METRIC,
        "objective": Objective.minimize("loss"),
        "strategy": TuningStrategy.GRID,
        "ranges": {"a": CategoricalRange([1, 2, 3]), "b": CategoricalRange(["x", "y"])},
    }
    stack = make_stack()
    make_tuning(stack, **grid, max_jobs=None)
    assert "MaxNumberOfTrainingJobs" not in request_of(stack)["HyperParameterTuningJobConfig"]["ResourceLimits"]
    with pytest.raises(InvalidProps, match="max_jobs: the grid has 6 combinations, got 8; leave 'max_jobs' out"):
        make_tuning(make_stack(), **grid)


def test_every_problem_is_told_at_once_with_the_definition_that_has_it() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    bad = TuningDefinition(
        name="bad_name",
        container=OWN,
        inputs={"train": TrainingInput(bucket=bucket, prefix="x/")},
        objective=Objective.maximize("f1"),
        ranges={"a": IntegerRange(9, 3)},
        instance_count=0,
    )
    with pytest.raises(InvalidProps) as caught:
        make_tuning(
            stack,
            bucket=bucket,
            definitions=[bad],
            container=None,
            inputs=None,
            objective=None,
            ranges=None,
            max_jobs=0,
        )
    for part in (
        "TuningJob 'Stack/Tuning': ",
        "max_jobs: should be 1 to 750, got 0.",
        "HyperParameterTrainingJobDefinitionName 'bad_name' does not match",
        "definitions: bad_name: instance_count: should be at least 1, got 0.",
        "definitions: bad_name: ranges: a: the minimum 9 is greater than the maximum 3",
        "definitions: bad_name: objective: the training jobs report no metric 'f1'",
    ):
        assert part in str(caught.value)


def test_tokens_are_not_looked_at() -> None:
    stack = make_stack()
    later = Token.as_number({"Ref": "Most"})
    objective = Objective.maximize(Token.as_string({"Ref": "Metric"}))
    make_tuning(stack, ranges={"eta": ContinuousRange(0.1, later)}, max_jobs=later, objective=objective)
    config = request_of(stack)["HyperParameterTuningJobConfig"]
    assert config["ParameterRanges"]["ContinuousParameterRanges"][0]["MaxValue"] == {"Ref": "Most"}
    assert config["ResourceLimits"]["MaxNumberOfTrainingJobs"] == {"Ref": "Most"}
    assert config["HyperParameterTuningJobObjective"]["MetricName"] == {"Ref": "Metric"}


def test_by_hand_there_is_no_limit_but_sagemakers() -> None:
    stack = make_stack()
    make_tuning(stack, realization=JobRealization.BY_HAND, max_training_runtime=Duration.hours(5))
    (parameter,) = resources(stack, "AWS::SSM::Parameter")
    assert 'MaxRuntimeInSeconds\\":2700' not in str(parameter["Value"])
    with pytest.raises(InvalidProps, match="max_runtime: 17280000 seconds are more than SageMaker takes"):
        make_tuning(make_stack(), realization=JobRealization.BY_HAND, max_runtime=Duration.days(200))


def test_a_job_learns_only_from_one_that_is_like_it() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    parent = make_tuning(stack, "Parent", bucket)
    with pytest.raises(InvalidProps) as caught:
        make_tuning(
            stack,
            bucket=bucket,
            objective=Objective.minimize("validation:error"),
            ranges={"eta": ContinuousRange(0.1, 0.3)},
            warm_start_from=[parent],
        )
    for part in (
        "warm_start_from: 'Stack/Parent' has another objective, 'validation:auc' (Maximize); it must be the same.",
        "warm_start_from: 'Stack/Parent' has 5 hyperparameters, fixed and tuned, and this job 4",
    ):
        assert part in str(caught.value)


def test_an_objective_that_the_kind_of_predictor_never_reports_is_refused() -> None:
    """Source: "Tune a linear learner model" in the developer guide."""
    tuned: dict[str, Any] = {
        "container": AlgorithmImage(name="linear-learner", version="1"),
        "objective": Objective.maximize("validation:recall"),
        "ranges": {"mini_batch_size": IntegerRange(100, 500)},
    }
    with pytest.raises(
        InvalidProps, match=r"objective: validation:recall: a metric of a binary_classifier; .*regressor"
    ):
        make_tuning(make_stack(), **tuned, hyperparameters={"predictor_type": "regressor"})
    for known in ("binary_classifier", Token.as_string({"Ref": "PredictorType"})):
        make_tuning(make_stack(), **tuned, hyperparameters={"predictor_type": known})


def test_the_ranges_of_a_built_in_algorithm_are_checked_against_what_can_be_tuned() -> None:
    kmeans: dict[str, Any] = {
        "container": AlgorithmImage(name="kmeans", version="1"),
        "objective": Objective.minimize("test:msd"),
        "hyperparameters": {"feature_dim": 784, "k": 10},
    }
    ranges = {"epochs": IntegerRange(1, 10), "init_method": CategoricalRange(["random", "kmeans++"])}
    make_tuning(make_stack(), **kmeans, ranges=ranges)
    wrong = {"local_lloyd_tol": ContinuousRange(0, 1), "init_method": CategoricalRange(["random", "forgy"])}
    with pytest.raises(InvalidProps) as raised:
        make_tuning(make_stack(), **{**kmeans, "objective": Objective.maximize("test:msd")}, ranges=wrong)
    for told in (
        "local_lloyd_tol: cannot be tuned. These can be tuned: epochs, extra_center_factor, init_method, ",
        "init_method: Values: got 'forgy', must be 'random' or 'kmeans++'.",
        "test:msd: got the objective type 'Maximize'",
    ):
        assert told in str(raised.value)
