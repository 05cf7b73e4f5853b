"""What a budget takes away when it is spent."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from sagecraft_constructs.permissions.policy import allow

COSTLY_ACTIONS: Final = tuple(
    f"sagemaker:{action}"
    for action in (
        "CreateApp",
        "CreateAutoMLJob",
        "CreateAutoMLJobV2",
        "CreateCluster",
        "CreateEndpoint",
        "CreateHyperParameterTuningJob",
        "CreateInferenceComponent",
        "CreateInferenceRecommendationsJob",
        "CreateLabelingJob",
        "CreateMonitoringSchedule",
        "CreateNotebookInstance",
        "CreateOptimizationJob",
        "CreatePartnerApp",
        "CreateProcessingJob",
        "CreateTrainingJob",
        "CreateTransformJob",
        "RetryPipelineExecution",
        "StartMonitoringSchedule",
        "StartNotebookInstance",
        "StartPipelineExecution",
        "UpdateEndpoint",
        "UpdateEndpointWeightsAndCapacities",
    )
)
"""Whatever of SageMaker's begins to cost money by the hour.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""


class DenyPolicy(Construct):
    """A policy that denies, which a budget attaches when it is spent. `CostBudget.deny` makes it.

    Attributes:
        managed_policy: What is denied; attached to nobody, until the budget does it.
        execution_role: By which AWS Budgets attaches and detaches that policy, and no other, for those who are named.

    Source: https://docs.aws.amazon.com/cost-management/latest/userguide/billing-permissions-ref.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        actions: Sequence[str],
        roles: Sequence[iam.IRole],
        users: Sequence[iam.IUser],
        groups: Sequence[iam.IGroup],
    ) -> None:
        super().__init__(scope, id)
        account = Stack.of(self).account
        self.managed_policy = iam.ManagedPolicy(
            self,
            "Policy",
            description=f"What the budget of {self.node.path} denies once it is spent",
            statements=[iam.PolicyStatement(effect=iam.Effect.DENY, actions=[*actions], resources=["*"])],
        )
        self.execution_role = iam.Role(
            self,
            "ExecutionRole",
            description=f"Attaches what the budget of {scope.node.path} denies",
            assumed_by=iam.ServicePrincipal(
                "budgets.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": account}},
            ),
        )
        of_policy = {"ArnEquals": {"iam:PolicyARN": self.managed_policy.managed_policy_arn}}
        for kind, arns in (
            ("Role", [role.role_arn for role in roles]),
            ("User", [user.user_arn for user in users]),
            ("Group", [group.group_arn for group in groups]),
        ):
            if arns:
                allow(self.execution_role, [f"iam:Attach{kind}Policy", f"iam:Detach{kind}Policy"], arns, of_policy)
