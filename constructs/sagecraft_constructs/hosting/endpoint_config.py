"""What an endpoint consists of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import ArnFormat
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct
from sagecraft_catalog import check_name

from sagecraft_constructs import permissions
from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.data.place import check_key_regions, check_region, key_of
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

from .production_variant import ProductionVariant


@check_props
@dataclass(frozen=True, kw_only=True)
class DataCapture:
    """Keeps what an endpoint is asked and answers.

    Attributes:
        bucket: Where it goes.
        prefix: What the keys begin with.
        sampling_percentage: The share of the invocations that is kept, in per cent. Left out, all.
    """

    bucket: s3.IBucket
    prefix: str
    sampling_percentage: int = 100

    def __post_init__(self) -> None:
        """Leaves out the slashes that the prefix begins with.

        Raises:
            InvalidProps: There is `//` in it.
        """
        object.__setattr__(self, "prefix", key_of("DataCapture", "prefix", self.prefix))


class EndpointConfigBase(Construct):
    """An endpoint configuration, declared here or existing.

    Attributes:
        endpoint_config_name: Its name.
        endpoint_config_arn: Its ARN.
        variant_names: The names of its variants; none are known of an existing one.
    """

    endpoint_config_name: str
    endpoint_config_arn: str
    variant_names: tuple[str, ...] = ()


class _ImportedEndpointConfig(EndpointConfigBase):
    def __init__(self, scope: Construct, id: str, name: str) -> None:  # noqa: A002 - the CDK's word for it
        super().__init__(scope, id)
        self.endpoint_config_name = name
        self.endpoint_config_arn = stack_of(self).format_arn(
            service="sagemaker",
            resource="endpoint-config",
            resource_name=name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )


class EndpointConfig(EndpointConfigBase):
    """The variants of an endpoint.

    It has no name of its own unless one is given: a configuration cannot change, so a change is another one, which the
    endpoint then moves to without a pause. `Tags.of` reaches it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        production_variants: Sequence[ProductionVariant],
        volume_key: kms.IKey | None = None,
        data_capture: DataCapture | None = None,
        data_capture_role: iam.IRole | None = None,
        endpoint_config_name: str | None = None,
    ) -> None:
        """Declares the configuration.

        Args:
            scope: Where it stands.
            id: Its name there.
            production_variants: One to ten, each with a name of its own.
            volume_key: Encrypts the volumes of the instances. Left out, SageMaker's own key does.
            data_capture: Left out, nothing is kept of what the endpoint is asked and answers.
            data_capture_role: The role of the models, which gets the permission to write what is captured; needed with
                `data_capture`.
            endpoint_config_name: Left out, CloudFormation makes one that never clashes.

        Raises:
            InvalidProps: With every problem of every variant.
        """
        super().__init__(scope, id)
        problems = Problems.of(scope, id, "EndpointConfig")
        _check_variants(problems, production_variants)
        check_key_regions(problems, self, volume_key=volume_key)
        if data_capture is not None:
            check_region(problems, self, "data_capture", data_capture.bucket)
            if data_capture_role is None:
                problems.add("data_capture_role", "is needed with 'data_capture'; give the role of the models.")
            sampled = data_capture.sampling_percentage
            if not is_token(sampled) and not 0 < sampled <= 100:
                problems.add("data_capture", f"sampling_percentage should be 1 to 100, got {sampled}.")
        problems.raise_any()
        if data_capture is not None and data_capture_role is not None:
            permissions.allow_write(data_capture_role, data_capture.bucket, data_capture.prefix)
        resource = sagemaker.CfnEndpointConfig(
            self,
            "Resource",
            endpoint_config_name=endpoint_config_name,
            kms_key_id=None if volume_key is None else volume_key.key_arn,
            data_capture_config=None if data_capture is None else _data_capture_config(data_capture),
            production_variants=[
                sagemaker.CfnEndpointConfig.ProductionVariantProperty(
                    variant_name=variant.name,
                    model_name=variant.model.model_name,
                    instance_type=variant.instance_type_name,
                    initial_instance_count=variant.initial_instance_count,
                    initial_variant_weight=variant.initial_variant_weight,
                )
                for variant in production_variants
            ],
        )
        self.endpoint_config_name = resource.attr_endpoint_config_name
        self.endpoint_config_arn = resource.ref
        self.variant_names = tuple(variant.name for variant in production_variants)

    @staticmethod
    @check_props
    def from_endpoint_config_name(
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        endpoint_config_name: str,
    ) -> EndpointConfigBase:
        """A configuration that exists in the account and region of the stack."""
        return _ImportedEndpointConfig(scope, id, endpoint_config_name)


def _check_variants(problems: Problems, variants: Sequence[ProductionVariant]) -> None:
    if not 1 <= len(variants) <= 10:
        problems.add("production_variants", f"should be 1 to 10, got {len(variants)}.")
    for name, count in Counter(variant.name for variant in variants).items():
        if count > 1:
            problems.add("production_variants", f"{count} variants have the name '{name}'; give each its own 'name'.")
        if not is_token(name):
            with problems.noting("production_variants"):
                check_name("VariantName", name)
    for variant in variants:
        variant.check(problems)


def _data_capture_config(capture: DataCapture) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty:
    return sagemaker.CfnEndpointConfig.DataCaptureConfigProperty(
        enable_capture=True,
        destination_s3_uri=capture.bucket.s3_url_for_object(capture.prefix),
        initial_sampling_percentage=capture.sampling_percentage,
        capture_options=[
            sagemaker.CfnEndpointConfig.CaptureOptionProperty(capture_mode="Input"),
            sagemaker.CfnEndpointConfig.CaptureOptionProperty(capture_mode="Output"),
        ],
    )
