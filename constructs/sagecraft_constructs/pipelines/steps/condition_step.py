"""A step that decides which others are done."""

from collections.abc import Mapping, Sequence
from typing import Any

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.job.reference import StepProperty
from sagecraft_constructs.pipelines.condition import Condition
from sagecraft_constructs.prop_kinds import check_props

from .job_step import as_steps
from .step import Step


class ConditionStep(Step):
    """A step that decides which others are done: the one group if all of its conditions are true, else the other.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition
    """

    step_type = "Condition"

    @check_props
    def __init__(
        self,
        *,
        name: str,
        conditions: Sequence[Condition],
        if_steps: Sequence[Step | Job] = (),
        else_steps: Sequence[Step | Job] = (),
        depends_on: Sequence[Step | Job | str] = (),
        display_name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Declares the step.

        Args:
            name: Letters, digits, `-` and `_`, at most 64.
            conditions: All of them have to be true; `Condition.any_of` is for fewer.
            if_steps: What is done then. Left out, nothing.
            else_steps: What is done otherwise. Left out, nothing.
            depends_on: What has to be done before, besides what the conditions use results of. Left out, nothing.
            display_name: What the console shows. Left out, the name.
            description: What the console tells. Left out, nothing.

        Raises:
            InvalidProps: There is no condition, or nothing to decide on.
        """
        problems = Problems(f"ConditionStep '{name}'")
        self._declare(problems, name, depends_on, display_name, description)
        problems.require_known(conditions=conditions, if_steps=if_steps, else_steps=else_steps)
        if not conditions:
            problems.add("conditions", "is empty, so there is nothing to decide by; give one.")
        if not if_steps and not else_steps:
            problems.add("if_steps", "and 'else_steps' are empty, so nothing hangs on the conditions; give some steps.")
        self._conditions = conditions
        self._branches = {"IfSteps": as_steps(if_steps), "ElseSteps": as_steps(else_steps)}
        problems.raise_any()

    @property
    def outcome(self) -> str:
        """`True` or `False`, as text, for a later step."""
        return StepProperty(self, "Outcome").text

    @property
    def branches(self) -> Mapping[str, Sequence[Step]]:
        """The two groups of steps."""
        return self._branches

    def arguments(self, run: str) -> Mapping[str, Any]:
        """The conditions."""
        del run
        return {"Conditions": [each.request for each in self._conditions]}
