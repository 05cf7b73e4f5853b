"""Where nodes and arrows stand: columns from left to right, a lane for each stack, and no line through a node.

The columns are those of igraph's Sugiyama layout. Within the columns, each lane orders and places what is its own. An
arrow that spans several columns gets a place in each of them, so it turns in the gaps between columns alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import Final

import igraph  # type: ignore[import-untyped]  # it has no types

from .environment import Arrow, Group
from .lane import NODE_HEIGHT, Item, order

COLUMN_GAP: Final = 64.0
_LINE_HEIGHT: Final = 8.0
LANE_PADDING: Final = 16.0
LANE_TITLE: Final = 26.0
_LANE_GAP: Final = 18.0
_FEW_LANES: Final = 6


@dataclass(frozen=True)
class Box:
    """A rectangle; `y` grows downwards, and all is in points."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    def overlaps(self, other: "Box") -> bool:
        """Whether the two have an area in common."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom


@dataclass(frozen=True)
class Line:
    """An arrow's way: from the right edge of a node by straight pieces through columns to the left edge of another.

    Attributes:
        arrow: Which.
        points: From its left end to its right end; between two of them, a line either is level or turns in a gap.
        reversed: Whether the arrow leads from right to left.
    """

    arrow: Arrow
    points: tuple[tuple[float, float], ...]
    reversed: bool


@dataclass(frozen=True)
class Layout:
    """Where everything stands, in points from the top left.

    Attributes:
        width: Of all.
        height: Of all.
        nodes: By their ids.
        groups: By their names.
        lines: The arrows.
    """

    width: float
    height: float
    nodes: Mapping[str, Box]
    groups: Mapping[str, Box]
    lines: tuple[Line, ...]


def place(groups: Sequence[Group], arrows: Sequence[Arrow], widths: Mapping[str, float]) -> Layout:
    """Places everything.

    Args:
        groups: The nodes, lane by lane.
        arrows: Between them.
        widths: Of the nodes, in points.
    """
    columns = _columns(groups, arrows)
    items, ways = _items(groups, arrows, columns)
    lanes: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        lanes[item.lane].append(item)
    for lane in lanes.values():
        order(lane)
    names = _lane_order([group.name for group in groups], items)
    _shift(names, lanes)
    tops, height = _stack_lanes(names, lanes)
    for name, lane in lanes.items():
        for item in lane:
            item.y += tops[name] + LANE_TITLE
    return _layout(names, lanes, ways, widths, tops, height)


def _columns(groups: Sequence[Group], arrows: Sequence[Arrow]) -> dict[str, int]:
    ids = [node.id for group in groups for node in group.nodes]
    numbers = {id_: number for number, id_ in enumerate(ids)}
    graph = igraph.Graph(
        n=len(ids), edges=[(numbers[each.source], numbers[each.target]) for each in arrows], directed=True
    )
    # `vgap` of 1: its vertical coordinate is the number of the layer.
    layout = graph.layout_sugiyama(hgap=1, vgap=1, maxiter=100)
    columns = {id_: round(layout[number][1]) for id_, number in numbers.items()}
    _tighten(columns, arrows)
    return columns


def _tighten(columns: dict[str, int], arrows: Sequence[Arrow]) -> None:
    """Moves what more arrows leave than reach, such as roles, up to what they lead to."""
    left: dict[str, int] = defaultdict(int)
    right: dict[str, list[str]] = defaultdict(list)
    for arrow in arrows:
        start, end = sorted((arrow.source, arrow.target), key=columns.__getitem__)
        left[end] += 1
        right[start].append(end)
    moved = True
    while moved:
        moved = False
        for id_, following in right.items():
            nearest = min(columns[each] for each in following) - 1
            if len(following) > left[id_] and nearest > columns[id_]:
                columns[id_] = nearest
                moved = True


def _items(
    groups: Sequence[Group], arrows: Sequence[Arrow], columns: Mapping[str, int]
) -> tuple[list[Item], list[tuple[Arrow, list[Item]]]]:
    """The nodes and the places of long arrows, and the way of each arrow from left to right."""
    nodes = {
        node.id: Item(node.id, group.name, columns[node.id], NODE_HEIGHT) for group in groups for node in group.nodes
    }
    last: dict[str, int] = defaultdict(int)
    for item in nodes.values():
        last[item.lane] = max(last[item.lane], item.column)
    items = list(nodes.values())
    ways = []
    for arrow in arrows:
        start, end = sorted((nodes[arrow.source], nodes[arrow.target]), key=lambda item: item.column)
        way = [start]
        for column in range(start.column + 1, end.column):
            # It stays in its own lane as far as that reaches, and is in the other's from there on.
            lane = start.lane if column <= last[start.lane] else end.lane
            way.append(Item(f"{start.id}>{end.id}@{column}", lane, column, _LINE_HEIGHT))
        items += way[1:]
        way.append(end)
        for one, other in pairwise(way):
            one.right.append(other)
            other.left.append(one)
        ways.append((arrow, way))
    return items, ways


def _lane_order(names: Sequence[str], items: Sequence[Item]) -> list[str]:
    """The lanes in the order in which the lines between them are shortest; as they are given, where that is one."""
    between: dict[tuple[str, str], int] = defaultdict(int)
    for item in items:
        for each in item.right:
            if each.lane != item.lane:
                between[item.lane, each.lane] += 1
    if not between:
        return list(names)
    linked = [name for name in names if any(name in pair for pair in between)]

    def length(order: Iterable[str]) -> int:
        places = {name: place for place, name in enumerate(order)}
        return sum(abs(places[a] - places[b]) * count for (a, b), count in between.items())

    few = len(linked) <= _FEW_LANES
    linked = list(min(permutations(linked), key=length)) if few else _improved(linked, length)
    return [*linked, *(name for name in names if name not in linked)]


def _improved(order: list[str], length: Callable[[Iterable[str]], int]) -> list[str]:
    """Moves one lane at a time to where it shortens the lines most, until none does."""
    while True:
        moved = [
            [*rest[:place], name, *rest[place:]]
            for name in order
            for rest in [[each for each in order if each != name]]
            for place in range(len(order))
        ]
        best = min(moved, key=length)
        if length(best) >= length(order):
            return order
        order = best


def _shift(names: Sequence[str], lanes: Mapping[str, list[Item]]) -> None:
    """Moves lanes that no line connects to others into columns where there is room beside another lane."""
    taken = [_span(lane) for lane in (lanes[name] for name in names) if _is_linked(lane)]
    last = max((item.column for lane in lanes.values() for item in lane), default=0)
    if not taken:
        return
    for name in names:
        lane = lanes[name]
        if _is_linked(lane):
            continue
        first, end = _span(lane)
        for column in range(last - (end - first) + 1):
            moved = (column, column + end - first)
            if any(not _meet(moved, span) for span in taken):
                for item in lane:
                    item.column += column - first
                break


def _is_linked(lane: Sequence[Item]) -> bool:
    return any(each.lane != item.lane for item in lane for each in (*item.left, *item.right))


def _span(lane: Sequence[Item]) -> tuple[int, int]:
    columns = [item.column for item in lane]
    return min(columns), max(columns)


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _stack_lanes(names: Sequence[str], lanes: Mapping[str, list[Item]]) -> tuple[dict[str, float], float]:
    """The upper edge of each lane, and the height of all; lanes of different columns may stand side by side."""
    bands: list[list[str]] = []
    for name in names:
        span = _span(lanes[name])
        for band in bands:
            if not any(_meet(span, _span(lanes[other])) for other in band):
                band.append(name)
                break
        else:
            bands.append([name])
    tops: dict[str, float] = {}
    y = 0.0
    for band in bands:
        tops |= dict.fromkeys(band, y)
        y += max(_lane_height(lanes[name]) for name in band) + _LANE_GAP
    return tops, y - _LANE_GAP if bands else 0.0


def _lane_height(lane: Sequence[Item]) -> float:
    return max(item.y + item.height for item in lane) + LANE_TITLE + LANE_PADDING


def _layout(
    names: Sequence[str],
    lanes: Mapping[str, list[Item]],
    ways: Sequence[tuple[Arrow, list[Item]]],
    widths: Mapping[str, float],
    tops: Mapping[str, float],
    height: float,
) -> Layout:
    column_widths: dict[int, float] = defaultdict(float)
    nodes = [item for lane in lanes.values() for item in lane if item.is_node]
    for item in nodes:
        column_widths[item.column] = max(column_widths[item.column], widths[item.id])
    lefts: dict[int, float] = {}
    x = LANE_PADDING
    for column in sorted(column_widths):
        lefts[column] = x
        x += column_widths[column] + COLUMN_GAP
    boxes = {item.id: Box(lefts[item.column], item.y, column_widths[item.column], NODE_HEIGHT) for item in nodes}
    groups = {}
    for name in names:
        own = [boxes[item.id] for item in lanes[name] if item.is_node]
        left, right = min(box.x for box in own), max(box.right for box in own)
        bottom = max(box.bottom for box in own) + LANE_PADDING
        top = tops[name]
        groups[name] = Box(left - LANE_PADDING, top, right - left + 2 * LANE_PADDING, bottom - top)
    lines = _lines(ways, boxes, lefts, column_widths)
    return Layout(x - COLUMN_GAP + LANE_PADDING, height, boxes, groups, lines)


def _lines(
    ways: Sequence[tuple[Arrow, list[Item]]],
    boxes: Mapping[str, Box],
    lefts: Mapping[int, float],
    column_widths: Mapping[int, float],
) -> tuple[Line, ...]:
    starts: dict[str, list[list[Item]]] = defaultdict(list)
    ends: dict[str, list[list[Item]]] = defaultdict(list)
    for _, way in ways:
        starts[way[0].id].append(way)
        ends[way[-1].id].append(way)
    for leaving in starts.values():
        leaving.sort(key=lambda way: way[1].middle)
    for arriving in ends.values():
        arriving.sort(key=lambda way: way[-2].middle)
    lines = []
    for arrow, way in ways:
        first, last = way[0].id, way[-1].id
        points = [(boxes[first].right, _port(boxes[first], starts[first], way))]
        for item in way[1:-1]:
            left = lefts[item.column]
            points += [(left, item.middle), (left + column_widths[item.column], item.middle)]
        points.append((boxes[last].x, _port(boxes[last], ends[last], way)))
        lines.append(Line(arrow, tuple(points), reversed=first != arrow.source))
    return tuple(lines)


def _port(box: Box, ways: Sequence[list[Item]], way: list[Item]) -> float:
    """Where on its side of a node a line begins or ends: each has a place of its own."""
    place = next(number for number, each in enumerate(ways) if each is way)
    return box.y + box.height * (place + 1) / (len(ways) + 1)
