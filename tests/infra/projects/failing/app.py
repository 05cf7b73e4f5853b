"""An app whose endpoint configuration names a model that does not exist."""

from aws_cdk import App, Stack
from aws_cdk import aws_sagemaker as sagemaker

app = App()
stack = Stack(app, "Failing")
variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty(
    variant_name="AllTraffic",
    model_name="no-such-model",
    instance_type="ml.m5.large",
    initial_instance_count=1,
    initial_variant_weight=1,
)
sagemaker.CfnEndpointConfig(stack, "EndpointConfig", production_variants=[variant])
app.synth()
