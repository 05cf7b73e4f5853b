"""Trial components that are made of jobs."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.state.store import RecordKey

from tests.emulator.control_plane import ACCOUNT, IMAGE, REGION, ROLE, ControlPlane

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"


def train(
    control_plane: ControlPlane, name: str = "Train-1", own: Mapping[str, Any] | None = None, **more: Any
) -> None:
    request = dict(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        RoleArn=ROLE,
        HyperParameters={"max_depth": "5", "objective": "reg:linear"},
        InputDataConfig=[
            {
                "ChannelName": "train",
                "ContentType": "text/csv",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/train"}},
            }
        ],
        OutputDataConfig={"S3OutputPath": "s3://bucket/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 30},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
        **more,
    )
    control_plane.service.call("CreateTrainingJob", request, control_plane.caller, own)


def component(control_plane: ControlPlane, name: str) -> dict[str, Any]:
    return control_plane.call("DescribeTrialComponent", TrialComponentName=name)


@pytest.fixture
def planned(control_plane: ControlPlane) -> ControlPlane:
    """With an experiment and a trial."""
    control_plane.call("CreateExperiment", ExperimentName="churn")
    control_plane.call("CreateTrial", TrialName="week-1", ExperimentName="churn")
    return control_plane


def listed(control_plane: ControlPlane, **request: Any) -> list[str]:
    components = control_plane.call("ListTrialComponents", **request)["TrialComponentSummaries"]
    return [each["TrialComponentName"] for each in components]


def test_a_component_tells_what_its_training_job_has_and_follows_it(planned: ControlPlane) -> None:
    config = {"ExperimentName": "churn", "TrialName": "week-1", "TrialComponentDisplayName": "Training"}
    train(planned, ExperimentConfig=config)
    name = "train-1-aws-training-job"
    begun = component(planned, name)
    assert begun["DisplayName"] == "Training"
    assert begun["Source"] == {"SourceArn": f"{ARN}:training-job/Train-1", "SourceType": "SageMakerTrainingJob"}
    assert begun["Sources"] == [begun["Source"]]
    # Source: https://github.com/aws/sagemaker-python-sdk sagemaker-core/tests/unit/test_codec.py
    assert begun["Parameters"] == {
        "SageMaker.ImageUri": {"StringValue": IMAGE},
        "SageMaker.InstanceCount": {"NumberValue": 2.0},
        "SageMaker.InstanceType": {"StringValue": "ml.m5.large"},
        "SageMaker.VolumeSizeInGB": {"NumberValue": 30.0},
        "max_depth": {"NumberValue": 5.0},
        "objective": {"StringValue": "reg:linear"},
    }
    assert begun["InputArtifacts"] == {"train": {"MediaType": "text/csv", "Value": "s3://bucket/train"}}
    assert begun["Status"]["PrimaryStatus"] == "InProgress"
    assert begun["OutputArtifacts"] == {}

    job = planned.record("TrainingJob", "Train-1")
    ended = {"TrainingStartTime": 10.0, "TrainingEndTime": 20.0, "SecondaryStatus": "Completed"}
    artifacts = {"ModelArtifacts": {"S3ModelArtifacts": "s3://bucket/out/model.tar.gz"}}
    planned.store.update(job.key, status="Completed", body={**ended, **artifacts})
    over = component(planned, name)
    told = "Status: Completed, secondary status: Completed, failure reason: null"
    assert over["Status"] == {"PrimaryStatus": "Completed", "Message": told}
    assert (over["StartTime"], over["EndTime"]) == (10.0, 20.0)
    assert over["OutputArtifacts"] == {"SageMaker.ModelArtifact": {"Value": "s3://bucket/out/model.tar.gz"}}
    assert listed(planned, TrialName="week-1") == [name]
    assert listed(planned, SourceArn=f"{ARN}:training-job/Train-1") == [name]


def test_a_job_that_fails_says_why_in_its_component_and_what_a_user_wrote_stays(control_plane: ControlPlane) -> None:
    train(control_plane)
    name = "train-1-aws-training-job"
    control_plane.call("UpdateTrialComponent", TrialComponentName=name, Parameters={"note": {"StringValue": "mine"}})
    key = control_plane.record("TrainingJob", "Train-1").key
    control_plane.store.update(key, status="Failed", body={"SecondaryStatus": "Failed", "FailureReason": "No rows"})
    over = component(control_plane, name)
    assert over["Status"]["PrimaryStatus"] == "Failed"
    assert over["Status"]["Message"].endswith("failure reason: No rows")
    assert over["Parameters"]["note"] == {"StringValue": "mine"}
    assert listed(control_plane) == [name]
    assert control_plane.call("ListTrials", TrialComponentName=name)["TrialSummaries"] == []


def test_processing_and_transform_jobs_make_components_too(planned: ControlPlane) -> None:
    planned.call(
        "CreateProcessingJob",
        ProcessingJobName="prepare",
        AppSpecification={"ImageUri": IMAGE},
        RoleArn=ROLE,
        Environment={"p1": "1.0"},
        ProcessingResources={
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
        },
        ProcessingInputs=[
            {
                "InputName": "raw",
                "S3Input": {
                    "S3Uri": "s3://bucket/raw",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                    "LocalPath": "/opt/ml/processing/raw",
                },
            }
        ],
        ProcessingOutputConfig={
            "Outputs": [
                {
                    "OutputName": "rows",
                    "S3Output": {
                        "S3Uri": "s3://bucket/rows",
                        "LocalPath": "/opt/ml/processing/rows",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        ExperimentConfig={"TrialName": "week-1"},
    )
    planned.store.update(planned.record("ProcessingJob", "prepare").key, status="Completed")
    prepared = component(planned, "prepare-aws-processing-job")
    # Source: tests/integ/test_track_from_processing_job.py of https://github.com/aws/sagemaker-experiments
    assert prepared["Parameters"] == {
        "SageMaker.InstanceCount": {"NumberValue": 1.0},
        "SageMaker.InstanceType": {"StringValue": "ml.m5.large"},
        "SageMaker.VolumeSizeInGB": {"NumberValue": 10.0},
        "p1": {"NumberValue": 1.0},
    }
    assert prepared["InputArtifacts"] == {
        "SageMaker.ImageUri": {"Value": IMAGE},
        "raw": {"Value": "s3://bucket/raw"},
    }
    assert prepared["OutputArtifacts"] == {"rows": {"Value": "s3://bucket/rows"}}
    assert prepared["Status"]["Message"] == "Status: Completed, exit message: null, failure reason: null"

    planned.make_model()
    planned.call(
        "CreateTransformJob",
        TransformJobName="score",
        ModelName="model",
        TransformInput={
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/new"}},
        },
        TransformOutput={"S3OutputPath": "s3://bucket/scores"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        ExperimentConfig={"ExperimentName": "churn"},
    )
    scored = component(planned, "score-aws-transform-job")
    assert scored["Parameters"]["SageMaker.ModelName"] == {"StringValue": "model"}
    assert scored["Parameters"]["SageMaker.ModelPrimary.DataUrl"] == {"StringValue": "s3://bucket/model.tar.gz"}
    assert scored["InputArtifacts"] == {
        "SageMaker.TransformInput": {"MediaType": "text/csv", "Value": "s3://bucket/new"}
    }
    # The one names a trial, for the other one is made in its experiment.
    assert listed(planned, TrialName="week-1") == ["prepare-aws-processing-job"]
    assert set(listed(planned, ExperimentName="churn")) == {"prepare-aws-processing-job", "score-aws-transform-job"}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"ExperimentName": "none"}, "Experiment '.*experiment/none' does not exist"),
        ({"TrialName": "none"}, "Trial '.*experiment-trial/none' does not exist"),
        ({"ExperimentName": "other", "TrialName": "week-1"}, "is not in Experiment 'other', but in 'churn'"),
    ],
)
def test_a_job_for_an_experiment_that_is_not_there_is_refused(
    planned: ControlPlane, config: dict[str, str], message: str
) -> None:
    planned.call("CreateExperiment", ExperimentName="other")
    request = {"TrainingJobName": "x", "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"}}
    with pytest.raises(ClientError, match=message):
        planned.client.create_training_job(
            **request,
            RoleArn=ROLE,
            OutputDataConfig={"S3OutputPath": "s3://bucket/out"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 60},
            ExperimentConfig=config,
        )
    assert listed(planned) == []


def test_a_job_of_the_name_of_a_deleted_one_has_a_component_of_its_own(control_plane: ControlPlane) -> None:
    train(control_plane)
    control_plane.training_jobs.end("Train-1", "Stopped")
    name = "train-1-aws-training-job"
    assert component(control_plane, name)["Status"]["PrimaryStatus"] == "Stopped"
    control_plane.call("DeleteTrainingJob", TrainingJobName="Train-1")
    assert component(control_plane, name)["Status"]["PrimaryStatus"] == "Stopped"
    train(control_plane)
    assert component(control_plane, name)["Status"]["PrimaryStatus"] == "InProgress"
    control_plane.call("DeleteTrialComponent", TrialComponentName=name)
    control_plane.training_jobs.end("Train-1", "Stopped")  # what a user has deleted does not come back
    assert listed(control_plane) == []


def test_what_came_of_a_job_while_the_emulator_ended_is_taken_up(control_plane: ControlPlane) -> None:
    train(control_plane)
    name = "train-1-aws-training-job"
    # As a SIGKILL leaves it: the job's end is in the store, and nobody was told.
    with control_plane.store.transaction() as connection:
        connection.execute("UPDATE record SET status = 'Failed' WHERE kind = 'TrainingJob'")
    assert component(control_plane, name)["Status"]["PrimaryStatus"] == "InProgress"
    control_plane.recover("TrialComponent")
    assert component(control_plane, name)["Status"]["PrimaryStatus"] == "Failed"


def test_training_jobs_of_a_tuning_job_are_in_an_experiment_of_its_own(control_plane: ControlPlane) -> None:
    # Source: tests/system/amazon/aws/example_sagemaker.py of https://github.com/apache/airflow
    arn = f"{ARN}:hyper-parameter-tuning-job/Tune"
    key = RecordKey("HyperParameterTuningJob", ACCOUNT, REGION, "Tune")
    control_plane.store.create(key, arn=arn, status="InProgress", body={})
    for name in ("tune-1", "tune-2"):
        train(control_plane, name, own={"TuningJobArn": arn})
    experiment = control_plane.call("DescribeExperiment", ExperimentName="tune-aws-tuning-job")
    assert experiment["Source"] == {"SourceArn": arn, "SourceType": "SageMakerHyperParameterTuningJob"}
    assert set(listed(control_plane, ExperimentName="tune-aws-tuning-job")) == {
        "tune-1-aws-training-job",
        "tune-2-aws-training-job",
    }
    assert len(control_plane.call("ListTrials", ExperimentName="tune-aws-tuning-job")["TrialSummaries"]) == 1
