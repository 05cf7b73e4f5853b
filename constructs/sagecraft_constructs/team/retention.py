"""How long the logs of work are kept."""

from typing import Final

from aws_cdk import aws_logs as logs
from constructs import Construct

from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.permissions.nag import acknowledge, acknowledge_managed_policy

_GROUPS: Final = ("ProcessingJobs", "TrainingJobs", "TransformJobs")
_FUNCTION: Final = "LogRetention"
"""What the id of the CDK's function begins with, of which a stack has one."""


def keep_logs(scope: Construct, retention: logs.RetentionDays, *others: str) -> None:
    """Has CloudWatch forget what SageMaker logged for work, which it would keep for ever.

    The groups are the account's: all teams of it write there, and the team that is deployed last says how long it is
    kept. They stay, with what they hold, when a team is taken away.

    Args:
        scope: Where it is declared.
        retention: How long.
        others: Groups besides those of jobs, by the last part of their names.
    """
    for group in (*_GROUPS, *others):
        logs.LogRetention(scope, f"{group}Logs", log_group_name=f"/aws/sagemaker/{group}", retention=retention)
    functions = [each for each in stack_of(scope).node.children if each.node.id.startswith(_FUNCTION)]
    for function in functions:
        reason = "The CDK's own function sets the retention of groups that SageMaker names, and does nothing else."
        acknowledge(function, "L1", "IAM5[Resource::*]", reason=reason)
        acknowledge_managed_policy(function, "service-role/AWSLambdaBasicExecutionRole", reason)
