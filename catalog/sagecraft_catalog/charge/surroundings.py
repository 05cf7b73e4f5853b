"""What stands around SageMaker's own: data, networks, keys, functions, roles, and what tells of money."""

from decimal import Decimal
from typing import Final

from sagecraft_catalog.feature_group import PROVISIONED
from sagecraft_catalog.price.row import Component

from .charge import Charge, Cost, Rule, Rules, by_use, free
from .resource import Resource
from .span import ONE, Span
from .work import monitoring_schedule, parameter, pipeline, schedule


def _standing(item: str, use: str = "") -> Rule:
    """Something that has a price of its own for as long as it is there."""
    return lambda _: Cost(charges=(Charge(component=Component.SERVICE, items=(item,)),), by_use=use)


def vpc_endpoint(resource: Resource) -> Cost:
    """An interface in each of its subnets; a gateway is free.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html
    """
    match resource.get("VpcEndpointType").text() or "Gateway":
        case "Gateway":
            return Cost()
        case "Interface":
            subnets = resource.get("SubnetIds")
            count = Span.of(len(subnets.members())) if subnets.members() else Span(Decimal(1), None)
            interfaces = Charge(component=Component.SERVICE, items=("interface-endpoint",), quantity=count)
            return Cost(charges=(interfaces,), by_use="data through it")
        case other:
            return Cost(unpriced=f"no price of an endpoint of type {other} is known")


def alarm(resource: Resource) -> Cost:
    """A metric a month, of standard resolution."""
    period = resource.get("Period").span(Span.of(60))
    count = Span.of(max(1, len(resource.get("Metrics").members())))
    if period.low < 60:
        return Cost(unpriced="no price of an alarm of high resolution is known")
    return Cost(charges=(Charge(component=Component.SERVICE, items=("alarm",), quantity=count),))


def address(_: Resource) -> Cost:
    """A public address, whether something uses it or not."""
    return Cost(charges=(Charge(component=Component.SERVICE, items=("public-ipv4",), quantity=ONE),))


_STORED: Final = by_use("what is stored, and requests")
_RUNS: Final = by_use("its runs")
DATA: Final[Rules] = {
    "AWS::S3::Bucket": _STORED,
    "AWS::S3::BucketPolicy": free,
    "AWS::DynamoDB::Table": _STORED,
    "Custom::CDKBucketDeployment": free,
    "Custom::S3AutoDeleteObjects": free,
    "Custom::S3BucketNotifications": free,
}


def _feature_group(resource: Resource) -> Cost:
    """By use, unless capacity is provisioned: that is paid for by the hour."""
    if resource.get("ThroughputConfig", "ThroughputMode").text() != PROVISIONED:
        return Cost(by_use="records put and read, and what is stored")
    return Cost(by_use="what is stored", unpriced="no price of provisioned capacity of the feature store is known")


FEATURES: Final[Rules] = {"AWS::SageMaker::FeatureGroup": _feature_group}
MONEY: Final[Rules] = {
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::Budgets::Budget": free,
    # Source: https://aws.amazon.com/aws-cost-management/aws-budgets/pricing/
    "AWS::Budgets::BudgetsAction": by_use("days, from the account's third budget with actions on"),
    "AWS::CE::AnomalyMonitor": free,
    "AWS::CE::AnomalySubscription": free,
    "AWS::SNS::Topic": by_use("its messages"),
    "AWS::SNS::TopicPolicy": free,
    "AWS::SNS::Subscription": free,
}
PERMISSIONS: Final[Rules] = {
    f"AWS::IAM::{each}": free
    for each in ("Role", "User", "Group", "Policy", "RolePolicy", "ManagedPolicy", "InstanceProfile")
}
REGISTRY: Final[Rules] = {
    "AWS::SageMaker::ModelPackage": free,
    "AWS::SageMaker::ModelPackageGroup": free,
    "Custom::SageMakerDelivered": free,
    "Custom::SageMakerModelPackages": free,
}
TEAM: Final[Rules] = {"Custom::LogRetention": free}
SURROUNDINGS: Final[Rules] = {
    "AWS::KMS::Key": _standing("kms-key", "requests"),
    "AWS::SecretsManager::Secret": _standing("secret", "requests"),
    "AWS::EC2::NatGateway": _standing("nat-gateway", "data through it"),
    "AWS::EC2::EIP": address,
    "AWS::EC2::VPCEndpoint": vpc_endpoint,
    "AWS::EC2::FlowLog": by_use("its lines"),
    "AWS::EFS::FileSystem": _STORED,
    "AWS::ECR::Repository": _STORED,
    "AWS::Logs::LogGroup": by_use("its lines"),
    "AWS::Lambda::Function": _RUNS,
    "AWS::StepFunctions::StateMachine": _RUNS,
    "AWS::SQS::Queue": by_use("its messages"),
    "AWS::SageMaker::Pipeline": pipeline,
    "AWS::SageMaker::MonitoringSchedule": monitoring_schedule,
    "AWS::Scheduler::Schedule": schedule,
    "AWS::SSM::Parameter": parameter,
    **dict.fromkeys(
        (
            "AWS::CDK::Metadata",
            "AWS::CloudFormation::Stack",
            "AWS::CloudFormation::WaitCondition",
            "AWS::CloudFormation::WaitConditionHandle",
            "AWS::EC2::InternetGateway",
            "AWS::EC2::NetworkAcl",
            "AWS::EC2::NetworkAclEntry",
            "AWS::EC2::Route",
            "AWS::EC2::RouteTable",
            "AWS::EC2::SecurityGroup",
            "AWS::EC2::SecurityGroupEgress",
            "AWS::EC2::SecurityGroupIngress",
            "AWS::EC2::Subnet",
            "AWS::EC2::SubnetRouteTableAssociation",
            "AWS::EC2::VPC",
            "AWS::EC2::VPCGatewayAttachment",
            "AWS::EFS::AccessPoint",
            "AWS::EFS::MountTarget",
            "AWS::Events::Rule",
            "AWS::KMS::Alias",
            "AWS::SageMaker::DataQualityJobDefinition",
            "AWS::SageMaker::ModelBiasJobDefinition",
            "AWS::SageMaker::ModelExplainabilityJobDefinition",
            "AWS::SageMaker::ModelQualityJobDefinition",
            "AWS::Scheduler::ScheduleGroup",
            "AWS::Lambda::Alias",
            "AWS::Lambda::EventInvokeConfig",
            "AWS::Lambda::LayerVersion",
            "AWS::Lambda::Permission",
            "AWS::Lambda::Version",
            "AWS::SQS::QueuePolicy",
            "Custom::VpcRestrictDefaultSG",
        ),
        free,
    ),
}
"""What no noun of SageMaker's has."""
