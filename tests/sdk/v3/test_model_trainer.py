"""ModelTrainer: algorithm images and source code; the resources of `sagemaker.core`; ModelBuilder."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import xgboost
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.resources import Endpoint, EndpointConfig, Model, TrainingJob
from sagemaker.core.shapes import ContainerDefinition, OutputDataConfig, ProductionVariant
from sagemaker.core.training.configs import Compute, InputData, SourceCode
from sagemaker.core.utils.exceptions import FailedStatusError
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train import ModelTrainer

from tests.sdk.conftest import SCRIPTS, Ends, Flowers, Objects, csv


def numbers(body: bytes) -> list[float]:
    return [float(text) for text in body.decode().replace("\n", ",").split(",") if text]


def test_the_trained_model_is_the_one_that_was_asked_for(
    trained: ModelTrainer, booster: xgboost.Booster, objects: Objects, flowers: Flowers
) -> None:
    job = trained._latest_training_job
    assert job.training_job_status == "Completed"
    assert job.model_artifacts.s3_model_artifacts == (
        f"s3://{objects.bucket}/models/{job.training_job_name}/output/model.tar.gz"
    )
    assert booster.num_boosted_rounds() == 12
    predicted = booster.predict(xgboost.DMatrix(flowers.features[300:])) > 0.5
    assert (predicted == flowers.labels[300:]).mean() > 0.85


def test_a_training_job_is_got_and_found_among_all(trained: ModelTrainer) -> None:
    name = trained._latest_training_job.training_job_name
    job = TrainingJob.get(name)
    assert job.training_job_arn == trained._latest_training_job.training_job_arn
    assert job.hyper_parameters["max_depth"] == "3"
    assert [each.channel_name for each in job.input_data_config] == ["train", "validation"]
    assert "validation:logloss" in {metric.metric_name for metric in job.final_metric_data_list}
    assert name in {each.training_job_name for each in TrainingJob.get_all(name_contains=name)}


def test_source_code_trains_with_hyperparameters_and_requirements(
    session: Session, xgboost_image: str, role: str, objects: Objects, train_uri: str, ends: Ends
) -> None:
    trainer = ModelTrainer(
        sagemaker_session=session,
        training_image=xgboost_image,
        role=role,
        base_job_name="source-code",
        source_code=SourceCode(
            source_dir=str(SCRIPTS / "xgboost"), entry_script="train.py", requirements="requirements.txt"
        ),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters={"num_round": 9, "max_depth": 2, "label-name": "a name"},
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{objects.bucket}/models"),
    )
    trainer.train(input_data_config=[InputData(channel_name="train", data_source=train_uri)], wait=False, logs=False)
    job = ends.training_job(trainer._latest_training_job.training_job_name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    trainer._latest_training_job.refresh()
    report = json.loads(objects.unpack(trainer.output_data)["report.json"])
    assert report["label"] == "a name"
    assert report["hosts"] == ["algo-1"]
    model = xgboost.Booster(
        model_file=bytearray(objects.unpack(job["ModelArtifacts"]["S3ModelArtifacts"])["booster.ubj"])
    )
    assert model.num_boosted_rounds() == 9


def test_a_command_sees_both_hosts(
    session: Session, sdk_image: str, role: str, objects: Objects, ends: Ends, tmp_path: Path
) -> None:
    (tmp_path / "hosts.py").write_text(
        "import json, os, pathlib, socket, sys\n"
        "hosts = json.loads(os.environ['SM_HOSTS'])\n"
        "told = {'hosts': hosts, 'addresses': [socket.gethostbyname(host) for host in hosts], 'word': sys.argv[1]}\n"
        "if os.environ['SM_CURRENT_HOST'] == 'algo-1':\n"
        "    pathlib.Path('/opt/ml/model/hosts.json').write_text(json.dumps(told))\n",
        "utf-8",
    )
    trainer = ModelTrainer(
        sagemaker_session=session,
        training_image=sdk_image,
        role=role,
        base_job_name="hosts",
        source_code=SourceCode(source_dir=str(tmp_path), command="python hosts.py", args=["two words"]),
        compute=Compute(instance_type="ml.m5.large", instance_count=2),
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{objects.bucket}/models"),
    )
    trainer.train(wait=False, logs=False)
    job = ends.training_job(trainer._latest_training_job.training_job_name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    told = json.loads(objects.unpack(job["ModelArtifacts"]["S3ModelArtifacts"])["hosts.json"])
    assert told["hosts"] == ["algo-1", "algo-2"]
    assert len(set(told["addresses"])) == 2
    assert told["word"] == "two words"


def test_a_failed_script_is_told_by_wait(
    session: Session, sdk_image: str, role: str, bucket: str, ends: Ends, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text("raise SystemExit('no flowers in winter')\n", "utf-8")
    trainer = ModelTrainer(
        sagemaker_session=session,
        training_image=sdk_image,
        role=role,
        base_job_name="broken",
        source_code=SourceCode(source_dir=str(tmp_path), entry_script="broken.py"),
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/models"),
    )
    trainer.train(wait=False, logs=False)
    job = trainer._latest_training_job
    ends.training_job(job.training_job_name)
    with pytest.raises(FailedStatusError, match="CalledProcessError"):
        job.wait()


def test_a_stopped_job_is_stopped(session: Session, xgboost_image: str, role: str, bucket: str, train_uri: str) -> None:
    endless = ModelTrainer(
        sagemaker_session=session,
        training_image=xgboost_image,
        role=role,
        base_job_name="stopped",
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters={"objective": "binary:logistic", "num_round": 10_000_000},
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/models"),
    )
    channel = InputData(channel_name="train", data_source=train_uri, content_type="text/csv")
    endless.train(input_data_config=[channel], wait=False, logs=False)
    job = endless._latest_training_job
    job.stop()
    job.wait()
    assert job.training_job_status == "Stopped"
    assert job.secondary_status == "Stopped"


@pytest.fixture
def deleted() -> Iterator[list[Model | EndpointConfig | Endpoint]]:
    """Resources that are deleted after the test."""
    resources: list[Model | EndpointConfig | Endpoint] = []
    yield resources
    for resource in reversed(resources):
        resource.delete()


def test_a_model_is_served_by_the_resources_of_the_core(
    trained: ModelTrainer,
    booster: xgboost.Booster,
    xgboost_image: str,
    role: str,
    flowers: Flowers,
    unique: Callable[[str], str],
    deleted: list[Model | EndpointConfig | Endpoint],
) -> None:
    name = unique("core")
    artifacts = trained._latest_training_job.model_artifacts.s3_model_artifacts
    container = ContainerDefinition(image=xgboost_image, model_data_url=artifacts)
    deleted.append(Model.create(model_name=name, primary_container=container, execution_role_arn=role))
    variant = ProductionVariant(
        variant_name="all", model_name=name, initial_instance_count=1, instance_type="ml.m5.large"
    )
    deleted.append(EndpointConfig.create(endpoint_config_name=name, production_variants=[variant]))
    endpoint = Endpoint.create(endpoint_name=name, endpoint_config_name=name)
    deleted.append(endpoint)
    endpoint.wait_for_status("InService")
    answer = endpoint.invoke(body=csv(flowers.unseen), content_type="text/csv", accept="text/csv")
    answered = numbers(answer.body.read())
    np.testing.assert_allclose(answered, booster.predict(xgboost.DMatrix(flowers.unseen)), rtol=1e-5)


def test_a_model_builder_deploys_what_the_trainer_trained(
    trained: ModelTrainer,
    booster: xgboost.Booster,
    session: Session,
    xgboost_image: str,
    role: str,
    flowers: Flowers,
    unique: Callable[[str], str],
    deleted: list[Model | EndpointConfig | Endpoint],
) -> None:
    builder = ModelBuilder(
        model=trained,
        image_uri=xgboost_image,
        role_arn=role,
        sagemaker_session=session,
        instance_type="ml.m5.large",
        log_level=logging.WARNING,
    )
    deleted.append(builder.build(model_name=unique("built")))
    endpoint = builder.deploy(endpoint_name=unique("built"))
    deleted.append(endpoint)
    answer = endpoint.invoke(body=csv(flowers.unseen), content_type="text/csv", accept="text/csv")
    body = answer.body if isinstance(answer.body, io.BytesIO | bytes) else answer.body.read()
    answered = numbers(body if isinstance(body, bytes) else body.read())
    np.testing.assert_allclose(answered, booster.predict(xgboost.DMatrix(flowers.unseen)), rtol=1e-5)
