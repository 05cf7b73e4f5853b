"""What kinds of resources a picture tells apart, and which resources are only there to serve others."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from .references import Resource


class Kind(StrEnum):
    """What the resources of a picture are told apart by, in the order of the legend."""

    DATA = "Data"
    JOB = "Job"
    MODEL = "Model"
    ENDPOINT_CONFIG = "Endpoint configuration"
    ENDPOINT = "Endpoint"
    NOTEBOOK = "Notebook"
    ROLE = "Role"
    MONITORING = "Alarm and topic"
    KEY = "Key"
    NETWORK = "Network"
    OTHER = "Other"


_NOUNS: Final[Mapping[str, tuple[Kind, str]]] = {
    "AWS::S3::Bucket": (Kind.DATA, "Bucket"),
    "Custom::CDKBucketDeployment": (Kind.DATA, "Dataset"),
    "AWS::DynamoDB::Table": (Kind.DATA, "Table"),
    "AWS::SageMaker::FeatureGroup": (Kind.DATA, "Feature group"),
    "Custom::SageMakerTrainingJob": (Kind.JOB, "Training job"),
    "Custom::SageMakerHyperParameterTuningJob": (Kind.JOB, "Tuning job"),
    "Custom::SageMakerTransformJob": (Kind.JOB, "Transform job"),
    "Custom::SageMakerProcessingJob": (Kind.JOB, "Processing job"),
    "AWS::SageMaker::ProcessingJob": (Kind.JOB, "Processing job"),
    "AWS::SageMaker::Pipeline": (Kind.JOB, "Pipeline"),
    "AWS::SageMaker::MonitoringSchedule": (Kind.JOB, "Monitoring schedule"),
    "AWS::SageMaker::Model": (Kind.MODEL, "Model"),
    "AWS::SageMaker::ModelPackage": (Kind.MODEL, "Model package"),
    "AWS::SageMaker::ModelPackageGroup": (Kind.MODEL, "Model package group"),
    "AWS::SageMaker::EndpointConfig": (Kind.ENDPOINT_CONFIG, "Endpoint configuration"),
    "AWS::SageMaker::Endpoint": (Kind.ENDPOINT, "Endpoint"),
    "AWS::SageMaker::InferenceComponent": (Kind.ENDPOINT, "Inference component"),
    "AWS::SageMaker::NotebookInstance": (Kind.NOTEBOOK, "Notebook instance"),
    "AWS::SageMaker::NotebookInstanceLifecycleConfig": (Kind.NOTEBOOK, "Lifecycle configuration"),
    "AWS::SageMaker::CodeRepository": (Kind.NOTEBOOK, "Code repository"),
    "AWS::IAM::Role": (Kind.ROLE, "Role"),
    "AWS::IAM::User": (Kind.ROLE, "User"),
    "AWS::IAM::Group": (Kind.ROLE, "Group"),
    "AWS::CloudWatch::Alarm": (Kind.MONITORING, "Alarm"),
    "AWS::CloudWatch::CompositeAlarm": (Kind.MONITORING, "Composite alarm"),
    "AWS::CloudWatch::Dashboard": (Kind.MONITORING, "Dashboard"),
    "AWS::Budgets::Budget": (Kind.MONITORING, "Budget"),
    "AWS::SNS::Topic": (Kind.MONITORING, "Topic"),
    "AWS::KMS::Key": (Kind.KEY, "Key"),
    "AWS::EC2::VPC": (Kind.NETWORK, "VPC"),
    "AWS::EC2::SecurityGroup": (Kind.NETWORK, "Security group"),
}

BY_HAND: Final = "AWS::SSM::Parameter"
"""A parameter may hold the request of a job that is run by hand."""
_BY_HAND_KINDS: Final = {
    "TrainingJob": "Training job",
    "HyperParameterTuningJob": "Tuning job",
    "TransformJob": "Transform job",
    "ProcessingJob": "Processing job",
}

SERVES: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::IAM::Policy": ("Roles", "Users", "Groups"),
    "AWS::IAM::ManagedPolicy": ("Roles", "Users", "Groups"),
    "AWS::IAM::InstanceProfile": ("Roles",),
    "AWS::S3::BucketPolicy": ("Bucket",),
    "Custom::S3AutoDeleteObjects": ("BucketName",),
    "Custom::S3BucketNotifications": ("BucketName",),
    "AWS::SNS::TopicPolicy": ("Topics",),
    "AWS::SNS::Subscription": ("TopicArn",),
    "AWS::SQS::QueuePolicy": ("Queues",),
    "AWS::KMS::Alias": ("TargetKeyId",),
    "AWS::Lambda::Permission": ("FunctionName",),
    "AWS::Lambda::Version": ("FunctionName",),
    "AWS::Lambda::Alias": ("FunctionName",),
    "AWS::Lambda::EventInvokeConfig": ("FunctionName",),
    "AWS::ApplicationAutoScaling::ScalingPolicy": ("ScalingTargetId", "ResourceId"),
    "AWS::ApplicationAutoScaling::ScalableTarget": ("ResourceId",),
    "AWS::EC2::Subnet": ("VpcId",),
    "AWS::EC2::RouteTable": ("VpcId",),
    "AWS::EC2::Route": ("RouteTableId",),
    "AWS::EC2::SubnetRouteTableAssociation": ("SubnetId",),
    "AWS::EC2::VPCGatewayAttachment": ("VpcId",),
    "AWS::EC2::NatGateway": ("SubnetId",),
    "AWS::EC2::VPCEndpoint": ("VpcId",),
    "AWS::EC2::FlowLog": ("ResourceId",),
    "AWS::EC2::SecurityGroupIngress": ("GroupId",),
    "AWS::EC2::SecurityGroupEgress": ("GroupId",),
    "Custom::VpcRestrictDefaultSG": ("DefaultSecurityGroupId",),
}
"""Resources that are a part of another, by the properties that name the other."""

SERVES_USERS: Final = frozenset(
    {
        "AWS::Logs::LogGroup",
        "AWS::Lambda::LayerVersion",
        "AWS::EC2::EIP",
        "AWS::EC2::InternetGateway",
    }
)
"""Resources that are a part of whatever refers to them."""

PROVIDER_PARTS: Final = frozenset(
    {
        "AWS::Lambda::Function",
        "AWS::StepFunctions::StateMachine",
        "AWS::IAM::Role",
        "AWS::IAM::Policy",
        "AWS::Logs::LogGroup",
        "AWS::Lambda::LayerVersion",
    }
)
"""What the function that answers for a custom resource consists of."""

IGNORED: Final = frozenset(
    {"AWS::CDK::Metadata", "AWS::CloudFormation::Stack", "AWS::CloudFormation::WaitConditionHandle"}
)
"""What is there for the deployment alone; a nested stack is drawn by what is in it."""


def kind_of(resource: Resource) -> tuple[Kind, str]:
    """The kind of a resource, and the noun for it."""
    if resource.type == BY_HAND and (noun := _by_hand_noun(resource)) is not None:
        return Kind.JOB, f"{noun}, by hand"
    known = _NOUNS.get(resource.type)
    if known is not None:
        return known
    return Kind.OTHER, _spaced(resource.type.rpartition("::")[2])


def _by_hand_noun(resource: Resource) -> str | None:
    value = str(resource.properties.get("Value", ""))
    return next((noun for kind, noun in _BY_HAND_KINDS.items() if f'"kind":"{kind}"' in value), None)


def _spaced(name: str) -> str:
    """`StateMachine` as `State machine`; abbreviations stay."""
    words: list[str] = []
    for letter in name:
        if letter.isupper() and (not words or not words[-1][-1:].isupper()):
            words.append(letter)
        elif words:
            words[-1] += letter
        else:
            words.append(letter)
    return " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])])
