"""Where a team works: a VPC that the internet is not reached from, and the ways to AWS that work needs."""

from typing import Final

from aws_cdk import Fn, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from sagecraft_constructs.asked import stack_of

_ZONES: Final = 2
_HTTPS: Final = 443
_SERVICES: Final = ("ECR", "ECR_DOCKER", "KMS", "SAGEMAKER_API", "SAGEMAKER_RUNTIME", "STS")
"""What notebooks and jobs call, as `InterfaceVpcEndpointAwsService` names it, besides CloudWatch and S3."""


def closed_vpc(scope: Construct, retention: logs.RetentionDays) -> ec2.Vpc:
    """A VPC without a way to the internet, in which nothing but AWS's services is reached.

    Interface endpoints cost money by the hour, in each zone.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/infrastructure-connect-to-resources.html

    Args:
        scope: Where it stands.
        retention: How long it is known what was connected to what.
    """
    vpc = ec2.Vpc(
        scope,
        "Vpc",
        # The region's own list, without a look into the account when the app is synthesized.
        availability_zones=[Fn.select(number, Fn.get_azs()) for number in range(_ZONES)],
        nat_gateways=0,
        subnet_configuration=[ec2.SubnetConfiguration(name="Work", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)],
        # Nothing stands in the default group, and the function that would empty it is one thing more to look after.
        restrict_default_security_group=False,
    )
    traffic = logs.LogGroup(vpc, "Traffic", retention=retention, removal_policy=RemovalPolicy.DESTROY)
    vpc.add_flow_log("FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(traffic))
    s3 = vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
    for statement in _s3_of_account(stack_of(scope)):
        s3.add_to_policy(statement)
    return vpc


def add_endpoints(vpc: ec2.Vpc, work: ec2.ISecurityGroup) -> None:
    """Adds the ways to the services that work calls, open to its security group alone."""
    service = ec2.InterfaceVpcEndpointAwsService
    group = ec2.SecurityGroup(
        vpc, "Endpoints", vpc=vpc, description="Ways to the services of AWS", allow_all_outbound=False
    )
    group.add_ingress_rule(work, ec2.Port.tcp(_HTTPS), "From the work of the team")
    named = {name.title().replace("_", ""): getattr(service, name) for name in _SERVICES}
    for name, each in {**named, "Logs": service.CLOUDWATCH_LOGS, "Metrics": service.CLOUDWATCH_MONITORING}.items():
        vpc.add_interface_endpoint(name, service=each, security_groups=[group], open=False)


def work_group(scope: Construct, vpc: ec2.IVpc) -> ec2.SecurityGroup:
    """The security group of a team's work, whose hosts reach each other, and which nothing else gets into."""
    group = ec2.SecurityGroup(scope, "Work", vpc=vpc, description="Notebooks and jobs of the team")
    group.add_ingress_rule(group, ec2.Port.all_traffic(), "From each other, for jobs of several hosts")
    return group


def _s3_of_account(stack: Stack) -> list[iam.PolicyStatement]:
    """S3 as the account's own roles, in the account's own buckets; and the layers of images, which ECR keeps in S3.

    Sources: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html,
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html
    """
    anybody = [iam.AnyPrincipal()]
    account = stack.account
    layers = f"arn:{stack.partition}:s3:::prod-{stack.region}-starport-layer-bucket/*"
    return [
        iam.PolicyStatement(
            principals=anybody,
            actions=["s3:*"],
            resources=["*"],
            conditions={"StringEquals": {"aws:PrincipalAccount": account, "aws:ResourceAccount": account}},
        ),
        iam.PolicyStatement(principals=anybody, actions=["s3:GetObject"], resources=[layers]),
    ]
