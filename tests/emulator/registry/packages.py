"""Model packages as the tests make them."""

import json
from typing import Any, Final

from tests.emulator.control_plane import ACCOUNT, IMAGE, REGION

OTHER: Final = "111111111111"
DATA: Final = "s3://bucket/model.tar.gz"
SPECIFICATION: Final[dict[str, Any]] = {
    "Containers": [{"Image": IMAGE, "ModelDataUrl": DATA}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}
ALONE: Final[dict[str, Any]] = {
    **SPECIFICATION,
    "SupportedTransformInstanceTypes": ["ml.m5.large"],
    "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
}


def package_of(client: Any, group: str, **members: Any) -> str:
    """The ARN of a new version of a group."""
    members = {"InferenceSpecification": SPECIFICATION, **members}
    arn: str = client.create_model_package(ModelPackageGroupName=group, **members)["ModelPackageArn"]
    return arn


def shared_with(account: str, group: str, *actions: str) -> str:
    """A policy that lets another account do something with a group and its versions."""
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": list(actions),
        "Resource": [f"{arn}:model-package-group/{group}", f"{arn}:model-package/{group}/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
