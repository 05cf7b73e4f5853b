"""An app with a container of its own, which a local program stands for unless it is left out."""

import os

from aws_cdk import App, CfnOutput, Stack
from sagecraft_constructs import Endpoint, EndpointConfig, LocalProgram, Model, ProductionVariant, TrainingContainer

app = App()
stack = Stack(app, "Container")
program = None if os.environ.get("WITHOUT_LOCAL_PROGRAM") else LocalProgram(entry_point="program.py")
model = Model(stack, "Model", container=TrainingContainer.from_dockerfile("image", local_program=program))
config = EndpointConfig(stack, "EndpointConfig", production_variants=[ProductionVariant(model=model)])
endpoint = Endpoint(stack, "Endpoint", endpoint_config=config)
CfnOutput(stack, "EndpointName", value=endpoint.endpoint_name)
app.synth()
