"""AWS's price list is read in a stream; what is cut off, broken or another's is refused, and nothing written over."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from sagecraft_catalog.price.answer import Origin
from sagecraft_catalog.price.row import Component, Unit
from sagecraft_infra.errors import InfraError, UserError, WorkFailed
from sagecraft_infra.money.price_list import fetch_prices, price_list_url, read_prices
from sagecraft_infra.money.prices import keep_prices, known_prices

from tests.infra.conftest import free_port

from .price_server import COLUMNS, PRICES, WHOLE, PriceServer, line, metadata, price, price_server


@pytest.fixture(scope="module")
def serving() -> Iterator[PriceServer]:
    with price_server() as server:
        yield server


@pytest.fixture
def server(serving: PriceServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> PriceServer:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    fresh = PriceServer(url=serving.url)
    serving.__dict__.update(fresh.__dict__)
    return serving


def refresh(server: PriceServer, region: str = "us-east-1") -> Path:
    return keep_prices(region, fetch_prices(price_list_url(server.url, region), region))


def test_the_list_of_a_region_is_read_from_where_aws_has_it(server: PriceServer) -> None:
    refresh(server)
    assert server.paths == ["/offers/v1.0/aws/AmazonSageMaker/current/us-east-1/index.csv"]


def test_what_is_fetched_takes_the_place_of_what_came_along(server: PriceServer) -> None:
    refresh(server)
    book = known_prices()
    found = book.price(Component.STUDIO, "ml.t3.medium", "us-east-1")
    assert (found.usd, found.origin) == (Decimal("0.051"), Origin.PUBLISHED)
    assert book.dated("us-east-1") == date(2026, 11, 20)
    assert book.dated("us-west-2") < date(2026, 11, 20)


def test_rows_are_told_apart_by_their_usage_type() -> None:
    rows = {
        (row.component, row.item): (row.usd, row.unit)
        for row in read_prices(WHOLE.splitlines(keepends=True), "us-east-1", "a list")
    }
    hour = Unit.HOUR
    assert rows == {
        (Component.HOSTING, "ml.m5.large"): (Decimal("0.115"), hour),
        (Component.TRAINING, "ml.m5.large"): (Decimal("0.115"), hour),
        (Component.NOTEBOOK, "ml.t3.medium"): (Decimal("0.05"), hour),
        (Component.STUDIO, "ml.t3.medium"): (Decimal("0.051"), hour),
        (Component.PROCESSING, "ml.m5.xlarge"): (Decimal("0.23"), hour),
        (Component.TRANSFORM, "ml.m5.xlarge"): (Decimal("0.23"), hour),
        (Component.STORAGE, "notebook"): (Decimal("0.14"), Unit.GB_MONTH),
        (Component.SERVERLESS, "2GB"): (Decimal("0.00004"), Unit.SECOND),
        (Component.DATA, "hosting"): (Decimal("0.016"), Unit.GB),
    }


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "half read": ({"length": len(WHOLE) * 2}, f"it ended after {len(WHOLE):,} of {2 * len(WHOLE):,} bytes"),
    "cut off in a row": ({"body": WHOLE[:-60].encode()}, "is cut off or corrupt"),
    "cut off in its head": ({"body": WHOLE[:40].encode()}, "is cut off or corrupt"),
    "empty": ({"body": b""}, "is no price list of AWS: 'FormatVersion' should stand where [] does"),
    "without prices": ({"body": (metadata() + line(*COLUMNS)).encode()}, "has no price of an instance"),
    "of no known length": ({"says_length": False}, "did not say how long it is, so it may be cut off"),
    "binary": ({"body": WHOLE.encode() + b"\xff\xfe\n"}, "is cut off or corrupt"),
    "a page": ({"body": b"<html>Please sign in</html>"}, "is no price list of AWS"),
    "another service": (
        {"body": WHOLE.replace("AmazonSageMaker", "AmazonEC2").encode()},
        "has the prices of AmazonEC2",
    ),
    "another region": (
        {"body": WHOLE.replace('"us-east-1"', '"eu-west-1"').encode()},
        "has the prices of eu-west-1; those of us-east-1 are needed",
    ),
    "another currency": (
        {"body": WHOLE.replace('"USD"', '"CNY"').encode()},
        "has prices in CNY; Sagecraft counts in USD",
    ),
    "no number": ({"body": WHOLE.replace("0.1150000000", "cheap").encode()}, "'cheap' is no price of USE1-Host"),
    "a negative number": ({"body": WHOLE.replace("0.1150000000", "-1").encode()}, "-1 is no price of USE1-Host"),
    "no date": ({"body": (metadata(published="soon") + line(*COLUMNS) + PRICES).encode()}, "it was published 'soon'"),
    "without a column": ({"body": WHOLE.replace('"usageType"', '"use"').encode()}, "it has no column usageType"),
    "not there": ({"status": 404}, "There may be no SageMaker in that region."),
    "failing": ({"status": 500}, "Try again later."),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_list_is_refused_and_nothing_is_written_over(server: PriceServer, case: str) -> None:
    kept = refresh(server)
    before = kept.read_bytes()
    settings, told = BROKEN[case]
    server.__dict__.update(settings)

    with pytest.raises(InfraError) as caught:
        refresh(server)

    assert told in str(caught.value)
    assert kept.read_bytes() == before
    assert [file.name for file in kept.parent.iterdir()] == [kept.name]


def test_memory_does_not_grow_with_the_list() -> None:
    unread = price("USE1-Cluster:ml.p5.48xlarge", "113.0680000000", PriceDescription="x" * 400)
    head = (metadata() + line(*COLUMNS) + PRICES).splitlines(keepends=True)
    peaks = []
    for count in (1_000, 20_000):
        tracemalloc.start()
        found = sum(1 for _ in read_prices(chain(head, repeat(unread, count)), "us-east-1", "a list"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert found == 9
    assert peaks[1] < 2 * peaks[0]


def test_kept_prices_that_are_broken_are_named_with_what_to_do(server: PriceServer) -> None:
    file = refresh(server)
    file.write_text(file.read_text()[:50])
    with pytest.raises(UserError, match=r"us-east-1\.json does not hold .*sagecraft prices refresh --region us-east-1"):
        known_prices()


def test_what_cannot_be_written_is_said(server: PriceServer, tmp_path: Path) -> None:
    (tmp_path / "sagecraft").write_text("")
    with pytest.raises(UserError, match="Set XDG_CACHE_HOME"):
        refresh(server)


def test_a_price_list_is_no_file_of_this_machine() -> None:
    with pytest.raises(UserError, match="is no URL of a price list"):
        fetch_prices("file:///etc/passwd", "us-east-1")


def test_a_list_that_nobody_serves_leaves_prices_as_they_were(server: PriceServer) -> None:
    with pytest.raises(WorkFailed, match=r"could not be read: .*Prices are as they were\."):
        fetch_prices(f"http://127.0.0.1:{free_port()}/index.csv", "us-east-1")


def test_rows_are_kept_with_their_source(server: PriceServer) -> None:
    kept = json.loads(refresh(server).read_text())
    assert {group["source"] for group in kept["groups"]} == {price_list_url(server.url, "us-east-1")}
