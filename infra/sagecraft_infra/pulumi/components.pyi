# Written by `python -m sagecraft_infra.pulumi.component_types` of the constructs' signatures.
# ruff: noqa: A002, E501, I001, RUF036 - a program writes it, with the constructs' names
# fmt: off

import aws_cdk
import aws_cdk.aws_ec2
import aws_cdk.aws_iam
import aws_cdk.aws_kms
import aws_cdk.aws_logs
import aws_cdk.aws_s3
import aws_cdk.aws_scheduler
import aws_cdk.aws_sns
import collections.abc
import constructs
import pathlib
import pulumi
import sagecraft_constructs
import sagecraft_constructs.job.needs
import typing

from .construct_component import ConstructComponent
from .view import ConstructView

__all__ = [
    "AutoMLJob",
    "AutoMLModel",
    "BillingAlarm",
    "ContinuousDelivery",
    "CostAnomalyMonitor",
    "CostBudget",
    "DataBucket",
    "Dataset",
    "Endpoint",
    "EndpointConfig",
    "ExecutionRole",
    "FeatureGroup",
    "LifecycleConfig",
    "Model",
    "ModelPackage",
    "ModelPackageGroup",
    "NotebookInstance",
    "OffSwitch",
    "PackagedModel",
    "ProcessingJob",
    "Schedule",
    "Space",
    "StudioDomain",
    "StudioImage",
    "StudioLifecycleConfig",
    "TeamEnvironment",
    "TrainingJob",
    "TransformJob",
    "TuningJob",
    "UserProfile",
]

class AutoMLJob(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        problem: sagecraft_constructs.AutoMLProblem,
        training: sagecraft_constructs.TrainingInput,
        output_bucket: aws_cdk.aws_s3.IBucket | ConstructComponent | ConstructView,
        max_candidates: int | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        max_runtime: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        max_candidate_runtime: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        objective: sagecraft_constructs.AutoMLMetric | None = ...,
        validation: sagecraft_constructs.TrainingInput | None = ...,
        validation_fraction: float | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        output_prefix: str | pulumi.Output[str] = ...,
        output_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        volume_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        vpc: aws_cdk.aws_ec2.IVpc | None | ConstructComponent | ConstructView = ...,
        subnets: collections.abc.Sequence[aws_cdk.aws_ec2.ISubnet | ConstructComponent | ConstructView] | None = ...,
        security_groups: collections.abc.Sequence[aws_cdk.aws_ec2.ISecurityGroup | ConstructComponent | ConstructView] | None = ...,
        role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        name_prefix: str | None | pulumi.Output[str] = ...,
        realization: sagecraft_constructs.JobRealization = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.AutoMLJob: ...
    @property
    def auto_ml_job_arn(self) -> pulumi.Output[str]: ...
    @property
    def auto_ml_job_name(self) -> pulumi.Output[str]: ...
    @property
    def best_candidate(self) -> sagecraft_constructs.BestCandidate: ...
    @property
    def best_candidate_name(self) -> pulumi.Output[str]: ...
    @property
    def best_objective_metric(self) -> pulumi.Output[str]: ...
    @property
    def best_objective_value(self) -> pulumi.Output[str]: ...
    @property
    def candidate_definition_notebook(self) -> pulumi.Output[str]: ...
    @property
    def cdk_tag_manager(self) -> ConstructView: ...
    @property
    def data_exploration_notebook(self) -> pulumi.Output[str]: ...
    @property
    def explainability_report(self) -> pulumi.Output[str]: ...
    @property
    def model_insights_report(self) -> pulumi.Output[str]: ...
    @property
    def needs(self) -> pulumi.Output[sagecraft_constructs.job.needs.JobNeeds]: ...
    @property
    def request(self) -> pulumi.Output[dict[str, typing.Any]]: ...
    @property
    def requires(self) -> pulumi.Output[tuple[constructs.IDependable, ...]]: ...
    def step_property(self, path: str) -> pulumi.Output[str]: ...

class AutoMLModel(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        candidate: sagecraft_constructs.BestCandidate,
        inference_response_keys: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        network_isolation: bool = ...,
        vpc: aws_cdk.aws_ec2.IVpc | None | ConstructComponent | ConstructView = ...,
        subnets: collections.abc.Sequence[aws_cdk.aws_ec2.ISubnet | ConstructComponent | ConstructView] | None = ...,
        security_groups: collections.abc.Sequence[aws_cdk.aws_ec2.ISecurityGroup | ConstructComponent | ConstructView] | None = ...,
        role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.AutoMLModel: ...
    @property
    def cdk_tag_manager(self) -> ConstructView: ...
    @property
    def model_arn(self) -> pulumi.Output[str]: ...
    @property
    def model_name(self) -> pulumi.Output[str]: ...
    @property
    def role(self) -> ConstructView: ...

class BillingAlarm(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        threshold_usd: float | collections.abc.Sequence[float | pulumi.Output[float] | pulumi.Output[int]] | pulumi.Output[float] | pulumi.Output[int],
        service: sagecraft_constructs.BilledService | None = ...,
        emails: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        topic: aws_cdk.aws_sns.ITopic | None | ConstructComponent | ConstructView = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.BillingAlarm: ...

class ContinuousDelivery(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        group: sagecraft_constructs.ModelPackageGroupBase | ConstructComponent | ConstructView,
        endpoint: sagecraft_constructs.EndpointBase | ConstructComponent | ConstructView,
        role: aws_cdk.aws_iam.IRole | ConstructComponent | ConstructView,
        model_data: collections.abc.Sequence[sagecraft_constructs.ModelData] = ...,
        emails: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        topic: aws_cdk.aws_sns.ITopic | None | ConstructComponent | ConstructView = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.ContinuousDelivery: ...

class CostAnomalyMonitor(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        threshold_usd: float | pulumi.Output[float] | pulumi.Output[int],
        threshold_percent: float | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        emails: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        topic: aws_cdk.aws_sns.ITopic | None | ConstructComponent | ConstructView = ...,
        frequency: sagecraft_constructs.AnomalyFrequency = ...,
        tag: str | None | pulumi.Output[str] = ...,
        tag_values: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.CostAnomalyMonitorBase: ...
    @classmethod
    def from_monitor_arn(
        cls,
        resource_name: str,
        /,
        *,
        monitor_arn: str | pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> CostAnomalyMonitor: ...
    @property
    def monitor_arn(self) -> pulumi.Output[str]: ...

class CostBudget(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        monthly_usd: float | pulumi.Output[float] | pulumi.Output[int],
        emails: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        topic: aws_cdk.aws_sns.ITopic | None | ConstructComponent | ConstructView = ...,
        actual_percent: collections.abc.Sequence[float | pulumi.Output[float] | pulumi.Output[int]] = ...,
        forecast_percent: collections.abc.Sequence[float | pulumi.Output[float] | pulumi.Output[int]] = ...,
        tags: collections.abc.Mapping[str, str | pulumi.Output[str]] | None = ...,
        services: collections.abc.Sequence[sagecraft_constructs.BilledService] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.CostBudgetBase: ...
    @classmethod
    def from_budget_name(
        cls,
        resource_name: str,
        /,
        *,
        budget_name: str | pulumi.Output[str],
        emails: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        topic: aws_cdk.aws_sns.ITopic | None | ConstructComponent | ConstructView = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> CostBudget: ...
    @property
    def budget_arn(self) -> pulumi.Output[str]: ...
    @property
    def budget_name(self) -> pulumi.Output[str]: ...

class DataBucket(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        bucket_name: str | None | pulumi.Output[str] = ...,
        encryption_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        versioned: bool = ...,
        access_logs: aws_cdk.aws_s3.IBucket | None | ConstructComponent | ConstructView = ...,
        removal_policy: aws_cdk.RemovalPolicy = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> aws_cdk.aws_s3.IBucket: ...
    @property
    def bucket_arn(self) -> pulumi.Output[str]: ...
    @property
    def bucket_name(self) -> pulumi.Output[str]: ...

class Dataset(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        bucket: aws_cdk.aws_s3.IBucket | ConstructComponent | ConstructView,
        path: str | pathlib.Path | pulumi.Output[str],
        name: str | None | pulumi.Output[str] = ...,
        preparation: collections.abc.Callable[[pathlib.Path, pathlib.Path], None] | None = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.Dataset: ...
    def channel(self, folder: str = ..., *, content_type: str | None = ...) -> sagecraft_constructs.TrainingInput: ...
    @property
    def s3_uri(self) -> pulumi.Output[str]: ...

class Endpoint(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        endpoint_config: sagecraft_constructs.EndpointConfigBase | ConstructComponent | ConstructView,
        endpoint_name: str | None | pulumi.Output[str] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.EndpointBase: ...
    @property
    def endpoint_arn(self) -> pulumi.Output[str]: ...
    @property
    def endpoint_name(self) -> pulumi.Output[str]: ...
    @property
    def variant_names(self) -> pulumi.Output[tuple[str, ...]]: ...

class EndpointConfig(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        production_variants: collections.abc.Sequence[sagecraft_constructs.ProductionVariant],
        volume_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        data_capture: sagecraft_constructs.DataCapture | None = ...,
        data_capture_role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        endpoint_config_name: str | None | pulumi.Output[str] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.EndpointConfigBase: ...
    @property
    def endpoint_config_arn(self) -> pulumi.Output[str]: ...
    @property
    def endpoint_config_name(self) -> pulumi.Output[str]: ...
    @property
    def variant_names(self) -> pulumi.Output[tuple[str, ...]]: ...

class ExecutionRole(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        role_name: str | None | pulumi.Output[str] = ...,
        description: str | None | pulumi.Output[str] = ...,
        permissions_boundary: aws_cdk.aws_iam.IManagedPolicy | None | ConstructComponent | ConstructView = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> aws_cdk.aws_iam.IRole: ...
    @property
    def role_arn(self) -> pulumi.Output[str]: ...
    @property
    def role_name(self) -> pulumi.Output[str]: ...

class FeatureGroup(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        feature_definitions: collections.abc.Mapping[str, sagecraft_constructs.FeatureType],
        record_identifier_feature_name: str | pulumi.Output[str],
        event_time_feature_name: str | pulumi.Output[str],
        online_store: sagecraft_constructs.OnlineStore | None = ...,
        offline_store: sagecraft_constructs.OfflineStore | None = ...,
        throughput: sagecraft_constructs.ProvisionedThroughput | None = ...,
        feature_group_name: str | None | pulumi.Output[str] = ...,
        description: str | None | pulumi.Output[str] = ...,
        role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        removal_policy: aws_cdk.RemovalPolicy = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.FeatureGroupBase: ...
    @property
    def feature_group_arn(self) -> pulumi.Output[str]: ...
    @property
    def feature_group_name(self) -> pulumi.Output[str]: ...
    @property
    def offline_store(self) -> pulumi.Output[sagecraft_constructs.OfflineStore | None]: ...
    @property
    def role(self) -> pulumi.Output[aws_cdk.aws_iam.IRole | None]: ...

class LifecycleConfig(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        on_create: str | None | pulumi.Output[str] = ...,
        on_start: str | None | pulumi.Output[str] = ...,
        stops_instance: bool = ...,
        lifecycle_config_name: str | None | pulumi.Output[str] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.LifecycleConfigBase: ...
    @classmethod
    def idle_stop(
        cls,
        resource_name: str,
        /,
        *,
        idle_time: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        keep_while_connected: bool = ...,
        on_create: str | None | pulumi.Output[str] = ...,
        on_start: str | None | pulumi.Output[str] = ...,
        lifecycle_config_name: str | None | pulumi.Output[str] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> LifecycleConfig: ...
    @property
    def lifecycle_config_arn(self) -> pulumi.Output[str]: ...
    @property
    def lifecycle_config_name(self) -> pulumi.Output[str]: ...
    @property
    def stops_instance(self) -> pulumi.Output[bool]: ...

class Model(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        container: sagecraft_constructs.TrainingContainer,
        model_data: sagecraft_constructs.ModelData | None = ...,
        environment: collections.abc.Mapping[str, str | pulumi.Output[str]] | None = ...,
        network_isolation: bool | None = ...,
        vpc: aws_cdk.aws_ec2.IVpc | None | ConstructComponent | ConstructView = ...,
        subnets: collections.abc.Sequence[aws_cdk.aws_ec2.ISubnet | ConstructComponent | ConstructView] | None = ...,
        security_groups: collections.abc.Sequence[aws_cdk.aws_ec2.ISecurityGroup | ConstructComponent | ConstructView] | None = ...,
        role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        model_name: str | None | pulumi.Output[str] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.ModelBase: ...
    @property
    def model_arn(self) -> pulumi.Output[str]: ...
    @property
    def model_name(self) -> pulumi.Output[str]: ...
    @property
    def role(self) -> ConstructView: ...

class ModelPackage(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        group: sagecraft_constructs.ModelPackageGroupBase | ConstructComponent | ConstructView,
        container: sagecraft_constructs.TrainingContainer,
        model_data: sagecraft_constructs.ModelData | None = ...,
        environment: collections.abc.Mapping[str, str | pulumi.Output[str]] | None = ...,
        approval_status: sagecraft_constructs.ModelApprovalStatus = ...,
        approval_description: str | None | pulumi.Output[str] = ...,
        description: str | None | pulumi.Output[str] = ...,
        content_types: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        response_types: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        realtime_instance_types: collections.abc.Sequence[sagecraft_constructs.InstanceType] = ...,
        transform_instance_types: collections.abc.Sequence[sagecraft_constructs.InstanceType] = ...,
        metrics: sagecraft_constructs.ModelMetrics | None = ...,
        customer_metadata: collections.abc.Mapping[str, str | pulumi.Output[str]] | None = ...,
        generated_by: str | None | pulumi.Output[str] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.ModelPackageBase: ...
    @property
    def model_package_arn(self) -> pulumi.Output[str]: ...

class ModelPackageGroup(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        model_package_group_name: str | None | pulumi.Output[str] = ...,
        description: str | None | pulumi.Output[str] = ...,
        deploying_accounts: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        registering_accounts: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        removal_policy: aws_cdk.RemovalPolicy = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.ModelPackageGroupBase: ...
    @property
    def model_package_group_arn(self) -> pulumi.Output[str]: ...
    @property
    def model_package_group_name(self) -> pulumi.Output[str]: ...
    @property
    def versions_arn(self) -> pulumi.Output[str]: ...

class NotebookInstance(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        instance_type: sagecraft_constructs.InstanceType | None = ...,
        volume_gib: int | pulumi.Output[float] | pulumi.Output[int] = ...,
        encryption_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        platform_identifier: sagecraft_constructs.PlatformIdentifier = ...,
        lifecycle_config: sagecraft_constructs.LifecycleConfigBase | None | ConstructComponent | ConstructView = ...,
        default_code_repository: str | None | pulumi.Output[str] = ...,
        additional_code_repositories: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        vpc: aws_cdk.aws_ec2.IVpc | None | ConstructComponent | ConstructView = ...,
        subnet: aws_cdk.aws_ec2.ISubnet | None | ConstructComponent | ConstructView = ...,
        security_groups: collections.abc.Sequence[aws_cdk.aws_ec2.ISecurityGroup | ConstructComponent | ConstructView] | None = ...,
        direct_internet_access: bool | None = ...,
        root_access: bool = ...,
        role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        notebook_instance_name: str | None | pulumi.Output[str] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.NotebookInstanceBase: ...
    @property
    def grant_principal(self) -> ConstructView: ...
    @property
    def notebook_instance_arn(self) -> pulumi.Output[str]: ...
    @property
    def notebook_instance_name(self) -> pulumi.Output[str]: ...

class OffSwitch(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        tags: collections.abc.Mapping[str, str | pulumi.Output[str]],
        emails: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        topic: aws_cdk.aws_sns.ITopic | None | ConstructComponent | ConstructView = ...,
        idle_time: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        max_runtime: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        off_at: aws_cdk.aws_scheduler.ScheduleExpression | None | ConstructComponent | ConstructView = ...,
        on_at: aws_cdk.aws_scheduler.ScheduleExpression | None | ConstructComponent | ConstructView = ...,
        kinds: collections.abc.Sequence[sagecraft_constructs.Stoppable] | None = ...,
        encryption_keys: collections.abc.Sequence[aws_cdk.aws_kms.IKey | ConstructComponent | ConstructView] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.OffSwitch: ...

class PackagedModel(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        package: sagecraft_constructs.ModelPackageBase | ConstructComponent | ConstructView,
        environment: collections.abc.Mapping[str, str | pulumi.Output[str]] | None = ...,
        network_isolation: bool = ...,
        vpc: aws_cdk.aws_ec2.IVpc | None | ConstructComponent | ConstructView = ...,
        subnets: collections.abc.Sequence[aws_cdk.aws_ec2.ISubnet | ConstructComponent | ConstructView] | None = ...,
        security_groups: collections.abc.Sequence[aws_cdk.aws_ec2.ISecurityGroup | ConstructComponent | ConstructView] | None = ...,
        role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.PackagedModel: ...
    @property
    def model_arn(self) -> pulumi.Output[str]: ...
    @property
    def model_name(self) -> pulumi.Output[str]: ...
    @property
    def role(self) -> ConstructView: ...

class ProcessingJob(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        container: sagecraft_constructs.TrainingContainer,
        output_bucket: aws_cdk.aws_s3.IBucket | ConstructComponent | ConstructView,
        script: str | pathlib.Path | None | pulumi.Output[str] = ...,
        entry_point: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        arguments: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        inputs: collections.abc.Mapping[str, sagecraft_constructs.ProcessingInput] | None = ...,
        outputs: collections.abc.Mapping[str, sagecraft_constructs.ProcessingOutput] | None = ...,
        output_prefix: str | pulumi.Output[str] = ...,
        output_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        instance_type: sagecraft_constructs.InstanceType | None = ...,
        instance_count: int | pulumi.Output[float] | pulumi.Output[int] = ...,
        volume_gib: int | pulumi.Output[float] | pulumi.Output[int] = ...,
        volume_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        max_runtime: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        network_isolation: bool = ...,
        vpc: aws_cdk.aws_ec2.IVpc | None | ConstructComponent | ConstructView = ...,
        subnets: collections.abc.Sequence[aws_cdk.aws_ec2.ISubnet | ConstructComponent | ConstructView] | None = ...,
        security_groups: collections.abc.Sequence[aws_cdk.aws_ec2.ISecurityGroup | ConstructComponent | ConstructView] | None = ...,
        environment: collections.abc.Mapping[str, str | pulumi.Output[str]] | None = ...,
        role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        name_prefix: str | None | pulumi.Output[str] = ...,
        realization: sagecraft_constructs.JobRealization = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.ProcessingJob: ...
    @property
    def cdk_tag_manager(self) -> ConstructView: ...
    @property
    def exit_message(self) -> pulumi.Output[str]: ...
    @property
    def needs(self) -> pulumi.Output[sagecraft_constructs.job.needs.JobNeeds]: ...
    def output(self, name: str) -> sagecraft_constructs.TrainingInput: ...
    def output_uri(self, name: str) -> pulumi.Output[str]: ...
    @property
    def processing_job_arn(self) -> pulumi.Output[str]: ...
    @property
    def processing_job_name(self) -> pulumi.Output[str]: ...
    @property
    def request(self) -> pulumi.Output[dict[str, typing.Any]]: ...
    @property
    def requires(self) -> pulumi.Output[tuple[constructs.IDependable, ...]]: ...
    def step_property(self, path: str) -> pulumi.Output[str]: ...

class Schedule(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        pipeline: sagecraft_constructs.PipelineBase | ConstructComponent | ConstructView,
        expression: str | pulumi.Output[str],
        time_zone: str | None | pulumi.Output[str] = ...,
        parameters: collections.abc.Mapping[str, str | int | float | bool | pulumi.Output[str] | pulumi.Output[float] | pulumi.Output[int]] | None = ...,
        enabled: bool = ...,
        description: str | None | pulumi.Output[str] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.Schedule: ...

class Space(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        owner: sagecraft_constructs.UserProfileBase | ConstructComponent | ConstructView,
        shared: bool = ...,
        app_type: sagecraft_constructs.StudioAppType = ...,
        instance_type: sagecraft_constructs.InstanceType | None = ...,
        lifecycle_config: sagecraft_constructs.StudioLifecycleConfigBase | None | ConstructComponent | ConstructView = ...,
        volume_gib: int | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        display_name: str | None | pulumi.Output[str] = ...,
        space_name: str | None | pulumi.Output[str] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.SpaceBase: ...
    @property
    def domain(self) -> ConstructView: ...
    @property
    def space_arn(self) -> pulumi.Output[str]: ...
    @property
    def space_name(self) -> pulumi.Output[str]: ...

class StudioDomain(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        vpc: aws_cdk.aws_ec2.IVpc | None | ConstructComponent | ConstructView = ...,
        subnets: collections.abc.Sequence[aws_cdk.aws_ec2.ISubnet | ConstructComponent | ConstructView] | None = ...,
        security_groups: collections.abc.Sequence[aws_cdk.aws_ec2.ISecurityGroup | ConstructComponent | ConstructView] | None = ...,
        direct_internet_access: bool | None = ...,
        apps: collections.abc.Mapping[sagecraft_constructs.StudioAppType, sagecraft_constructs.StudioApp] | None = ...,
        idle_time: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        volume_gib: int | pulumi.Output[float] | pulumi.Output[int] = ...,
        largest_volume_gib: int | pulumi.Output[float] | pulumi.Output[int] = ...,
        encryption_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        home_removal_policy: aws_cdk.RemovalPolicy = ...,
        role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        domain_name: str | None | pulumi.Output[str] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.StudioDomainBase: ...
    def arn_of(self, scope: constructs.Construct, kind: str, names: str) -> pulumi.Output[str]: ...
    @property
    def domain_arn(self) -> pulumi.Output[str]: ...
    @property
    def domain_id(self) -> pulumi.Output[str]: ...
    @property
    def emptied(self) -> pulumi.Output[constructs.IDependable | None]: ...
    @property
    def encryption_key(self) -> ConstructView: ...
    @property
    def grant_principal(self) -> ConstructView: ...
    @property
    def role(self) -> ConstructView: ...

class StudioImage(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        container: sagecraft_constructs.TrainingContainer,
        app_type: sagecraft_constructs.StudioAppType = ...,
        kernel_name: str | None | pulumi.Output[str] = ...,
        entry_point: str | None | pulumi.Output[str] = ...,
        arguments: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        environment: collections.abc.Mapping[str, str | pulumi.Output[str]] | None = ...,
        aliases: collections.abc.Sequence[str | pulumi.Output[str]] = ...,
        display_name: str | None | pulumi.Output[str] = ...,
        description: str | None | pulumi.Output[str] = ...,
        role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        image_name: str | None | pulumi.Output[str] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.StudioImageBase: ...
    @property
    def app_image_config_name(self) -> pulumi.Output[str]: ...
    @property
    def app_type(self) -> pulumi.Output[sagecraft_constructs.StudioAppType]: ...
    @property
    def image_arn(self) -> pulumi.Output[str]: ...
    @property
    def image_name(self) -> pulumi.Output[str]: ...
    @property
    def image_version_number(self) -> pulumi.Output[int | None]: ...

class StudioLifecycleConfig(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        script: str | pulumi.Output[str],
        app_type: sagecraft_constructs.StudioAppType = ...,
        studio_lifecycle_config_name: str | None | pulumi.Output[str] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.StudioLifecycleConfigBase: ...
    @property
    def app_type(self) -> pulumi.Output[sagecraft_constructs.StudioAppType]: ...
    def name_of_content(self) -> pulumi.Output[str]: ...
    @property
    def studio_lifecycle_config_arn(self) -> pulumi.Output[str]: ...
    @property
    def studio_lifecycle_config_name(self) -> pulumi.Output[str]: ...

class TeamEnvironment(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        name: str | pulumi.Output[str],
        monthly_usd: float | pulumi.Output[float] | pulumi.Output[int],
        emails: collections.abc.Sequence[str | pulumi.Output[str]],
        people: collections.abc.Sequence[sagecraft_constructs.Person] | None = ...,
        counts: collections.abc.Mapping[sagecraft_constructs.Persona | str | pulumi.Output[str], int | pulumi.Output[float] | pulumi.Output[int]] | None = ...,
        instance_types: collections.abc.Sequence[sagecraft_constructs.InstanceType] | None = ...,
        containers: collections.abc.Sequence[sagecraft_constructs.TrainingContainer] | None = ...,
        workplace: sagecraft_constructs.Workplace | str | pulumi.Output[str] = ...,
        notebook_instance_type: sagecraft_constructs.InstanceType | None = ...,
        volume_gib: int | pulumi.Output[float] | pulumi.Output[int] = ...,
        idle_time: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        vpc: aws_cdk.aws_ec2.IVpc | None | ConstructComponent | ConstructView = ...,
        encryption_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        tags: collections.abc.Mapping[str, str | pulumi.Output[str]] | None = ...,
        account_monthly_usd: float | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        log_retention: aws_cdk.aws_logs.RetentionDays = ...,
        removal_policy: aws_cdk.RemovalPolicy = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.TeamEnvironment: ...

class TrainingJob(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        container: sagecraft_constructs.TrainingContainer,
        inputs: collections.abc.Mapping[str, sagecraft_constructs.TrainingInput],
        output_bucket: aws_cdk.aws_s3.IBucket | ConstructComponent | ConstructView,
        output_prefix: str | pulumi.Output[str] = ...,
        hyperparameters: collections.abc.Mapping[str, str | int | float | bool | pulumi.Output[str] | pulumi.Output[float] | pulumi.Output[int]] | None = ...,
        instance_type: sagecraft_constructs.InstanceType | None = ...,
        instance_count: int | pulumi.Output[float] | pulumi.Output[int] = ...,
        volume_gib: int | pulumi.Output[float] | pulumi.Output[int] = ...,
        volume_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        output_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        max_runtime: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        max_wait: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        checkpoints_prefix: str | None | pulumi.Output[str] = ...,
        network_isolation: bool | None = ...,
        vpc: aws_cdk.aws_ec2.IVpc | None | ConstructComponent | ConstructView = ...,
        subnets: collections.abc.Sequence[aws_cdk.aws_ec2.ISubnet | ConstructComponent | ConstructView] | None = ...,
        security_groups: collections.abc.Sequence[aws_cdk.aws_ec2.ISecurityGroup | ConstructComponent | ConstructView] | None = ...,
        metric_definitions: collections.abc.Mapping[str, str | pulumi.Output[str]] | None = ...,
        environment: collections.abc.Mapping[str, str | pulumi.Output[str]] | None = ...,
        source: str | pathlib.Path | None | pulumi.Output[str] = ...,
        entry_point: str | pulumi.Output[str] = ...,
        retry_attempts: int | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        name_prefix: str | None | pulumi.Output[str] = ...,
        realization: sagecraft_constructs.JobRealization = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.TrainingJobBase: ...
    @property
    def cdk_tag_manager(self) -> ConstructView: ...
    def metric_value(self, name: str) -> pulumi.Output[str]: ...
    @property
    def model_data(self) -> sagecraft_constructs.ModelData: ...
    @property
    def needs(self) -> pulumi.Output[sagecraft_constructs.job.needs.JobNeeds]: ...
    @property
    def request(self) -> pulumi.Output[dict[str, typing.Any]]: ...
    @property
    def requires(self) -> pulumi.Output[tuple[constructs.IDependable, ...]]: ...
    @property
    def s3_model_artifacts(self) -> pulumi.Output[str]: ...
    def step_property(self, path: str) -> pulumi.Output[str]: ...
    @property
    def training_job_arn(self) -> pulumi.Output[str]: ...
    @property
    def training_job_name(self) -> pulumi.Output[str]: ...

class TransformJob(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        model: sagecraft_constructs.ModelBase | ConstructComponent | ConstructView,
        input: sagecraft_constructs.TrainingInput,
        output_bucket: aws_cdk.aws_s3.IBucket | ConstructComponent | ConstructView,
        output_prefix: str | pulumi.Output[str] = ...,
        output_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        accept: str | None | pulumi.Output[str] = ...,
        split_type: sagecraft_constructs.SplitType = ...,
        assemble_lines: bool | None = ...,
        batch_strategy: sagecraft_constructs.BatchStrategy | None = ...,
        max_payload_mb: int | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        max_concurrent_transforms: int | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        data_processing: sagecraft_constructs.DataProcessing | None = ...,
        instance_type: sagecraft_constructs.InstanceType | None = ...,
        instance_count: int | pulumi.Output[float] | pulumi.Output[int] = ...,
        volume_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        invocation_timeout: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        invocation_retries: int | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        environment: collections.abc.Mapping[str, str | pulumi.Output[str]] | None = ...,
        model_role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        name_prefix: str | None | pulumi.Output[str] = ...,
        realization: sagecraft_constructs.JobRealization = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.TransformJob: ...
    @property
    def cdk_tag_manager(self) -> ConstructView: ...
    @property
    def needs(self) -> pulumi.Output[sagecraft_constructs.job.needs.JobNeeds]: ...
    def output(self) -> sagecraft_constructs.TrainingInput: ...
    @property
    def output_uri(self) -> pulumi.Output[str]: ...
    @property
    def request(self) -> pulumi.Output[dict[str, typing.Any]]: ...
    @property
    def requires(self) -> pulumi.Output[tuple[constructs.IDependable, ...]]: ...
    def step_property(self, path: str) -> pulumi.Output[str]: ...
    @property
    def transform_job_arn(self) -> pulumi.Output[str]: ...
    @property
    def transform_job_name(self) -> pulumi.Output[str]: ...

class TuningJob(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        output_bucket: aws_cdk.aws_s3.IBucket | ConstructComponent | ConstructView,
        container: sagecraft_constructs.TrainingContainer | None = ...,
        inputs: collections.abc.Mapping[str, sagecraft_constructs.TrainingInput] | None = ...,
        objective: sagecraft_constructs.Objective | None = ...,
        ranges: collections.abc.Mapping[str, sagecraft_constructs.IntegerRange | sagecraft_constructs.ContinuousRange | sagecraft_constructs.CategoricalRange] | None = ...,
        hyperparameters: collections.abc.Mapping[str, str | int | float | bool | pulumi.Output[str] | pulumi.Output[float] | pulumi.Output[int]] | None = ...,
        instance_type: sagecraft_constructs.InstanceType | None = ...,
        instance_count: int | pulumi.Output[float] | pulumi.Output[int] = ...,
        volume_gib: int | pulumi.Output[float] | pulumi.Output[int] = ...,
        max_training_runtime: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        max_wait: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        metric_definitions: collections.abc.Mapping[str, str | pulumi.Output[str]] | None = ...,
        environment: collections.abc.Mapping[str, str | pulumi.Output[str]] | None = ...,
        source: str | pathlib.Path | None | pulumi.Output[str] = ...,
        entry_point: str | pulumi.Output[str] = ...,
        retry_attempts: int | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        definitions: collections.abc.Sequence[sagecraft_constructs.TuningDefinition] | None = ...,
        strategy: sagecraft_constructs.TuningStrategy = ...,
        hyperband: sagecraft_constructs.Hyperband | None = ...,
        max_jobs: int | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        max_parallel_jobs: int | pulumi.Output[float] | pulumi.Output[int] = ...,
        max_runtime: aws_cdk.Duration | None | ConstructComponent | ConstructView = ...,
        early_stopping: bool = ...,
        target_objective_value: float | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        max_jobs_not_improving: int | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        complete_on_convergence: bool = ...,
        random_seed: int | None | pulumi.Output[float] | pulumi.Output[int] = ...,
        warm_start_from: collections.abc.Sequence[sagecraft_constructs.TuningJob | str | pulumi.Output[str] | ConstructComponent | ConstructView] = ...,
        warm_start_type: sagecraft_constructs.WarmStartType = ...,
        output_prefix: str | pulumi.Output[str] = ...,
        output_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        volume_key: aws_cdk.aws_kms.IKey | None | ConstructComponent | ConstructView = ...,
        checkpoints_prefix: str | None | pulumi.Output[str] = ...,
        network_isolation: bool | None = ...,
        vpc: aws_cdk.aws_ec2.IVpc | None | ConstructComponent | ConstructView = ...,
        subnets: collections.abc.Sequence[aws_cdk.aws_ec2.ISubnet | ConstructComponent | ConstructView] | None = ...,
        security_groups: collections.abc.Sequence[aws_cdk.aws_ec2.ISecurityGroup | ConstructComponent | ConstructView] | None = ...,
        role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        name_prefix: str | None | pulumi.Output[str] = ...,
        realization: sagecraft_constructs.JobRealization = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.TuningJob: ...
    def best_hyperparameter(self, name: str) -> pulumi.Output[str]: ...
    @property
    def best_objective_value(self) -> pulumi.Output[str]: ...
    @property
    def best_training_job_name(self) -> pulumi.Output[str]: ...
    @property
    def cdk_tag_manager(self) -> ConstructView: ...
    @property
    def container(self) -> pulumi.Output[sagecraft_constructs.TrainingContainer | None]: ...
    @property
    def model_data(self) -> sagecraft_constructs.ModelData: ...
    @property
    def needs(self) -> pulumi.Output[sagecraft_constructs.job.needs.JobNeeds]: ...
    @property
    def request(self) -> pulumi.Output[dict[str, typing.Any]]: ...
    @property
    def requires(self) -> pulumi.Output[tuple[constructs.IDependable, ...]]: ...
    @property
    def s3_model_artifacts(self) -> pulumi.Output[str]: ...
    def step_property(self, path: str) -> pulumi.Output[str]: ...
    @property
    def tuning_job_arn(self) -> pulumi.Output[str]: ...
    @property
    def tuning_job_name(self) -> pulumi.Output[str]: ...

class UserProfile(ConstructComponent):
    def __init__(
        self,
        resource_name: str,
        /,
        *,
        domain: sagecraft_constructs.StudioDomainBase | ConstructComponent | ConstructView,
        apps: collections.abc.Mapping[sagecraft_constructs.StudioAppType, sagecraft_constructs.StudioApp] | None = ...,
        security_groups: collections.abc.Sequence[aws_cdk.aws_ec2.ISecurityGroup | ConstructComponent | ConstructView] = ...,
        role: aws_cdk.aws_iam.IRole | None | ConstructComponent | ConstructView = ...,
        user_profile_name: str | None | pulumi.Output[str] = ...,
        opts: pulumi.ResourceOptions | None = ...,
        env: aws_cdk.Environment | None = ...,
        asset_bucket: pulumi.Input[str] | None = ...,
    ) -> None: ...
    @property
    def reference(self) -> sagecraft_constructs.UserProfileBase: ...
    @property
    def domain(self) -> ConstructView: ...
    @property
    def emptied(self) -> pulumi.Output[constructs.IDependable | None]: ...
    @property
    def role(self) -> pulumi.Output[aws_cdk.aws_iam.IRole | None]: ...
    @property
    def user_profile_arn(self) -> pulumi.Output[str]: ...
    @property
    def user_profile_name(self) -> pulumi.Output[str]: ...
