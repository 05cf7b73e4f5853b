"""What AutoML jobs are asked for in both versions of the API, and what is refused of it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.automl.request import problems, version_1, version_2
from sagecraft_emulator.errors import NotDone

from tests.emulator.conftest import RunningEmulator

SOURCE = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in/"}}


def request(problem: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    return {
        "AutoMLJobInputDataConfig": [{"DataSource": SOURCE}],
        "AutoMLProblemTypeConfig": {"TabularJobConfig": {"TargetAttributeName": "y", **(problem or {})}},
        **members,
    }


def test_a_request_of_the_first_version_is_one_of_the_second_and_is_described_as_it_was() -> None:
    first = {
        "AutoMLJobName": "job",
        "InputDataConfig": [{"DataSource": SOURCE, "TargetAttributeName": "y"}],
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "ProblemType": "Regression",
        "AutoMLJobObjective": {"MetricName": "R2"},
        "AutoMLJobConfig": {
            "CompletionCriteria": {"MaxCandidates": 3},
            "CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost"]}]},
            "DataSplitConfig": {"ValidationFraction": 0.5},
            "Mode": "ENSEMBLING",
        },
        "RoleArn": "role",
    }
    second = version_2(first)
    assert second["AutoMLProblemTypeConfig"] == {
        "TabularJobConfig": {
            "TargetAttributeName": "y",
            "ProblemType": "Regression",
            "Mode": "ENSEMBLING",
            "CompletionCriteria": {"MaxCandidates": 3},
            "CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost"]}]},
        }
    }
    assert second["AutoMLJobInputDataConfig"] == [{"DataSource": SOURCE}]
    assert list(problems(second)) == []
    described = version_1(second)
    assert {name: described[name] for name in ("InputDataConfig", "ProblemType", "AutoMLJobConfig")} == {
        name: first[name] for name in ("InputDataConfig", "ProblemType", "AutoMLJobConfig")
    }


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (request({"ProblemType": "Regression"}), "Either both ProblemType and AutoMLJobObjective must be given"),
        (
            request({"ProblemType": "Regression"}, AutoMLJobObjective={"MetricName": "AUC"}),
            "MetricName 'AUC' is none of Regression; use one of MAE, MSE, R2, RMSE.",
        ),
        (
            request({"CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost"]}]}}),
            "AlgorithmsConfig must not be given in mode AUTO.",
        ),
        (
            request(
                {
                    "Mode": "HYPERPARAMETER_TUNING",
                    "CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["catboost"]}]},
                }
            ),
            "AutoMLAlgorithms catboost are none of mode HYPERPARAMETER_TUNING",
        ),
        # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoMLJobChannel.html
        (
            request(
                AutoMLJobInputDataConfig=[
                    {
                        "DataSource": {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": "s3://bucket/in"}},
                        "CompressionType": "Gzip",
                    }
                ]
            ),
            "CompressionType must be None, but for a table whose S3DataType is S3Prefix.",
        ),
        (request({"SampleWeightAttributeName": "w"}), "is supported in mode ENSEMBLING only"),
        (request({"SampleWeightAttributeName": "y", "TargetAttributeName": "y", "Mode": "ENSEMBLING"}), "for both"),
        (
            request({"Mode": "ENSEMBLING", "GenerateCandidateDefinitionsOnly": True}),
            "GenerateCandidateDefinitionsOnly is not supported in mode ENSEMBLING",
        ),
        (
            request(AutoMLJobInputDataConfig=[{"DataSource": SOURCE, "ContentType": "text/libsvm"}]),
            "ContentType 'text/libsvm' is not supported",
        ),
        (
            request(AutoMLJobInputDataConfig=[{"DataSource": SOURCE}, {"DataSource": SOURCE}]),
            "must have a channel of type training, and at most one of each",
        ),
        (
            request(
                AutoMLJobInputDataConfig=[
                    {"DataSource": SOURCE},
                    {
                        "DataSource": SOURCE,
                        "ChannelType": "validation",
                        "ContentType": "x-application/vnd.amazon+parquet",
                    },
                ],
                DataSplitConfig={"ValidationFraction": 0.2},
            ),
            "The channels must share one ContentType",
        ),
        (
            request(DataSplitConfig={"ValidationFraction": 0.0}),
            "ValidationFraction must be greater than 0 and less than 1, got 0.0.",
        ),
        (
            request(ModelDeployConfig={"AutoGenerateEndpointName": True, "EndpointName": "a"}),
            "must not have an EndpointName",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(given: dict[str, Any], problem: str) -> None:
    found = list(problems(given))
    assert any(problem in each for each in found), found
    assert not any(isinstance(each, NotDone) for each in found)


def test_problems_that_are_not_done_are_refused_by_name() -> None:
    images = {**request(), "AutoMLProblemTypeConfig": {"ImageClassificationJobConfig": {}}}
    (problem,) = problems(images)
    assert isinstance(problem, NotDone)
    assert "ImageClassificationJobConfig is not supported by this emulator" in problem


def test_algorithms_that_there_are_not_are_refused_by_name() -> None:
    chosen = {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["nn-torch", "lightgbm"]}]}
    (problem,) = problems(request({"Mode": "ENSEMBLING", "CandidateGenerationConfig": chosen}))
    assert isinstance(problem, NotDone)
    assert "AutoMLAlgorithms nn-torch are not supported by this emulator; use catboost, extra-trees, light" in problem


def test_text_is_classified_by_one_candidate() -> None:
    config = {"ContentColumn": "t", "TargetLabelColumn": "y", "CompletionCriteria": {"MaxCandidates": 2}}
    text = {**request(), "AutoMLProblemTypeConfig": {"TextClassificationJobConfig": config}}
    assert list(problems(text)) == ["CompletionCriteria.MaxCandidates of text classification must be 1, got 2."]


def test_names_that_there_are_not_are_answered_as_by_aws(emulator: RunningEmulator) -> None:
    client = emulator.client("sagemaker")
    for call in (client.describe_auto_ml_job_v2, client.list_candidates_for_auto_ml_job, client.stop_auto_ml_job):
        with pytest.raises(ClientError) as raised:
            call(AutoMLJobName="none")
        assert raised.value.response["Error"]["Code"] == "ResourceNotFound"
    assert client.list_auto_ml_jobs(NameContains="none")["AutoMLJobSummaries"] == []


def test_channels_with_several_targets_are_refused(emulator: RunningEmulator) -> None:
    with pytest.raises(ClientError, match="All channels must have the same TargetAttributeName, got 'x', 'y'"):
        emulator.client("sagemaker").create_auto_ml_job(
            AutoMLJobName="two",
            InputDataConfig=[
                {"DataSource": SOURCE, "TargetAttributeName": "y"},
                {"DataSource": SOURCE, "TargetAttributeName": "x", "ChannelType": "validation"},
            ],
            OutputDataConfig={"S3OutputPath": "s3://bucket/out"},
            RoleArn=emulator.make_role(),
        )
