"""What stands in the refusal of a prop's value of another kind than the prop's."""

import inspect
from enum import Enum
from typing import Any

import pytest
import sagecraft_constructs
from aws_cdk.aws_kms import Key
from constructs import Construct
from sagecraft_constructs import (
    AlgorithmImage,
    InvalidProps,
    NotebookInstance,
    OffSwitch,
    Person,
    StudioDomain,
    TeamEnvironment,
    TrainingInput,
    UserProfile,
)

from .every_construct import EVERY_CONSTRUCT
from .stack import make_stack


def parameters(kind: type[Any]) -> list[inspect.Parameter]:
    """Those of its constructor, without itself."""
    return [each for each in inspect.signature(kind).parameters.values() if each.kind is not each.VAR_KEYWORD]


CASES: list[tuple[type[Construct], dict[str, Any], list[str]]] = [
    (
        NotebookInstance,
        {"instance_type": "ml.t3.medium", "role": "arn:aws:iam::123456789012:role/r"},
        [
            "instance_type: should be an InstanceType, got 'ml.t3.medium'. Write InstanceType.of(…).",
            "role: should be an IRole, got 'arn:aws:iam::123456789012:role/r'.",
        ],
    ),
    (
        NotebookInstance,
        {"platform_identifier": "notebook-al1-v1"},
        [
            (
                "platform_identifier: should be a PlatformIdentifier, got 'notebook-al1-v1'. Write "
                "PlatformIdentifier.AMAZON_LINUX_2_JUPYTER_LAB_3, PlatformIdentifier.AMAZON_LINUX_2_JUPYTER_LAB_4, "
                "PlatformIdentifier.AMAZON_LINUX_2023_JUPYTER_LAB_4."
            )
        ],
    ),
    (
        NotebookInstance,
        {"additional_code_repositories": "https://a/b"},
        ["additional_code_repositories: should be a sequence of strings, got 'https://a/b'."],
    ),
    (
        TeamEnvironment,
        {"people": ["ann"], "monthly_usd": "500", "tags": {"x": 3}},
        [
            "monthly_usd: should be a number, got '500'.",
            "people: should be a sequence of Person, got ['ann'].",
            "tags: should be a mapping of strings to strings, got {'x': 3}.",
        ],
    ),
    (
        StudioDomain,
        {"idle_time": "2h"},
        [
            (
                "idle_time: should be a Duration, got '2h'. Write Duration.days(…), Duration.hours(…), "
                "Duration.millis(…), Duration.minutes(…), Duration.parse(…), Duration.seconds(…)."
            )
        ],
    ),
    (
        StudioDomain,
        {"apps": {"JupyterLb": 3}},
        [
            (
                "apps: should be a mapping of StudioAppType to StudioApp, got {'JupyterLb': 3}. Write "
                "StudioAppType.JUPYTER_LAB, StudioAppType.CODE_EDITOR, StudioAppType.JUPYTER_SERVER, "
                "StudioAppType.KERNEL_GATEWAY."
            )
        ],
    ),
]


@pytest.mark.parametrize(("kind", "given", "told"), CASES)
def test_a_refusal_names_the_prop_what_belongs_there_and_what_was_given(
    kind: type[Construct], given: dict[str, Any], told: list[str]
) -> None:
    stack = make_stack()
    with pytest.raises(InvalidProps) as refused:
        kind(stack, "It", **{**EVERY_CONSTRUCT[kind](stack), **given})
    assert sorted(refused.value.problems) == told
    assert str(refused.value).startswith(f"{kind.__name__} 'Stack/It': ")


def test_what_is_no_construct_refuses_as_constructs_do() -> None:
    with pytest.raises(InvalidProps, match="Person: assumed_by: should be an IPrincipal, got 'arn"):
        Person(name="ann", persona="reviewer", assumed_by="arn:aws:iam::123456789012:root")  # type: ignore[arg-type]
    with pytest.raises(InvalidProps, match="TrainingInput: bucket: should be an IBucket, got 'data'"):
        TrainingInput(bucket="data", prefix="train/")  # type: ignore[arg-type]


def test_a_proxy_is_told_by_the_class_that_it_stands_for() -> None:
    stack = make_stack()
    key: Any = Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:123456789012:key/k")
    with pytest.raises(InvalidProps, match=r"encryption_keys: should be a sequence of IKey, got a Resource\."):
        OffSwitch(stack, "It", **{**EVERY_CONSTRUCT[OffSwitch](stack), "encryption_keys": key})


def test_a_whole_number_may_be_written_with_a_point() -> None:
    NotebookInstance(make_stack(), "It", volume_gib=10.0)  # type: ignore[arg-type]


NAMED = [
    kind
    for kind in (getattr(sagecraft_constructs, name) for name in sagecraft_constructs.__all__)
    if inspect.isclass(kind)
    and not issubclass(kind, Exception | Enum)
    and any(each.kind is each.KEYWORD_ONLY for each in parameters(kind))
]


@pytest.mark.parametrize("kind", NAMED, ids=lambda kind: kind.__name__)
def test_a_value_without_the_name_of_its_prop_is_refused_with_the_name_that_it_would_have(kind: type[Any]) -> None:
    by_place = [each for each in parameters(kind) if each.kind is not each.KEYWORD_ONLY]
    first = next(each.name for each in parameters(kind) if each.kind is each.KEYWORD_ONLY)
    with pytest.raises(InvalidProps, match=rf"got 'stray' without the name of a prop, .* its name: {first}='stray'\?"):
        kind(*[make_stack() if each.name == "scope" else "Name" for each in by_place], "stray")


def test_an_algorithms_name_without_its_prop_is_told_as_other_wrong_props_are() -> None:
    make: Any = AlgorithmImage
    with pytest.raises(InvalidProps, match=r"AlgorithmImage: got 'linear-learner' .*: name='linear-learner'\?"):
        make("linear-learner")
    with pytest.raises(InvalidProps, match=r"got 'xgboost', '1.7-1' .*: name='xgboost', version='1.7-1'\?"):
        make("xgboost", "1.7-1")


def test_what_the_constructor_does_not_have_is_named_by_python() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'owner'"):
        UserProfile(make_stack(), "It", owner="ann")  # type: ignore[call-arg]
