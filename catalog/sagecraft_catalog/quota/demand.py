"""What requests ask for of quotas. A request of the API, and one in a template, are read alike.

Source: the errors that AWS answers to a request that asks for more than there is left, which name the quota:
https://github.com/awsdocs/amazon-sagemaker-developer-guide/issues/70 (endpoints, and the jobs of a tuning job at once),
https://github.com/aws/amazon-sagemaker-examples/issues/1543 (training jobs),
https://github.com/data-science-on-aws/data-science-on-aws/issues/200 (all processing jobs),
https://github.com/aws-cloudformation/rain/issues/468 (notebook instances),
https://github.com/jupyterlab/jupyterlab/issues/8759 (apps).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sagecraft_catalog.charge.span import NOTHING, ONE, Span
from sagecraft_catalog.charge.value import Scope, Value
from sagecraft_catalog.charge.work import options

from .quota import Quota, QuotaUse, quota_of_type, total_quota

_APP_USES: Final = {"JupyterLab": QuotaUse.JUPYTER_LAB, "CodeEditor": QuotaUse.CODE_EDITOR}
_NO_INSTANCE: Final = "system"


@dataclass(frozen=True)
class Demand:
    """So much of a quota.

    Attributes:
        quota: Of which.
        amount: How much.
    """

    quota: Quota
    amount: Span


Demands = tuple[Demand, ...]


def known_request(members: Mapping[str, Any]) -> Value:
    """A request of the API, of which all is known."""
    return Value([(Scope({}, ""), members)])


def together(demands: Iterable[Demand]) -> Demands:
    """What they ask for at once, each quota once."""
    amounts: dict[Quota, list[Span]] = {}
    for each in demands:
        amounts.setdefault(each.quota, []).append(each.amount)
    return tuple(
        Demand(quota, _most(spans) if quota.is_of_each else sum(spans, NOTHING)) for quota, spans in amounts.items()
    )


def training(request: Value) -> Demands:
    """A training job: its instances, spot or not, and the warm pool that it leaves."""
    resources = request.get("ResourceConfig")
    groups = resources.get("InstanceGroups").members() or [resources]
    spot = request.get("EnableManagedSpotTraining").is_true()
    kind = "spot training" if spot else "training"
    uses = [QuotaUse.SPOT_TRAINING if spot else QuotaUse.TRAINING]
    if not resources.get("KeepAlivePeriodInSeconds").is_missing:
        uses.append(QuotaUse.WARM_POOL)
    totals = (f"Number of instances across all {kind} jobs", f"Maximum number of instances per {kind} job")
    return together([*(each for use in uses for each in _instances(use, groups)), *_all(totals, groups)])


def processing(request: Value) -> Demands:
    """A processing job: its instances."""
    return processing_cluster(request.get("ProcessingResources", "ClusterConfig"))


def processing_cluster(cluster: Value) -> Demands:
    """The instances of a processing job, by what is said of these alone."""
    groups = [cluster]
    totals = ("Number of instances across all processing jobs", "Maximum number of instances per processing job")
    return together([*_instances(QuotaUse.PROCESSING, groups), *_all(totals, groups)])


def transform(request: Value) -> Demands:
    """A batch transform job: its instances."""
    groups = [request.get("TransformResources")]
    totals = ("Number of instances across all transform jobs",)
    return together([*_instances(QuotaUse.TRANSFORM, groups), *_all(totals, groups)])


def tuning(request: Value) -> Demands:
    """A tuning job: as many of its training jobs as may run at once, of whichever definition asks for most."""
    limits = request.get("HyperParameterTuningJobConfig", "ResourceLimits")
    parallel = limits.get("MaxParallelTrainingJobs").span(ONE)
    jobs = limits.get("MaxNumberOfTrainingJobs")
    at_once = parallel if jobs.is_missing else parallel.least(jobs.span(ONE))
    one = request.get("TrainingJobDefinition")
    definitions = [one] if not one.is_missing else request.get("TrainingJobDefinitions").members()
    asked: dict[Quota, list[Span]] = {}
    for definition in definitions:
        for demand in _trial(definition):
            amount = demand.amount if demand.quota.is_of_each else demand.amount * at_once
            asked.setdefault(demand.quota, []).append(amount)
    per_job = total_quota("Maximum number of training jobs each hyper parameter tuning job can run in parallel at once")
    return (*(Demand(quota, _most(spans)) for quota, spans in asked.items()), Demand(per_job, parallel))


def _trial(definition: Value) -> Demands:
    pooled = definition.get("HyperParameterTuningResourceConfig")
    if pooled.is_missing:
        return training(definition)
    spot = definition.get("EnableManagedSpotTraining").is_true()
    use = QuotaUse.SPOT_TRAINING if spot else QuotaUse.TRAINING
    choices = pooled.get("InstanceConfigs").members()
    # Of several, each job takes one that there is capacity of.
    return _instances(use, choices or [pooled], may_be_none=len(choices) > 1)


def automl(_: Value) -> Demands:
    """An AutoML job: itself. Which instances it takes, AWS chooses."""
    return (Demand(total_quota("Maximum number of concurrent AutoML Jobs"), ONE),)


def variants(listed: Iterable[tuple[Value, Span]]) -> Demands:
    """An endpoint: the instances of its variants, or the concurrency of those that have none.

    Args:
        listed: Each variant of its configuration, with how many instances it has.
    """
    found: list[Demand] = []
    instances = NOTHING
    for variant, count in listed:
        serverless = variant.get("ServerlessConfig")
        if serverless.is_missing:
            found += _of_types(QuotaUse.ENDPOINT, variant.get("InstanceType"), count)
            instances += count
        else:
            found.append(Demand(total_quota("Maximum number of serverless endpoints"), ONE))
            name = "Maximum total concurrency that can be allocated across all serverless endpoints"
            found.append(Demand(total_quota(name), serverless.get("MaxConcurrency").span(ONE)))
    if instances != NOTHING:
        found += [Demand(total_quota("Number of instances across active endpoints"), instances)]
        found += [Demand(total_quota("Maximum number of instances per endpoint"), instances)]
    return together(found)


def notebook_instance(request: Value) -> Demands:
    """A notebook instance that runs."""
    return _of_types(QuotaUse.NOTEBOOK, request.get("InstanceType"), ONE)


def app(request: Value) -> Demands:
    """An app of Studio that runs."""
    use, types = _APP_USES.get(request.get("AppType").text()), request.get("ResourceSpec", "InstanceType")
    running = Demand(total_quota("Maximum number of running Studio apps allowed per account"), ONE)
    if use is None or types.is_missing or _NO_INSTANCE in types.texts():
        return (running,)
    return (*_of_types(use, types, ONE), running)


def one_of(name: str) -> Demands:
    """One of what a quota counts.

    Args:
        name: AWS's name of the quota.
    """
    return (Demand(total_quota(name), ONE),)


JOBS: Final[Mapping[str, Callable[[Value], Demands]]] = {
    "TrainingJob": training,
    "ProcessingJob": processing,
    "TransformJob": transform,
    "HyperParameterTuningJob": tuning,
    "AutoMLJob": automl,
}
"""What a job asks for by its request, by what AWS calls the job."""


def _instances(use: QuotaUse, groups: Iterable[Value], *, may_be_none: bool = False) -> Demands:
    return together(
        demand
        for group in groups
        for demand in _of_types(use, group.get("InstanceType"), _count(group), may_be_none=may_be_none)
    )


def _of_types(use: QuotaUse, types: Value, count: Span, *, may_be_none: bool = False) -> Demands:
    """The quota of the type; of several that it can be, each at most. Nothing is known of what AWS alone resolves."""
    names = options(types)
    amount = Span(Decimal(0), count.high) if may_be_none or len(names) > 1 else count
    return tuple(Demand(quota_of_type(use, name), amount) for name in names)


def _all(totals: Iterable[str], groups: Iterable[Value]) -> Iterator[Demand]:
    count = sum((_count(group) for group in groups), NOTHING)
    for name in totals:
        yield Demand(total_quota(name), count)


def _count(group: Value) -> Span:
    count = group.get("InstanceCount").span(ONE)
    return count if count.is_known else Span(max(count.low, Decimal(1)), count.high)


def _most(spans: Iterable[Span]) -> Span:
    """The greatest of them, whichever that is."""
    every = list(spans)
    highs = [each.high for each in every if each.high is not None]
    return Span(max(each.low for each in every), max(highs) if len(highs) == len(every) else None)
