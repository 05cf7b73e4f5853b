"""The house as its own imports show it: its rooms, the folders in them, their modules, and who imports whom."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOMS = ("catalog", "containers", "constructs", "emulator", "infra")


@dataclass(frozen=True)
class Module:
    """A module of ours.

    Attributes:
        room: Where it is.
        path: Its folders below the room's package and its own name; a folder's `__init__` is called so.
        lines: How long it is.
        imports: The names of the modules of ours that it imports, wherever in it that is said.
    """

    room: str
    path: tuple[str, ...]
    lines: int
    imports: frozenset[str]

    @property
    def name(self) -> str:
        """Such as `sagecraft_emulator.jobs.runner`."""
        return ".".join([f"sagecraft_{self.room}", *self.path])

    @property
    def folder(self) -> tuple[str, ...]:
        """Where it lies; empty for the room's own package."""
        return self.path[:-1]


House = Mapping[str, Module]
"""Every module by its name."""


def read_house(root: Path) -> House:
    """Reads the rooms of a checkout."""
    files = {
        ".".join(file.relative_to(root / room).with_suffix("").parts): file
        for room in ROOMS
        for file in sorted((root / room / f"sagecraft_{room}").rglob("*.py"))
        if "templates" not in file.relative_to(root).parts  # a project of its own, which `sagecraft init` copies
    }
    trees = {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in files.items()}
    public = {name.removesuffix(".__init__"): _bound(tree) for name, tree in trees.items() if name.endswith("__init__")}
    house = {}
    for name, file in files.items():
        imports = frozenset(_imports(trees[name], name.split(".")[:-1], trees, public)) - {name}
        room, *path = name.removeprefix("sagecraft_").split(".")
        house[name] = Module(room, tuple(path), file.read_text(encoding="utf-8").count("\n"), imports)
    return house


def folders(house: House, room: str) -> dict[tuple[str, ...], list[Module]]:
    """The modules of each folder of a room that holds some, its `__init__` aside."""
    found: dict[tuple[str, ...], list[Module]] = {}
    for module in house.values():
        if module.room == room and module.path[-1] != "__init__":
            found.setdefault(module.folder, []).append(module)
    return found


def arrows(house: House, room: str, folder: tuple[str, ...] = ()) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Who imports whom of what lies side by side in a folder: its modules, and its folders as a whole.

    Returns:
        By the importing one and the imported one, the names of the modules by which they do so.
    """
    depth = len(folder)
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for module in house.values():
        if module.room != room or module.path[:depth] != folder:
            continue
        for name in module.imports:
            other = house[name]
            if other.room == room and other.path[:depth] == folder and other.path[depth] != module.path[depth]:
                found.setdefault((module.path[depth], other.path[depth]), set()).add((module.name, other.name))
    return found


def circle(pairs: set[tuple[str, str]]) -> list[str]:
    """Those that import each other in a circle, or nothing."""
    left = {one for pair in pairs for one in pair}
    # What imports none of the others is in no circle, and neither is what imports only such.
    while outer := {one for one in left if not any(importer == one and other in left for importer, other in pairs)}:
        left -= outer
    while outer := {one for one in left if not any(other == one and importer in left for importer, other in pairs)}:
        left -= outer
    return sorted(left)


def _bound(tree: ast.Module) -> set[str]:
    """The names that a folder offers itself, one of which may be that of a module in it, too."""
    return {
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }


def _imports(
    tree: ast.Module, folder: list[str], modules: Mapping[str, ast.Module], public: Mapping[str, set[str]]
) -> Iterator[str]:
    targets: list[tuple[str, str | None]]
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                targets = [(alias.name, None) for alias in names]
            case ast.ImportFrom(module=module, names=names, level=level):
                begin = folder[: len(folder) - level + 1] if level else []
                source = ".".join([*begin, *([] if module is None else [module])])
                targets = [(source, alias.name) for alias in names]
            case _:
                continue
        for source, name in targets:
            module_name = f"{source}.{name}"
            if name is not None and name not in public.get(source, ()):
                if module_name in modules:
                    yield module_name
                    continue
                if f"{module_name}.__init__" in modules:
                    yield f"{module_name}.__init__"
                    continue
            if source in modules:
                yield source
            elif f"{source}.__init__" in modules:
                yield f"{source}.__init__"
