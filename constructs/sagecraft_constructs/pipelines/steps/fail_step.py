"""A step that ends a run as failed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.prop_kinds import check_props

from .step import Step

_LONGEST_MESSAGE: Final = 3072
"""Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-fail, and the
length of a `FailureReason` in SageMaker's service model.
"""


class FailStep(Step):
    """A step that ends a run as failed, with a message."""

    step_type = "Fail"

    @check_props
    def __init__(
        self,
        *,
        name: str,
        error_message: str,
        depends_on: Sequence[Step | Job | str] = (),
        display_name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Declares the step.

        Args:
            name: Letters, digits, `-` and `_`, at most 64.
            error_message: Why the run has failed; there may be parameters and results of steps in it.
            depends_on: What has to be done before, besides what the message uses results of. Left out, nothing.
            display_name: What the console shows. Left out, the name.
            description: What the console tells. Left out, nothing.

        Raises:
            InvalidProps: With every problem.
        """
        problems = Problems(f"FailStep '{name}'")
        self._declare(problems, name, depends_on, display_name, description)
        if not 1 <= len(error_message) <= _LONGEST_MESSAGE:
            problems.add("error_message", f"should have 1 to {_LONGEST_MESSAGE} characters, got {len(error_message)}.")
        self._error_message = error_message
        problems.raise_any()

    def arguments(self, run: str) -> Mapping[str, Any]:
        """The message."""
        del run
        return {"ErrorMessage": self._error_message}
