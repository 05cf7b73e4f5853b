"""An endpoint of a size that the environment says, and what is charged otherwise."""

import os

from aws_cdk import App, CfnResource, Stack, Tags

app = App()
stack = Stack(app, "Churn")
variant = {"VariantName": "All", "ModelName": "churn", "InitialInstanceCount": 1, "InstanceType": os.environ["TYPE"]}
config = CfnResource(
    stack, "Config", type="AWS::SageMaker::EndpointConfig", properties={"ProductionVariants": [variant]}
)
endpoint = CfnResource(
    stack,
    "Endpoint",
    type="AWS::SageMaker::Endpoint",
    properties={
        "EndpointConfigName": config.get_att("EndpointConfigName"),
        "Tags": [{"Key": "team", "Value": "churn"}],
    },
)
CfnResource(stack, "Key", type="AWS::KMS::Key", properties={"KeyPolicy": {}})
Tags.of(stack).add("stage", "dev")
app.synth()
