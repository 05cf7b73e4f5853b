"""The picture of the house: rooms, in each the floors of its folders from the top, and the imports that run between.

The same code draws the same picture, byte for byte.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from tests.house import House, Module, arrows

from .floors import floors

WIDTH: Final = 1240
_MARGIN: Final = 20
_GAP: Final = 34
"""Between rooms."""
_ROOF: Final = 96
_HEAD: Final = 52
"""Of a room, where its name stands."""
_PAD: Final = 16
_BETWEEN_FLOORS: Final = 38
_BETWEEN_BOXES: Final = 12
_WINDOW: Final = 9
_PITCH: Final = 12
"""From one window to the next."""
_LONG: Final = 400
"""Lines of a module whose window is all dark."""

_COLORS: Final = {
    "infra": "#4f5bd5",
    "constructs": "#0f8b8d",
    "emulator": "#c2611f",
    "containers": "#b23a6b",
    "catalog": "#5b6b7b",
}
_ABOUT: Final = {
    "infra": "the command, stacks, deployment, Pulumi, import",
    "constructs": "what is declared: AWS CDK constructs",
    "emulator": "answers as SageMaker, and runs the work",
    "containers": "the programs inside",
    "catalog": "what AWS publishes",
}
_STYLE: Final = """
text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #1f2937; }
.house { font-size: 22px; font-weight: 700; }
.room { font-size: 17px; font-weight: 700; }
.about { font-size: 12px; fill: #4b5563; }
.name { font-size: 12px; font-weight: 600; }
.size { font-size: 10px; fill: #6b7280; }
.line { fill: none; stroke-linecap: round; }
"""


@dataclass
class _Box:
    """What lies side by side in a room: a folder with a window a module, or a module by itself."""

    name: str
    windows: list[list[Module]]
    is_folder: bool
    x: float = 0
    y: float = 0

    @property
    def modules(self) -> int:
        return sum(map(len, self.windows))

    @property
    def lines(self) -> int:
        return sum(module.lines for row in self.windows for module in row)

    @property
    def label(self) -> str:
        return f"{self.modules} · {self.lines:,}" if self.is_folder else f"{self.lines:,}"

    @property
    def width(self) -> float:
        text = 7.5 * len(self.name) + 5.8 * len(self.label) + 8
        if not self.is_folder:
            return text + 40
        return max(text, _PITCH * max(map(len, self.windows))) + 20

    @property
    def height(self) -> float:
        return 28 + _PITCH * len(self.windows) + 3 if self.is_folder else 26


@dataclass
class _Room:
    name: str
    width: float
    boxes: dict[str, _Box]
    imports: Mapping[tuple[str, str], int]
    rows: list[list[list[_Box]]]
    """The floors from the top, each of one line of boxes or more."""
    upwards: frozenset[tuple[str, str]]
    height: float = 0
    x: float = 0
    y: float = 0
    ports: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)


def draw(house: House) -> str:
    """The picture, as SVG."""
    inner = WIDTH - 2 * _MARGIN
    left = round((inner - _GAP) * 0.4)
    right = inner - _GAP - left
    widths = {"infra": inner, "constructs": left, "emulator": right, "containers": left, "catalog": inner}
    rooms = {name: _room(house, name, width) for name, width in widths.items()}
    infra, constructs, emulator, containers, catalog = rooms.values()
    infra.x, infra.y = _MARGIN, _MARGIN + _ROOF
    constructs.x, constructs.y = _MARGIN, infra.y + infra.height + _GAP
    emulator.x, emulator.y = _MARGIN + left + _GAP, constructs.y
    middle = max(emulator.height, constructs.height + _GAP + containers.height)
    emulator.height = middle
    constructs.height = middle - _GAP - containers.height
    containers.x, containers.y = _MARGIN, constructs.y + constructs.height + _GAP
    catalog.x, catalog.y = _MARGIN, constructs.y + middle + _GAP
    height = catalog.y + catalog.height + 44
    between = _between(house)
    label = "The rooms of Sagecraft, their folders, and the imports between them"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{label}">',
        f"<style>{_STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height:.0f}" rx="14" fill="#ffffff"/>',
        *_roof(rooms.values(), between),
    ]
    for room in rooms.values():
        _place(room)
        parts += _drawn(room, between)
    for above, below in ((infra, constructs), (infra, emulator), (emulator, catalog), (containers, catalog)):
        parts += _stair(above, below, between.get((above.name, below.name), 0))
    parts += _passage(emulator, containers, between.get(("emulator", "containers"), 0))
    parts += [*_legend(height), "</svg>", ""]
    return "\n".join(parts)


def _between(house: House) -> dict[tuple[str, str], int]:
    """How many imports there are from one room to another."""
    counts: dict[tuple[str, str], int] = {}
    for module in house.values():
        for name in module.imports:
            pair = (module.room, house[name].room)
            counts[pair] = counts.get(pair, 0) + 1
    return counts


def _room(house: House, name: str, width: float) -> _Room:
    found = arrows(house, name)
    imports = {pair: len(modules) for pair, modules in sorted(found.items()) if "__init__" not in pair}
    boxes = {}
    modules = [module for module in house.values() if module.room == name and module.path[-1] != "__init__"]
    for child in sorted({module.path[0] for module in modules}):
        inside = [module for module in modules if module.path[0] == child]
        is_folder = len(inside[0].path) > 1
        boxes[child] = _Box(child, list(_windows(inside)) if is_folder else [inside], is_folder)
    ordered, upwards = floors(list(boxes), imports)
    rows = [list(_wrapped([boxes[each] for each in floor], width - 2 * _PAD)) for floor in ordered]
    room = _Room(name, width, boxes, imports, rows, upwards)
    room.height = _HEAD + _PAD + sum(map(_floor_height, rows)) + _BETWEEN_FLOORS * max(len(rows) - 1, 0)
    return room


def _windows(modules: Sequence[Module]) -> Iterator[list[Module]]:
    """A row or more for each folder, so that those inside of folders show."""
    wide = 14 if len(modules) > 24 else 8
    for folder in sorted({module.folder for module in modules}):
        inside = sorted((module for module in modules if module.folder == folder), key=lambda module: module.name)
        for begin in range(0, len(inside), wide):
            yield inside[begin : begin + wide]


def _wrapped(boxes: Sequence[_Box], width: float) -> Iterator[list[_Box]]:
    line: list[_Box] = []
    for box in boxes:
        if line and sum(each.width + _BETWEEN_BOXES for each in line) + box.width > width:
            yield line
            line = []
        line.append(box)
    yield line


def _floor_height(lines: Sequence[Sequence[_Box]]) -> float:
    return sum(max(box.height for box in line) for line in lines) + _BETWEEN_BOXES * (len(lines) - 1)


def _place(room: _Room) -> None:
    """Says where each box is; floors share what the room is higher than it need be."""
    spare = room.height - _HEAD - _PAD - sum(map(_floor_height, room.rows))
    between = spare / max(len(room.rows) - 1, 1)
    y = room.y + _HEAD
    for floor in room.rows:
        for line in floor:
            high = max(box.height for box in line)
            free = room.width - 2 * _PAD - sum(box.width for box in line)
            step = max(_BETWEEN_BOXES, free / (len(line) + 1))
            x = room.x + _PAD + (free - step * (len(line) - 1)) / 2
            for box in line:
                box.x, box.y = x, y + (high - box.height) / 2
                x += box.width + step
            y += high + _BETWEEN_BOXES
        y += between - _BETWEEN_BOXES


def _drawn(room: _Room, between: Mapping[tuple[str, str], int]) -> Iterator[str]:
    color = _COLORS[room.name]
    yield _rectangle(room.x, room.y, room.width, room.height, 12, f'fill="{color}" fill-opacity="0.07"')
    yield _rectangle(room.x, room.y, room.width, room.height, 12, f'fill="none" stroke="{color}" stroke-opacity="0.45"')
    modules = sum(box.modules for box in room.boxes.values())
    lines = sum(box.lines for box in room.boxes.values())
    yield _text(room.x + _PAD, room.y + 25, room.name, "room", f'style="fill:{color}"')
    yield _text(room.x + _PAD + 10.8 * len(room.name) + 8, room.y + 25, _ABOUT[room.name], "about")
    others = [f"{other} {count}" for (name, other), count in sorted(between.items()) if name == room.name != other]
    imports = f" · imports of {', '.join(others)}" if others else ""
    yield _text(room.x + _PAD, room.y + 42, f"{modules} modules · {lines:,} lines{imports}", "size")
    yield from _lines(room, color)
    for box in room.boxes.values():
        yield from _box(box, color)


def _lines(room: _Room, color: str) -> Iterator[str]:
    for pair, count in room.imports.items():
        above, below = (room.boxes[name] for name in pair)
        up = pair in room.upwards
        if up:
            above, below = below, above
        x1 = above.x + above.width * _port(room, pair, above, below)
        x2 = below.x + below.width * _port(room, pair, below, above)
        y1, y2 = above.y + above.height, below.y
        bend = max((y2 - y1) * 0.5, 14)
        stroke = "#dc2626" if up else color
        width = 0.8 + 0.5 * min(count, 40) ** 0.5
        yield (
            f'<path class="line" d="M{x1:.1f} {y1:.1f}C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} '
            f'{x2:.1f} {y2:.1f}" stroke="{stroke}" stroke-width="{width:.1f}" stroke-opacity="{0.8 if up else 0.32}">'
            f"<title>{escape(pair[0])} → {escape(pair[1])}: {count}</title></path>"
        )


def _port(room: _Room, pair: tuple[str, str], box: _Box, other: _Box) -> float:
    """Where along a box a line ends: those to the left on its left, so that they do not cross at it."""
    is_above = box.y < other.y
    ends = []
    for each in room.imports:
        if box.name in each:
            far = room.boxes[each[0] if each[1] == box.name else each[1]]
            if (box.y < far.y) == is_above:
                ends.append((far.x + far.width / 2, each))
    place = sorted(ends).index((other.x + other.width / 2, pair))
    return 0.15 + 0.7 * (place + 0.5) / len(ends)


def _box(box: _Box, color: str) -> Iterator[str]:
    dashes = "" if box.is_folder else ' stroke-dasharray="3 2"'
    yield _rectangle(box.x, box.y, box.width, box.height, 6, f'fill="#ffffff" stroke="{color}"{dashes}')
    if box.is_folder:
        yield _text(box.x + 10, box.y + 17, box.name, "name")
    else:
        yield _window(box.x + 9, box.y + 8.5, box.windows[0][0], color)
        yield _text(box.x + 24, box.y + 17, box.name, "name")
    yield _text(box.x + box.width - 9, box.y + 17, box.label, "size", 'text-anchor="end"')
    for row, modules in enumerate(box.windows if box.is_folder else ()):
        for column, module in enumerate(modules):
            yield _window(box.x + 10 + _PITCH * column, box.y + 25 + _PITCH * row, module, color)


def _window(x: float, y: float, module: Module, color: str) -> str:
    shade = 0.15 + 0.85 * min(module.lines / _LONG, 1)
    frame = f'fill="{color}" fill-opacity="{shade:.2f}"'
    title = f"<title>{escape('/'.join(module.path))}: {module.lines}</title>"
    return _rectangle(x, y, _WINDOW, _WINDOW, 2, frame).replace("/>", f">{title}</rect>")


def _roof(rooms: Iterable[_Room], between: Mapping[tuple[str, str], int]) -> Iterator[str]:
    modules = sum(box.modules for room in rooms for box in room.boxes.values())
    eaves = _MARGIN + _ROOF - 12
    yield (
        f'<path d="M{_MARGIN} {eaves}L{WIDTH / 2} {_MARGIN - 8}L{WIDTH - _MARGIN} {eaves}Z" '
        'fill="#1f2937" fill-opacity="0.06" stroke="#1f2937" stroke-opacity="0.35" stroke-linejoin="round"/>'
    )
    yield _text(WIDTH / 2, _MARGIN + 52, "Sagecraft", "house", 'text-anchor="middle"')
    told = f"{modules} modules · {sum(between.values()):,} imports of one another"
    yield _text(WIDTH / 2, _MARGIN + 72, told, "about", 'text-anchor="middle"')


def _stair(above: _Room, below: _Room, imports: int) -> Iterator[str]:
    """The arrow from a room to the one below it."""
    if not imports:
        return
    narrow = min(above, below, key=lambda room: room.width)
    x = narrow.x + narrow.width / 2
    y1, y2 = above.y + above.height + 4, below.y - 4
    yield (
        f'<path d="M{x - 5} {y1}h10v{y2 - y1 - 10:.0f}h6l-11 10l-11 -10h6Z" '
        f'fill="{_COLORS[above.name]}" fill-opacity="0.75"/>'
    )
    yield _text(x + 16, (y1 + y2) / 2 + 4, f"{imports} imports", "size")


def _passage(room: _Room, left: _Room, imports: int) -> Iterator[str]:
    """The arrow from a room to the one on its left."""
    x1, x2, y = room.x - 4, left.x + left.width + 4, left.y + left.height / 2
    yield (
        f'<path d="M{x1} {y - 5:.1f}v10h{x2 - x1 + 10:.0f}v6l-10 -11l10 -11v6Z" '
        f'fill="{_COLORS[room.name]}" fill-opacity="0.75"/>'
    )
    yield _text((x1 + x2) / 2, y + 24, f"{imports}", "size", 'text-anchor="middle"')


def _legend(height: float) -> Iterator[str]:
    told = (
        "A box is a folder, dashed a module by itself; a window is a module, the darker the longer; beside a name: "
        "modules · lines. A line is imports, the thicker the more, always downwards; red: upwards."
    )
    yield _text(WIDTH / 2, height - 16, told, "about", 'text-anchor="middle"')


def _rectangle(x: float, y: float, width: float, height: float, radius: int, rest: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius}" {rest}/>'


def _text(x: float, y: float, text: str, kind: str, rest: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}"{" " if rest else ""}{rest}>{escape(text)}</text>'
