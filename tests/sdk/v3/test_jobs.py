"""Tuning, transform and processing: the classes of v3, and the resources of `sagemaker.core`."""

from __future__ import annotations

import json
from collections.abc import Callable

import boto3
import numpy as np
import pytest
import xgboost
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.parameter import ContinuousParameter, IntegerParameter
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.resources import HyperParameterTuningJob, Model, ProcessingJob, TransformJob
from sagemaker.core.shapes import (
    ContainerDefinition,
    ProcessingInput,
    ProcessingOutput,
    ProcessingS3Input,
    ProcessingS3Output,
)
from sagemaker.core.transformer import Transformer
from sagemaker.train import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner

from tests.sdk.conftest import SCRIPTS, Ends, Flowers, Objects, csv

TRIALS = 3


def test_a_tuner_finds_the_best_of_its_trials(trainer: ModelTrainer, ends: Ends, unique: Callable[[str], str]) -> None:
    tuner = HyperparameterTuner(
        trainer,
        objective_metric_name="validation:logloss",
        objective_type="Minimize",
        hyperparameter_ranges={
            "eta": ContinuousParameter(0.01, 0.5, "Logarithmic"),
            "max_depth": IntegerParameter(1, 5),
        },
        max_jobs=TRIALS,
        max_parallel_jobs=2,
        random_seed=4,
    )
    # The SDK's own names tell the minute only.
    tuner.tune(trainer.input_data_config, job_name=unique("tuned"), wait=False)
    name = tuner.latest_tuning_job.hyper_parameter_tuning_job_name
    described = ends.tuning_job(name)
    assert described["HyperParameterTuningJobStatus"] == "Completed", described.get("FailureReason")
    job = HyperParameterTuningJob.get(name)
    assert job.training_job_status_counters.completed == TRIALS
    trials = list(job.get_all_training_jobs())
    values = {
        trial.training_job_name: trial.final_hyper_parameter_tuning_job_objective_metric.value for trial in trials
    }
    assert len(values) == TRIALS
    assert tuner.best_training_job() == min(values, key=values.__getitem__)
    frame = tuner.analytics().dataframe()
    assert dict(zip(frame["TrainingJobName"], frame["FinalObjectiveValue"], strict=True)) == pytest.approx(values)
    assert frame["eta"].between(0.01, 0.5).all()


def test_a_transformer_predicts_each_line(
    trained: ModelTrainer,
    booster: xgboost.Booster,
    session: Session,
    xgboost_image: str,
    role: str,
    objects: Objects,
    flowers: Flowers,
    ends: Ends,
    unique: Callable[[str], str],
) -> None:
    name = unique("transform")
    artifacts = trained._latest_training_job.model_artifacts.s3_model_artifacts
    container = ContainerDefinition(image=xgboost_image, model_data_url=artifacts)
    Model.create(model_name=name, primary_container=container, execution_role_arn=role)
    output = f"s3://{objects.bucket}/{name}"
    transformer = Transformer(
        model_name=name,
        instance_count=1,
        instance_type="ml.m5.large",
        strategy="MultiRecord",
        assemble_with="Line",
        accept="text/csv",
        output_path=output,
        sagemaker_session=session,
    )
    source = objects.put("v3/rows.csv", csv(flowers.unseen))
    transformer.transform(source, content_type="text/csv", split_type="Line", wait=False, logs=False)
    described = ends.transform_job(transformer.latest_transform_job.transform_job_name)
    assert described["TransformJobStatus"] == "Completed", described.get("FailureReason")
    job = TransformJob.get(described["TransformJobName"])
    assert job.model_name == name
    predicted = [float(line) for line in objects.get(f"{output}/rows.csv.out").decode().split()]
    np.testing.assert_allclose(predicted, booster.predict(xgboost.DMatrix(flowers.unseen)), rtol=1e-5)


def test_a_script_processor_runs_its_script_on_its_inputs(
    session: Session, boto: boto3.Session, role: str, objects: Objects, flowers: Flowers, ends: Ends
) -> None:
    source = objects.put("v3-process/rows.csv", csv(flowers.features)).removesuffix("/rows.csv")
    processor = ScriptProcessor(
        role=role,
        image_uri=image_uris.retrieve("sklearn", boto.region_name, version="1.2-1"),
        command=["python3"],
        instance_count=1,
        instance_type="ml.m5.large",
        env={"COLOR": "violet"},
        sagemaker_session=session,
    )
    rows = ProcessingS3Input(
        s3_uri=source, local_path="/opt/ml/processing/input", s3_data_type="S3Prefix", s3_input_mode="File"
    )
    sums = ProcessingS3Output(
        s3_uri=f"s3://{objects.bucket}/v3-processed",
        local_path="/opt/ml/processing/sums",
        s3_upload_mode="EndOfJob",
    )
    processor.run(
        str(SCRIPTS / "processing.py"),
        inputs=[ProcessingInput(input_name="rows", s3_input=rows)],
        outputs=[ProcessingOutput(output_name="sums", s3_output=sums)],
        arguments=["--scale", "2"],
        wait=False,
        logs=False,
    )
    described = ends.processing_job(processor.latest_job.processing_job_name)
    assert described["ProcessingJobStatus"] == "Completed", described.get("FailureReason")
    job = ProcessingJob.get(described["ProcessingJobName"])
    assert job.processing_resources.cluster_config.instance_type == "ml.m5.large"
    written = json.loads(objects.get(f"s3://{objects.bucket}/v3-processed/sums.json"))
    assert written["rows"] == len(flowers.features)
    np.testing.assert_allclose(written["sums"], flowers.features.sum(axis=0) * 2)
    assert written["color"] == "violet"
