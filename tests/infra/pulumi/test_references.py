"""What Ref yields of the types that the constructs of this project make."""

import pytest
from sagecraft_infra.pulumi.provider.types import native_type, output_property
from sagecraft_infra.pulumi.registration.children import REF_PROPERTIES


@pytest.mark.parametrize(
    ("cloudformation_type", "token", "identifier"),
    [
        # As the page of each type in the template reference says of Ref, and Cloud Control identifies it.
        ("AWS::CloudWatch::Alarm", "aws-native:cloudwatch:Alarm", "alarm_name"),
        ("AWS::IAM::Role", "aws-native:iam:Role", "role_name"),
        ("AWS::KMS::Key", "aws-native:kms:Key", "key_id"),
        ("AWS::Lambda::Function", "aws-native:lambda:Function", "function_name"),
        ("AWS::Lambda::LayerVersion", "aws-native:lambda:LayerVersion", "layer_version_arn"),
        ("AWS::Logs::LogGroup", "aws-native:logs:LogGroup", "log_group_name"),
        ("AWS::S3::Bucket", "aws-native:s3:Bucket", "bucket_name"),
        ("AWS::S3::BucketPolicy", "aws-native:s3:BucketPolicy", "bucket"),
        ("AWS::SNS::Subscription", "aws-native:sns:Subscription", "arn"),
        ("AWS::SNS::Topic", "aws-native:sns:Topic", "topic_arn"),
        ("AWS::SageMaker::Endpoint", "aws-native:sagemaker:Endpoint", "endpoint_arn"),
        ("AWS::SageMaker::EndpointConfig", "aws-native:sagemaker:EndpointConfig", "endpoint_config_arn"),
        ("AWS::SageMaker::Model", "aws-native:sagemaker:Model", "model_arn"),
        ("AWS::SageMaker::NotebookInstance", "aws-native:sagemaker:NotebookInstance", "notebook_instance_arn"),
        (
            "AWS::SageMaker::NotebookInstanceLifecycleConfig",
            "aws-native:sagemaker:NotebookInstanceLifecycleConfig",
            "notebook_instance_lifecycle_config_arn",
        ),
        ("AWS::StepFunctions::StateMachine", "aws-native:stepfunctions:StateMachine", "arn"),
    ],
)
def test_ref_is_the_primary_identifier(cloudformation_type: str, token: str, identifier: str) -> None:
    found = native_type(cloudformation_type)
    assert found is not None
    assert found.token == token
    assert found.identifier == (identifier,)
    assert cloudformation_type not in REF_PROPERTIES


@pytest.mark.parametrize("cloudformation_type", REF_PROPERTIES)
def test_where_ref_is_something_else_the_package_has_that_output(cloudformation_type: str) -> None:
    found = native_type(cloudformation_type)
    assert found is not None
    output = output_property(found.resource, REF_PROPERTIES[cloudformation_type])
    assert output is not None
    assert output.name == REF_PROPERTIES[cloudformation_type]


def test_a_type_that_the_package_lacks_is_none() -> None:
    assert native_type("AWS::SageMaker::Nothing") is None
    assert native_type("AWS::Nothing::Model") is None
    assert native_type("Custom::Model") is None
