"""Every construct that can be declared, with no more props than it needs."""

from collections.abc import Callable
from hashlib import md5
from typing import Any, cast

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from constructs import Construct
from sagecraft_constructs import (
    AlgorithmImage,
    AutoMLJob,
    AutoMLModel,
    BillingAlarm,
    ContinuousDelivery,
    CostAnomalyMonitor,
    CostBudget,
    DataBucket,
    Dataset,
    Endpoint,
    EndpointConfig,
    ExecutionRole,
    FailStep,
    FeatureGroup,
    FeatureType,
    LifecycleConfig,
    Model,
    ModelApprovalStatus,
    ModelData,
    ModelPackage,
    ModelPackageGroup,
    ModelStep,
    NotebookInstance,
    OfflineStore,
    OffSwitch,
    OnlineStore,
    PackagedModel,
    Person,
    Pipeline,
    PipelineBase,
    ProcessingJob,
    ProductionVariant,
    RegisterModelStep,
    Schedule,
    Space,
    StudioDomain,
    StudioDomainBase,
    StudioImage,
    StudioLifecycleConfig,
    TeamEnvironment,
    TrainingContainer,
    TrainingJob,
    TransformJob,
    TuningJob,
    UserProfile,
    UserProfileBase,
)

from .stack import automl_props, make_bucket, processing_props, training_props, transform_props, tuning_props

Needs = Callable[[Construct], dict[str, Any]]


def bucket_of(scope: Construct) -> DataBucket:
    """The bucket that the constructs of a stack share."""
    stack = Stack.of(scope)
    found = stack.node.try_find_child("Bucket")
    return found if isinstance(found, DataBucket) else make_bucket(stack)


def _nothing(scope: Construct) -> dict[str, Any]:
    del scope
    return {}


def _model_of(scope: Construct) -> Model:
    found = scope.node.try_find_child("NeededModel")
    container = AlgorithmImage(name="xgboost", version="1.7-1")
    return found if isinstance(found, Model) else Model(scope, "NeededModel", container=container)


def _automl_of(scope: Construct) -> AutoMLJob:
    found = scope.node.try_find_child("NeededAutoML")
    return found if isinstance(found, AutoMLJob) else AutoMLJob(scope, "NeededAutoML", **automl_props(bucket_of(scope)))


def _domain_of(scope: Construct) -> StudioDomainBase:
    found = scope.node.try_find_child("NeededDomain")
    return found if isinstance(found, StudioDomainBase) else StudioDomain.from_domain_id(scope, "NeededDomain", "d-abc")


def _pipeline_of(scope: Construct) -> PipelineBase:
    found = scope.node.try_find_child("NeededPipeline")
    return found if isinstance(found, PipelineBase) else Pipeline.from_pipeline_name(scope, "NeededPipeline", "retrain")


def _user_of(scope: Construct) -> UserProfileBase:
    found = scope.node.try_find_child("NeededUser")
    if isinstance(found, UserProfileBase):
        return found
    domain = _domain_of(scope)
    return UserProfile.from_user_profile_name(scope, "NeededUser", domain=domain, user_profile_name="ann")


def _group_of(scope: Construct) -> ModelPackageGroup:
    found = scope.node.try_find_child("NeededGroup")
    return found if isinstance(found, ModelPackageGroup) else ModelPackageGroup(scope, "NeededGroup")


def _own_image(scope: Construct) -> TrainingContainer:
    found = scope.node.try_find_child("NeededRepository")
    repository = found or ecr.Repository.from_repository_name(scope, "NeededRepository", "own")
    return TrainingContainer.from_ecr(cast("ecr.IRepository", repository), tag="1")


def _vpc_of(scope: Construct) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        scope,
        f"NeededVpc{len(scope.node.children)}",
        vpc_id="vpc-0123abcd",
        availability_zones=["us-east-1a"],
        isolated_subnet_ids=["subnet-0123abcd"],
        isolated_subnet_route_table_ids=["rtb-0123abcd"],
    )


EVERY_CONSTRUCT: dict[type[Construct], Needs] = {
    AutoMLJob: lambda scope: automl_props(bucket_of(scope)),
    AutoMLModel: lambda scope: {"candidate": _automl_of(scope).best_candidate},
    BillingAlarm: lambda _: {"threshold_usd": 20, "emails": ["someone@example.com"]},
    ContinuousDelivery: lambda scope: {
        "group": _group_of(scope),
        "endpoint": Endpoint.from_endpoint_name(scope, f"NeededEndpoint{len(scope.node.children)}", "served"),
        "role": _model_of(scope).role,
        "emails": ["someone@example.com"],
    },
    CostAnomalyMonitor: lambda _: {"threshold_usd": 20, "emails": ["someone@example.com"]},
    CostBudget: lambda _: {"monthly_usd": 200, "emails": ["someone@example.com"]},
    DataBucket: _nothing,
    Dataset: lambda scope: {"bucket": bucket_of(scope), "path": __file__},
    Endpoint: lambda scope: {
        "endpoint_config": EndpointConfig(
            scope, "NeededConfig", production_variants=[ProductionVariant(model=_model_of(scope))]
        )
    },
    EndpointConfig: lambda scope: {"production_variants": [ProductionVariant(model=_model_of(scope))]},
    ExecutionRole: _nothing,
    FeatureGroup: lambda scope: {
        "feature_definitions": {"customer": FeatureType.STRING, "at": FeatureType.FRACTIONAL},
        "record_identifier_feature_name": "customer",
        "event_time_feature_name": "at",
        "online_store": OnlineStore(),
        "offline_store": OfflineStore(bucket=bucket_of(scope)),
    },
    LifecycleConfig: _nothing,
    Model: lambda _: {"container": AlgorithmImage(name="xgboost", version="1.7-1")},
    ModelStep: lambda _: {"container": AlgorithmImage(name="xgboost", version="1.7-1")},
    NotebookInstance: _nothing,
    Pipeline: lambda _: {"steps": [FailStep(name="Fail", error_message="there is nothing to do")]},
    ModelPackage: lambda scope: {
        "group": _group_of(scope),
        "container": AlgorithmImage(name="xgboost", version="1.7-1"),
    },
    ModelPackageGroup: _nothing,
    PackagedModel: lambda scope: {
        "package": ModelPackage(
            scope,
            f"NeededVersion{len(scope.node.children)}",
            group=_group_of(scope),
            container=AlgorithmImage(name="xgboost", version="1.7-1"),
            approval_status=ModelApprovalStatus.APPROVED,
        )
    },
    OffSwitch: lambda _: {"tags": {"team": "churn"}, "emails": ["someone@example.com"]},
    ProcessingJob: lambda scope: processing_props(bucket_of(scope)),
    RegisterModelStep: lambda scope: {
        "model_package_group_name": "churn",
        "container": AlgorithmImage(name="xgboost", version="1.7-1"),
        "model_data": ModelData.from_bucket(bucket_of(scope), "model.tar.gz"),
    },
    Schedule: lambda scope: {"pipeline": _pipeline_of(scope), "expression": "rate(1 day)"},
    Space: lambda scope: {"owner": _user_of(scope)},
    StudioDomain: _nothing,
    StudioImage: lambda scope: {"container": _own_image(scope)},
    StudioLifecycleConfig: lambda _: {"script": "echo started"},
    TeamEnvironment: lambda scope: {
        "name": f"team{md5(scope.node.path.encode()).hexdigest()[:8]}",
        "monthly_usd": 500,
        "emails": ["someone@example.com"],
        "people": [Person(name="ada", persona="data-scientist"), Person(name="mel", persona="mlops-engineer")],
        "vpc": _vpc_of(scope),
    },
    TrainingJob: lambda scope: training_props(bucket_of(scope)),
    TransformJob: lambda scope: {**transform_props(bucket_of(scope)), "model": _model_of(scope)},
    TuningJob: lambda scope: tuning_props(bucket_of(scope)),
    UserProfile: lambda scope: {"domain": _domain_of(scope)},
}
