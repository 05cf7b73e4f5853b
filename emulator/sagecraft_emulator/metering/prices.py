"""The prices that are known on this machine: those that come along, and those that the user has fetched since."""

import json
import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sagecraft_catalog.errors import InvalidPrices
from sagecraft_catalog.price.book import PriceBook, bundled_prices
from sagecraft_catalog.price.row import Row
from sagecraft_catalog.price.snapshot import rows_of

from sagecraft_emulator.settings import cache_dir

logger = logging.getLogger(__name__)


def fetched_prices_dir() -> Path:
    """Where fetched prices are kept, a file a region."""
    return cache_dir() / "prices"


def fetched_prices() -> Iterator[tuple[Path, list[Row] | Exception]]:
    """Each file of fetched prices, with what is in it, or why it cannot be read."""
    for file in sorted(fetched_prices_dir().glob("*.json")):
        try:
            yield file, list(rows_of(json.loads(file.read_text(encoding="utf-8"))))
        except (OSError, ValueError, InvalidPrices) as error:
            yield file, error


@cache
def metering_prices() -> PriceBook:
    """The prices of an emulator's meter, as they are when it first needs one; a file that cannot be read is logged."""
    book = bundled_prices()
    for file, rows in fetched_prices():
        if isinstance(rows, Exception):
            logger.warning("The prices in %s cannot be read, and do not count: %s", file, rows)
        else:
            book = book.with_rows(rows)
    return book
