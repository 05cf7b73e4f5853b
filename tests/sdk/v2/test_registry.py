"""ModelPackage: a trained model registered, approved, found and deployed."""

from __future__ import annotations

import boto3
import numpy as np
import pytest
import sagemaker
from botocore.exceptions import ClientError
from sagemaker.deserializers import CSVDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.model import ModelPackage
from sagemaker.serializers import CSVSerializer

from tests.sdk.conftest import Ends, Flowers


def test_a_model_is_registered_approved_and_deployed(
    session: sagemaker.Session,
    boto: boto3.Session,
    role: str,
    bucket: str,
    train_uri: str,
    flowers: Flowers,
    ends: Ends,
) -> None:
    estimator = Estimator(
        sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1"),
        role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/models",
        hyperparameters={"objective": "binary:logistic", "num_round": 4},
        sagemaker_session=session,
    )
    estimator.fit({"train": TrainingInput(train_uri, content_type="text/csv")}, wait=False)
    assert ends.training_job(estimator.latest_training_job.name)["TrainingJobStatus"] == "Completed"
    group = f"group-{bucket}"
    client = boto.client("sagemaker")

    def register() -> ModelPackage:
        return estimator.register(
            content_types=["text/csv"],
            response_types=["text/csv"],
            inference_instances=["ml.m5.large"],
            transform_instances=["ml.m5.large"],
            model_package_group_name=group,
            approval_status="PendingManualApproval",
            customer_metadata_properties={"team": "growth"},
        )

    first, second = register(), register()
    assert [each.model_package_arn.rpartition("/")[2] for each in (first, second)] == ["1", "2"]
    described = client.describe_model_package(ModelPackageName=second.model_package_arn)
    assert described["CustomerMetadataProperties"] == {"team": "growth"}
    [container] = described["InferenceSpecification"]["Containers"]
    assert container["ModelDataUrl"] == estimator.model_data

    package = ModelPackage(role=role, model_package_arn=second.model_package_arn, sagemaker_session=session)
    with pytest.raises(ClientError, match="its ModelApprovalStatus is PendingManualApproval"):
        client.create_model(
            ModelName=f"early-{bucket}",
            ExecutionRoleArn=role,
            PrimaryContainer={"ModelPackageName": second.model_package_arn},
        )
    package.update_approval_status(approval_status="Rejected", approval_description="Too few rows")
    # The SDK approves what it deploys: sagemaker/model.py of 2.257, `_create_sagemaker_model` of a `ModelPackage`.
    package.deploy(1, "ml.m5.large", endpoint_name=f"registered-{bucket}", wait=False)
    assert ends.endpoint(f"registered-{bucket}")["EndpointStatus"] == "InService"
    predictor = sagemaker.Predictor(f"registered-{bucket}", session, CSVSerializer(), CSVDeserializer())
    answers = np.array(predictor.predict(flowers.unseen[:5]), dtype=float).ravel()
    assert answers.shape == (5,)
    assert ((answers > 0) & (answers < 1)).all()
    predictor.delete_endpoint()
