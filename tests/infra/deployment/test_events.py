"""What is told of the events of a stack."""

import pytest
from sagecraft_infra.deployment.events import StackEvent, _reason


def event(status: str, reason: str = "", *, is_stack: bool = False) -> StackEvent:
    return StackEvent("Stack", "Job", "Custom::SageMakerTrainingJob", status, reason, "", is_stack)


@pytest.mark.parametrize(
    ("one", "cause"),
    [
        (event("CREATE_FAILED", "AlgorithmError: no data"), True),
        (event("CREATE_FAILED", "Resource creation cancelled"), False),
        (event("CREATE_COMPLETE"), False),
        (event("ROLLBACK_FAILED", "x", is_stack=True), False),
    ],
)
def test_a_cause_is_a_resource_that_failed_by_itself(one: StackEvent, *, cause: bool) -> None:
    assert one.is_cause is cause


def test_an_event_reads_as_a_sentence() -> None:
    assert str(event("CREATE_FAILED", "no data")) == "Stack: Job (Custom::SageMakerTrainingJob) CREATE_FAILED: no data"


def test_the_stack_trace_of_a_custom_resource_is_left_out_of_the_reason() -> None:
    text = "Error: job failed: no data\n\nLogs: /aws/lambda/x\n\n    at f (framework.js:2:6)\n    at async g (h.js:1:2)"

    assert _reason(text) == "Error: job failed: no data\nLogs: /aws/lambda/x"
