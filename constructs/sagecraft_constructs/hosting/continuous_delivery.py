"""An endpoint that moves to what is approved."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import ArnFormat, Duration, Names, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from sagecraft_constructs import permissions
from sagecraft_constructs.data.model_data import ModelData
from sagecraft_constructs.data.place import check_region
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.money.told import check_emails, encrypted_topic, topic_key
from sagecraft_constructs.permissions.nag import acknowledge_resource
from sagecraft_constructs.permissions.policy import allow
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.provider import handler_code
from sagecraft_constructs.registry.base import ModelPackageGroupBase
from sagecraft_constructs.registry.contents import delivered
from sagecraft_constructs.tokens import is_token

from .endpoint import EndpointBase

LONGEST_PREFIX: Final = 63 - len("-123456789-") - 10
"""Of a name that ends with the number of a version and a hash."""
_RETRIES: Final = 2
_SETTLED: Final = ("IN_SERVICE", "FAILED", "UPDATE_ROLLBACK_FAILED")


class ContinuousDelivery(Construct):
    """Moves an endpoint to each version of a model that is approved, by whoever and however that is done.

    A function that EventBridge calls makes a model of the version, and a configuration that is the live one with that
    model, and updates the endpoint: the new instances take over once they answer. When the endpoint has settled, it is
    verified that it serves what was asked for. A version whose container does not answer is given up by SageMaker, and
    the endpoint goes on with what it had; what was made for the version is deleted. Either end is told by email. An
    approval during an update waits for its end.

    What the stack declares is what the endpoint begins with; a change of the declared configuration moves the endpoint
    to that, until the next approval. The endpoint must have one variant, with a model.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-approve.html

    Attributes:
        topic: What the ends of moves are told to.
        function: What moves the endpoint.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        group: ModelPackageGroupBase,
        endpoint: EndpointBase,
        role: iam.IRole,
        model_data: Sequence[ModelData] = (),
        emails: Sequence[str] = (),
        topic: sns.ITopic | None = None,
    ) -> None:
        """Declares the delivery.

        Args:
            scope: Where it stands.
            id: Its name there.
            group: Whose versions are deployed when they are approved.
            endpoint: What is moved.
            role: The execution role of the endpoint's model, `Model.role`: models of other versions have the same.
            model_data: Artefacts that the role may read besides those of its model: of each, all below its prefix.
                Left out, none; the artefacts of all runs of one job are below the prefix of its model data.
            emails: Who is told. May be left out where `topic` has its own subscribers.
            topic: An existing topic, to which `emails` are subscribed too. If it is encrypted, the function must be
                allowed to use its key. Left out, one is made that is encrypted and refuses plain HTTP.

        Raises:
            InvalidProps: Nobody would be told, an address is none or is given twice, or an artefact is in a bucket of
                another region.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "ContinuousDelivery")
        _check_emails(problems, emails, topic)
        for each in model_data:
            check_region(problems, self, "model_data", each.bucket)
        problems.raise_any()
        for each in model_data:
            permissions.allow_read(role, each.bucket, each.prefix, each.key)
        prefix = Names.unique_resource_name(self, max_length=LONGEST_PREFIX, separator="-").lower()
        self._role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.topic = self._encrypted_topic() if topic is None else topic
        for address in emails:
            self.topic.add_subscription(subscriptions.EmailSubscription(address))
        allow(self._role, ["sns:Publish"], [self.topic.topic_arn])
        self.function = self._function(prefix, endpoint)
        self._allow_move(prefix, endpoint, role)
        approved = {"ModelPackageGroupName": [group.model_package_group_name], "ModelApprovalStatus": ["Approved"]}
        self._call_on("Approved", "SageMaker Model Package State Change", approved)
        settled = {"EndpointName": [endpoint.endpoint_name], "EndpointStatus": list(_SETTLED)}
        self._call_on("Settled", "SageMaker Endpoint State Change", settled)
        made = delivered(self, prefix)
        if Stack.of(endpoint) is Stack.of(self):
            # What the endpoint serves in the end is deleted after the endpoint.
            endpoint.node.add_dependency(made)

    def _function(self, prefix: str, endpoint: EndpointBase) -> lambda_.Function:
        log = logs.LogGroup(self, "Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY)
        allow(self._role, ["logs:CreateLogStream", "logs:PutLogEvents"], [log.log_group_arn])
        return lambda_.Function(
            self,
            "Function",
            description="Moves an endpoint to the version of its model that was approved, and verifies it",
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler="handlers.registry.delivery.handle",
            code=handler_code(),
            role=self._role.without_policy_updates(),
            timeout=Duration.minutes(2),
            retry_attempts=_RETRIES,
            log_group=log,
            environment={
                "ENDPOINT_NAME": endpoint.endpoint_name,
                "NAME_PREFIX": prefix,
                "TOPIC_ARN": self.topic.topic_arn,
            },
        )

    def _call_on(self, id_: str, detail_type: str, detail: dict[str, list[str]]) -> None:
        rule = events.Rule(
            self,
            id_,
            event_pattern=events.EventPattern(source=["aws.sagemaker"], detail_type=[detail_type], detail=detail),
        )
        rule.add_target(targets.LambdaFunction(self.function))
        rule.node.add_dependency(self._role)

    def _allow_move(self, prefix: str, endpoint: EndpointBase, role: iam.IRole) -> None:
        allow(
            self._role,
            [f"sagemaker:{action}" for action in ("AddTags", "DescribeEndpoint", "ListTags", "UpdateEndpoint")],
            [endpoint.endpoint_arn],
        )
        self._allow_named(["CreateModel", "DeleteModel"], "model", f"{prefix}-*", "end with a version and a hash.")
        self._allow_named(
            ["CreateEndpointConfig", "DeleteEndpointConfig", "UpdateEndpoint"],
            "endpoint-config",
            f"{prefix}-*",
            "end with a version and a hash.",
        )
        live = "of what the endpoint serves are CloudFormation's, and others after each change."
        self._allow_named(["DescribeModel"], "model", "*", live)
        self._allow_named(["DescribeEndpointConfig"], "endpoint-config", "*", live)
        allow(
            self._role,
            ["iam:PassRole"],
            [role.role_arn],
            {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        )

    def _allow_named(self, actions: Sequence[str], resource: str, name: str, why: str) -> None:
        arn = Stack.of(self).format_arn(
            service="sagemaker", resource=resource, resource_name=name, arn_format=ArnFormat.SLASH_RESOURCE_NAME
        )
        allow(self._role, [f"sagemaker:{action}" for action in actions], [arn])
        acknowledge_resource(self._role, arn, f"The names {why}")

    def _encrypted_topic(self) -> sns.Topic:
        key = topic_key(self, "messages about deliveries")
        key.grant(self._role, "kms:Decrypt", "kms:GenerateDataKey")
        return encrypted_topic(self, "Topic", key, "Delivery of models")


def _check_emails(problems: Problems, emails: Sequence[str], topic: sns.ITopic | None) -> None:
    problems.require_known(emails=emails)
    if not emails and topic is None:
        problems.add("emails", "nobody would be told; give an address, or a 'topic' that has subscribers.")
    if any(is_token(address) for address in emails):
        problems.add("emails", "an address is a token; give the address itself, or subscribe it to a 'topic'.")
    check_emails(problems, emails)
