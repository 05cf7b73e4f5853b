"""An inventory as people read it."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from sagecraft_infra.inventory import Inventory
from sagecraft_infra.noun.section import Remark
from sagecraft_infra.terminal.output import results, status_text, table_of


def write_inventory(inventory: Inventory, *, hints: bool) -> None:
    """Writes what stands as tables.

    Args:
        inventory: What to write.
        hints: Whether to say how what stands is used.
    """
    stacks = [(stack.name, stack.region, stack.status) for stack in inventory.stacks]
    tables: list[tuple[Sequence[str], Sequence[Sequence[str]]]] = [(("Stack", "Region", "Status"), stacks)]
    tables += [
        (section.columns, [section.row(state) for state in states]) for section, states in inventory.sections.items()
    ]
    for number, table in enumerate(_table(columns, rows) for columns, rows in tables if rows):
        results.print(*([""] if number else []), table, sep="\n")
    said = [(section, state) for section, states in inventory.sections.items() for state in states]
    for remark in filter(None, (section.remark(state) for section, state in said)):
        results.print("", _text(remark), sep="\n")
    shown = [hint for section, state in said if (hint := section.hint(state)) is not None] if hints else []
    if shown:
        results.print()
    for hint in shown:
        results.print(_text(hint))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = table_of(*columns)
    for row in rows:
        table.add_row(*map(_cell, columns, row))
    return table


def _cell(column: str, text: str) -> Any:
    return status_text(text) if column == "Status" else Text(text)


def _text(remark: Remark) -> Text:
    return Text.assemble(remark.lead, (remark.bold, "bold"), remark.rest)
