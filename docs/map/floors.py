"""Which floor each part of a room stands on, and in which order along it."""

from collections.abc import Mapping, Sequence
from typing import Final

Pair = tuple[str, str]
"""The one that imports, and the one that it imports."""
_SWEEPS: Final = 6


def floors(names: Sequence[str], imports: Mapping[Pair, int]) -> tuple[list[list[str]], frozenset[Pair]]:
    """Puts each above all that it imports.

    Args:
        names: All parts.
        imports: How many imports there are.

    Returns:
        The floors from the top, each ordered so that few lines cross, and the imports that run upwards because there
        is a circle.
    """
    place = {name: number for number, name in enumerate(_order(names, imports))}
    upwards = frozenset(pair for pair in imports if place[pair[0]] > place[pair[1]])
    down = [pair for pair in imports if pair not in upwards]
    level: dict[str, int] = {}
    for name in sorted(names, key=lambda each: -place[each]):
        level[name] = max((level[other] + 1 for importer, other in down if importer == name), default=0)
    made = [[name for name in names if level[name] == number] for number in range(max(level.values()), -1, -1)]
    return _untangled(made, list(imports)), upwards


def _order(names: Sequence[str], imports: Mapping[Pair, int]) -> list[str]:
    """From the top; where there is a circle, few imports run against it (Eades, Lin and Smyth's heuristic)."""
    left, first, last = set(names), list[str](), list[str]()

    def weight(name: str, side: int) -> int:
        return sum(count for pair, count in imports.items() if pair[side] == name and pair[1 - side] in left)

    while left:
        lowest = [name for name in sorted(left) if not weight(name, 0)]
        highest = [name for name in sorted(left) if name not in lowest and not weight(name, 1)]
        if not lowest and not highest:
            highest = [max(sorted(left), key=lambda name: weight(name, 0) - weight(name, 1))]
        first, last = first + highest, lowest + last
        left -= {*lowest, *highest}
    return first + last


def _untangled(made: list[list[str]], pairs: Sequence[Pair]) -> list[list[str]]:
    """Orders each floor by where those stand that its parts are joined with."""
    joined: dict[str, list[str]] = {name: [] for floor in made for name in floor}
    for one, other in pairs:
        joined[one].append(other)
        joined[other].append(one)
    across = {name: (number + 0.5) / len(floor) for floor in made for number, name in enumerate(floor)}
    for sweep in range(_SWEEPS):
        for floor in made if sweep % 2 == 0 else reversed(made):
            middle = {name: sum(across[each] for each in joined[name]) / max(len(joined[name]), 1) for name in floor}
            floor.sort(key=lambda name: (middle[name], name))
            across |= {name: (number + 0.5) / len(floor) for number, name in enumerate(floor)}
    return made
