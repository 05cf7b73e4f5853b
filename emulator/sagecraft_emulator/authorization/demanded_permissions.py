"""Permissions that AWS's documentation demands of an execution role, and that nothing on this machine uses.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
"""

from collections.abc import Mapping
from typing import Final

_IMAGE: Final = "a program of this machine stands for the image, so that none is pulled"
_NETWORK: Final = "SageMaker attaches network interfaces to a VPC, and work on this machine has none"
_LOG: Final = "SageMaker writes the logs of work; this work has written none"
_VOLUME: Final = "SageMaker encrypts the instance's volume, and work on this machine uses its disk"
_LAMBDA: Final = "Lambda itself writes the logs of functions, and the emulator's host does so without asking"
_CHANGE: Final = "the function does so when its stack is changed or taken back, and it has not been yet"
_PIPELINE: Final = "a pipeline that is stopped stops its jobs; none has been"
_GRANT: Final = "SageMaker needs it of who makes a job or of the job's role, and the latter has it"
_LATER: Final = {
    "kms:CreateGrant": _GRANT,
    "kms:DescribeKey": _VOLUME,
    "s3:ListBucket": _CHANGE,
    "sagemaker:AddTags": _CHANGE,
    "sagemaker:DeleteTags": _CHANGE,
}
_DEMANDED: Final[dict[str, str]] = {
    "ecr:BatchCheckLayerAvailability": _IMAGE,
    "ecr:BatchGetImage": _IMAGE,
    "ecr:GetAuthorizationToken": _IMAGE,
    "ecr:GetDownloadUrlForLayer": _IMAGE,
    "ec2:CreateNetworkInterface": _NETWORK,
    "ec2:CreateNetworkInterfacePermission": _NETWORK,
    "ec2:DeleteNetworkInterface": _NETWORK,
    "ec2:DeleteNetworkInterfacePermission": _NETWORK,
    "ec2:DescribeDhcpOptions": _NETWORK,
    "ec2:DescribeNetworkInterfaces": _NETWORK,
    "ec2:DescribeSecurityGroups": _NETWORK,
    "ec2:DescribeSubnets": _NETWORK,
    "ec2:DescribeVpcs": _NETWORK,
    "kms:CreateGrant": _VOLUME,
    "kms:DescribeKey": _VOLUME,
    "kms:GenerateDataKeyWithoutPlaintext": _VOLUME,
    "kms:Encrypt": "SageMaker's documentation asks for it where the output has a key; S3 needs data keys alone",
    "logs:DescribeLogStreams": "SageMaker looks for a log stream before it goes on with one; here it is always new",
    "logs:CreateLogGroup": _LOG,
    "logs:CreateLogStream": _LOG,
    "logs:PutLogEvents": _LOG,
    "cloudwatch:PutMetricData": "SageMaker sends the metrics of work; this work has sent none",
    "s3:AbortMultipartUpload": "an upload in parts that fails is taken back; none has failed",
    "kms:Decrypt": "an upload in parts decrypts what it has written; none was so large",
    "s3:ListBucket": "SageMaker's documentation asks for it of every role that reads from S3; single objects need none",
    **{
        f"sagemaker:Stop{job}": _PIPELINE
        for job in ("AutoMLJob", "HyperParameterTuningJob", "ProcessingJob", "TrainingJob", "TransformJob")
    },
    "s3:GetBucketLocation": "SageMaker finds the region of a bucket; here every region answers at one place",
}


def needed_later(*actions: str) -> dict[str, str]:
    """Actions that the function of a resource needs when its stack is changed or taken back, each with that reason."""
    return dict.fromkeys(actions, _CHANGE)


def demanded_reason(action: str, of_functions: Mapping[str, str], *, is_function: bool) -> str | None:
    """Why a role has an action that nothing here uses; None where no documentation asks for it.

    Args:
        action: As IAM names it.
        of_functions: The reasons that nouns give for the functions that deploy them, by action.
        is_function: Whether it is the role of a Lambda function.
    """
    if is_function:
        return _LAMBDA if action.startswith("logs:") else {**_LATER, **of_functions}.get(action)
    return _DEMANDED.get(action)
