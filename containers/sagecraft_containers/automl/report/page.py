"""A page of HTML with drawings, and nothing that it would have to fetch."""

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import Any

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #16191f; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2rem; border-bottom: 1px solid #d5dbdb }
table { border-collapse: collapse }
td, th { padding: .25rem .75rem; border-bottom: 1px solid #eaeded; text-align: left }
td.number { text-align: right; font-variant-numeric: tabular-nums } img { max-width: 100% }
"""


class Page:
    """A report that grows from top to bottom.

    Args:
        title: Its heading.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._parts = [f"<h1>{html.escape(title)}</h1>"]

    def heading(self, text: str) -> None:
        """Begins a section."""
        self._parts.append(f"<h2>{html.escape(text)}</h2>")

    def paragraph(self, text: str) -> None:
        """Adds some sentences."""
        self._parts.append(f"<p>{html.escape(text)}</p>")

    def table(self, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Adds a table; numbers stand under each other."""
        head = "".join(f"<th>{html.escape(cell)}</th>" for cell in header)
        lines = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
        self._parts.append(f"<table><tr>{head}</tr>{lines}</table>")

    def values(self, values: Mapping[str, float]) -> None:
        """Adds names and their numbers."""
        self.table(["Metric", "Value"], list(values.items()))

    def marked(self, parts: Sequence[str], weights: Sequence[float]) -> None:
        """Adds a text, of which parts of a positive weight are green, and those of a negative one red."""
        most = max((abs(weight) for weight in weights), default=0.0) or 1.0
        spans = [_marked(part, weight / most) for part, weight in zip(parts, weights, strict=True)]
        self._parts.append(f"<p>{''.join(spans)}</p>")

    def drawing(self, figure: Any, told: str) -> None:
        """Adds a drawing; `told` is for who cannot see it."""
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=110, bbox_inches="tight")
        data = base64.b64encode(file.getvalue()).decode()
        self._parts.append(f'<p><img alt="{html.escape(told)}" src="data:image/png;base64,{data}"></p>')

    def text(self) -> str:
        """The page."""
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(self._title)}</title>'
            f"<style>{_STYLE}</style>{''.join(self._parts)}</html>\n"
        )


def figure(width: float = 7, height: float = 4) -> tuple[Any, Any]:
    """A drawing of Matplotlib's, and its axes."""
    import matplotlib as mpl  # noqa: PLC0415 - of an extra

    mpl.use("agg")
    from matplotlib.figure import Figure  # noqa: PLC0415

    drawn = Figure(figsize=(width, height))
    axes = drawn.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return drawn, axes


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f'<td class="number">{value:.4f}</td>'
    return f"<td>{html.escape(str(value))}</td>"


def _marked(text: str, weight: float) -> str:
    if not weight:
        return html.escape(text)
    color = "29, 129, 2" if weight > 0 else "209, 50, 18"
    return f'<span style="background: rgba({color}, {abs(weight) * 0.6:.2f})">{html.escape(text)}</span>'
