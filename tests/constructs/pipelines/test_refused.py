"""Pipelines, and parts of them, that cannot be: refused when they are declared, with what to change."""

from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template
from sagecraft_constructs import (
    AlgorithmImage,
    Condition,
    ConditionStep,
    FailStep,
    InvalidProps,
    JobRealization,
    JobStep,
    Model,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
    Pipeline,
    PropertyFile,
    RetryException,
    RetryPolicy,
    Schedule,
    Step,
)

from tests.constructs.stack import (
    make_bucket,
    make_job,
    make_processing,
    make_stack,
)

STEP = JobRealization.PIPELINE_STEP


def _fail(name: str, *before: Step | str, message: str = "no") -> FailStep:
    return FailStep(name=name, error_message=message, depends_on=before)


def _pipeline(*steps: Step, **props: Any) -> Pipeline:
    return Pipeline(Stack(App(), "Stack"), "Pipeline", steps=steps, **props)


def test_steps_that_cannot_be_a_pipeline_are_refused() -> None:
    a = _fail("A")
    for steps, told in {
        (): "steps: is empty; a pipeline has at least one step.",
        (a, _fail("A")): "steps: 2 are called 'A'; give each a name of its own.",
        (_fail("A", "A"),): "steps: 'A' waits for itself; take that out of its 'depends_on'.",
        (
            _fail("A", "B"),
            _fail("B", "C"),
            _fail("C", "A"),
        ): "in a circle: 'A' → 'B' → 'C' → 'A'. Take one of these out.",
        (
            _fail("Train", "Prepaer"),
            _fail("Prepare"),
        ): "'Train' waits for 'Prepaer', which is no step of it. Did you mean Prepare?",
        (_fail("B", a),): "depends_on: 'B' waits for 'A', which is no step of it. There are B.",
    }.items():
        with pytest.raises(InvalidProps) as raised:
            _pipeline(*steps)
        assert told in str(raised.value)


def test_a_step_that_waits_for_a_step_of_its_own_branch_is_a_circle() -> None:
    inner = _fail("Inner")
    condition = ConditionStep(name="If", conditions=[Condition.equals(1, 1)], if_steps=[inner], depends_on=[inner])
    with pytest.raises(InvalidProps, match="in a circle: 'If' → 'Inner' → 'If'"):
        _pipeline(condition)


def test_parameters_that_cannot_be_are_refused() -> None:
    for make, told in (
        (lambda: ParameterInteger(name="a b"), r"name: 'a b' does not match"),
        (lambda: ParameterString(name="p", default="c", enum=["a", "b"]), "default: should be 'a' or 'b', got 'c'."),
        (lambda: ParameterString(name="p", enum=[]), "enum: is empty"),
        (lambda: ParameterFloat(name="p", default=float("nan")), "default: should be a number, got nan."),
        (lambda: ParameterInteger(name="p", default=1.5), "default: should be a whole number, got 1.5."),  # type: ignore[arg-type]
        (lambda: ParameterString(name="p", default="x" * 5000), "default: has 5000 characters; at most 4096"),
        (
            lambda: _pipeline(
                _fail("A", message=ParameterString(name="p").value),
                _fail("B", message=ParameterString(name="p", default="x").value),
            ),
            "parameters: two are called 'p', and differ",
        ),
    ):
        with pytest.raises(InvalidProps, match=told):
            make()


def test_a_start_that_nobody_watches_has_a_value_for_each_parameter() -> None:
    steps = [
        _fail(
            "A", message=f"{ParameterString(name='Why', enum=['x']).value} {ParameterInteger(name='N', default=1).text}"
        )
    ]
    pipeline = _pipeline(*steps)
    starts: list[tuple[dict[str, str | int | float | bool], str]] = [
        ({}, "parameters: 'Why' has no default, so it needs a value; give one here or there."),
        ({"Why": "x", "M": 1}, "parameters: there is no parameter 'M' that a step uses. There are Why, N."),
        ({"Why": "y"}, "value: should be 'x', got 'y'."),
        ({"Why": "x", "N": "1"}, "value: should be a whole number, got '1'."),
        ({"Why": "x", "N": True}, "value: should be a whole number, got True."),
    ]
    for given, told in starts:
        with pytest.raises(InvalidProps) as raised:
            Schedule(
                pipeline,
                f"S{len(pipeline.node.children)}",
                pipeline=pipeline,
                expression="rate(1 day)",
                parameters=given,
            )
        assert told in str(raised.value)
    with pytest.raises(InvalidProps, match="expression: 'daily' is none; write it like 'rate"):
        Schedule(pipeline, "Daily", pipeline=pipeline, expression="daily", parameters={"Why": "x"})


def test_names_and_sizes_that_aws_does_not_take_are_refused() -> None:
    for make, told in (
        (lambda: _fail("a step"), "name: 'a step' does not match"),
        (lambda: _pipeline(_fail("A"), pipeline_name="my_pipeline"), "PipelineName 'my_pipeline' does not match"),
        (lambda: _pipeline(_fail("A"), pipeline_name="Mine"), "has capitals, which SageMaker drops in ARNs"),
        (lambda: _pipeline(_fail("A"), max_parallel_steps=0), "max_parallel_steps: should be at least 1, got 0."),
        (lambda: _fail("A", message=""), "error_message: should have 1 to 3072 characters, got 0."),
        (
            lambda: _pipeline(*(_fail(f"A{number}", message="x" * 3072) for number in range(400))),
            r"make a definition of 12\d{5} characters; SageMaker takes 1048576.",
        ),
    ):
        with pytest.raises(InvalidProps, match=told):
            make()


def test_conditions_and_retries_that_say_nothing_are_refused() -> None:
    some = [RetryException.THROTTLING]
    for make, told in (
        (lambda: ConditionStep(name="If", conditions=[], if_steps=[_fail("A")]), "conditions: is empty"),
        (lambda: ConditionStep(name="If", conditions=[Condition.equals(1, 1)]), "'else_steps' are empty"),
        (lambda: Condition.is_in(1, []), "values: is empty"),
        (lambda: Condition.any_of([]), "conditions: is empty"),
        (lambda: RetryPolicy(exceptions=some), "max_attempts: or 'expire_after' is needed"),
        (lambda: RetryPolicy(exceptions=some, max_attempts=21), "max_attempts: should be 1 to 20, got 21."),
        (lambda: RetryPolicy(exceptions=[], max_attempts=2), "exceptions: is empty"),
    ):
        with pytest.raises(InvalidProps, match=told):
            make()


def test_results_of_jobs_that_are_no_steps_of_the_pipeline_are_refused() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    evaluate = make_processing(stack, "Evaluate", bucket, realization=STEP)
    by_hand = make_processing(stack, "Hand", bucket, realization=JobRealization.BY_HAND)
    train = make_job(stack, "Train", bucket, realization=STEP)
    auc = PropertyFile(job=evaluate, output="report", path="evaluation.json").get("auc")
    step = ConditionStep(name="If", conditions=[Condition.less_than(auc, 1)], if_steps=[_fail("A")])
    artefact = _fail("Told", message=train.s3_model_artifacts)
    for make, told in (
        (
            lambda: Pipeline(stack, "P1", steps=[step]),
            "'If' uses the property file 'report' of 'Stack/Evaluate', which is no step",
        ),
        (
            lambda: Pipeline(stack, "P2", steps=[artefact]),
            "'Told' uses 'ModelArtifacts.S3ModelArtifacts' of 'Stack/Train', which is no",
        ),
        (
            lambda: Pipeline(stack, "P3", steps=[by_hand]),
            "job: is run 'by-hand'; declare it with realization=JobRealization.PIPE",
        ),
        (
            lambda: Pipeline(stack, "P4", steps=[JobStep(train, name="A"), JobStep(train, name="B")]),
            "'A' and 'B' run the same job",
        ),
        (
            lambda: PropertyFile(job=evaluate, output="reports", path="a.json"),
            "output: there is no output 'reports'. There are train, report.",
        ),
        (
            lambda: PropertyFile(job=evaluate, output="report", path="/a.json"),
            "path: '/a.json' should be the path of a file",
        ),
        (
            lambda: train.step_property("ModelArtefacts"),
            "a Training step has no property 'ModelArtefacts'. Did you mean 'ModelArtifacts'",
        ),
        (lambda: by_hand.step_property("ExitMessage"), "step_property: the job is run 'by-hand'"),
    ):
        with pytest.raises(InvalidProps) as raised:
            make()
        assert told in str(raised.value)
    Model(stack, "Model", container=AlgorithmImage(name="xgboost", version="1.7-1"), model_data=train.model_data)
    with pytest.raises(
        RuntimeError, match=r"'ModelArtifacts\.S3ModelArtifacts' of a step is known to a run of its pipeline alone"
    ):
        Template.from_stack(stack)
