"""What a record is, how many go into a request, and what of each is used."""

from dataclasses import dataclass
from enum import StrEnum

from sagecraft_constructs.prop_kinds import check_props


class SplitType(StrEnum):
    """What a record of an object is."""

    NONE = "None"
    """The whole object."""
    LINE = "Line"
    """A line."""
    RECORD_IO = "RecordIO"
    """A record in RecordIO."""
    TF_RECORD = "TFRecord"
    """A record in TFRecord."""


class BatchStrategy(StrEnum):
    """How many records a request to the container holds."""

    SINGLE_RECORD = "SingleRecord"
    """One."""
    MULTI_RECORD = "MultiRecord"
    """As many as fit."""


@check_props
@dataclass(frozen=True, kw_only=True)
class DataProcessing:
    """What of each record goes into the model, and what comes out beside the predictions.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html

    Attributes:
        input_filter: A JSONPath of what the model gets, such as `$[1:]`. Left out, the whole record.
        output_filter: A JSONPath of what is written, of the joined record where it is joined. Left out, all.
        join_input: Whether the record that went in stands before its prediction. Left out, it does not.
    """

    input_filter: str | None = None
    output_filter: str | None = None
    join_input: bool = False
