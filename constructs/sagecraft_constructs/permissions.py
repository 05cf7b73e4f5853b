"""What SageMaker's execution roles are allowed: each function adds one need of declared work to a role.

Actions are spelt out. A `*` in a resource has its reason beside it, which is also what cdk-nag is told.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
"""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from .nag import acknowledge_resource, acknowledge_resource_of

TRAINING_LOG_GROUP = "/aws/sagemaker/TrainingJobs"
TRANSFORM_LOG_GROUP = "/aws/sagemaker/TransformJobs"
PROCESSING_LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
ENDPOINT_LOG_GROUP = "/aws/sagemaker/Endpoints"
NOTEBOOK_LOG_GROUP = "/aws/sagemaker/NotebookInstances"


def _allow(
    role: iam.IRole, actions: list[str], resources: list[str], conditions: dict[str, dict[str, object]] | None = None
) -> None:
    role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=resources, conditions=conditions))


def allow_read(role: iam.IRole, bucket: s3.IBucket, prefix: str) -> None:
    """Allows to list and read the objects of a bucket below a prefix."""
    _allow_list(role, bucket, prefix)
    _allow_objects(role, bucket, prefix, ["s3:GetObject"])
    if bucket.encryption_key is not None:
        allow_decrypt(role, bucket.encryption_key)


def allow_write(role: iam.IRole, bucket: s3.IBucket, prefix: str) -> None:
    """Allows to write objects of a bucket below a prefix, in parts too."""
    _allow_objects(role, bucket, prefix, ["s3:PutObject", "s3:AbortMultipartUpload"])
    if bucket.encryption_key is not None:
        allow_encrypt(role, bucket.encryption_key)


def allow_decrypt(role: iam.IRole, key: kms.IKey) -> None:
    """Allows to decrypt data with a key."""
    _allow(role, ["kms:Decrypt"], [key.key_arn])


def allow_encrypt(role: iam.IRole, key: kms.IKey) -> None:
    """Allows to encrypt and decrypt data with a key."""
    _allow(role, ["kms:Decrypt", "kms:GenerateDataKey"], [key.key_arn])


def allow_volume_key(role: iam.IRole, key: kms.IKey) -> None:
    """Allows to attach volumes that are encrypted with a key."""
    _allow(role, ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"], [key.key_arn])
    _allow(role, ["kms:CreateGrant"], [key.key_arn], {"Bool": {"kms:GrantIsForAWSResource": "true"}})


def allow_pull(role: iam.IRole, repository_arn: str) -> None:
    """Allows to pull images of one ECR repository."""
    _allow(
        role,
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        [repository_arn],
    )
    _allow_everywhere(role, ["ecr:GetAuthorizationToken"])


def allow_telemetry(role: iam.IRole, log_group: str) -> None:
    """Allows to write the logs and the metrics of work, both of which go by SageMaker's name of the log group."""
    stack = Stack.of(role)
    arn = f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:{log_group}*"
    _allow(role, ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"], [arn])
    acknowledge_resource(
        role,
        arn,
        "SageMaker names the log groups and streams of its work itself; only those below its own name are meant.",
    )
    _allow_everywhere(
        role,
        ["cloudwatch:PutMetricData"],
        {"StringLike": {"cloudwatch:namespace": ["AWS/SageMaker", f"{log_group}*"]}},
    )


def allow_network(role: iam.IRole) -> None:
    """Allows to attach work to a VPC."""
    _allow_everywhere(
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


def _allow_list(role: iam.IRole, bucket: s3.IBucket, prefix: str) -> None:
    _allow(role, ["s3:ListBucket"], [bucket.bucket_arn], {"StringLike": {"s3:prefix": [f"{prefix}*"]}})
    _allow(role, ["s3:GetBucketLocation"], [bucket.bucket_arn])


def _allow_objects(role: iam.IRole, bucket: s3.IBucket, prefix: str, actions: list[str]) -> None:
    _allow(role, actions, [bucket.arn_for_objects(f"{prefix}*")])
    acknowledge_resource_of(
        role,
        bucket,
        bucket.bucket_arn,
        f"/{prefix}*",
        "The names of the objects are only known once the work has run; the prefix holds nothing but them.",
    )


def _allow_everywhere(
    role: iam.IRole, actions: list[str], conditions: dict[str, dict[str, object]] | None = None
) -> None:
    """Allows actions that IAM cannot restrict to a resource, or whose resources SageMaker makes and names itself."""
    _allow(role, actions, ["*"], conditions)
    acknowledge_resource(
        role,
        "*",
        "ecr:GetAuthorizationToken, cloudwatch:PutMetricData (held to SageMaker's namespaces) and the ec2 actions for "
        "network interfaces that SageMaker makes itself know no resource to be restricted to.",
    )
