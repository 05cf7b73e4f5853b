"""Every prop of every construct with tokens of the types that it takes, and with what is of another kind.

A token either stands in the template in the end, or is refused by our own error, which does not show how the CDK writes
tokens down: `${Token[TOKEN.7]}`, `#{Token[TOKEN.7]}` or -1.8881545897087626e+289.
"""

import inspect
import json
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

import pytest
from aws_cdk import App, CfnParameter, Duration, Stack, Token
from aws_cdk.aws_kms import Key
from constructs import Construct
from sagecraft_constructs import (
    AlgorithmImage,
    CategoricalRange,
    ConstructError,
    ContinuousRange,
    DataCapture,
    DataProcessing,
    EndpointConfig,
    ExecutionRole,
    FeatureGroup,
    Hyperband,
    IntegerRange,
    InvalidProps,
    LifecycleConfig,
    LocalProgram,
    Model,
    ModelData,
    ModelStep,
    Objective,
    OfflineStore,
    OnlineStore,
    Pipeline,
    ProcessingInput,
    ProcessingJob,
    ProcessingOutput,
    ProductionVariant,
    ProvisionedThroughput,
    RegisterModelStep,
    StudioApp,
    StudioAppType,
    StudioDomain,
    TeamEnvironment,
    TrainingContainer,
    TrainingInput,
    TrainingJob,
    TransformJob,
    TuningDefinition,
    TuningJob,
    TuningStrategy,
)
from sagecraft_constructs.tokens import is_token

from .every_construct import EVERY_CONSTRUCT, bucket_of
from .stack import make_stack
from .template_checks import template_of

WRITTEN = re.compile(r"Token\[|e\+289")
pytestmark = pytest.mark.slow
IMAGE = AlgorithmImage(name="xgboost", version="1.7-1")
URI = "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1"
Declare = Callable[..., object]


def needed(kind: type[Construct], scope: Construct) -> Mapping[str, Any]:
    """What a construct needs; but for a team's own name, all of its kind in a stack can share it."""
    return EVERY_CONSTRUCT[kind](scope) if kind is TeamEnvironment else shared_needs(kind, Stack.of(scope))


@lru_cache(1)
def shared_needs(kind: type[Construct], stack: Stack) -> Mapping[str, Any]:
    return EVERY_CONSTRUCT[kind](Construct(stack, "Needed"))


def construct(kind: type[Construct]) -> Declare:
    """Declares a construct with the props that it needs and those that are given."""
    make = cast("Callable[..., object]", kind)
    return lambda scope, given: make(scope, "It", **{**needed(kind, scope), **given})


def part(
    kind: type[Construct], prop: str, wrap: Callable[[Any], Any], make: Callable[..., Any], **needs: Any
) -> Declare:
    """Declares a construct with a part that has the props which it needs and those that are given."""

    def declare(scope: Construct, given: Mapping[str, Any]) -> object:
        needed = {name: value(scope) if callable(value) else value for name, value in needs.items()}
        return construct(kind)(scope, {prop: wrap(make(**{**needed, **given}))})

    return declare


def itself(value: Any) -> Any:
    return value


def tuned(name: str) -> Callable[[Any], Any]:
    return lambda value: {name: value}


def listed(value: Any) -> Any:
    return [value]


def captured(scope: Construct, given: Mapping[str, Any]) -> object:
    capture = DataCapture(**{"bucket": bucket_of(scope), "prefix": "captured", **given})
    role = ExecutionRole(scope, "CaptureRole")
    return construct(EndpointConfig)(scope, {"data_capture": capture, "data_capture_role": role})


def hyperband(scope: Construct, given: Mapping[str, Any]) -> object:
    resources = Hyperband(**{"max_resource": 9, **given})
    return construct(TuningJob)(scope, {"strategy": TuningStrategy.HYPERBAND, "hyperband": resources})


def defined(scope: Construct, given: Mapping[str, Any]) -> object:
    needs = {**needed(TuningJob, scope)}
    shared = {name: needs.pop(name) for name in ("output_bucket", "max_jobs", "max_parallel_jobs")}
    return TuningJob(scope, "It", definitions=[TuningDefinition(**{**needs, "name": "First", **given})], **shared)


def idle_stop(scope: Construct, given: Mapping[str, Any]) -> object:
    return LifecycleConfig.idle_stop(scope, "It", **given)


def as_step(kind: Any) -> Declare:
    """A step of a pipeline, which is in no template without one."""

    def declare(scope: Construct, given: Mapping[str, Any]) -> object:
        step = kind(scope, "It", **{**EVERY_CONSTRUCT[kind](scope), **given})
        return Pipeline(scope, "Pipeline", steps=[step])

    return declare


def train_input(scope: Construct) -> TrainingInput:
    return TrainingInput(bucket=bucket_of(scope), prefix="train/")


def model_of(scope: Construct) -> Model:
    return Model(scope, "OfVariant", container=IMAGE)


OWNERS: dict[Callable[..., Any], Declare] = {
    **{kind: construct(kind) for kind in EVERY_CONSTRUCT},
    AlgorithmImage: part(Model, "container", itself, AlgorithmImage, name="xgboost", version="1.7-1"),
    CategoricalRange: part(TuningJob, "ranges", tuned("max_depth"), CategoricalRange, values=["3", "4"]),
    ContinuousRange: part(TuningJob, "ranges", tuned("eta"), ContinuousRange, minimum=0.1, maximum=0.3),
    DataCapture: captured,
    DataProcessing: part(TransformJob, "data_processing", itself, DataProcessing),
    Hyperband: hyperband,
    IntegerRange: part(TuningJob, "ranges", tuned("max_depth"), IntegerRange, minimum=3, maximum=9),
    LifecycleConfig.idle_stop: idle_stop,
    ModelStep: as_step(ModelStep),
    RegisterModelStep: as_step(RegisterModelStep),
    LocalProgram: part(
        Model,
        "container",
        lambda program: TrainingContainer.from_image_uri(URI, local_program=program),
        LocalProgram,
        entry_point="serve.py",
    ),
    ModelData.from_bucket: part(
        Model, "model_data", itself, ModelData.from_bucket, bucket=bucket_of, key="model.tar.gz"
    ),
    Objective: part(TuningJob, "objective", itself, Objective, metric_name="validation:auc", type="Maximize"),
    OfflineStore: part(FeatureGroup, "offline_store", itself, OfflineStore),
    OnlineStore: part(FeatureGroup, "online_store", itself, OnlineStore),
    ProcessingInput: part(ProcessingJob, "inputs", tuned("in"), ProcessingInput, source=train_input),
    ProcessingOutput: part(ProcessingJob, "outputs", tuned("out"), ProcessingOutput),
    ProductionVariant: part(EndpointConfig, "production_variants", listed, ProductionVariant, model=model_of),
    ProvisionedThroughput: part(
        FeatureGroup, "throughput", itself, ProvisionedThroughput, write_capacity_units=1, read_capacity_units=1
    ),
    StudioApp: part(StudioDomain, "apps", lambda app: {StudioAppType.JUPYTER_LAB: app}, StudioApp),
    TrainingContainer.from_dockerfile: part(
        Model, "container", itself, TrainingContainer.from_dockerfile, directory="."
    ),
    TrainingContainer.from_image_uri: part(Model, "container", itself, TrainingContainer.from_image_uri, uri=URI),
    TrainingInput: part(TrainingJob, "inputs", tuned("train"), TrainingInput, bucket=bucket_of, prefix="train/"),
    TuningDefinition: defined,
}


READ_BY_OTHERS: dict[Callable[..., Any], set[str]] = {ProcessingOutput: {"content_type"}}
"""Props that stand in the request of the job which reads the construct's output."""


def props_of(owner: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """The props of a construct or a part, and what each is annotated with."""
    made_by = getattr(owner, "__init__") if isinstance(owner, type) else owner  # noqa: B009 - that of its class
    hints = get_type_hints(made_by)
    for name in inspect.signature(made_by).parameters:
        if name not in ("self", "scope", "id"):
            yield name, hints[name]


def types_in(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) in (Union, UnionType):
        for each in get_args(annotation):
            yield from types_in(each)
    else:
        yield annotation


def tokens(stack: Stack, name: str, annotation: Any) -> Iterator[tuple[str, object]]:
    """The parameters of a stack whose tokens a prop of a type takes, and the value that has the token in it."""

    def parameter(kind: str = "String") -> CfnParameter:
        return CfnParameter(stack, f"{name.replace('_', '')}P{len(stack.node.children)}", type=kind)

    def wrapped(wrap: Callable[[CfnParameter], object], kind: str = "String") -> tuple[str, object]:
        made = parameter(kind)
        return made.node.id, wrap(made)

    for each in types_in(annotation):
        match get_origin(each) or each, get_args(each):
            case kind, () if kind is str:
                yield wrapped(lambda made: made.value_as_string)
            case kind, () if kind in (int, float):
                yield wrapped(lambda made: made.value_as_number, "Number")
            case kind, () if kind is Duration:
                yield wrapped(lambda made: Duration.seconds(made.value_as_number), "Number")
                yield wrapped(lambda made: Duration.minutes(made.value_as_number), "Number")
            case kind, (item,) if kind is Sequence and str in types_in(item):
                yield wrapped(lambda made: made.value_as_list, "CommaDelimitedList")
                yield wrapped(lambda made: [made.value_as_string])
            case kind, (_, item) if kind is Mapping:
                yield wrapped(lambda made: made.value)
                if str in types_in(item):
                    yield wrapped(lambda made: {"name": made.value_as_string})
                    yield wrapped(lambda made: {made.value_as_string: "value"})


def problem(declare: Callable[[], object]) -> str | None:
    """Why something is refused; any error but our own goes on."""
    try:
        declare()
    except ConstructError as refused:
        return str(refused)
    return None


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.__qualname__)
def test_a_token_reaches_the_template_or_is_refused_by_name(owner: Callable[..., Any]) -> None:
    stack = make_stack()
    accepted: dict[str, str] = {}
    for name, annotation in props_of(owner):
        for parameter, value in tokens(stack, name, annotation):
            scope = Construct(stack, f"Of{parameter}")
            refused = problem(partial(OWNERS[owner], scope, {name: value}))
            if refused is None:
                accepted[parameter] = name
            else:
                assert WRITTEN.search(refused) is None
    app = stack.node.root
    assert isinstance(app, App)
    app.synth()
    template = json.dumps({**template_of(stack), "Parameters": {}, "Metadata": {}})
    assert WRITTEN.findall(template) == []
    lost = {name for parameter, name in accepted.items() if re.search(rf'["{{]{parameter}["}}]', template) is None}
    assert lost <= READ_BY_OTHERS.get(owner, set())


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.__qualname__)
def test_what_is_no_number_is_refused_by_name(owner: Callable[..., Any]) -> None:
    stack = make_stack()
    for name, annotation in props_of(owner):
        if {int, float} & set(types_in(annotation)):
            for number in (math.nan, math.inf):
                with pytest.raises(InvalidProps, match=r"\b(nan|inf)\b"):
                    OWNERS[owner](Construct(stack, f"{name}{number}"), {name: number})


def test_what_cannot_be_a_token_is_told_without_a_question_to_the_cdk(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(Token, "is_unresolved", asked.append)
    assert not any(map(is_token, ("s3://bucket/key", "${Bucket}", 7, -0.5, 1e300, -math.inf, ["train"], Path("train"))))
    assert asked == []


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.__qualname__)
def test_a_value_of_another_kind_is_refused_by_the_name_of_its_prop(owner: Callable[..., Any]) -> None:
    stack = make_stack()
    proxy = Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:123456789012:key/k")
    for name, annotation in props_of(owner):
        kinds = set(types_in(annotation))
        wrong: list[object] = [sys] if kinds & {str, int, float} else [sys, "nope", 7]
        if not any(each.__module__.startswith(("aws_cdk", "constructs")) for each in kinds):
            wrong.append(proxy)  # also where several such are wanted
        for number, value in enumerate(wrong):
            with pytest.raises(InvalidProps, match=rf"\b{name}: should be .*, got "):
                OWNERS[owner](Construct(stack, f"{name}{number}"), {name: value})
