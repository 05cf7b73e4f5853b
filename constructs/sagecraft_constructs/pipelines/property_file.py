"""JSON that a processing job leaves, of which a pipeline reads a value."""

import re
from typing import Any, Final

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.reference import NameOf, Reference
from sagecraft_constructs.processing.job import ProcessingJob
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token

_NAME: Final = re.compile(r"[A-Za-z0-9\-_]{1,64}")


class PropertyFile:
    """A JSON file in an output of a processing job that is a step: `get` is a value in it, such as a metric.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-propertyfile.html

    Attributes:
        job: What writes it.
        output: In which output.
        path: Where there.
        name: In the pipeline.
    """

    @check_props
    def __init__(self, *, job: ProcessingJob, output: str, path: str, name: str | None = None) -> None:
        """Names the file.

        Args:
            job: What writes it, declared with `realization=JobRealization.PIPELINE_STEP`.
            output: The name of the output that it is in.
            path: Where it is there, such as `evaluation.json`.
            name: Its name in the pipeline. Left out, that of the output.

        Raises:
            InvalidProps: The job has no such output (those that it has are named), or is not run as a step.
        """
        self.job = job
        self.output = output
        self.path = path
        self.name = output if name is None else name
        problems = Problems(f"PropertyFile '{self.name}' of '{job.node.path}'")
        problems.require_known(output=output, path=path, name=name)
        with problems.noting("output"):
            job.output(output)
        if not is_token(self.name) and _NAME.fullmatch(self.name) is None:
            problems.add("name", f"'{self.name}' does not match {_NAME.pattern}: use letters, digits, '-' and '_'.")
        if not path or path.startswith("/"):
            problems.add("path", f"'{path}' should be the path of a file below the output, such as 'evaluation.json'.")
        problems.raise_any()

    def get(self, json_path: str) -> "JsonGet":
        """A value in the file.

        Args:
            json_path: Where it is there, such as `metrics.auc.value` or `classes[0].share`.
        """
        return JsonGet(self, json_path)

    def declaration(self) -> dict[str, str]:
        """As the step of its job declares it."""
        return {"PropertyFileName": self.name, "OutputName": self.output, "FilePath": self.path}


class JsonGet(Reference):
    """A value in a property file: for a `Condition`, or as `text` or `number` for the arguments of a step.

    Args:
        file: The file.
        json_path: Where in it.
    """

    def __init__(self, file: PropertyFile, json_path: str) -> None:
        self.file = file
        self.json_path = json_path

    def expression(self, name_of: NameOf) -> dict[str, Any]:
        """What stands there."""
        file = {"Get": f"Steps.{name_of(self.file.job)}.PropertyFiles.{self.file.name}"}
        return {"Std:JsonGet": {"PropertyFile": file, "Path": self.json_path}}

    @property
    def is_text(self) -> bool:
        """Nobody knows what stands there."""
        return False

    @property
    def told(self) -> str:
        """Its path and its file."""
        return f"'{self.json_path}' of the property file '{self.file.name}'"
