"""What SageMaker does with the role of an AutoML job besides running its jobs: it tries the best candidate."""

from typing import Final

from aws_cdk import ArnFormat
from aws_cdk import aws_iam as iam

from sagecraft_constructs.asked import stack_of

from .nag import acknowledge_resources
from .policy import allow

_SERVED: Final = {"Model": "model", "EndpointConfig": "endpoint-config", "Endpoint": "endpoint"}


def allow_candidates(role: iam.IRole) -> None:
    """Allows to serve the best candidate for a while, which is how SageMaker Clarify explains it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-autopilot-perms
    """
    stack = stack_of(role)
    arns = {
        kind: stack.format_arn(
            service="sagemaker", resource=resource, resource_name="*", arn_format=ArnFormat.SLASH_RESOURCE_NAME
        )
        for kind, resource in _SERVED.items()
    }
    for kind, arn in arns.items():
        allow(role, [f"sagemaker:{verb}{kind}" for verb in ("Create", "Delete", "Describe")], [arn])
    allow(role, ["sagemaker:CreateEndpoint"], [arns["EndpointConfig"]])
    allow(role, ["sagemaker:InvokeEndpoint"], [arns["Endpoint"]])
    allow(role, ["sagemaker:ListTags"], list(arns.values()))
    acknowledge_resources(
        role,
        list(arns.values()),
        "SageMaker names the model and the endpoint that it explains a candidate with itself.",
    )
    to_sagemaker = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    allow(role, ["iam:PassRole"], [role.role_arn], to_sagemaker)
