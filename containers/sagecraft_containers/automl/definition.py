"""What a job asks of the program: a JSON object that every step is given."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from sagecraft_containers.errors import UserError

CSV: Final = "text/csv"
PARQUET: Final = "x-application/vnd.amazon+parquet"
DEFAULT_CONTENT_TYPE: Final = f"{CSV};header=present"
_LISTS: Final = ("features", "algorithms", "compressed")


@dataclass(frozen=True)
class Definition:
    """An AutoML job on a table.

    Attributes:
        target: The column to predict. Of files without a header, columns are named `_c0`, `_c1` and so on.
        problem_type: What to predict, or None to find out.
        objective: The metric to improve, or None for the problem's own.
        content_type: Of all files.
        features: The columns to predict from, or None for all.
        types: What columns are: numeric, categorical, text or datetime. Of the others it is found out.
        weight: The column with the rows' weights, or None where all count alike.
        validation_fraction: The share of the rows to validate with; None for cross-validation where rows are few.
        algorithms: Those to try, or None for all.
        compressed: The channels whose files are compressed by Gzip.
        prepared: Where the prepared rows are put, for the notebook: an S3 URI, or a folder seen from its own.
        leaderboard: Likewise, where the leaderboard is put.
        seed: Of everything that is drawn.
    """

    target: str
    problem_type: str | None = None
    objective: str | None = None
    content_type: str = DEFAULT_CONTENT_TYPE
    features: tuple[str, ...] | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    weight: str | None = None
    validation_fraction: float | None = None
    algorithms: tuple[str, ...] | None = None
    compressed: tuple[str, ...] = ()
    prepared: str = "../prepared"
    leaderboard: str = "."
    seed: int = 0

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Definition":
        """Of what a step was given.

        Raises:
            UserError: There is no target, or something that the program does not know.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(given) - known)
        if unknown:
            raise UserError(f"The definition has '{unknown[0]}', which is none of {', '.join(sorted(known))}.")
        if not given.get("target"):
            raise UserError("The definition names no target: the column to predict.")
        lists = {name: tuple(given[name]) for name in _LISTS if given.get(name) is not None}
        return cls(**{**given, **lists})

    @classmethod
    def read(cls, file: Path) -> "Definition":
        """That of a file.

        Raises:
            UserError: There is no such file, or it is wrong.
        """
        try:
            given = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UserError(f"The job's definition, {file.name}, cannot be read: {error}") from error
        if not isinstance(given, dict):
            raise UserError(f"The job's definition, {file.name}, is no JSON object.")
        return cls.from_json(given)

    def to_json(self) -> dict[str, Any]:
        """As `from_json` takes it."""
        return asdict(self)
