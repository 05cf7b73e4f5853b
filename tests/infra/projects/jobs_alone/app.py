"""A job, a model and a topic, declared without anything around them: what an emulator cannot do is refused by type."""

from aws_cdk import App, CfnResource, Stack

app = App()
stack = Stack(app, "JobsAlone")
CfnResource(stack, "Job", type="Custom::SageMakerTrainingJob", properties={"ServiceToken": "arn"})
CfnResource(stack, "Other", type="Custom::SageMakerTrainingJob", properties={"ServiceToken": "arn"})
CfnResource(stack, "Model", type="AWS::SageMaker::Model", properties={"ExecutionRoleArn": "arn"})
CfnResource(stack, "Topic", type="AWS::SNS::Topic")
app.synth()
