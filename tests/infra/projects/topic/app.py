"""One stack with a topic in it: the least that can be deployed."""

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_sns as sns

app = App()
stack = Stack(app, "Topic")
topic = sns.CfnTopic(stack, "Topic")
CfnOutput(stack, "TopicArn", value=topic.ref)
app.synth()
