"""Checks and programs of EMR as steps: as the SageMaker SDK writes them, and what their roles may do.

`tests/unit/sagemaker/workflow/test_quality_check_step.py`, `test_clarify_check_step.py` and `test_emr_step.py` of
https://github.com/aws/sagemaker-python-sdk have what is compared with here.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from sagecraft_constructs import (
    CheckBaseline,
    ClarifyCheckStep,
    EMRStep,
    FailStep,
    ModelQuality,
    ParameterBoolean,
    Pipeline,
    QualityCheckStep,
    TrainingInput,
)
from sagecraft_constructs.errors import InvalidProps

from tests.constructs.job.test_realization import joined
from tests.constructs.stack import make_bucket, make_stack, resources, statements
from tests.constructs.template_checks import assert_clean

CONFIG = {"methods": {"report": {"name": "report"}}, "predictor": {"endpoint_name_prefix": "bias-check"}}


def flat(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stack, dict[str, dict[str, Any]]]:
    """A stack with a pipeline of checks, and the steps by name."""
    directory = tmp_path_factory.mktemp("checks")
    (config := directory / "analysis_config.json").write_text(json.dumps(CONFIG), "utf-8")
    (script := directory / "rows.py").write_text("def preprocess_handler(record): return record\n", "utf-8")
    stack = make_stack()
    bucket = make_bucket(stack)
    data = TrainingInput(bucket=bucket, prefix="raw/", content_type="text/csv")
    skip = ParameterBoolean(name="Skip", default=False)
    quality = QualityCheckStep(
        stack,
        "DataQuality",
        dataset=data,
        output_bucket=bucket,
        record_preprocessor=script,
        baseline=CheckBaseline(skip_check=skip, fail_on_violation=False, model_package_group_name="Titanic"),
    )
    predictions = QualityCheckStep(
        stack,
        "ModelQuality",
        dataset=data,
        output_bucket=bucket,
        model_quality=ModelQuality(problem_type="BinaryClassification", inference_attribute="0"),
        baseline=CheckBaseline(constraints=quality.calculated_constraints, statistics="s3://other/statistics.json"),
    )
    bias = ClarifyCheckStep(
        stack,
        "Bias",
        check_type="MODEL_BIAS",
        dataset=data,
        analysis_config=config,
        output_bucket=bucket,
        model_name="titanic",
        depends_on=["ModelQuality"],
    )
    spark = EMRStep(
        name="Spark",
        cluster_id="j-1",
        jar="command-runner.jar",
        args=["spark-submit", quality.calculated_statistics],
        main_class="Main",
        properties={"a": "b"},
    )
    instances = {"InstanceGroups": [{"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1}]}
    config_of_cluster = {"Instances": instances, "ReleaseLabel": "emr-6.15.0", "ServiceRole": "emr"}
    emr = iam.Role.from_role_arn(stack, "Emr", "arn:aws:iam::123456789012:role/emr")
    anew = EMRStep(
        name="SparkAnew", jar="s3://b/a.jar", cluster_config=config_of_cluster, cluster_roles=[emr], depends_on=[spark]
    )
    Pipeline(stack, "Pipeline", steps=[quality, predictions, bias, spark, anew], pipeline_name="checks")
    (template,) = resources(stack, "AWS::SageMaker::Pipeline")
    definition = json.loads(joined(template["PipelineDefinition"]["PipelineDefinitionBody"]))
    return stack, {step["Name"]: step for step in definition["Steps"]}


def test_checks_of_quality_are_written_as_the_sdk_writes_them(made: tuple[Stack, dict[str, dict[str, Any]]]) -> None:
    _, steps = made
    quality, predictions = steps["DataQuality"], steps["ModelQuality"]
    assert (quality["Type"], quality["CheckType"], predictions["CheckType"]) == (
        "QualityCheck",
        "DATA_QUALITY",
        "MODEL_QUALITY",
    )
    assert quality["SkipCheck"] == {"Get": "Parameters.Skip"}
    assert (quality["FailOnViolation"], quality["RegisterNewBaseline"]) == (False, False)
    assert quality["ModelPackageGroupName"] == "Titanic"
    assert predictions["SuppliedBaselineConstraints"] == {"Get": "Steps.DataQuality.CalculatedBaselineConstraints"}
    assert predictions["SuppliedBaselineStatistics"] == "s3://other/statistics.json"
    arguments = quality["Arguments"]
    assert arguments["AppSpecification"] == {
        "ImageUri": "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
    }
    place = "/opt/ml/processing/input/record_preprocessor_script_input"
    assert arguments["Environment"] == {
        "output_path": "/opt/ml/processing/output",
        "publish_cloudwatch_metrics": "Disabled",
        "dataset_format": '{"csv": {"header": true, "output_columns_position": "START"}}',
        "dataset_source": "/opt/ml/processing/input/baseline_dataset_input",
        "record_preprocessor_script": f"{place}/rows.py",
    }
    paths = {each["InputName"]: each["S3Input"]["LocalPath"] for each in arguments["ProcessingInputs"]}
    assert paths == {
        "baseline_dataset_input": "/opt/ml/processing/input/baseline_dataset_input",
        "record_preprocessor_script_input": place,
    }
    (output,) = arguments["ProcessingOutputConfig"]["Outputs"]
    assert (output["OutputName"], output["S3Output"]["LocalPath"]) == (
        "quality_check_output",
        "/opt/ml/processing/output",
    )
    environment = predictions["Arguments"]["Environment"]
    assert environment.items() >= {
        ("analysis_type", "MODEL_QUALITY"),
        ("problem_type", "BinaryClassification"),
        ("inference_attribute", "0"),
    }


def test_checks_of_clarify_are_written_as_the_sdk_writes_them(made: tuple[Stack, dict[str, dict[str, Any]]]) -> None:
    stack, steps = made
    bias = steps["Bias"]
    told = (bias["Type"], bias["CheckType"], bias["ModelName"], bias["DependsOn"])
    assert told == ("ClarifyCheck", "MODEL_BIAS", "titanic", ["ModelQuality"])
    arguments = bias["Arguments"]
    assert arguments["AppSpecification"]["ImageUri"] == (
        "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
    )
    paths = {each["InputName"]: each["S3Input"]["LocalPath"] for each in arguments["ProcessingInputs"]}
    assert paths == {"analysis_config": "/opt/ml/processing/input/config", "dataset": "/opt/ml/processing/input/data"}
    assert arguments["ProcessingOutputConfig"]["Outputs"][0]["OutputName"] == "analysis_result"
    assert arguments["NetworkConfig"]["EnableNetworkIsolation"] is False
    endpoints = [each for each in statements(stack, "BiasRole") if "sagemaker:CreateEndpoint" in flat(each["Action"])]
    assert all("/bias-check*" in json.dumps(each) for each in flat(endpoints[0]["Resource"]))


def test_programs_of_emr_are_written_as_the_sdk_writes_them(made: tuple[Stack, dict[str, dict[str, Any]]]) -> None:
    _, steps = made
    assert steps["Spark"] == {
        "Name": "Spark",
        "Type": "EMR",
        "Arguments": {
            "ClusterId": "j-1",
            "StepConfig": {
                "HadoopJarStep": {
                    "Jar": "command-runner.jar",
                    "Args": ["spark-submit", {"Get": "Steps.DataQuality.CalculatedBaselineStatistics"}],
                    "MainClass": "Main",
                    "Properties": [{"Key": "a", "Value": "b"}],
                }
            },
        },
    }
    assert steps["SparkAnew"]["Arguments"]["ClusterConfig"]["ReleaseLabel"] == "emr-6.15.0"
    assert steps["SparkAnew"]["DependsOn"] == ["Spark"]


def test_the_pipeline_may_do_what_they_need(made: tuple[Stack, dict[str, dict[str, Any]]]) -> None:
    stack, _ = made
    allowed: dict[str, list[str]] = {}
    for statement in statements(stack, "PipelineRole"):
        for action in flat(statement["Action"]):
            allowed.setdefault(action, []).extend(json.dumps(each) for each in flat(statement["Resource"]))
    assert "cluster/j-1" in allowed["elasticmapreduce:AddJobFlowSteps"][0]
    assert all("cluster/*" in each for each in allowed["elasticmapreduce:RunJobFlow"])
    rules = ("EMRStepStatusUpdateRule", "EMRClusterStatusUpdateRule")
    assert all(f"rule/SageMakerPipelineExecution{rule}" in json.dumps(allowed["events:PutRule"]) for rule in rules)
    assert "role/emr" in json.dumps(allowed["iam:PassRole"])
    assert "model-package/titanic/*" in json.dumps(allowed["sagemaker:ListModelPackages"])
    assert any("quality_check_output" in each for each in allowed["s3:GetObject"])
    assert_clean(stack)


@pytest.mark.parametrize(
    ("props", "words"),
    [
        ({}, "'cluster_config' is needed"),
        ({"cluster_id": "j-1", "cluster_config": {"Instances": {"InstanceFleets": []}}}, "no more than one"),
        ({"cluster_config": {}}, "should have 'Instances'"),
        ({"cluster_config": {"Instances": {}}}, "one of 'InstanceGroups' and 'InstanceFleets'"),
        (
            {"cluster_config": {"Name": "a", "Instances": {"InstanceFleets": [], "TerminationProtected": True}}},
            "has Name, Instances.TerminationProtected, which the pipeline says itself",
        ),
    ],
)
def test_clusters_that_the_sdk_refuses_are_refused(props: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidProps, match=words):
        EMRStep(name="Spark", jar="a.jar", **props)


def test_checks_that_cannot_run_are_refused(tmp_path: Path) -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    given: dict[str, Any] = {"dataset": TrainingInput(bucket=bucket, prefix="raw/"), "output_bucket": bucket}
    with pytest.raises(InvalidProps, match="is for a check of data alone"):
        QualityCheckStep(
            stack,
            "Quality",
            record_preprocessor=__file__,
            model_quality=ModelQuality(problem_type="Regression"),
            **given,
        )
    (config := tmp_path / "analysis_config.json").write_text("{}", "utf-8")
    with pytest.raises(InvalidProps, match="lacks 'endpoint_name_prefix'") as caught:
        ClarifyCheckStep(stack, "Bias", check_type="MODEL_BIAS", analysis_config=config, **given)
    assert "is needed for a check of MODEL_BIAS" in str(caught.value)
    with pytest.raises(InvalidProps, match=r"should be a file called 'analysis_config\.json'"):
        ClarifyCheckStep(stack, "Data", check_type="DATA_BIAS", analysis_config=tmp_path / "other.json", **given)
    config.write_text("[", "utf-8")
    with pytest.raises(InvalidProps, match="should hold a JSON object"):
        ClarifyCheckStep(stack, "Data", check_type="DATA_BIAS", analysis_config=config, **given)
    other = QualityCheckStep(stack, "Other", **given)
    fail = FailStep(name="Fail", error_message=f"See {other.calculated_constraints}")
    with pytest.raises(InvalidProps, match="which is no step of it"):
        Pipeline(stack, "Pipeline", steps=[fail], pipeline_name="p")
