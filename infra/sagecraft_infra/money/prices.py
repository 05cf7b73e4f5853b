"""The prices that are known on this machine: those that come along, and those that the user has fetched since."""

import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sagecraft_catalog.price.book import PriceBook, bundled_prices
from sagecraft_catalog.price.row import Row
from sagecraft_catalog.price.snapshot import content_of
from sagecraft_emulator.metering.prices import fetched_prices, fetched_prices_dir

from sagecraft_infra.errors import UserError


def known_prices() -> PriceBook:
    """Every price that is known here, without asking anybody.

    Raises:
        UserError: A file of fetched prices cannot be read.
    """
    book = bundled_prices()
    for file, rows in fetched_prices():
        if isinstance(rows, Exception):
            raise UserError(
                f"{file} does not hold the prices that it should. Fetch them again: sagecraft prices refresh "
                f"--region {file.stem}; or remove the file."
            ) from rows
        book = book.with_rows(rows)
    return book


def keep_prices(region: str, rows: Sequence[Row]) -> Path:
    """Puts fetched prices in the place of those that were fetched before for the region, at once and whole.

    Raises:
        UserError: They cannot be written.
    """
    file = fetched_prices_dir() / f"{region}.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{region}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as written:
                json.dump(content_of(rows), written, indent=1)
            os.replace(name, file)  # noqa: PTH105 - a temporary file's name is text
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(name)  # noqa: PTH108
            raise
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}. Set XDG_CACHE_HOME to where it can.") from error
    return file
