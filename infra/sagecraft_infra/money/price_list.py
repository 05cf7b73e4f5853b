"""Reads AWS's public price list of SageMaker: one file of hundreds of MiB a region, a row at a time.

Its rows are told apart by their usage type, such as `USE1-Host:ml.m5.large`: most of its other columns are empty.

Sources: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api-fetching-price-list-files-manually.html,
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
"""

import csv
import io
import re
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from http.client import HTTPException, HTTPResponse
from typing import Final

from sagecraft_catalog.price.row import Component, Row, Unit
from sagecraft_catalog.price.usage_type import STUDIO_VOLUME, USES, VOLUME

from sagecraft_infra.errors import UserError, WorkFailed

PRICE_LISTS: Final = "https://pricing.us-east-1.amazonaws.com"
_OFFER: Final = "AmazonSageMaker"
_PUBLISHED: Final = "Publication Date"
_METADATA_ROWS: Final = ("FormatVersion", "Disclaimer", _PUBLISHED, "Version", "OfferCode")
_COLUMNS: Final = ("TermType", "StartingRange", "Unit", "PricePerUnit", "Currency", "usageType", "Region Code")
_TIMEOUT_SECONDS: Final = 60
_UNITS: Final = {
    "Hrs": Unit.HOUR,
    "Hours": Unit.HOUR,
    "GB-Mo": Unit.GB_MONTH,
    "GB": Unit.GB,
    "seconds": Unit.SECOND,
    "Second": Unit.SECOND,
}
_PREFIX: Final = r"(?:[A-Z]+\d*-)?"
_INSTANCE: Final = re.compile(rf"{_PREFIX}({'|'.join(USES)})[:-](ml\.[\w-]+\.[\w-]+)")
_VOLUME: Final = re.compile(rf"{_PREFIX}(Train|Host|Notebk|Processing|{STUDIO_VOLUME}):{re.escape(VOLUME)}")
_SERVERLESS: Final = re.compile(rf"{_PREFIX}ServerlessInf:Mem-(\d+GB)")
_DATA: Final = re.compile(rf"{_PREFIX}(?:\w+:)?Data-Bytes-(?:In|Out)")


def price_list_url(base: str, region: str) -> str:
    """Where the list of a region is."""
    return f"{base.rstrip('/')}/offers/v1.0/aws/{_OFFER}/current/{region}/index.csv"


def fetch_prices(url: str, region: str) -> list[Row]:
    """The rows of the list at a URL that Sagecraft reads; however large it is, only these are in memory.

    Raises:
        WorkFailed: It does not arrive, or not to its end.
        UserError: It is no price list of SageMaker in that region, or a broken one.
    """
    if not url.startswith(("https://", "http://")):
        raise UserError(f"'{url}' is no URL of a price list. Give one that begins with https://.")
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310 - http and https alone
            body = _Body(response)
            rows = list(read_prices(io.TextIOWrapper(io.BufferedReader(body), "utf-8", newline=""), region, url))
            body.check_whole(url)
    except urllib.error.HTTPError as error:
        error.close()
        known = "There may be no SageMaker in that region." if error.code in {403, 404} else "Try again later."
        raise WorkFailed(f"{url} was answered with {error.code} {error.reason}. {known}") from error
    except (OSError, HTTPException) as error:
        raise WorkFailed(f"{url} could not be read: {error}. Prices are as they were.") from error
    return rows


class _Body(io.RawIOBase):
    """What a response has sent, with a count of it: `http.client` takes a body that ends early for a whole one."""

    def __init__(self, response: HTTPResponse) -> None:
        self._response = response
        self._length = response.length
        self._whole_at_end = response.chunked
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the buffers that BufferedReader gives
        count = self._response.readinto(buffer)
        self._read += count
        if not count and self._length is not None and self._read < self._length:
            raise OSError(f"it ended after {self._read:,} of {self._length:,} bytes")
        return count

    def check_whole(self, url: str) -> None:
        """Makes sure that the end was the end, where nothing said so while it was read."""
        if self._length is None and not self._whole_at_end:
            raise WorkFailed(f"{url} did not say how long it is, so it may be cut off. Prices are as they were.")


def read_prices(lines: Iterable[str], region: str, source: str) -> Iterator[Row]:
    """The rows of a list that Sagecraft reads.

    Args:
        lines: Of the CSV file.
        region: Whose list it should be.
        source: What it is called in messages.

    Raises:
        UserError: It is none of SageMaker in that region, or it is broken.
    """
    rows = csv.reader(lines, strict=True)
    found = 0
    try:
        published = _published(rows, source)
        header = next(rows, [])
        missing = [name for name in _COLUMNS if name not in header]
        if missing:
            raise UserError(f"{source} is no price list: it has no column {', '.join(missing)}.")
        at = {name: header.index(name) for name in _COLUMNS}
        for row in rows:
            if len(row) != len(header):
                raise UserError(
                    f"{source} is cut off or corrupt: line {rows.line_num:,} has {len(row)} of {len(header)} columns."
                )
            price = _price({name: row[column] for name, column in at.items()}, region, source, published)
            if price is not None:
                found += 1
                yield price
    except (csv.Error, UnicodeDecodeError) as error:
        raise UserError(f"{source} is cut off or corrupt at line {rows.line_num:,}: {error}.") from error
    if not found:
        raise UserError(f"{source} has no price of an instance of SageMaker in US dollars.")


def _published(rows: Iterator[list[str]], source: str) -> date:
    metadata = {}
    for name in _METADATA_ROWS:
        row = next(rows, [])
        if len(row) != 2 or row[0] != name:
            raise UserError(f"{source} is no price list of AWS: '{name}' should stand where {row[:1]} does.")
        metadata[name] = row[1]
    if metadata["OfferCode"] != _OFFER:
        raise UserError(f"{source} has the prices of {metadata['OfferCode']}; those of {_OFFER} are needed.")
    try:
        return datetime.fromisoformat(metadata[_PUBLISHED]).date()
    except ValueError as error:
        raise UserError(f"{source} is corrupt: it was published '{metadata[_PUBLISHED]}'.") from error


def _price(row: dict[str, str], region: str, source: str, published: date) -> Row | None:
    if row["Region Code"] not in {region, ""}:
        raise UserError(f"{source} has the prices of {row['Region Code']}; those of {region} are needed.")
    about = _subject(row["usageType"])
    if about is None or row["TermType"] != "OnDemand" or row["StartingRange"] not in {"0", ""}:
        return None
    if row["Currency"] != "USD":
        raise UserError(f"{source} has prices in {row['Currency']}; Sagecraft counts in USD alone.")
    try:
        usd = Decimal(row["PricePerUnit"])
    except InvalidOperation as error:
        raise UserError(f"{source} is corrupt: '{row['PricePerUnit']}' is no price of {row['usageType']}.") from error
    if not usd.is_finite() or usd < 0:
        raise UserError(f"{source} is corrupt: {usd} is no price of {row['usageType']}.")
    component, item = about
    unit = _UNITS.get(row["Unit"])
    # What a free tier or a free feature has for nothing is no price of the thing.
    if unit is None or usd == 0:
        return None
    return Row(region, component, item, usd.normalize(), unit, published, source)


def _subject(usage_type: str) -> tuple[Component, str] | None:
    """The component and the item that a usage type is about, if Sagecraft counts them."""
    if (found := _INSTANCE.fullmatch(usage_type)) is not None:
        return USES[found[1]], found[2]
    if (found := _VOLUME.fullmatch(usage_type)) is not None:
        return Component.STORAGE, "studio" if found[1] == STUDIO_VOLUME else USES[found[1]].value
    if (found := _SERVERLESS.fullmatch(usage_type)) is not None:
        return Component.SERVERLESS, found[1]
    return (Component.DATA, "hosting") if _DATA.fullmatch(usage_type) is not None else None
