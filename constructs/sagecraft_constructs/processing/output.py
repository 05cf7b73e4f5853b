"""What a processing job leaves."""

from dataclasses import dataclass
from typing import Literal

from sagecraft_constructs.prop_kinds import check_props


@check_props
@dataclass(frozen=True, kw_only=True)
class ProcessingOutput:
    """What a processing job leaves.

    Attributes:
        local_path: Where the program writes it. Left out, `/opt/ml/processing/output/<name>`.
        upload_mode: Whether files go to S3 when the program has ended, or as they come. Left out, at the end.
        content_type: The media type of the files, for jobs that read them. Left out, theirs to know.
    """

    local_path: str | None = None
    upload_mode: Literal["EndOfJob", "Continuous"] = "EndOfJob"
    content_type: str | None = None

    def path(self, name: str) -> str:
        """Where the program writes the output of a name."""
        return f"/opt/ml/processing/output/{name}" if self.local_path is None else self.local_path
