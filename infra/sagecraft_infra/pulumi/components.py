"""The constructs of Sagecraft as components of Pulumi.

What they take and offer is the constructs' own; `components.pyi` says it to type checkers and editors, and is written
by `python -m sagecraft_infra.pulumi.component_types`.
"""

from typing import Any

import sagecraft_constructs as constructs
from sagecraft_constructs.money.billing_alarm import BILLING_REGION

from .construct_component import ConstructComponent


class BillingAlarm(ConstructComponent):
    """`sagecraft_constructs.BillingAlarm`."""

    construct_class = constructs.BillingAlarm
    home_region = BILLING_REGION


class DataBucket(ConstructComponent):
    """`sagecraft_constructs.DataBucket`."""

    construct_class = constructs.DataBucket


class Dataset(ConstructComponent):
    """`sagecraft_constructs.Dataset`."""

    construct_class = constructs.Dataset


class Endpoint(ConstructComponent):
    """`sagecraft_constructs.Endpoint`."""

    construct_class = constructs.Endpoint


class EndpointConfig(ConstructComponent):
    """`sagecraft_constructs.EndpointConfig`."""

    construct_class = constructs.EndpointConfig


class ExecutionRole(ConstructComponent):
    """`sagecraft_constructs.ExecutionRole`."""

    construct_class = constructs.ExecutionRole


class LifecycleConfig(ConstructComponent):
    """`sagecraft_constructs.LifecycleConfig`."""

    construct_class = constructs.LifecycleConfig

    @classmethod
    def idle_stop(
        cls, resource_name: str, /, *, opts: Any = None, env: Any = None, asset_bucket: Any = None, **arguments: Any
    ) -> "LifecycleConfig":
        """`sagecraft_constructs.LifecycleConfig.idle_stop`."""
        component = cls.__new__(cls)
        component._declare(  # noqa: SLF001 - the class's own
            constructs.LifecycleConfig.idle_stop,
            resource_name,
            arguments,
            opts=opts,
            env=env,
            asset_bucket=asset_bucket,
        )
        return component


class Model(ConstructComponent):
    """`sagecraft_constructs.Model`."""

    construct_class = constructs.Model


class NotebookInstance(ConstructComponent):
    """`sagecraft_constructs.NotebookInstance`."""

    construct_class = constructs.NotebookInstance


class ProcessingJob(ConstructComponent):
    """`sagecraft_constructs.ProcessingJob`."""

    construct_class = constructs.ProcessingJob


class TrainingJob(ConstructComponent):
    """`sagecraft_constructs.TrainingJob`."""

    construct_class = constructs.TrainingJob


class TransformJob(ConstructComponent):
    """`sagecraft_constructs.TransformJob`."""

    construct_class = constructs.TransformJob


class TuningJob(ConstructComponent):
    """`sagecraft_constructs.TuningJob`."""

    construct_class = constructs.TuningJob
