"""Draws the house from the code's own imports, and writes down its measures: `python -m docs.map`.

Writes `NAME.svg`, `NAME.md` (a table a room) and `NAME.json` (what is compared), and `compared.md`, where what was
measured as `before` stands beside what was measured as `now`.
"""

import argparse
import json
from pathlib import Path
from typing import Final

from tests.house import read_house

from .drawing import draw
from .tables import Measures, comparison, measure, tables

_DOCS: Final = Path(__file__).parents[1]
_NAMES: Final = ("before", "now")


def main() -> None:
    """Measures one checkout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=_DOCS.parent, help="the checkout that is measured; else this one")
    parser.add_argument("--into", type=Path, default=_DOCS / "house", help="where to write; else docs/house")
    parser.add_argument("--name", choices=_NAMES, default="now", help="what it is called there; else now")
    arguments = parser.parse_args()
    house = read_house(arguments.root)
    into: Path = arguments.into
    into.mkdir(parents=True, exist_ok=True)
    written = into / arguments.name
    written.with_suffix(".svg").write_text(draw(house), encoding="utf-8")
    written.with_suffix(".md").write_text(tables(house), encoding="utf-8")
    written.with_suffix(".json").write_text(json.dumps(measure(house), indent=1) + "\n", encoding="utf-8")
    files = [into / f"{name}.json" for name in _NAMES]
    if all(file.exists() for file in files):
        before, now = (_read(file) for file in files)
        (into / "compared.md").write_text(comparison(before, now), encoding="utf-8")


def _read(file: Path) -> Measures:
    measures: Measures = json.loads(file.read_text(encoding="utf-8"))
    return measures


if __name__ == "__main__":
    main()
