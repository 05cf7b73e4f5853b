import json
from typing import Any

import pytest
from aws_cdk import Duration, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template
from sagecraft_constructs import (
    AutoMLMetric,
    AutoMLMode,
    InvalidProps,
    JobRealization,
    Model,
    ProblemType,
    TabularProblem,
    TextClassification,
    TimeSeriesForecasting,
    TrainingInput,
)
from sagecraft_constructs.automl.problem import AutoMLProblem

from tests.constructs.api_checks import assert_is_what_the_api_takes
from tests.constructs.job.test_realization import joined
from tests.constructs.stack import make_automl, make_bucket, make_stack, resources, statements
from tests.constructs.template_checks import assert_clean

KIND = "Custom::SageMakerAutoMLJob"
SALES: dict[str, Any] = {"target": "sales", "timestamp": "day", "item": "shop", "frequency": "1D", "horizon": 14}


def request_of(stack: Stack) -> dict[str, Any]:
    (properties,) = resources(stack, KIND)
    request: dict[str, Any] = properties["Request"]
    assert_is_what_the_api_takes(request, "CreateAutoMLJobV2", "AutoMLJobName")
    return request


def test_the_request_leaves_to_sagemaker_what_is_left_out() -> None:
    stack = make_stack()
    make_automl(stack)
    request = request_of(stack)
    assert set(request) == {
        "AutoMLJobInputDataConfig",
        "AutoMLProblemTypeConfig",
        "OutputDataConfig",
        "RoleArn",
        "SecurityConfig",
    }
    (channel,) = request["AutoMLJobInputDataConfig"]
    assert (channel["ChannelType"], channel["ContentType"]) == ("training", "text/csv;header=present")
    assert request["AutoMLProblemTypeConfig"] == {
        "TabularJobConfig": {
            "TargetAttributeName": "Survived",
            "Mode": "AUTO",
            "CompletionCriteria": {"MaxCandidates": 20, "MaxAutoMLJobRuntimeInSeconds": 600},
        }
    }
    assert str(request["OutputDataConfig"]["S3OutputPath"]).endswith("'/automl/titanic']]}")
    assert request["SecurityConfig"] == {"EnableInterContainerTrafficEncryption": True}


def test_optional_props_reach_the_request_and_the_template_is_clean() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123abcd",
        availability_zones=["us-east-1a"],
        private_subnet_ids=["subnet-0123abcd"],
        private_subnet_route_table_ids=["rtb-0123abcd"],
    )
    problem = TabularProblem(
        target="Survived",
        problem_type=ProblemType.BINARY_CLASSIFICATION,
        mode=AutoMLMode.ENSEMBLING,
        algorithms=["xgboost", "randomforest"],
        feature_columns={"Age": "numeric", "Name": "text"},
        sample_weight="Weight",
    )
    automl = make_automl(
        stack,
        bucket=bucket,
        problem=problem,
        objective=AutoMLMetric.ACCURACY,
        validation=TrainingInput(bucket=bucket, prefix="validation/"),
        max_candidate_runtime=Duration.minutes(1),
        output_key=key,
        volume_key=key,
        vpc=vpc,
    )
    Model.from_automl(stack, "Model", automl=automl, inference_response_keys=["predicted_label", "probability"])
    Tags.of(stack).add("team", "data")
    request = request_of(stack)
    config = request["AutoMLProblemTypeConfig"]["TabularJobConfig"]
    assert config["ProblemType"] == "BinaryClassification"
    assert config["Mode"] == "ENSEMBLING"
    assert config["CandidateGenerationConfig"] == {
        "AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost", "randomforest"]}]
    }
    assert config["CompletionCriteria"]["MaxRuntimePerTrainingJobInSeconds"] == 60
    assert config["SampleWeightAttributeName"] == "Weight"
    assert str(config["FeatureSpecificationS3Uri"]).endswith("/features.json']]}")
    assert [each["ChannelType"] for each in request["AutoMLJobInputDataConfig"]] == ["training", "validation"]
    assert request["AutoMLJobObjective"] == {"MetricName": "Accuracy"}
    assert request["SecurityConfig"]["VpcConfig"]["Subnets"] == ["subnet-0123abcd"]
    assert "VolumeKmsKeyId" in request["SecurityConfig"]
    assert "KmsKeyId" in request["OutputDataConfig"]
    assert request["Tags"] == [{"Key": "team", "Value": "data"}]
    (model,) = resources(stack, "Custom::SageMakerModel")
    assert model["InferenceResponseKeys"] == ["predicted_label", "probability"]
    assert model["Request"]["Tags"] == [{"Key": "team", "Value": "data"}]
    assert_clean(stack)


def test_the_role_may_read_the_data_write_the_results_and_serve_a_candidate() -> None:
    stack = make_stack()
    make_automl(stack)
    allowed = statements(stack, "AutoMLRole")
    written = [each["Resource"] for each in allowed if "s3:PutObject" in each["Action"]]
    assert [str(each).rpartition("'/")[2] for each in written] == ["automl/titanic/*']]}"]
    text = json.dumps(allowed)
    for group in ("TrainingJobs", "ProcessingJobs", "TransformJobs"):
        assert f"/aws/sagemaker/{group}*" in text
    (passed,) = [each for each in allowed if each["Action"] == "iam:PassRole"]
    assert passed["Resource"] == {"Fn::GetAtt": [next(iter(_roles(stack))), "Arn"]}
    functions = json.dumps(statements(stack, "SagecraftJobsRole"))
    for action in ("CreateAutoMLJobV2", "DescribeAutoMLJobV2", "StopAutoMLJob"):
        assert f'"sagemaker:{action}"' in functions
    assert ":automl-job/titanic-*" in functions


def _roles(stack: Stack) -> list[str]:
    return [name for name in Template.from_stack(stack).find_resources("AWS::IAM::Role") if name.startswith("AutoML")]


def test_it_is_run_by_hand_and_as_a_step_of_a_pipeline() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    by_hand = make_automl(
        stack, "Hand", bucket, realization=JobRealization.BY_HAND, max_runtime=Duration.days(1), max_candidates=250
    )
    step = make_automl(stack, "Step", bucket, realization=JobRealization.PIPELINE_STEP)
    (parameter,) = resources(stack, "AWS::SSM::Parameter")
    content = json.loads(joined(parameter["Value"]))
    assert (content["kind"], content["namePrefix"]) == ("AutoMLJob", "titanic")
    assert step.request["AutoMLProblemTypeConfig"]["TabularJobConfig"]["TargetAttributeName"] == "Survived"
    with pytest.raises(InvalidProps, match="best_candidate: the job is run 'by-hand'"):
        Model.from_automl(stack, "Model", automl=by_hand)


def test_a_job_without_limits_is_refused_with_what_it_may_cost() -> None:
    with pytest.raises(InvalidProps, match=r"AutoMLJob 'Stack/AutoML'.*750 candidates, or 30 days.*\$664") as raised:
        make_automl(make_stack(), max_candidates=None, max_runtime=None)
    assert [problem.partition(":")[0] for problem in raised.value.problems] == ["max_candidates", "max_runtime"]


@pytest.mark.parametrize(
    ("props", "problem"),
    [
        ({"max_candidates": 751}, "max_candidates: should be 1 to 750, got 751."),
        ({"max_runtime": Duration.hours(1)}, "max_runtime: 3600 seconds are longer than a deployment can wait"),
        ({"name_prefix": "titanic-of-everybody"}, "at most 18 leave room for the hash in a AutoMLJobName"),
        ({"objective": AutoMLMetric.F1}, "problem_type: is needed with 'objective'"),
        (
            {"problem": TabularProblem(target="y", problem_type=ProblemType.REGRESSION)},
            "objective: is needed with 'problem_type'",
        ),
        (
            {
                "problem": TabularProblem(target="y", problem_type=ProblemType.REGRESSION),
                "objective": AutoMLMetric.AUC,
            },
            "objective: Regression has no metric 'AUC'. There are MAE, MSE, R2, RMSE.",
        ),
        (
            {"problem": TabularProblem(target="y", mode=AutoMLMode.HYPERPARAMETER_TUNING, algorithms=["xgbost"])},
            "SageMaker has no 'xgbost' in mode HYPERPARAMETER_TUNING. Did you mean xgboost?",
        ),
        ({"problem": TabularProblem(target="y", algorithms=["xgboost"])}, "algorithms: need a mode to be of"),
        ({"problem": TabularProblem(target="y", sample_weight="w")}, "sample_weight: SageMaker takes it in mode"),
        (
            {"problem": TabularProblem(target="y", mode=AutoMLMode.ENSEMBLING, sample_weight="y")},
            "sample_weight: 'y' is the target",
        ),
        (
            {"problem": TabularProblem(target="y", feature_columns=["x", "y"])},
            "feature_columns: 'y' is the target",
        ),
        ({"problem": TextClassification(content="t", target="y"), "max_candidates": 2}, "should be 1 to 1, got 2."),
        ({"problem": TextClassification(content="t", target="t")}, "target: 't' is the column of the text, too"),
        (
            {
                "problem": TextClassification(content="t", target="y"),
                "max_candidates": 1,
                "objective": AutoMLMetric.F1,
            },
            "objective: text classification has no metric 'F1'",
        ),
        ({"problem": TimeSeriesForecasting(**{**SALES, "frequency": "60min"})}, "frequency: should be Y, 1 to 11M"),
        ({"problem": TimeSeriesForecasting(**{**SALES, "horizon": 501})}, "horizon: should be 1 to 500, got 501."),
        ({"problem": TimeSeriesForecasting(**SALES, quantiles=["p0"])}, "quantiles: should be from p1 to p99"),
        ({"problem": TimeSeriesForecasting(**SALES, quantiles=["0.5"])}, "should be from p1 to p99, got '0.5'."),
        ({"problem": TimeSeriesForecasting(**SALES, quantiles=["p5", "p5"])}, "quantiles: 'p5' is named 2 times"),
        (
            {"problem": TimeSeriesForecasting(**SALES, groups=["shop"])},
            "groups: 'shop' is named in 'item' already; name another column.",
        ),
        (
            {"problem": TimeSeriesForecasting(**SALES, groups=["town", "town"])},
            "groups: 'town' is named in 'groups' already; name another column.",
        ),
        (
            {"problem": TimeSeriesForecasting(**{**SALES, "timestamp": "sales"})},
            "timestamp: 'sales' is named in 'target' already; name another column.",
        ),
        (
            {"problem": TimeSeriesForecasting(**SALES, holidays="Germany")},
            "that has a calendar, such as DE, got 'Germany'. Did you mean DE (Germany), GG (Guernsey)?",
        ),
        # https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-timeseries-forecasting-holiday-calendars.html
        ({"problem": TimeSeriesForecasting(**SALES, holidays="ZZ")}, "got 'ZZ'. All are told at https://docs.aws"),
        (
            {"problem": TimeSeriesForecasting(**SALES, filling={"sales": {"futurefill": "zero"}})},
            "filling: 'sales' is the target, which has no futurefill; it has frontfill, middlefill, backfill.",
        ),
        (
            {"problem": TimeSeriesForecasting(**SALES, aggregation={"price": "sum"})},
            "aggregation: 'price' is not the target, which alone is aggregated: 'sales'.",
        ),
        ({"problem": TimeSeriesForecasting(**SALES), "validation_fraction": 0.2}, "itself splits time series"),
        ({"validation_fraction": 1.5}, "validation_fraction: should be 0.01 to 0.99, got 1.5."),
    ],
)
def test_what_it_cannot_be_declared_with_is_told_at_once(props: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidProps) as raised:
        make_automl(make_stack(), **props)
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("problem", "keys", "told"),
    [
        (
            TabularProblem(target="y"),
            ["foo"],
            "has no 'foo'. There are predicted_label, probability, probabilities, la",
        ),
        (TextClassification(content="t", target="y"), ["lables"], "has no 'lables'. Did you mean labels?"),
        (
            TabularProblem(target="y", problem_type=ProblemType.REGRESSION),
            ["predicted_label", "probability"],
            "an answer to the job's problem has no 'probability'. There are predicted_label.",
        ),
        (TimeSeriesForecasting(**SALES), ["predicted_label"], "a forecast has none to choose from; leave it out."),
    ],
)
def test_a_model_is_not_asked_for_what_no_answer_to_its_problem_has(
    problem: AutoMLProblem, keys: list[str], told: str
) -> None:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/autopilot-automate-model-development-container-output.html
    stack = make_stack()
    regression = AutoMLMetric.RMSE if getattr(problem, "problem_type", None) else None
    automl = make_automl(stack, problem=problem, objective=regression, max_candidates=1)
    with pytest.raises(InvalidProps, match=r"^Model 'Stack/Model': inference_response_keys: ") as raised:
        Model.from_automl(stack, "Model", automl=automl, inference_response_keys=keys)
    assert told in str(raised.value)


def test_data_that_sagemaker_does_not_read_is_refused() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    libsvm = TrainingInput(bucket=bucket, prefix="train/", content_type="text/libsvm", input_mode="Pipe")
    packed = TrainingInput(bucket=bucket, prefix="train/", compression="Gzip")
    with pytest.raises(InvalidProps) as raised:
        make_automl(stack, bucket=bucket, training=libsvm, validation=packed, validation_fraction=0.2)
    assert [problem.partition(",")[0] for problem in raised.value.problems] == [
        "training: SageMaker reads text/csv;header=present or x-application/vnd.amazon+parquet",
        "training: 'input_mode' and 'distribution' are SageMaker's own choice; leave them out.",
        "validation: has another content type than 'training'; SageMaker wants the same.",
        "validation_fraction: is of no use with 'validation'",
    ]
    text = TextClassification(content="text", target="label")
    with pytest.raises(InvalidProps, match="training: SageMaker reads compressed data of tables alone"):
        make_automl(stack, "Text", bucket, problem=text, training=packed, max_candidates=1)


def test_text_and_time_series_are_asked_for_as_the_api_takes_them() -> None:
    stack = make_stack()
    make_automl(stack, problem=TextClassification(content="text", target="label"), max_candidates=1)
    assert request_of(stack)["AutoMLProblemTypeConfig"]["TextClassificationJobConfig"]["ContentColumn"] == "text"
    stack = make_stack()
    problem = TimeSeriesForecasting(
        **SALES,
        groups=["town"],
        quantiles=["p10", "p50"],
        filling={"sales": {"middlefill": "zero"}},
        aggregation={"sales": "avg"},
        holidays="DE",
        algorithms=["ets"],
        feature_columns=["price"],
    )
    make_automl(stack, problem=problem, max_candidates=1)
    config = request_of(stack)["AutoMLProblemTypeConfig"]["TimeSeriesForecastingJobConfig"]
    assert config["TimeSeriesConfig"] == {
        "TargetAttributeName": "sales",
        "TimestampAttributeName": "day",
        "ItemIdentifierAttributeName": "shop",
        "GroupingAttributeNames": ["town"],
    }
    assert config["Transformations"] == {"Filling": {"sales": {"middlefill": "zero"}}, "Aggregation": {"sales": "avg"}}
    assert config["HolidayConfig"] == [{"CountryCode": "DE"}]
    assert config["ForecastQuantiles"] == ["p10", "p50"]


def test_the_results_are_attributes_of_the_resource() -> None:
    stack = make_stack()
    automl = make_automl(stack)
    (resource,) = Template.from_stack(stack).find_resources(KIND)
    for value, attribute in {
        automl.auto_ml_job_arn: "AutoMLJobArn",
        automl.best_candidate_name: "BestCandidateName",
        automl.best_objective_metric: "BestObjectiveMetricName",
        automl.best_objective_value: "BestObjectiveValue",
        automl.data_exploration_notebook: "DataExplorationNotebook",
        automl.candidate_definition_notebook: "CandidateDefinitionNotebook",
        automl.explainability_report: "Explainability",
        automl.model_insights_report: "ModelInsights",
    }.items():
        assert stack.resolve(value) == {"Fn::GetAtt": [resource, attribute]}


def test_the_model_is_made_of_the_job_and_goes_with_its_permissions() -> None:
    stack = make_stack()
    automl = make_automl(stack)
    model = Model.from_automl(stack, "Model", automl=automl)
    (properties,) = resources(stack, "Custom::SageMakerModel")
    (job,) = Template.from_stack(stack).find_resources(KIND)
    assert properties["AutoMLJobName"] == {"Fn::GetAtt": [job, "AutoMLJobName"]}
    assert properties["Request"]["EnableNetworkIsolation"] is True
    read = json.dumps(statements(stack, "ModelRole"))
    assert "/automl/titanic/*" in read
    functions = json.dumps(statements(stack, "SagecraftModelsRole"))
    assert ":automl-job/titanic-*" in functions
    assert ":model/stack-model-" in functions.lower()
    (resource,) = Template.from_stack(stack).find_resources("Custom::SageMakerModel")
    assert stack.resolve(model.model_name) == {"Fn::GetAtt": [resource, "ModelName"]}
