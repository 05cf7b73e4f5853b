"""Stops what costs money by the hour, and brings it back."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from sagecraft_constructs import permissions
from sagecraft_constructs.data.place import check_key_regions
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.permissions.nag import acknowledge, acknowledge_resources
from sagecraft_constructs.permissions.policy import Conditions, allow
from sagecraft_constructs.present import shortened
from sagecraft_constructs.prop_kinds import check_props

from .cost_budget import BUDGETS, CostBudget, NotificationType
from .off_switch_code import off_switch_code
from .stoppable import Stoppable
from .told import check_emails, check_tags, encrypted_topic, let_encrypt, subscribe, topic_key

_SHORTEST_SECONDS: Final = 300
_LONGEST_IDLE_SECONDS: Final = 14 * 24 * 3600
"""CloudWatch keeps what it counts in each minute for 15 days.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
"""
_LONGEST_RUNTIME_SECONDS: Final = 28 * 24 * 3600
_CHECKS: Final = 4
"""How often it looks within the time after which something is stopped."""
_MOST_MINUTES: Final = 60
_LONGEST_OF_FUNCTION: Final = 256
_LONGEST_OF_SCHEDULE: Final = 512
_LONGEST_OF_ROLE: Final = 1000
"""Characters of their descriptions."""


class OffSwitch(Construct):
    """Stops what carries its tags: at a time of day, when nobody uses it, when a job takes too long, or by a budget.

    An endpoint is deleted, for nothing else of it is free, and comes back from its configuration, which stays, with
    its name and tags; its stack must not be updated meanwhile, for CloudFormation does not know of it. Autoscaling and
    capacities that were set by hand are lost with it. Left alone are endpoints without instances, those that answer
    from a queue, and those with inference components. A notebook instance is stopped and started; of its idleness it
    knows alone (`LifecycleConfig.idle_stop`). An app of Studio is deleted, and opened again by its user; AWS counts its
    user's last activity. Jobs are stopped where they take too long, or by a budget, and do not come back.

    `on_at` brings back what the switch has stopped, and nothing else: what somebody has started or deleted in the
    meantime stays as it is, and is told. What a budget has stopped stays off until somebody brings it back by hand; the
    report of the switch says with which command. What is off is noted in a table of its own: before the stack of the
    switch is deleted, bring it back.

    A report by email tells what was stopped, what that saves by the hour at the prices that come with this package,
    what was brought back, and what failed.

    Attributes:
        function: The Lambda function that does it.
        topic: What its reports are published to.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        tags: Mapping[str, str],
        emails: Sequence[str] = (),
        topic: sns.ITopic | None = None,
        idle_time: Duration | None = None,
        max_runtime: Duration | None = None,
        off_at: scheduler.ScheduleExpression | None = None,
        on_at: scheduler.ScheduleExpression | None = None,
        kinds: Sequence[Stoppable] | None = None,
        encryption_keys: Sequence[kms.IKey] = (),
    ) -> None:
        """Declares the switch.

        Args:
            scope: Where it stands.
            id: Its name there.
            tags: What is stopped carries all of these; of other things it may stop none. `Tags.of(stack).add(…)` gives
                them to what a stack declares.
            emails: Who gets the reports; each gets an email from AWS that must be confirmed.
            topic: A topic that gets the reports, in place of one of its own. If it is encrypted, allow `function` to
                use its key.
            idle_time: After which an endpoint is stopped that nobody asks, and an app in which nobody works; five
                minutes to 14 days. Left out, never.
            max_runtime: How long a job may take; five minutes to 28 days. Left out, as long as it likes.
            off_at: When endpoints, notebook instances and apps are stopped, such as
                `ScheduleExpression.cron(hour="19", minute="0", time_zone=TimeZone.EUROPE_BERLIN)`. Left out, never.
            on_at: When endpoints and notebook instances come back. Left out, by hand.
            kinds: What is stopped. Left out, all.
            encryption_keys: Of the volumes of notebook instances and endpoints that come back, where they do not carry
                `tags` themselves.

        Raises:
            InvalidProps: With every problem: no tag or one without a value, nobody to tell, a time out of its range,
                `on_at` for what does not come back, and so on.
        """
        super().__init__(scope, id)
        stopped = list(Stoppable) if kinds is None else list(dict.fromkeys(kinds))
        problems = Problems.of(scope, id, "OffSwitch")
        problems.require_known(tags=tags, emails=emails, kinds=kinds, encryption_keys=encryption_keys)
        if not tags:
            problems.add("tags", "there is none; name at least one tag of what is to be stopped, with its value.")
        check_tags(problems, "tags", tags)
        if not emails and topic is None:
            problems.add("emails", "nobody would be told; give an address, or a 'topic' that has subscribers.")
        check_emails(problems, emails)
        for key in encryption_keys:
            check_key_regions(problems, self, encryption_keys=key)
        _check_time(problems, "idle_time", idle_time, _LONGEST_IDLE_SECONDS)
        _check_time(problems, "max_runtime", max_runtime, _LONGEST_RUNTIME_SECONDS)
        if not stopped:
            problems.add("kinds", "nothing would be stopped; name at least one, or leave it out.")
        _check_uses(problems, stopped, idle_time=idle_time, max_runtime=max_runtime, off_at=off_at, on_at=on_at)
        problems.raise_any()

        self._tags, self._kinds = dict(tags), stopped
        self._key = topic_key(self, "reports of what was stopped")
        self.topic = encrypted_topic(self, "Topic", self._key, "Off switch") if topic is None else topic
        for number, address in enumerate(emails, 1):
            subscribe(self, self.topic, number, address)
        self._trigger: sns.Topic | None = None
        self._table = dynamodb.Table(
            self,
            "Stopped",
            partition_key=dynamodb.Attribute(name="Name", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.function = self._function(idle_time, max_runtime)
        self._allow(encryption_keys)
        self._schedule_all(idle_time, max_runtime, off_at, on_at)

    @check_props
    def stop_at(
        self,
        budget: CostBudget,
        *,
        at_percent: float = 100,
        notification_type: NotificationType = NotificationType.ACTUAL,
    ) -> None:
        """Has a budget stop everything, jobs too, once so much of it is spent. It stays off until it is brought back.

        Args:
            budget: The budget.
            at_percent: Of it, more than zero.
            notification_type: Whether what is spent is compared, or what is going to be.

        Raises:
            InvalidProps: See `CostBudget.notify`.
        """
        if self._trigger is None:
            self._trigger = encrypted_topic(self, "Trigger", self._key, "Off switch")
            let_encrypt(self._key, BUDGETS)
            self._trigger.add_subscription(subscriptions.LambdaSubscription(self.function))
        budget.notify(self._trigger, at_percent=at_percent, notification_type=notification_type)

    def grant_switch(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to switch by hand: to invoke the function."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["lambda:InvokeFunction"], resource_arns=[self.function.function_arn]
        )

    def _function(self, idle_time: Duration | None, max_runtime: Duration | None) -> lambda_.Function:
        log = logs.LogGroup(self, "Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY)
        self._role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        allow(self._role, ["logs:CreateLogStream", "logs:PutLogEvents"], [log.log_group_arn])
        seconds = {"IDLE_SECONDS": idle_time, "MAX_RUNTIME_SECONDS": max_runtime}
        return lambda_.Function(
            self,
            "Function",
            description=shortened(f"Stops and brings back what is tagged: {self.node.path}", _LONGEST_OF_FUNCTION),
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler="handlers.off_switch.function.handle",
            code=off_switch_code(Stack.of(self).region),
            role=self._role.without_policy_updates(),
            timeout=Duration.minutes(10),
            log_group=log,
            environment={
                "SWITCH": self.node.path,
                "TAGS": Stack.of(self).to_json_string(self._tags),
                "KINDS": ",".join(arn_type for kind in self._kinds for arn_type in kind.arn_types),
                "TABLE": self._table.table_name,
                "TOPIC_ARN": self.topic.topic_arn,
                **{name: str(time.to_seconds()) for name, time in seconds.items() if time is not None},
            },
        )

    def _allow(self, keys: Sequence[kms.IKey]) -> None:
        tagged: Conditions = {"StringEquals": {f"aws:ResourceTag/{key}": value for key, value in self._tags.items()}}
        wildcards: list[str] = []

        def allow_on(arn_type: str, actions: Sequence[str], conditions: Conditions | None = None) -> None:
            arn = self._arn(arn_type)
            wildcards.append(arn)
            allow(self._role, [f"sagemaker:{action}" for action in actions], [arn], conditions)

        for kind in self._kinds:
            for arn_type, looks, stops in kind.actions:
                allow_on(arn_type, looks)
                allow_on(arn_type, stops, tagged)
        if Stoppable.ENDPOINT in self._kinds:
            requested: Conditions = {
                "StringEquals": {f"aws:RequestTag/{key}": value for key, value in self._tags.items()}
            }
            allow_on("endpoint", ["AddTags", "CreateEndpoint"], requested)
            # A configuration need not carry the tags of its endpoint.
            allow_on("endpoint-config", ["CreateEndpoint", "DescribeEndpointConfig"])
        volumes: Conditions = {**tagged, "Bool": {"kms:GrantIsForAWSResource": "true"}}
        if {Stoppable.ENDPOINT, Stoppable.NOTEBOOK_INSTANCE} & set(self._kinds):
            arn = Stack.of(self).format_arn(service="kms", resource="key", resource_name="*")
            wildcards.append(arn)
            allow(self._role, ["kms:CreateGrant"], [arn], volumes)
        for key in keys:
            permissions.grant_volumes(self._role, key)
        # None of these knows a resource to be restricted to.
        everywhere = ["cloudwatch:GetMetricStatistics", "tag:GetResources"]
        if Stoppable.STUDIO_APP in self._kinds:
            everywhere.append("sagemaker:ListApps")
        allow(self._role, everywhere, ["*"])
        allow(self._role, ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Scan"], [self._table.table_arn])
        allow(self._role, ["sns:Publish"], [self.topic.topic_arn])
        permissions.allow_encrypt(self._role, self._key)
        acknowledge_resources(
            self._role,
            list(dict.fromkeys(wildcards)),
            "What carries the tags is known when it is stopped alone; whatever stops or starts something is held to "
            "the tags by a condition.",
        )
        acknowledge(
            self._role,
            "IAM5[Resource::*]",
            reason="cloudwatch:GetMetricStatistics, tag:GetResources and sagemaker:ListApps know no resource.",
        )

    def _arn(self, arn_type: str) -> str:
        return Stack.of(self).format_arn(
            service="sagemaker", resource=arn_type, resource_name="*", arn_format=ArnFormat.SLASH_RESOURCE_NAME
        )

    def _schedule_all(
        self,
        idle_time: Duration | None,
        max_runtime: Duration | None,
        off_at: scheduler.ScheduleExpression | None,
        on_at: scheduler.ScheduleExpression | None,
    ) -> None:
        times = [each.to_seconds() for each in (idle_time, max_runtime) if each is not None]
        minutes = min(_MOST_MINUTES, int(min(times)) // _CHECKS // 60 or 1) if times else None
        check = None if minutes is None else scheduler.ScheduleExpression.rate(Duration.minutes(minutes))
        given = {"Off": off_at, "On": on_at, "Check": check}
        if all(expression is None for expression in given.values()):
            return
        role = iam.Role(
            self,
            "SchedulerRole",
            description=shortened(f"Invokes at its times the off switch {self.node.path}", _LONGEST_OF_ROLE),
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            ),
        )
        self.grant_switch(role)
        for switch, expression in given.items():
            if expression is not None:
                self._schedule(switch, expression, role)

    def _schedule(self, switch: str, expression: scheduler.ScheduleExpression, role: iam.Role) -> None:
        zone = expression.time_zone
        schedule = scheduler.CfnSchedule(
            self,
            switch,
            description=shortened(f"{switch}: {self.node.path}", _LONGEST_OF_SCHEDULE),
            schedule_expression=expression.expression_string,
            schedule_expression_timezone=None if zone is None else zone.timezone_name,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=self.function.function_arn, role_arn=role.role_arn, input=json.dumps({"Switch": switch})
            ),
        )
        # The scheduler asks whether it may take on the role when the schedule is made.
        schedule.node.add_dependency(role)


def _check_time(problems: Problems, prop: str, time: Duration | None, longest_seconds: int) -> None:
    if time is None:
        return
    if time.is_unresolved():
        problems.add(prop, "must be known when the app is synthesized; give a Duration, not a token.")
    elif not _SHORTEST_SECONDS <= time.to_seconds() <= longest_seconds:
        days = longest_seconds // 86_400
        problems.add(prop, f"should be from 5 minutes to {days} days, got {time.to_human_string()}.")


def _check_uses(problems: Problems, kinds: Sequence[Stoppable], **props: object) -> None:
    """Notes what is given for kinds that are not stopped, or that have no use of it."""
    uses = {
        "idle_time": {Stoppable.ENDPOINT, Stoppable.STUDIO_APP},
        "max_runtime": {Stoppable.JOB},
        "off_at": {Stoppable.ENDPOINT, Stoppable.NOTEBOOK_INSTANCE, Stoppable.STUDIO_APP},
        "on_at": {Stoppable.ENDPOINT, Stoppable.NOTEBOOK_INSTANCE},
    }
    for prop, value in props.items():
        if value is not None and not uses[prop] & set(kinds):
            meant = ", ".join(f"Stoppable.{kind.name}" for kind in Stoppable if kind in uses[prop])
            problems.add(prop, f"has no use for the 'kinds' that are given; add {meant}, or leave it out.")
