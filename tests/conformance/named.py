"""What a request names outside of SageMaker, and AWS looks at before it accepts it: roles, objects, images, subnets."""

from typing import Any

from .table import (
    ABSENT_ROLE,
    ACCOUNT,
    NO_ACCESS,
    NO_OBJECTS,
    NOT_ASSUMED,
    OTHER_ACCOUNT,
    PULL,
    XGBOOST,
    Row,
    channel,
    model,
    notebook,
    processing,
    training,
    transform,
    tuning,
)

_ASSUME = "https://github.com/awslabs/predictive-maintenance-using-machine-learning/issues/3"
_RETRIED = (
    "hashicorp/terraform-provider-aws internal/service/sagemaker/hyper_parameter_tuning_job.go, what Create retries"
)
_NO_OBJECTS = "https://github.com/aws/amazon-sagemaker-examples/issues/2267"
_NO_ACCESS = "https://github.com/aws-ia/ecs-blueprints/issues/223 and threads on 'Could not access model data at'"
_EC2 = "EC2's text, https://github.com/boto/boto3/issues/2398; SageMaker's own is not known from a public source"
_FOREIGN_ROLE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/theirs"
_MINE = "110000000011.dkr.ecr.us-east-1.amazonaws.com/mine:1"
_THEIRS = f"{OTHER_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
_FAR_XGBOOST = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"
_PLAIN = "docker.io/library/python:3.11"


def _refused(operation: str, request: dict[str, object], case: str, message: str, source: str) -> Row:
    return Row(case, operation, request, "ValidationException", message, source)


def _no_objects(uri: str, bucket: str = "{bucket}", said: str = "") -> str:
    return NO_OBJECTS.format(uri=uri, role="{role}", bucket=bucket) + said


ROLES = [
    *(
        _refused(operation, request, "the role does not exist", NOT_ASSUMED.format(role=ABSENT_ROLE), _ASSUME)
        for operation, request in (
            ("CreateTrainingJob", training(role=ABSENT_ROLE)),
            ("CreateHyperParameterTuningJob", tuning(role=ABSENT_ROLE)),
            ("CreateProcessingJob", processing(role=ABSENT_ROLE)),
            ("CreateNotebookInstance", notebook(role=ABSENT_ROLE)),
            ("CreateModel", model(role=ABSENT_ROLE, data=None)),
        )
    ),
    _refused(
        "CreateTrainingJob",
        training(role="{lambda_role}"),
        "the role does not trust SageMaker",
        NOT_ASSUMED.format(role="{lambda_role}"),
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html and the thread above",
    ),
    _refused(
        "CreateModel",
        model(role=ABSENT_ROLE),
        "the role that reads the model data does not exist",
        NO_ACCESS.format(uri="s3://{bucket}/model.tar.gz", role=ABSENT_ROLE),
        _NO_ACCESS,
    ),
    *(
        Row(
            "the role is of another account, and nobody can say whether it exists",
            operation,
            request,
            "AccessDeniedException",
            "Cross-account pass role is not allowed.",
            "https://github.com/awsdocs/iam-user-guide/pull/228, of `iam:PassRole` in every service",
        )
        for operation, request in (
            ("CreateTrainingJob", training(role=_FOREIGN_ROLE)),
            ("CreateModel", model(role=_FOREIGN_ROLE)),
            ("CreateNotebookInstance", notebook(role=_FOREIGN_ROLE)),
        )
    ),
]

ASSUMED = [
    *(
        Row(
            case,
            "AssumeRole",
            {"RoleArn": "{role}", "RoleSessionName": "conforms", "DurationSeconds": seconds},
            "ValidationError",
            message,
            source,
            "sts",
        )
        for case, seconds, message, source in (
            (
                "for longer than the role allows",
                3601,
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                "https://github.com/kreuzwerker/awsu/issues/27",
            ),
            (
                "for over half a day",
                43_201,
                (
                    "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: "
                    "Member must have value less than or equal to 43200"
                ),
                "https://github.com/cevoaustralia/aws-google-auth/pull/178, which reads the greatest from the text",
            ),
        )
    ),
    Row(
        "a role that there is not",
        "AssumeRole",
        {"RoleArn": ABSENT_ROLE, "RoleSessionName": "conforms"},
        "AccessDenied",
        f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: sts:AssumeRole on resource: {ABSENT_ROLE}",
        "https://github.com/localstack/localstack/pull/8730; the text: https://github.com/Netflix/security_monkey/issues/77",
        "sts",
    ),
    Row(
        "a role that there is not",
        "AssumeRoleWithWebIdentity",
        {"RoleArn": ABSENT_ROLE, "RoleSessionName": "conforms", "WebIdentityToken": "a.b.c"},
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        "https://github.com/aws-actions/configure-aws-credentials/issues/318",
        "sts",
    ),
]

OBJECTS = [
    *(
        _refused(operation, request, "no object under the prefix", _no_objects("s3://{bucket}/empty/"), source)
        for operation, request, source in (
            ("CreateTrainingJob", training(InputDataConfig=[channel("s3://{bucket}/empty/")]), _NO_OBJECTS),
            ("CreateHyperParameterTuningJob", tuning(InputDataConfig=[channel("s3://{bucket}/empty/")]), _RETRIED),
            (
                "CreateTransformJob",
                transform("s3://{bucket}/empty/"),
                "https://github.com/aws/amazon-sagemaker-examples/issues/2270",
            ),
        )
    ),
    _refused(
        "CreateTrainingJob",
        training(InputDataConfig=[channel("s3://{bucket}-absent/train")]),
        "the bucket does not exist",
        _no_objects(
            "s3://{bucket}-absent/train",
            "{bucket}-absent",
            " Error message from S3: The specified bucket does not exist",
        ),
        _NO_OBJECTS,
    ),
    *(
        _refused(
            operation,
            request,
            "the bucket of the input is in another region",
            _no_objects(
                "s3://{far_bucket}/train",
                "{far_bucket}",
                " Error message from S3: The bucket is in this region: eu-west-1. Please use this region to retry the "
                "request",
            ),
            "a README on Kedro with SageMaker: 'The bucket is in this region: ap-southeast-1', region us-east-1",
        )
        for operation, request in (
            ("CreateTrainingJob", training(InputDataConfig=[channel("s3://{far_bucket}/train")])),
            ("CreateTransformJob", transform("s3://{far_bucket}/train")),
        )
    ),
    *(
        _refused(
            operation,
            request,
            f"the bucket of the {what} is in another region",
            f"Unable to access s3://{{far_bucket}}/{path} (BucketRegionError: bucket must be in the same region as the "
            "job). The bucket is in this region: eu-west-1, and the job is in us-east-1.",
            "https://github.com/aws/amazon-sagemaker-examples/issues/3881, where AWS's job fails at its end",
        )
        for operation, request, what, path in (
            (
                "CreateTrainingJob",
                training(OutputDataConfig={"S3OutputPath": "s3://{far_bucket}/output"}),
                "output",
                "output",
            ),
            (
                "CreateTrainingJob",
                training(CheckpointConfig={"S3Uri": "s3://{far_bucket}/checkpoints"}),
                "checkpoints",
                "checkpoints",
            ),
            ("CreateTransformJob", transform(output="s3://{far_bucket}/output"), "output", "output"),
            ("CreateProcessingJob", processing(source="s3://{far_bucket}/train"), "input", "train"),
        )
    ),
    _refused(
        "CreateModel",
        model(data="s3://{bucket}/absent.tar.gz"),
        "no object at the model data's URL",
        "Could not find model data at s3://{bucket}/absent.tar.gz.",
        "https://github.com/aws-ia/ecs-blueprints/issues/223",
    ),
    _refused(
        "CreateModel",
        model(data="s3://{far_bucket}/model.tar.gz"),
        "the model data is in another region",
        NO_ACCESS.format(uri="s3://{far_bucket}/model.tar.gz", role="{role}"),
        _NO_ACCESS,
    ),
]

IMAGES = [
    _refused(
        "CreateTrainingJob",
        training(image=_FAR_XGBOOST),
        "the image is in another region",
        "Invalid DNS suffix 'amazonaws.com' for region 'eu-west-1' in training image. Please provide the valid "
        "<region>.<dns-suffix>: 'us-east-1.amazonaws.com'",
        "https://github.com/aws-samples/mlops-amazon-sagemaker/issues/9",
    ),
    _refused(
        "CreateModel",
        model(image=_FAR_XGBOOST),
        "the image is in another region",
        f'Region of "{_FAR_XGBOOST}" does not match expected region of us-east-1. Cross region ECR image pulls are not '
        "allowed.",
        "https://github.com/aws/sagemaker-pytorch-inference-toolkit/pull/7",
    ),
    _refused(
        "CreateProcessingJob",
        processing(image=_FAR_XGBOOST),
        "the image is in another region",
        f"Invalid region eu-west-1 in image URI {_FAR_XGBOOST}. Please provide an image URI in region us-east-1.",
        "https://github.com/aws/amazon-sagemaker-examples/issues/2422",
    ),
    _refused(
        "CreateTrainingJob",
        training(image=_MINE),
        "the caller's registry has no such repository",
        "Cannot find repository: mine in registry ID: 110000000011 Please check if your ECR repository exists and role "
        f"{{role}} {PULL}",
        "https://github.com/aws/amazon-sagemaker-examples/issues/2534",
    ),
    _refused(
        "CreateModel",
        model(image=_MINE),
        "the caller's registry has no such image",
        f"Requested image {_MINE} not found.",
        "https://github.com/aws-samples/easy-amazon-sagemaker-deployments/issues/4",
    ),
    _refused(
        "CreateTrainingJob",
        training(image=_THEIRS),
        "AWS's image by name, in an account that is not AWS's",
        f"Access denied for repository: sagemaker-xgboost in registry ID: {OTHER_ACCOUNT}. Please check if your ECR "
        f"repository and image exist and role {{role}} {PULL}",
        "https://github.com/wpilibsuite/DetectCoral/issues/37",
    ),
    _refused(
        "CreateModel",
        model(image=_THEIRS),
        "AWS's image by name, in an account that is not AWS's",
        f"The repository of your image {_THEIRS} does not grant ecr:GetDownloadUrlForLayer, ecr:BatchGetImage, "
        "ecr:BatchCheckLayerAvailability permission to sagemaker.amazonaws.com service principal.",
        "https://github.com/aws/deep-learning-containers/issues/5657",
    ),
    _refused(
        "CreateTrainingJob",
        training(image=XGBOOST.replace("683313688378", "141502667606")),
        "AWS's account of another region",
        "Access denied for repository: sagemaker-xgboost in registry ID: 141502667606. Please check if your ECR "
        f"repository and image exist and role {{role}} {PULL}",
        "the registries in aws/sagemaker-python-sdk image_uri_config/xgboost.json",
    ),
    _refused(
        "CreateTrainingJob",
        training(image=_PLAIN),
        "an image that is not in ECR",
        "TrainingImageConfig with TrainingRepositoryAccessMode set to VPC must be provided when using a training image "
        "from a private Docker registry. Please provide TrainingImageConfig and TrainingRepositoryAccessMode set to "
        "VPC when using a training image from a private Docker registry.",
        "https://github.com/aws/aws-sdk/issues/117",
    ),
    _refused(
        "CreateModel",
        model(image=_PLAIN),
        "an image that is not in ECR",
        f'Using non-ECR image "{_PLAIN}" without Vpc repository access mode is not supported.',
        "https://github.com/aws/sagemaker-python-sdk/pull/4700",
    ),
]

_NO_SUBNET, _NO_GROUP = "The subnet ID 'subnet-absent' does not exist", "The security group 'sg-absent' does not exist"
_NO_VPC = "The vpc ID 'vpc-absent' does not exist"
_THERE = {"Subnets": ["subnet-00000001"], "SecurityGroupIds": ["sg-00000001"]}
_ABSENT_SUBNET: dict[str, Any] = {"VpcConfig": {**_THERE, "Subnets": ["subnet-00000001", "subnet-absent"]}}
_ABSENT_GROUP: dict[str, Any] = {"VpcConfig": {**_THERE, "SecurityGroupIds": ["sg-absent"]}}
_DOMAIN: dict[str, Any] = {
    "DomainName": "nowhere",
    "AuthMode": "IAM",
    "VpcId": "vpc-00000001",
    "SubnetIds": ["subnet-00000001"],
    "DefaultUserSettings": {"ExecutionRole": "{role}"},
}
_PROFILE: dict[str, Any] = {
    "DomainId": "{domain}",
    "UserProfileName": "eve",
    "UserSettings": {"SecurityGroups": ["sg-absent"]},
}

NETWORKS = [
    _refused(operation, request, f"{what} that is not there", message, _EC2)
    for operation, request, what, message in (
        ("CreateTrainingJob", training(**_ABSENT_SUBNET), "a subnet", _NO_SUBNET),
        ("CreateTrainingJob", training(**_ABSENT_GROUP), "a security group", _NO_GROUP),
        ("CreateHyperParameterTuningJob", tuning(**_ABSENT_SUBNET), "a subnet", _NO_SUBNET),
        ("CreateProcessingJob", {**processing(), "NetworkConfig": _ABSENT_GROUP}, "a security group", _NO_GROUP),
        ("CreateModel", {**model(), **_ABSENT_SUBNET}, "a subnet", _NO_SUBNET),
        ("CreateNotebookInstance", {**notebook(), "SubnetId": "subnet-absent"}, "a subnet", _NO_SUBNET),
        ("CreateDomain", {**_DOMAIN, "SubnetIds": ["subnet-absent"]}, "a subnet", _NO_SUBNET),
        ("CreateDomain", {**_DOMAIN, "VpcId": "vpc-absent"}, "a VPC", _NO_VPC),
        ("CreateUserProfile", _PROFILE, "a security group", _NO_GROUP),
    )
]
