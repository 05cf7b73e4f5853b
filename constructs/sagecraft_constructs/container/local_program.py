"""How a machine without a container engine runs what a container would run."""

from dataclasses import dataclass
from typing import Any

from constructs import Construct

from sagecraft_constructs.deployed_stack import deployed_stack
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.prop_kinds import check_props

METADATA_KEY = "sagecraft:local-programs"


@check_props
@dataclass(frozen=True, kw_only=True)
class LocalProgram:
    """The Python program that an image starts, as files beside the Dockerfile.

    It stands in the template's metadata, which AWS ignores, and the emulator reads.

    Attributes:
        entry_point: A Python file, started with the argument `train` or `serve` as a container would be; relative to
            the directory of the Dockerfile, or for an existing image to the folder of the app.
        requirements: A pip requirements file, relative to the same. Left out, the program needs nothing more than
            Sagecraft's own environment has.
    """

    entry_point: str
    requirements: str | None = None

    def __post_init__(self) -> None:
        Problems("LocalProgram").require_known(entry_point=self.entry_point, requirements=self.requirements)

    def declare(self, scope: Construct, image: str) -> None:
        """Writes the program into the metadata of the stack that `scope` is deployed with.

        Args:
            scope: Any construct of the stack.
            image: The asset hash of an image that is built from a Dockerfile, or the URI of an existing image.
        """
        options = deployed_stack(scope).template_options
        metadata: dict[str, Any] = dict(options.metadata or {})
        program = {"entry_point": self.entry_point}
        if self.requirements is not None:
            program["requirements"] = self.requirements
        metadata[METADATA_KEY] = {**metadata.get(METADATA_KEY, {}), image: program}
        options.metadata = metadata
