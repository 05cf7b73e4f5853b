"""When a pipeline is started by the clock."""

import re
from collections.abc import Mapping
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.present import shortened
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .event import starting_role
from .parameter import ParameterValue
from .pipeline import PipelineBase

_EXPRESSION: Final = re.compile(
    r"rate\([1-9]\d* (minute|minutes|hour|hours|day|days)\)"
    r"|cron\(\S+ \S+ \S+ \S+ \S+ \S+\)"
    r"|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)"
)
"""Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html"""

_LONGEST_DESCRIPTION: Final = 512


class Schedule(Construct):
    """Starts runs of a pipeline by the clock, by EventBridge Scheduler.

    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/what-is-scheduler.html

    Attributes:
        role: What EventBridge Scheduler starts the runs as.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        pipeline: PipelineBase,
        expression: str,
        time_zone: str | None = None,
        parameters: Mapping[str, ParameterValue] | None = None,
        enabled: bool = True,
        description: str | None = None,
    ) -> None:
        """Declares the schedule.

        Args:
            scope: Where it stands.
            id: Its name there.
            pipeline: What is started.
            expression: `rate(1 day)`, `cron(0 3 ? * MON *)` or `at(2027-01-31T03:00:00)`.
            time_zone: What `cron` and `at` are meant in, such as `Europe/Berlin`. Left out, UTC.
            parameters: Of the runs. Left out, their defaults.
            enabled: Left out, it is.
            description: Left out, it says what is started.

        Raises:
            InvalidProps: The expression is none, or a parameter of the pipeline is missing, unknown or of another type.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "Schedule")
        if not is_token(expression) and _EXPRESSION.fullmatch(expression) is None:
            problems.add(
                "expression",
                f"'{expression}' is none; write it like 'rate(1 day)', 'cron(0 3 ? * MON *)' (minutes, hours, day of "
                "month, month, day of week, year) or 'at(2027-01-31T03:00:00)'.",
            )
        problems.raise_any()
        values = pipeline.start_parameters({} if parameters is None else parameters)
        for_this_account = {"StringEquals": {"aws:SourceAccount": Stack.of(self).account}}
        service = iam.ServicePrincipal("scheduler.amazonaws.com", conditions=for_this_account)
        self.role = starting_role(self, "Role", service, pipeline.pipeline_arn)
        target_parameters = [
            scheduler.CfnSchedule.SageMakerPipelineParameterProperty(name=each["Name"], value=each["Value"])
            for each in values
        ]
        resource = scheduler.CfnSchedule(
            self,
            "Resource",
            description=shortened(f"Starts {pipeline.node.path}", _LONGEST_DESCRIPTION)
            if description is None
            else description,
            schedule_expression=expression,
            schedule_expression_timezone=time_zone,
            state="ENABLED" if enabled else "DISABLED",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=pipeline.pipeline_arn,
                role_arn=self.role.role_arn,
                sage_maker_pipeline_parameters=scheduler.CfnSchedule.SageMakerPipelineParametersProperty(
                    pipeline_parameter_list=target_parameters
                )
                if target_parameters
                else None,
            ),
        )
        # EventBridge Scheduler tries out at once whether it may take on the role.
        resource.node.add_dependency(self.role)
