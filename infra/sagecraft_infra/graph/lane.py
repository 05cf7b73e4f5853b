"""A lane of a picture: what stands in its columns, in which order, and how high."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean
from typing import Final

NODE_HEIGHT: Final = 52.0
_NODE_GAP: Final = 16.0
_SWEEPS: Final = 12


@dataclass
class Item:
    """A node, or the place of an arrow in a column that it crosses."""

    id: str
    lane: str
    column: int
    height: float
    left: list["Item"] = field(default_factory=list)
    right: list["Item"] = field(default_factory=list)
    y: float = 0.0

    @property
    def is_node(self) -> bool:
        """Whether it is a node."""
        return self.height == NODE_HEIGHT

    @property
    def middle(self) -> float:
        """Where lines meet it."""
        return self.y + self.height / 2


def order(lane: list[Item]) -> None:
    """Orders the items of each column so that few lines cross, and places them near what they are connected to."""
    columns: dict[int, list[Item]] = defaultdict(list)
    for item in lane:
        columns[item.column].append(item)
    ordered = [columns[number] for number in sorted(columns)]
    best = [list(column) for column in ordered]
    fewest = _crossings(ordered)
    for column in ordered:
        _pile(column)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for column in ordered if forward else reversed(ordered):
            wanted = {item.id: _wanted(item, item.left if forward else item.right) for item in column}
            column.sort(key=lambda item: wanted[item.id])
            _pile(column)
        crossings = _crossings(ordered)
        if crossings < fewest:
            best, fewest = [list(column) for column in ordered], crossings
    for column in best:
        _pile(column)
    for sweep in range(_SWEEPS):
        for column in best if sweep % 2 == 0 else reversed(best):
            _settle(column)
    top = min(item.y for item in lane)
    for item in lane:
        item.y -= top


def _wanted(item: Item, neighbours: Sequence[Item]) -> float:
    own = [each.middle for each in neighbours if each.lane == item.lane]
    return fmean(own) if own else item.middle


def _pile(column: Sequence[Item]) -> None:
    y = 0.0
    for item in column:
        item.y = y
        y += item.height + _NODE_GAP


def _crossings(columns: Sequence[Sequence[Item]]) -> int:
    """How many pairs of lines cross between neighbouring columns of a lane."""
    number = 0
    for one, other in pairwise(columns):
        places = {item.id: place for place, item in enumerate(other)}
        lines = [(at, places[each.id]) for at, item in enumerate(one) for each in item.right if each.id in places]
        number += sum((a < c and b > d) or (a > c and b < d) for at, (a, b) in enumerate(lines) for c, d in lines[:at])
    return number


def _settle(column: Sequence[Item]) -> None:
    """Moves the items of a column to the middle of their neighbours, as near as their order and size allow.

    That is isotonic regression: items that would overlap form a block, which goes to where it fits best as a whole.
    """
    blocks: list[tuple[float, int]] = []
    offset = 0.0
    offsets = []
    for item in column:
        blocks.append((_wanted(item, [*item.left, *item.right]) - item.height / 2 - offset, 1))
        offsets.append(offset)
        offset += item.height + _NODE_GAP
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (above, some), (below, others) = blocks[-2:]
            blocks[-2:] = [((above * some + below * others) / (some + others), some + others)]
    places = [at for at, count in blocks for _ in range(count)]
    for item, at, before in zip(column, places, offsets, strict=True):
        item.y = at + before
