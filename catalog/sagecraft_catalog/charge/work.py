"""What the jobs cost that SageMaker runs: at worst, by the requests that start them.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html and those of other kinds.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from sagecraft_catalog.price.row import Component

from .charge import Charge, Cost, Rule, Rules, free
from .resource import Resource
from .schedule import runs_a_month, schedule_of, scheduled_runs
from .span import NOTHING, ONE, Span
from .value import Value

_DAY_SECONDS: Final = Span.of(24 * 3600)
"""AWS's limit for a job that has none of its own.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html
"""
_MOST_TRIAL_SECONDS: Final = Span.of(30 * 24 * 3600)
"""Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceLimits.html"""
_TRIALS: Final = Span.of(250)
"""Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoMLJobCompletionCriteria.html"""
_AT_DEPLOYMENT: Final = "once, when it is deployed"
_BY_HAND: Final = "by hand: not in the month"

Charges = tuple[Charge, ...]
Request = Callable[[Value], Charges]


def training(request: Value) -> Charges:
    """A training job, by what starts it."""
    resources = request.get("ResourceConfig")
    hours = _hours(request.get("StoppingCondition", "MaxRuntimeInSeconds"), _DAY_SECONDS)
    warm = resources.get("KeepAlivePeriodInSeconds")
    if not warm.is_missing:
        hours += _hours(warm, NOTHING)
    spot = "at most: spot instances cost less" if request.get("EnableManagedSpotTraining").is_true() else ""
    groups = resources.get("InstanceGroups").members() or [resources]
    volume = resources.get("VolumeSizeInGB")
    return tuple(
        charge for group in groups for charge in _machines(Component.TRAINING, group, hours, volume=volume, note=spot)
    )


def processing(request: Value) -> Charges:
    """A processing job, by what starts it."""
    cluster = request.get("ProcessingResources", "ClusterConfig")
    hours = _hours(request.get("StoppingCondition", "MaxRuntimeInSeconds"), _DAY_SECONDS)
    return _machines(Component.PROCESSING, cluster, hours, volume=cluster.get("VolumeSizeInGB"))


def transform(request: Value) -> Charges:
    """A batch transform job, by what starts it; SageMaker has no limit for how long one runs."""
    note = "runs for as long as its data takes: SageMaker has no limit for these"
    return _machines(Component.TRANSFORM, request.get("TransformResources"), Span(Decimal(0), None), note=note)


def tuning(request: Value) -> Charges:
    """A tuning job: all of its training jobs at their limit, or what fits into its own limit, if that is less."""
    limits = request.get("HyperParameterTuningJobConfig", "ResourceLimits")
    jobs, parallel = limits.get("MaxNumberOfTrainingJobs").span(ONE), limits.get("MaxParallelTrainingJobs").span(ONE)
    within = parallel * _hours(limits.get("MaxRuntimeInSeconds"), _MOST_TRIAL_SECONDS)
    one = request.get("TrainingJobDefinition")
    definitions = [one] if not one.is_missing else request.get("TrainingJobDefinitions").members()
    found = [charge for definition in definitions for charge in _trial(definition)]
    told = f"{jobs.told} jobs at their limit, or all that fit into the tuning job's"
    return tuple(
        Charge(
            component=charge.component,
            items=charge.items,
            quantity=charge.quantity,
            hours=(charge.hours * jobs).least(within),
            note=f"{told}; {charge.note}" if charge.note else told,
        )
        for charge in _dearest(found)
    )


def _trial(definition: Value) -> Charges:
    pooled = definition.get("HyperParameterTuningResourceConfig")
    if pooled.is_missing:
        return training(definition)
    hours = _hours(definition.get("StoppingCondition", "MaxRuntimeInSeconds"), _DAY_SECONDS)
    choices = pooled.get("InstanceConfigs").members() or [pooled]
    return tuple(charge for choice in choices for charge in _machines(Component.TRAINING, choice, hours))


def _dearest(charges: list[Charge]) -> list[Charge]:
    """One charge for each component: of several definitions, each job has one, and nobody knows which."""
    merged: dict[Component, Charge] = {}
    for charge in charges:
        known = merged.get(charge.component)
        merged[charge.component] = (
            charge
            if known is None
            else Charge(
                component=charge.component,
                items=tuple(dict.fromkeys((*known.items, *charge.items))),
                quantity=Span.over((known.quantity, charge.quantity)),
                hours=Span.over((known.hours, charge.hours)),
                note=known.note,
            )
        )
    return list(merged.values())


def automl(request: Value) -> Charges:
    """An AutoML job: its own limit. Which instances, and how many at once, AWS chooses, and tells nobody before."""
    problems = {"TabularJobConfig": request.get("AutoMLJobConfig"), **request.get("AutoMLProblemTypeConfig").entries()}
    limits = {name: each.get("CompletionCriteria") for name, each in problems.items() if not each.is_missing}
    hours = [_hours(each.get("MaxAutoMLJobRuntimeInSeconds"), _MOST_TRIAL_SECONDS) for each in limits.values()]
    trials = Span.over(each.get("MaxCandidates").span(_TRIALS) for each in limits.values() or [_NONE])
    items = (_TABULAR_INSTANCE,) if set(limits) <= {"TabularJobConfig"} else ()
    counted = f"counted as one {_TABULAR_INSTANCE}, but " if items else ""
    return (
        Charge(
            component=Component.TRAINING,
            items=items,
            quantity=Span(Decimal(1), None),
            hours=Span.over(hours or [_hours(_NONE, _MOST_TRIAL_SECONDS)]),
            note=f"{counted}AWS chooses the instances and how many work at once, for at most {trials.told} candidates",
        ),
    )


_TABULAR_INSTANCE: Final = "ml.m5.4xlarge"
"""What candidates of tables have been seen to be trained on."""
_NONE: Final = Value([])
REQUESTS: Final[Mapping[str, Request]] = {
    "TrainingJob": training,
    "ProcessingJob": processing,
    "TransformJob": transform,
    "HyperParameterTuningJob": tuning,
    "AutoMLJob": automl,
}
"""What starts a job, by what AWS calls the job."""
_STEPS: Final[Mapping[str, str]] = {
    "Training": "TrainingJob",
    "Processing": "ProcessingJob",
    "Transform": "TransformJob",
    "Tuning": "HyperParameterTuningJob",
    "AutoML": "AutoMLJob",
}
"""Source: https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/"""


def at_deployment(job: str) -> Rule:
    """A job that its stack runs when it is deployed."""

    def rule(resource: Resource) -> Cost:
        return Cost(
            charges=REQUESTS[job](resource.request),
            runs=ONE,
            when=_AT_DEPLOYMENT,
            job=job,
            name_prefix=resource.get("NamePrefix").text(),
        )

    return rule


def parameter(resource: Resource) -> Cost:
    """A parameter, which may hold the request of a job that is run by hand; in itself it is free."""
    held = resource.get("Value").from_json()
    job = held.get("kind").text()
    if job not in REQUESTS:
        return Cost()
    charges = REQUESTS[job](resource.request)
    return Cost(charges=charges, runs=NOTHING, when=_BY_HAND, job=job, name_prefix=held.get("namePrefix").text())


def started_jobs(resource: Resource) -> list[tuple[str, Value]]:
    """The jobs that a resource holds the requests of, whoever starts them: what AWS calls each, and its request."""
    match resource.type:
        case "AWS::SSM::Parameter":
            found = [(resource.get("Value").from_json().get("kind").text(), resource.request)]
        case "AWS::SageMaker::Pipeline":
            found = _step_requests(resource)
        case "AWS::Scheduler::Schedule":
            found = [_scheduled(resource)]
        case other:
            found = [(other.removeprefix("Custom::SageMaker"), resource.request)]
    return [(job, request) for job, request in found if job in REQUESTS]


def pipeline(resource: Resource) -> Cost:
    """A pipeline: every step that is a job, at its limit, whenever somebody starts it."""
    if not _pipeline_steps(resource):
        return Cost(unpriced="the steps of its definition are not in the template")
    charges = [charge for job, request in _step_requests(resource) for charge in REQUESTS[job](request)]
    runs = scheduled_runs(resource)
    if runs is None:
        return Cost(charges=tuple(charges), runs=NOTHING, when="each time that it is started: not in the month")
    return Cost(charges=tuple(charges), runs=runs, when=_by_schedule(runs))


def schedule(resource: Resource) -> Cost:
    """A schedule; in itself it is free, but it may start a job, each time anew."""
    job, request = _scheduled(resource)
    if job not in REQUESTS:
        return Cost()
    runs = schedule_of(resource)
    return Cost(charges=REQUESTS[job](request), runs=runs, when=_by_schedule(runs))


def _scheduled(resource: Resource) -> tuple[str, Value]:
    """The job that a schedule starts, and its request; an empty name for what is none."""
    target = resource.get("Target", "Arn").text()
    job = target.rpartition(":")[2].removeprefix("create").replace("AutoMLJobV2", "AutoMLJob")
    return job if ":sagemaker:" in target else "", resource.get("Target", "Input").from_json()


def monitoring_schedule(resource: Resource) -> Cost:
    """The processing jobs of a monitoring schedule, each at its limit.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringScheduleConfig.html
    """
    config = resource.get("MonitoringScheduleConfig")
    definition, resources = config.get("MonitoringJobDefinition"), "MonitoringResources"
    if definition.is_missing:
        other = resource.referred("MonitoringScheduleConfig")
        if other is None:
            return Cost(unpriced="its job definition stands outside of its template")
        definition, resources = other.properties, "JobResources"
    runs = runs_a_month(config.get("ScheduleConfig", "ScheduleExpression").text())
    hours = _hours(definition.get("StoppingCondition", "MaxRuntimeInSeconds"), _DAY_SECONDS)
    charges = _machines(Component.PROCESSING, definition.get(resources, "ClusterConfig"), hours)
    return Cost(charges=charges, runs=runs, when=_by_schedule(runs))


def _by_schedule(runs: Span) -> str:
    often = (
        "as often as its schedule says" if runs.high is None else f"{round(runs.high, 1).normalize():f} times a month"
    )
    return f"{often}, by its schedule"


_STOPPING: Final = ("StoppingCondition", "MaxRuntimeInSeconds")
_LIMITS: Final[Mapping[str, tuple[str, ...]]] = {
    "TrainingJob": _STOPPING,
    "ProcessingJob": _STOPPING,
    "HyperParameterTuningJob": ("HyperParameterTuningJobConfig", "ResourceLimits", "MaxRuntimeInSeconds"),
}


def longest_hours(job: str, request: Value) -> Span:
    """How long a job may take from its beginning to its end; without an end for kinds that have no limit."""
    if job == "AutoMLJob":
        return automl(request)[0].hours
    path = _LIMITS.get(job)
    if path is None:
        return Span(Decimal(0), None)
    return _hours(request.get(*path), _DAY_SECONDS if path is _STOPPING else _MOST_TRIAL_SECONDS)


def _pipeline_steps(resource: Resource) -> list[Value]:
    return _steps(resource.get("PipelineDefinition", "PipelineDefinitionBody").from_json().get("Steps").members())


def _step_requests(resource: Resource) -> list[tuple[str, Value]]:
    kinds = [(_STEPS.get(step.get("Type").text()), step) for step in _pipeline_steps(resource)]
    return [(job, step.get("Arguments")) for job, step in kinds if job is not None]


def _steps(steps: list[Value]) -> list[Value]:
    """These, and those inside conditions, of which either side may run."""
    inside = [
        each
        for step in steps
        for branch in ("IfSteps", "ElseSteps")
        for each in _steps(step.get("Arguments", branch).members())
    ]
    return [*steps, *inside]


def _machines(
    component: Component, resources: Value, hours: Span, *, volume: Value | None = None, note: str = ""
) -> Charges:
    types = resources.get("InstanceType")
    count = resources.get("InstanceCount").span(ONE)
    machines = Charge(component=component, items=options(types), quantity=_at_least_one(count), hours=hours, note=note)
    gib = (resources.get("VolumeSizeInGB") if volume is None else volume).span(NOTHING)
    if gib == NOTHING:
        return (machines,)
    storage = Charge(
        component=Component.STORAGE, items=(component.value,), quantity=_at_least_one(count) * gib, hours=hours
    )
    return machines, storage


def options(types: Value) -> tuple[str, ...]:
    """The instance types that a property can be; none where only AWS knows."""
    return () if types.is_open else types.texts()


def _at_least_one(count: Span) -> Span:
    return count if count.is_known else Span(max(count.low, Decimal(1)), count.high)


def _hours(seconds: Value, default: Span) -> Span:
    return seconds.span(default) / Decimal(3600)


def _rules(job: str) -> Rules:
    return {f"Custom::SageMaker{job}": at_deployment(job)}


TRAINING: Final = _rules("TrainingJob")
PROCESSING: Final = _rules("ProcessingJob")
TRANSFORM: Final = _rules("TransformJob")
TUNING: Final = _rules("HyperParameterTuningJob")
AUTOML: Final[Rules] = {**_rules("AutoMLJob"), "Custom::SageMakerModel": free}
"""The jobs that constructs declare: CloudFormation has no type for them."""
