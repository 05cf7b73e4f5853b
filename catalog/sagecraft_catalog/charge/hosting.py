"""What endpoints cost.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from sagecraft_catalog.price.row import Component

from .charge import Charge, Cost, Rules, free
from .resource import Resource, references
from .span import NOTHING, ONE, Span
from .value import Value
from .work import options

VARIANTS: Final = ("ProductionVariants", "ShadowProductionVariants")
"""Where the variants of an endpoint configuration stand."""
_TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"


def endpoint(resource: Resource) -> Cost:
    """The instances of its variants, for as long as it is there."""
    config = config_of(resource)
    if config is None:
        return Cost(unpriced="its configuration stands outside of its template")
    charges: list[Charge] = []
    use = ["data in and out"]
    for variant in (each for name in VARIANTS for each in config.get(name).members()):
        serverless = variant.get("ServerlessConfig")
        if not serverless.is_missing:
            use.append(f"inference with {_memory(serverless)}, by the second")
            if not serverless.get("ProvisionedConcurrency").is_missing:
                return Cost(by_use=", ".join(use), unpriced="no price of provisioned concurrency is known")
            continue
        charges += _instances(resource, variant)
    return Cost(charges=tuple(charges), by_use=", ".join(use))


def is_watched(resource: Resource, alarm: Resource) -> bool:
    """Whether an alarm watches an endpoint: one of its dimensions is the endpoint's name."""
    names = {*resource.get("EndpointName").texts()}
    metrics: list[Resource | Value] = [alarm, *alarm.get("Metrics").members()]
    watched = {each.get("Value").text() for metric in metrics for each in _dimensions(metric)}
    same_template = alarm.siblings is resource.siblings
    return bool(names & watched) or (same_template and resource.logical_id in {*references(alarm.raw)})


def _dimensions(metric: Resource | Value) -> list[Value]:
    return [*metric.get("Dimensions").members(), *metric.get("MetricStat", "Metric", "Dimensions").members()]


def config_of(resource: Resource) -> Resource | None:
    """The configuration of an endpoint; None where it stands outside of its template."""
    referred = resource.referred("EndpointConfigName")
    if referred is not None:
        return referred
    names = resource.get("EndpointConfigName").texts()
    for other in resource.siblings.values():
        if other.type == "AWS::SageMaker::EndpointConfig" and {*other.get("EndpointConfigName").texts()} & {*names}:
            return other
    return None


def _instances(resource: Resource, variant: Value) -> Iterator[Charge]:
    count, note = instances_of(resource, variant)
    types = variant.get("InstanceType")
    yield Charge(component=Component.HOSTING, items=options(types), quantity=count, note=note)
    gib = variant.get("VolumeSizeInGB").span(NOTHING)
    if gib != NOTHING:
        yield Charge(component=Component.STORAGE, items=(Component.HOSTING.value,), quantity=count * gib, note=note)


def instances_of(resource: Resource, variant: Value) -> tuple[Span, str]:
    """How many instances a variant has: as it begins, unless something scales it."""
    managed = variant.get("ManagedInstanceScaling")
    if managed.get("Status").text() == "ENABLED":
        least, most = (
            managed.get("MinInstanceCount").span(ONE),
            managed.get("MaxInstanceCount").span(Span(Decimal(1), None)),
        )
        return Span(least.low, most.high), "scaled by SageMaker"
    name = variant.get("VariantName").text()
    for target in resource.siblings.values():
        if target.type == _TARGET and _scales(target, resource, name):
            least, most = target.get("MinCapacity").span(ONE), target.get("MaxCapacity").span(ONE)
            return Span(least.low, most.high), "scaled by its load"
    return variant.get("InitialInstanceCount").span(ONE), ""


def _scales(target: Resource, endpoint_: Resource, variant: str) -> bool:
    """Whether a target is a variant of an endpoint: `endpoint/<name>/variant/<name>`, or its name put together."""
    raw = target.raw.get("ResourceId")
    names = {endpoint_.logical_id, *endpoint_.get("EndpointName").texts()}
    text = json.dumps(raw)
    return f"variant/{variant}" in text and (
        bool(names & {*references(raw)}) or any(f"/{each}/" in text for each in names)
    )


def _memory(serverless: Value) -> str:
    memory = serverless.get("MemorySizeInMB").span(NOTHING)
    return f"{memory.low:f} MB" if memory.is_known else "some memory"


HOSTING: Final[Rules] = {
    "AWS::SageMaker::Endpoint": endpoint,
    "AWS::SageMaker::EndpointConfig": free,
    "AWS::SageMaker::Model": free,
    "AWS::SageMaker::InferenceComponent": free,
    "AWS::ApplicationAutoScaling::ScalingPolicy": free,
    _TARGET: free,
}
