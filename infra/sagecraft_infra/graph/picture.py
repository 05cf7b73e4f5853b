"""The picture of an environment: Matplotlib draws it, as SVG with text that stays text, or as PNG."""

import io
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Final

import matplotlib as mpl
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from sagecraft_infra.errors import UserError
from sagecraft_infra.noun.look import Kind

from .environment import Arrow, Group, Node
from .icons import COLOURS, ICONS
from .lane import NODE_HEIGHT
from .layout import Box, Layout, Line, place

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS: Final = (".png", ".svg")
FONT: Final = "DejaVu Sans"
"""The font that comes with Matplotlib, in which texts are measured; it is wide, so with another they fit as well."""
_SVG_FONTS: Final = f"'{FONT}', Verdana, Arial, Helvetica, sans-serif"
MARGIN: Final = 20.0
_TITLE_HEIGHT: Final = 38.0
_LEGEND_ROW: Final = 24.0
_ICON: Final = 28.0
_INSET: Final = 10.0
_NAME_SIZE, _SMALL_SIZE, _LANE_SIZE, _TITLE_SIZE = 10.0, 8.0, 10.5, 14.0
_LONGEST_NAME: Final = 34
_INK, _GREY, _LINE, _LANE_FACE, _LANE_EDGE = "#1f2937", "#5b6472", "#7b8694", "#f5f7fa", "#d4dae2"
_DOTS_PER_INCH: Final = 150
_SVG: Final = "http://www.w3.org/2000/svg"
_FOLDED_NOTE: Final = "Policies, log groups and custom resources' functions are a part of what they serve."


def draw(title: str, groups: Sequence[Group], arrows: Sequence[Arrow], *, note: str = _FOLDED_NOTE) -> Figure:
    """Draws an environment.

    Args:
        title: Above it.
        groups: The nodes, stack by stack.
        arrows: Between them.
        note: Below the legend. Left out, what is not drawn of an environment.
    """
    nodes = {node.id: node for group in groups for node in group.nodes}
    layout = place(groups, arrows, {node.id: _node_width(node) for node in nodes.values()})
    kinds = [kind for kind in Kind if any(node.kind is kind for node in nodes.values())]
    width = max(layout.width, 560.0, text_width(title, _TITLE_SIZE, bold=True)) + 2 * MARGIN
    legend = _legend_rows(kinds, arrows, width - 2 * MARGIN)
    height = layout.height + _TITLE_HEIGHT + (len(legend) + 1) * _LEGEND_ROW + 3 * MARGIN
    figure = Figure(figsize=(width / 72, height / 72), facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-MARGIN, width - MARGIN), ylim=(height - MARGIN - _TITLE_HEIGHT, -MARGIN - _TITLE_HEIGHT))
    axes.axis("off")
    _text(axes, 0, -_TITLE_HEIGHT + 8, title, _TITLE_SIZE, bold=True)
    for group in groups:
        _lane(axes, group.name, layout.groups[group.name])
    for line in layout.lines:
        _line(axes, line)
    for node in nodes.values():
        _node(axes, node, layout.nodes[node.id])
    _legend(axes, legend, layout, note)
    return figure


def save(figure: Figure, path: FilePath, nodes: Mapping[str, Node]) -> None:
    """Writes a picture, as PNG or SVG by the file's name; in SVG, what a node stands for shows under the mouse.

    Raises:
        UserError: The name ends otherwise, or the file cannot be written.
    """
    check_format(path)
    try:
        if path.suffix.lower() == ".svg":
            path.write_bytes(_svg(figure, nodes))
        else:
            figure.savefig(path, dpi=_DOTS_PER_INCH)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}. Give another file with --output.") from error


def check_format(path: FilePath) -> None:
    """Makes sure that there is a format for the file's name.

    Raises:
        UserError: There is none.
    """
    if path.suffix.lower() not in FORMATS:
        raise UserError(f"--output: '{path}' must end in {' or '.join(FORMATS)}.")


@cache
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is, in points."""
    font = FontProperties(family=FONT, weight="bold" if bold else "normal")
    # Letters that are fitted to the pixels of a picture take a little more.
    return 1.03 * float(TextPath((0, 0), text, size=size, prop=font).get_extents().width) if text.strip() else 0.0


def shortened(name: str) -> str:
    """A name that is too long for a node, without its middle."""
    if len(name) <= _LONGEST_NAME:
        return name
    half = (_LONGEST_NAME - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def _noun_line(node: Node) -> str:
    return f"{node.noun} · {node.detail}" if node.detail else node.noun


def _node_width(node: Node) -> float:
    text = max(text_width(shortened(node.name), _NAME_SIZE, bold=True), text_width(_noun_line(node), _SMALL_SIZE))
    return _ICON + 3 * _INSET + text


def _text(
    axes: "Axes", x: float, y: float, text: str, size: float, *, bold: bool = False, colour: str = _INK, order: int = 5
) -> None:
    # A name may hold what Matplotlib would take for mathematics.
    axes.text(
        x,
        y,
        text,
        fontsize=size,
        fontfamily=FONT,
        fontweight="bold" if bold else "normal",
        color=colour,
        va="center",
        zorder=order,
        parse_math=False,
    )


def _rounded(
    axes: "Axes", box: Box, face: str, edge: str, *, radius: float, order: int, id_: str | None = None
) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (box.x + radius, box.y + radius),
            box.width - 2 * radius,
            box.height - 2 * radius,
            boxstyle=f"round,pad={radius}",
            facecolor=face,
            edgecolor=edge,
            linewidth=1.1,
            zorder=order,
            gid=id_,
        )
    )


def _lane(axes: "Axes", name: str, box: Box) -> None:
    _rounded(axes, box, _LANE_FACE, _LANE_EDGE, radius=8, order=0)
    # Lines may pass below the title, and must not strike it out.
    width = text_width(name, _LANE_SIZE, bold=True)
    _rounded(axes, Box(box.x + 10, box.y + 5, width + 8, 18), _LANE_FACE, _LANE_FACE, radius=3, order=3)
    _text(axes, box.x + 14, box.y + 14, name, _LANE_SIZE, bold=True, colour=_GREY, order=4)


def _line(axes: "Axes", line: Line) -> None:
    points = line.points
    vertices, codes = [points[0]], [Path.MOVETO]
    for number, ((left, above), (right, below)) in enumerate(pairwise(points)):
        if number % 2:
            vertices.append((right, below))
            codes.append(Path.LINETO)
        else:
            bend = (right - left) / 2
            vertices += [(left + bend, above), (right - bend, below), (right, below)]
            codes += [Path.CURVE4] * 3
    style = (0, (4, 3)) if line.arrow.permission else "solid"
    axes.add_patch(
        PathPatch(Path(vertices, codes), facecolor="none", edgecolor=_LINE, linewidth=1.2, linestyle=style, zorder=2)
    )
    if line.arrow.both or not line.reversed:
        _head(axes, points[-1], 1)
    if line.arrow.both or line.reversed:
        _head(axes, points[0], -1)


def _head(axes: "Axes", tip: tuple[float, float], direction: int) -> None:
    x, y = tip
    base = x - direction * 7
    axes.add_patch(Polygon([(x, y), (base, y - 3.5), (base, y + 3.5)], facecolor=_LINE, edgecolor="none", zorder=2))


def _icon(axes: "Axes", kind: Kind, x: float, y: float, size: float) -> None:
    _rounded(axes, Box(x, y, size, size), COLOURS[kind], COLOURS[kind], radius=size / 6, order=4)
    inner = size * 0.72
    left, top = x + (size - inner) / 2, y + (size - inner) / 2
    strokes = [[(left + inner * a, top + inner * b) for a, b in stroke] for stroke in ICONS[kind]]
    axes.add_collection(
        LineCollection(strokes, colors="white", linewidths=size / 20, capstyle="round", joinstyle="round", zorder=5)
    )


def _node(axes: "Axes", node: Node, box: Box) -> None:
    _rounded(axes, box, "white", node.colour or COLOURS[node.kind], radius=6, order=3, id_=f"node-{node.id}")
    _icon(axes, node.kind, box.x + _INSET, box.y + (NODE_HEIGHT - _ICON) / 2, _ICON)
    left = box.x + _ICON + 2 * _INSET
    _text(axes, left, box.y + NODE_HEIGHT * 0.36, shortened(node.name), _NAME_SIZE, bold=True)
    _text(axes, left, box.y + NODE_HEIGHT * 0.68, _noun_line(node), _SMALL_SIZE, colour=_GREY)


_Entry = tuple[Kind | Arrow, str, float]


def _legend_rows(kinds: Sequence[Kind], arrows: Sequence[Arrow], width: float) -> list[list[_Entry]]:
    """What the legend explains, in rows that fit."""
    entries: list[_Entry] = [(kind, str(kind), 20 + text_width(str(kind), _SMALL_SIZE)) for kind in kinds]
    for sample, text in (
        (Arrow("", ""), "is used by, flows to"),
        (Arrow("", "", both=True), "is read and written by"),
        (Arrow("", "", permission=True), "may be read or written by"),
    ):
        if any((arrow.both, arrow.permission) == (sample.both, sample.permission) for arrow in arrows):
            entries.append((sample, text, 40 + text_width(text, _SMALL_SIZE)))
    rows: list[list[_Entry]] = [[]]
    used = 0.0
    for entry in entries:
        if rows[-1] and used + entry[2] > width:
            rows.append([])
            used = 0.0
        rows[-1].append(entry)
        used += entry[2] + 18
    return rows


def _legend(axes: "Axes", rows: Sequence[Sequence[_Entry]], layout: Layout, note: str) -> None:
    y = layout.height + MARGIN + _LEGEND_ROW / 2
    for row in rows:
        x = 0.0
        for sample, text, width in row:
            if isinstance(sample, Kind):
                _icon(axes, sample, x, y - 7, 14)
            else:
                _line(axes, Line(sample, ((x, y), (x + 34, y)), reversed=False))
            _text(axes, x + (20 if isinstance(sample, Kind) else 40), y, text, _SMALL_SIZE)
            x += width + 18
        y += _LEGEND_ROW
    _text(axes, 0, y, note, _SMALL_SIZE, colour=_GREY)


def _svg(figure: Figure, nodes: Mapping[str, Node]) -> bytes:
    written = io.BytesIO()
    # Text as text; and the same picture for the same environment.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "sagecraft"}):
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": "sagecraft graph"})
    ET.register_namespace("", _SVG)
    drawn = written.getvalue().replace(f"'{FONT}'".encode(), _SVG_FONTS.encode())
    root = ET.fromstring(drawn)  # noqa: S314 - Matplotlib has just written it
    for element in root.iter(f"{{{_SVG}}}g"):
        node = nodes.get(element.get("id", "").removeprefix("node-"))
        if node is not None:
            title = ET.Element(f"{{{_SVG}}}title")
            told = [_noun_line(node), node.name, node.type]
            title.text = "\n".join([*(each for each in told if each), *(f"+ {each}" for each in node.folded)])
            element.insert(0, title)
    content: bytes = ET.tostring(root, xml_declaration=True, encoding="utf-8")
    return content
