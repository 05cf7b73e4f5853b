"""What the steps of a pipeline share."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import aws_iam as iam
from constructs import Construct, IDependable

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.job import Job
from sagecraft_constructs.present import present
from sagecraft_constructs.tokens import is_token

STEP_NAME: Final = re.compile(r"[A-Za-z0-9\-_]{1,64}")
"""Source: `StepName` of AWS's JSON schema of pipeline definitions,
https://github.com/aws-sagemaker-mlops/sagemaker-model-building-pipeline-definition-JSON-schema
"""


class Step:
    """A step of a pipeline.

    Attributes:
        name: Its name in the pipeline.
        depends_on: What has to be done before, besides what it uses results of: steps, jobs, or names of steps.
    """

    step_type: str
    """As a pipeline's definition names it."""

    name: str
    depends_on: "Sequence[Step | Job | str]"
    _display_name: str | None
    _description: str | None

    def _declare(
        self,
        problems: Problems,
        name: str,
        depends_on: "Sequence[Step | Job | str]",
        display_name: str | None = None,
        description: str | None = None,
    ) -> None:
        """Names the step, and notes what is wrong with that."""
        self.name = name
        self.depends_on = depends_on
        self._display_name = display_name
        self._description = description
        problems.require_known(name=name, depends_on=depends_on)
        if any(is_token(each) for each in depends_on):
            problems.add("depends_on", "holds a token, but must be known when the app is synthesized; name the step.")
        for prop, given in (("name", name), ("display_name", display_name)):
            if given is not None and not is_token(given) and STEP_NAME.fullmatch(given) is None:
                problems.add(prop, f"'{given}' does not match {STEP_NAME.pattern}: use letters, digits, '-' and '_'.")

    @property
    def owner(self) -> object:
        """Whose results those of the step are."""
        return self

    def arguments(self, run: str) -> Mapping[str, Any]:
        """Its `Arguments`, with references in place of AWS's expressions.

        Args:
            run: What tells a run of the pipeline from others.
        """
        raise NotImplementedError

    def members(self) -> Mapping[str, Any]:
        """What stands beside its arguments."""
        return {}

    @property
    def branches(self) -> "Mapping[str, Sequence[Step]]":
        """The steps in it, by the members of the arguments that have them."""
        return {}

    def allow(self, scope: Construct, role: iam.IRole) -> None:
        """Allows the role of the pipeline what doing the step needs.

        Args:
            scope: The pipeline.
            role: Its role.
        """

    @property
    def requires(self) -> tuple[IDependable, ...]:
        """What has to be deployed before it can be done."""
        return ()

    def request(self, run: str, names: Sequence[str]) -> dict[str, Any]:
        """The step as a pipeline's definition has it, with references in place of AWS's expressions.

        Args:
            run: What tells a run of the pipeline from others.
            names: Of the steps that it depends on, besides those that it uses results of.
        """
        return present(
            Name=self.name,
            Type=self.step_type,
            DisplayName=self._display_name,
            Description=self._description,
            DependsOn=list(names) or None,
            Arguments=self.arguments(run),
            **self.members(),
        )
