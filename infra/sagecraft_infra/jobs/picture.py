"""Pictures of jobs: their panels and their files."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from matplotlib.figure import Figure

from sagecraft_infra.errors import UserError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS: Final = (".png", ".svg")
_COLUMNS: Final = 3
_PANEL_INCHES: Final = (4.2, 3.1)


def panels(count: int, title: str) -> tuple[Figure, list["Axes"]]:
    """A figure with so many panels beside and below each other."""
    # Four are a square rather than three and one.
    columns = 2 if count == 4 else min(count, _COLUMNS)
    rows = -(-count // columns)
    width, height = _PANEL_INCHES
    figure = Figure(figsize=(max(columns, 1.5) * width, rows * height + 0.4), layout="constrained")
    figure.suptitle(title)
    axes = [figure.add_subplot(rows, columns, place) for place in range(1, count + 1)]
    for axis in axes:
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def save(figure: Figure, path: Path) -> None:
    """Writes a picture, as PNG or SVG by the file's name.

    Raises:
        UserError: The name ends otherwise, or the file cannot be written.
    """
    check_format(path)
    try:
        figure.savefig(path, dpi=130)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}. Give another file with --output.") from error


def check_format(path: Path) -> None:
    """Makes sure that there is a format for the file's name.

    Raises:
        UserError: There is none.
    """
    if path.suffix.lower() not in FORMATS:
        raise UserError(f"--output: '{path}' must end in {' or '.join(FORMATS)}.")
