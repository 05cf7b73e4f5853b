"""What instances cost by the hour, from the file that the construct lays beside this when it is synthesized."""

import json
import os
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path

FILE = "prices.json"
Machines = Iterable[tuple[str, int]]
"""Instance types, and how many of each."""


def usd_per_hour(use: str, machines: Machines) -> Decimal | None:
    """What machines cost together in this region; None where a price is not known.

    Args:
        use: Such as `hosting`.
        machines: What runs.
    """
    total = Decimal(0)
    for instance_type, count in machines:
        price = _prices().get(os.environ["AWS_REGION"], {}).get(use, {}).get(instance_type)
        if price is None:
            return None
        total += Decimal(price) * count
    return total


@cache
def _prices() -> dict[str, dict[str, dict[str, str]]]:
    content: dict[str, dict[str, dict[str, str]]] = json.loads(Path(__file__).with_name(FILE).read_text("utf-8"))
    return content
