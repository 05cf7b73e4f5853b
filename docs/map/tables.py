"""The measures of the house, in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tests.house import ROOMS, House, Module, arrows, circle, folders

Measures = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Numbers by what they are of (`rooms`, `nouns`), whose they are, and what they count."""

_NOUNS: Final = {
    "training": {"training"},
    "tuning": {"tuning"},
    "transform": {"transform"},
    "processing": {"processing"},
    "hosting": {"hosting", "endpoint", "hosted"},
    "notebook": {"notebook", "lifecycle"},
}
"""The words by which the path of a module tells that it is a noun's."""


def measure(house: House) -> Measures:
    """Everything that is compared."""
    return {
        "rooms": {room: _of_room(house, room) for room in ROOMS},
        "nouns": {noun: _of_noun(house, words) for noun, words in _NOUNS.items()},
    }


def _of_room(house: House, room: str) -> dict[str, int]:
    found = folders(house, room)
    pairs = arrows(house, room)
    return {
        "folders": len(found),
        "modules": sum(map(len, found.values())),
        "lines": sum(module.lines for module in house.values() if module.room == room),
        "fullest": max(map(len, found.values())),
        "longest": max(module.lines for module in house.values() if module.room == room),
        "circle": len(circle(set(pairs))),
        "imports": sum(
            house[name].room == room and house[name].folder != module.folder
            for module in house.values()
            if module.room == room
            for name in module.imports
        ),
    }


def _of_noun(house: House, words: set[str]) -> dict[str, int]:
    modules = [module for room in ROOMS for each in folders(house, room).values() for module in each]
    own = [module for module in modules if words & {word for part in module.path for word in part.split("_")}]
    places = {(module.room, module.folder) for module in own}
    beside = [module for module in modules if (module.room, module.folder) in places and module not in own]
    return {"own": len(own), "places": len(places), "beside": len(beside)}


def comparison(before: Measures, now: Measures) -> str:
    """What was measured before and now, side by side."""
    rooms = [
        [
            room,
            *(
                _change(before["rooms"][room][what], now["rooms"][room][what])
                for what in ("folders", "modules", "fullest", "lines", "longest", "imports", "circle")
            ),
        ]
        for room in ROOMS
    ]
    nouns = [
        [
            noun,
            *(_change(before["nouns"][noun][what], now["nouns"][noun][what]) for what in ("own", "places", "beside")),
        ]
        for noun in now["nouns"]
    ]
    heads = ("Room", "Folders", "Modules", "Most in a folder", "Lines", "Longest module")
    return "\n".join(
        [
            *_table((*heads, "Imports between folders", "In a circle"), rooms),
            "",
            *_table(("Noun", "Its modules", "Folders that they lie in", "Modules of others beside them"), nouns),
            "",
        ]
    )


def tables(house: House) -> str:
    """A table for each room: its folders, and what each imports of the room's others."""
    return "\n".join(line for room in reversed(ROOMS) for line in _of_folders(house, room))


def _of_folders(house: House, room: str) -> Iterator[str]:
    yield from (f"**{room}**", "")
    rows = []
    for folder, modules in sorted(folders(house, room).items()):
        longest = max(modules, key=lambda module: (module.lines, module.name))
        rows.append(
            [
                f"`{'/'.join(folder)}/`" if folder else "`.`",
                f"{len(modules)}",
                f"{sum(module.lines for module in modules):,}",
                f"`{longest.path[-1]}` {longest.lines}",
                _imported(house, modules),
            ]
        )
    yield from _table(("Folder", "Modules", "Lines", "Longest", "Imports"), rows)
    yield ""


def _imported(house: House, modules: Sequence[Module]) -> str:
    counts: dict[str, int] = {}
    for module in modules:
        for name in module.imports:
            other = house[name]
            if other.room == module.room and other.folder != module.folder:
                place = "/".join(other.folder) or other.path[0]
                counts[place] = counts.get(place, 0) + 1
    return ", ".join(f"{place} {count}" for place, count in sorted(counts.items())) or "none"


def _change(before: int, now: int) -> str:
    return f"{now:,}" if before == now else f"{before:,} → {now:,}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
