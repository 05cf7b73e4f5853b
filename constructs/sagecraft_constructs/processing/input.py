"""What a processing job reads."""

from dataclasses import dataclass

from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.prop_kinds import check_props


@check_props
@dataclass(frozen=True, kw_only=True)
class ProcessingInput:
    """What a processing job reads.

    Attributes:
        source: The objects, such as `Dataset.channel(...)`: copied or piped, whole or in shares, as it says.
        local_path: Where the program finds them. Left out, `/opt/ml/processing/input/<name>`.
    """

    source: TrainingInput
    local_path: str | None = None

    def path(self, name: str) -> str:
        """Where the program finds the input of a name."""
        return f"/opt/ml/processing/input/{name}" if self.local_path is None else self.local_path
