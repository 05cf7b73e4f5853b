"""What work needs wherever it runs: its image, its logs and metrics, its network."""

from aws_cdk import aws_iam as iam

from sagecraft_constructs.asked import arn_at, place_of

from .nag import acknowledge_resource
from .policy import allow, allow_everywhere


def allow_pull(role: iam.IRole, repository_arn: str) -> None:
    """Allows to pull images of one ECR repository."""
    allow(
        role,
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        [repository_arn],
    )
    allow_everywhere(role, ["ecr:GetAuthorizationToken"])


def allow_pull_published(role: iam.IRole) -> None:
    """Allows to pull whichever image of AWS's own SageMaker takes for work whose images it chooses by itself."""
    place = place_of(role)
    arn = f"arn:{place.partition}:ecr:{place.region}:*:repository/*"
    allow_pull(role, arn)
    acknowledge_resource(
        role, arn, "SageMaker chooses the image and publishes it from accounts of its own; nothing but a pull is meant."
    )


def allow_telemetry(role: iam.IRole, log_group: str) -> None:
    """Allows to write the logs and the metrics of work, both of which go by SageMaker's name of the log group."""
    arn = arn_at(role, "logs", f"log-group:{log_group}*")
    allow(role, ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], [arn])
    acknowledge_resource(
        role,
        arn,
        "SageMaker names the log groups and streams of its work itself; only those below its own name are meant.",
    )
    allow_everywhere(
        role,
        ["cloudwatch:PutMetricData"],
        {"StringLike": {"cloudwatch:namespace": ["AWS/SageMaker", f"{log_group}*"]}},
    )


def allow_network(role: iam.IRole) -> None:
    """Allows to attach work to a VPC."""
    allow_everywhere(
        role,
        [
            "ec2:CreateNetworkInterface",
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteNetworkInterfacePermission",
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ],
    )
