"""An endpoint that answers."""

from aws_cdk import ArnFormat, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct
from sagecraft_catalog import check_name

from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.errors import InvalidProps, Problems
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .base import LOG_GROUP
from .endpoint_config import EndpointConfigBase


class EndpointBase(Construct):
    """An endpoint, declared here or existing.

    Metrics are those of
    https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html; each is of one variant.

    Attributes:
        endpoint_name: Its name.
        endpoint_arn: Its ARN.
        variant_names: The names of its variants; none are known of an existing one.
    """

    endpoint_name: str
    endpoint_arn: str
    variant_names: tuple[str, ...] = ()

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to ask the endpoint."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["sagemaker:InvokeEndpoint"], resource_arns=[self.endpoint_arn]
        )

    def metric(
        self,
        name: str,
        *,
        variant: str | None = None,
        statistic: str = "Sum",
        period: Duration | None = None,
        namespace: str = "AWS/SageMaker",
    ) -> cloudwatch.Metric:
        """A metric of a variant.

        Args:
            name: The metric's.
            variant: Left out, the only one.
            statistic: Left out, the sum.
            period: Left out, five minutes.
            namespace: Left out, that of the invocations.

        Raises:
            InvalidProps: There are several variants, or none is known, and none was named.
        """
        return cloudwatch.Metric(
            namespace=namespace,
            metric_name=name,
            dimensions_map={"EndpointName": self.endpoint_name, "VariantName": self._variant(variant)},
            statistic=statistic,
            period=Duration.minutes(5) if period is None else period,
        )

    def metric_invocations(self, *, variant: str | None = None, period: Duration | None = None) -> cloudwatch.Metric:
        """The number of invocations."""
        return self.metric("Invocations", variant=variant, period=period)

    def metric_invocation_4xx_errors(
        self, *, variant: str | None = None, period: Duration | None = None
    ) -> cloudwatch.Metric:
        """The number of invocations that the caller got wrong."""
        return self.metric("Invocation4XXErrors", variant=variant, period=period)

    def metric_invocation_5xx_errors(
        self, *, variant: str | None = None, period: Duration | None = None
    ) -> cloudwatch.Metric:
        """The number of invocations that the endpoint got wrong."""
        return self.metric("Invocation5XXErrors", variant=variant, period=period)

    def metric_model_latency(
        self, *, variant: str | None = None, statistic: str = "p99", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """How long the container takes to answer, in microseconds."""
        return self.metric("ModelLatency", variant=variant, statistic=statistic, period=period)

    def metric_overhead_latency(
        self, *, variant: str | None = None, statistic: str = "p99", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """How long SageMaker takes besides, in microseconds."""
        return self.metric("OverheadLatency", variant=variant, statistic=statistic, period=period)

    def metric_cpu_utilization(
        self, *, variant: str | None = None, period: Duration | None = None
    ) -> cloudwatch.Metric:
        """CPU in per cent of one core, so up to 100 times the number of cores."""
        return self.metric("CPUUtilization", variant=variant, statistic="Average", period=period, namespace=LOG_GROUP)

    def metric_memory_utilization(
        self, *, variant: str | None = None, period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Memory in per cent."""
        return self.metric(
            "MemoryUtilization", variant=variant, statistic="Average", period=period, namespace=LOG_GROUP
        )

    def _variant(self, name: str | None) -> str:
        if name is not None:
            return name
        if len(self.variant_names) == 1:
            return self.variant_names[0]
        known = f"one of {', '.join(self.variant_names)}" if self.variant_names else "the name of one"
        raise InvalidProps(f"Endpoint '{self.node.path}'", [f"variant: a metric is of one variant; give {known}."])


class _ImportedEndpoint(EndpointBase):
    def __init__(self, scope: Construct, id: str, name: str) -> None:  # noqa: A002 - the CDK's word for it
        super().__init__(scope, id)
        self.endpoint_name = name
        self.endpoint_arn = _endpoint_arn(self, name)


class Endpoint(EndpointBase):
    """An endpoint that answers, once a deployment has ended, with the configuration that it names.

    A changed configuration reaches it in place: the new instances take over once they answer. `Tags.of` reaches it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        endpoint_config: EndpointConfigBase,
        endpoint_name: str | None = None,
    ) -> None:
        """Declares the endpoint.

        Args:
            scope: Where it stands.
            id: Its name there.
            endpoint_config: What it consists of.
            endpoint_name: What clients call; it stays when the configuration changes. Left out, CloudFormation makes
                one that never clashes.

        Raises:
            InvalidProps: The name is none that SageMaker allows.
        """
        super().__init__(scope, id)
        if endpoint_name is not None and not is_token(endpoint_name):
            problems = Problems.of(scope, id, "Endpoint")
            with problems.noting("endpoint_name"):
                check_name("EndpointName", endpoint_name)
            problems.raise_any()
        resource = sagemaker.CfnEndpoint(
            self,
            "Resource",
            endpoint_config_name=endpoint_config.endpoint_config_name,
            endpoint_name=endpoint_name,
        )
        self.endpoint_name = resource.attr_endpoint_name
        self.endpoint_arn = resource.ref
        self.variant_names = endpoint_config.variant_names

    @staticmethod
    @check_props
    def from_endpoint_name(scope: Construct, id: str, endpoint_name: str) -> EndpointBase:  # noqa: A002 - the CDK's word for it
        """An endpoint that exists in the account and region of the stack."""
        return _ImportedEndpoint(scope, id, endpoint_name)


def _endpoint_arn(scope: Construct, name: str) -> str:
    return stack_of(scope).format_arn(
        service="sagemaker", resource="endpoint", resource_name=name, arn_format=ArnFormat.SLASH_RESOURCE_NAME
    )
