"""An app with the custom resources that the CDK makes itself, and one of each kind that a user writes."""

import os
from pathlib import Path
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as s3_deployment
from aws_cdk import aws_s3_notifications as s3_notifications
from aws_cdk import aws_sns as sns
from aws_cdk import custom_resources as cr
from constructs import Construct

HANDLERS = Path(__file__).parent / "handlers"
FILES = Path(__file__).parent / "files"


class CustomResources(cdk.Stack):
    """Custom resources of all sorts."""

    def __init__(self, scope: Construct, construct_id: str, **options: object) -> None:
        super().__init__(scope, construct_id, **options)  # type: ignore[arg-type]  # passed through
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            removal_policy=cdk.RemovalPolicy.DESTROY,
            auto_delete_objects=True,
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(id="old", noncurrent_version_expiration=cdk.Duration.days(30))],
        )
        cdk.Tags.of(self.bucket).add("team", "data")
        s3_deployment.BucketDeployment(
            self,
            "Files",
            sources=[s3_deployment.Source.asset(str(FILES))],
            destination_bucket=cast("s3.IBucket", self.bucket),
            destination_key_prefix="files",
        )
        topic = sns.Topic(self, "Topic")
        self.bucket.add_event_notification(
            s3.EventType.OBJECT_CREATED,
            cast("s3.IBucketNotificationDestination", s3_notifications.SnsDestination(cast("sns.ITopic", topic))),
        )
        self._provider("Waiting", "waiting.py")
        parameter = cr.AwsCustomResource(
            self,
            "Parameter",
            on_update=cr.AwsSdkCall(
                service="SSM",
                action="putParameter",
                parameters={"Name": "/test/parameter", "Value": "set", "Type": "String", "Overwrite": True},
                physical_resource_id=cr.PhysicalResourceId.of("parameter"),
            ),
            on_delete=cr.AwsSdkCall(service="SSM", action="deleteParameter", parameters={"Name": "/test/parameter"}),
            policy=cr.AwsCustomResourcePolicy.from_sdk_calls(resources=cr.AwsCustomResourcePolicy.ANY_RESOURCE),
            install_latest_aws_sdk=False,
        )
        logs.LogRetention(
            self, "Retention", log_group_name="/test/retention", retention=logs.RetentionDays.ONE_WEEK
        ).node.add_dependency(parameter)
        node = lambda_.Function(
            self,
            "NodeHandler",
            runtime=lambda_.Runtime.NODEJS_22_X,
            handler="index.handler",
            code=lambda_.Code.from_asset(str(HANDLERS / "node")),
        )
        node.add_to_role_policy(iam.PolicyStatement(actions=["sts:GetCallerIdentity"], resources=["*"]))
        provider = cr.Provider(self, "NodeProvider", on_event_handler=cast("lambda_.IFunction", node))
        answered = cdk.CustomResource(self, "Node", service_token=provider.service_token, properties={"Text": "hello"})
        cdk.CfnOutput(self, "BucketName", value=self.bucket.bucket_name)
        cdk.CfnOutput(self, "NodeAnswer", value=answered.get_att_string("Answer"))

    def _provider(self, name: str, file: str) -> None:
        code = lambda_.Code.from_inline((HANDLERS / file).read_text())
        functions = {
            use: lambda_.Function(
                self, f"{name}{use}", runtime=lambda_.Runtime.PYTHON_3_13, handler=f"index.{use}", code=code
            )
            for use in ("on_event", "is_complete")
        }
        provider = cr.Provider(
            self,
            f"{name}Provider",
            on_event_handler=cast("lambda_.IFunction", functions["on_event"]),
            is_complete_handler=cast("lambda_.IFunction", functions["is_complete"]),
            query_interval=cdk.Duration.seconds(1),
        )
        resource = cdk.CustomResource(
            self, name, service_token=provider.service_token, properties={"Text": os.environ.get("TEXT", "one")}
        )
        cdk.CfnOutput(self, f"{name}Answer", value=resource.get_att_string("Answer"))


app = cdk.App()
stack = CustomResources(app, "CustomResources", env=cdk.Environment(account="000000000000", region="us-east-1"))
app.synth()
