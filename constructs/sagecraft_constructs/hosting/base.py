"""What a model offers, whether it is declared here or exists."""

from typing import Final

from aws_cdk import ArnFormat
from aws_cdk import aws_iam as iam
from constructs import Construct

from sagecraft_constructs.asked import stack_of

LOG_GROUP: Final = "/aws/sagemaker/Endpoints"
"""Also the namespace of the metrics of instances."""


class ModelBase(Construct):
    """A model, declared here or existing.

    Attributes:
        model_name: Its name.
        model_arn: Its ARN.
        role: Its execution role; `None` where that is not known.
    """

    model_name: str
    model_arn: str
    role: iam.IRole | None = None


class NamedModel(ModelBase):
    """A model of the account and region of the stack, of which the name is known."""

    def __init__(self, scope: Construct, id: str, model_name: str) -> None:  # noqa: A002 - the CDK's word for it
        super().__init__(scope, id)
        self.model_name = model_name
        self.model_arn = stack_of(self).format_arn(
            service="sagemaker",
            resource="model",
            resource_name=model_name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
