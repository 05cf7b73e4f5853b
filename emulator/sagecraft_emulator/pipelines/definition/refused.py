"""Definitions that this machine cannot run: refused when they come, and not in the middle of a run."""

from sagecraft_emulator.container.images import ImageRegistry
from sagecraft_emulator.errors import UnknownImage, not_done

from .document import Definition, Step
from .step_type import CHECKS, NOT_RUN


def refuse(definition: Definition, images: ImageRegistry | None) -> None:
    """Refuses a definition with a step that needs what this machine does not have.

    An image that a parameter names is looked for when the step begins.

    Args:
        definition: It.
        images: Finds the programs of images; None where jobs do not run.

    Raises:
        ApiError: It has one; the message names it, and says what to do.
    """
    problems = [problem for step in definition.steps.values() if (problem := _problem(step, images)) is not None]
    if problems:
        raise not_done(" ".join(problems))


def _problem(step: Step, images: ImageRegistry | None) -> str | None:
    if step.type in NOT_RUN:
        return (
            f"This emulator has nothing that runs steps of type {step.type}, and '{step.name}' is one. Run the "
            "pipeline on AWS, or put a step of another type in its place here, such as Processing or Lambda."
        )
    uri = step.arguments.get("AppSpecification", {}).get("ImageUri") if step.type in CHECKS else None
    if isinstance(uri, str) and images is not None:
        try:
            images.resolve(uri)
        except UnknownImage as error:
            return f"The {step.type} step '{step.name}' needs AWS's analyzer. {error}"
    return None
