"""What starts a run of a pipeline when something happens, and who is told when one fails."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from sagecraft_constructs.data.place import key_of
from sagecraft_constructs.errors import InvalidProps
from sagecraft_constructs.permissions.policy import allow
from sagecraft_constructs.present import shortened
from sagecraft_constructs.prop_kinds import check_props

_LONGEST_DESCRIPTION: Final = 512


class EventTrigger:
    """Something that happens, of which EventBridge tells."""

    def __init__(self, pattern: Mapping[str, Any], prepare: Callable[[], None] = lambda: None) -> None:
        """Takes an event pattern; use the functions of this class where one of them is meant.

        Args:
            pattern: As EventBridge has it.
            prepare: Has what sends the events send them. Left out, it does so by itself.
        """
        self._pattern = pattern
        self._prepare = prepare

    @staticmethod
    @check_props
    def new_object(bucket: s3.IBucket, *, prefix: str = "") -> "EventTrigger":
        """A new or changed object in a bucket, which is set to tell EventBridge; an imported one must do so already.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html

        Args:
            bucket: Where it lies.
            prefix: What its key begins with. Left out, any object is meant.
        """
        prefix = key_of("EventTrigger.new_object", "prefix", prefix)
        detail: dict[str, Any] = {"bucket": {"name": [bucket.bucket_name]}}
        if prefix:
            detail["object"] = {"key": [{"prefix": prefix}]}
        pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}
        return EventTrigger(pattern, lambda: _tell_event_bridge(bucket))

    @staticmethod
    @check_props
    def approved_package(model_package_group_name: str) -> "EventTrigger":
        """A version of a group of model packages that has been approved.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
        """
        detail = {"ModelPackageGroupName": [model_package_group_name], "ModelApprovalStatus": ["Approved"]}
        return EventTrigger(
            {"source": ["aws.sagemaker"], "detail-type": ["SageMaker Model Package State Change"], "detail": detail}
        )

    @staticmethod
    @check_props
    def alarm(alarm: cloudwatch.IAlarm) -> "EventTrigger":
        """An alarm that goes off, such as one on how good the predictions are.

        Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
        """
        return EventTrigger(
            {
                "source": ["aws.cloudwatch"],
                "detail-type": ["CloudWatch Alarm State Change"],
                "resources": [alarm.alarm_arn],
                "detail": {"state": {"value": ["ALARM"]}},
            }
        )

    def start(self, scope: Construct, id: str, pipeline_arn: str, parameters: Sequence[Mapping[str, str]]) -> None:  # noqa: A002 - the CDK's word for it
        """Makes the rule that starts a pipeline.

        Args:
            scope: The pipeline.
            id: Of the rule below it.
            pipeline_arn: Its ARN.
            parameters: Of the run, as the API takes them.
        """
        self._prepare()
        rule_parameters = [
            events.CfnRule.SageMakerPipelineParameterProperty(name=each["Name"], value=each["Value"])
            for each in parameters
        ]
        events.CfnRule(
            scope,
            id,
            description=shortened(f"Starts {scope.node.path}", _LONGEST_DESCRIPTION),
            event_pattern=self._pattern,
            targets=[
                events.CfnRule.TargetProperty(
                    id="Pipeline",
                    arn=pipeline_arn,
                    role_arn=_starter(scope, pipeline_arn).role_arn,
                    sage_maker_pipeline_parameters=events.CfnRule.SageMakerPipelineParametersProperty(
                        pipeline_parameter_list=rule_parameters
                    )
                    if rule_parameters
                    else None,
                )
            ],
        )


def starting_role(scope: Construct, id: str, service: iam.ServicePrincipal, pipeline_arn: str) -> iam.Role:  # noqa: A002 - the CDK's word for it
    """A role by which a service of AWS may start a pipeline, and do nothing else."""
    role = iam.Role(scope, id, assumed_by=service, description="Starts a SageMaker pipeline")
    allow(role, ["sagemaker:StartPipelineExecution"], [pipeline_arn])
    return role


def failure_rule(scope: Construct, pipeline_arn: str, topic: sns.ITopic) -> None:
    """Tells a topic of each run of a pipeline that fails.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
    """
    rule = events.Rule(
        scope,
        "Failures",
        description=shortened(f"Tells of failed runs of {scope.node.path}", _LONGEST_DESCRIPTION),
        event_pattern=events.EventPattern(
            source=["aws.sagemaker"],
            detail_type=["SageMaker Model Building Pipeline Execution Status Change"],
            detail={"pipelineArn": [pipeline_arn], "currentPipelineExecutionStatus": ["Failed"]},
        ),
    )
    rule.add_target(targets.SnsTopic(topic))


def _starter(scope: Construct, pipeline_arn: str) -> iam.IRole:
    """The role of the rules of a pipeline, made when first asked for."""
    found = scope.node.try_find_child("StartRole")
    if isinstance(found, iam.Role):
        return found
    return starting_role(scope, "StartRole", iam.ServicePrincipal("events.amazonaws.com"), pipeline_arn)


def _tell_event_bridge(bucket: s3.IBucket) -> None:
    # The CDK's own way is a function with permissions of its own; the bucket has a property for it.
    resource = bucket.node.default_child
    if not isinstance(resource, s3.CfnBucket):
        return
    if resource.notification_configuration is not None and not _tells(
        Stack.of(bucket).resolve(resource.notification_configuration)
    ):
        problem = "bucket: has notifications of its own; have it tell EventBridge there, too."
        raise InvalidProps("EventTrigger.new_object", [problem])
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
    )


def _tells(configuration: Any) -> bool:
    return isinstance(configuration, Mapping) and "eventBridgeConfiguration" in configuration
