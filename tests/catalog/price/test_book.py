"""A price is published, computed or unknown, and says which, from what and of which day."""

from datetime import date
from decimal import Decimal

import pytest
from sagecraft_catalog.errors import InvalidPrices
from sagecraft_catalog.price.answer import Origin, Price
from sagecraft_catalog.price.book import PriceBook, bundled_prices
from sagecraft_catalog.price.row import INSTANCE_COMPONENTS, Component, Row, Unit
from sagecraft_catalog.price.snapshot import content_of, rows_of

TIMES = "\N{MULTIPLICATION SIGN}"


def row(region: str, component: Component, item: str, usd: str, day: date | None = date(2026, 9, 1)) -> Row:
    return Row(region, component, item, Decimal(usd), Unit.HOUR, day, "a list")


def test_a_published_price_comes_with_its_row_date_and_source() -> None:
    price = bundled_prices().price(Component.NOTEBOOK, "ml.t3.medium", "us-east-1")
    assert (price.usd, price.unit, price.origin) == (Decimal("0.05"), Unit.HOUR, Origin.PUBLISHED)
    assert price.how.startswith("us-east-1 notebook ml.t3.medium, 0.05 USD/hour, of 2026-09-24: ")
    assert price.row is not None
    assert price.age_days(date(2026, 10, 4)) == 10


def test_of_several_rows_the_newest_counts_and_an_undated_one_last() -> None:
    rows = [
        row("us-east-1", Component.HOSTING, "ml.g5.xlarge", usd, day)
        for usd, day in (("1.408", date(2026, 8, 17)), ("1.4084", date(2025, 2, 3)), ("1.006", None))
    ]
    for book in (PriceBook(rows), PriceBook(reversed(rows))):
        assert book.price(Component.HOSTING, "ml.g5.xlarge", "us-east-1").usd == Decimal("1.408")


ROWS = [
    row("us-east-1", Component.TRAINING, "ml.m5.large", "0.115"),
    row("us-east-1", Component.EC2, "g5.2xlarge", "1.212"),
    row("us-east-1", Component.EC2, "g5.xlarge", "1.006"),
    row("eu-west-1", Component.TRAINING, "ml.m5.large", "0.128"),
    row("eu-west-1", Component.STORAGE, "notebook", "0.154"),
    row("eu-west-1", Component.STORAGE, "processing", "0.11"),
]


@pytest.mark.parametrize(
    ("component", "item", "region", "usd", "how"),
    [
        (Component.HOSTING, "ml.m5.large", "eu-west-1", "0.128", "computed, that of training: "),
        (Component.TRAINING, "ml.m5.large", "eu-north-1", "0.115", "computed, that of us-east-1: "),
        (Component.HOSTING, "ml.m5.large", "eu-north-1", "0.115", "computed, that of training in us-east-1: "),
        (
            Component.HOSTING,
            "ml.m5.4xlarge",
            "eu-west-1",
            "1.024",
            f"computed, 8 {TIMES} that of ml.m5.large for training in ",
        ),
        (
            Component.HOSTING,
            "ml.g5.2xlarge",
            "us-east-1",
            "1.515",
            f"computed, 1.25 {TIMES} that of EC2 in us-east-1: ",
        ),
        (
            Component.HOSTING,
            "ml.g5.xlarge",
            "us-east-1",
            "1.4084",
            f"computed, 1.4 {TIMES} that of EC2 in us-east-1: ",
        ),
        (Component.STORAGE, "studio", "eu-west-1", "0.154", "computed, that of notebook in eu-west-1: "),
    ],
)
def test_a_computed_price_says_from_what(component: Component, item: str, region: str, usd: str, how: str) -> None:
    price = PriceBook(ROWS).price(component, item, region)
    assert (price.usd, price.origin) == (Decimal(usd), Origin.COMPUTED)
    assert price.how.startswith(how)


@pytest.mark.parametrize(
    ("item", "region", "why"),
    [
        ("ml.p4d.24xlarge", "us-east-1", "no row to compute it from"),
        ("ml.m5.larg", "us-east-1", "'ml.m5.larg' is no instance type for hosting. Did you mean 'ml.m5.large', "),
        ("ml.m5.large", "eu-est-1", "there is no region 'eu-est-1'. Did you mean 'eu-west-1', "),
        # AWS bills in CNY there.
        ("ml.m5.large", "cn-north-1", "no row to compute it from"),
    ],
)
def test_an_unknown_price_is_said_to_be_unknown_and_why(item: str, region: str, why: str) -> None:
    price = PriceBook(ROWS).price(Component.HOSTING, item, region)
    assert (price.usd, price.row, price.origin) == (None, None, Origin.UNKNOWN)
    assert price.how.startswith(why)


def test_of_a_volume_the_region_comes_before_the_use() -> None:
    rows = [*ROWS, row("us-east-1", Component.STORAGE, "hosting", "0.14")]
    price = PriceBook(rows).price(Component.STORAGE, "notebook", "us-east-1")
    assert (price.usd, price.how[:40]) == (Decimal("0.14"), "computed, that of hosting in us-east-1: ")


def test_where_the_type_is_open_the_cheapest_and_the_dearest_are_told() -> None:
    found = PriceBook(ROWS).options(Component.TRAINING, "eu-west-1")
    assert [(price.item, price.usd) for price in found] == [("ml.m5.large", Decimal("0.128"))] * 2


def test_sizes_of_families_are_priced_in_proportion_to_their_memory() -> None:
    """What is computed from another size agrees with every row that there is, but for AWS's rounding."""
    book = bundled_prices()
    rows = [each for each in book.rows if each.component in INSTANCE_COMPONENTS and each.item[3] in "tmcr"]
    for each in rows:
        alone = PriceBook(other for other in rows if other.item != each.item and other.region == each.region)
        computed = alone.price(each.component, each.item, each.region)
        if each.region in {"us-east-1", "us-west-2", "ap-south-1"} and computed.usd is not None:
            assert computed.usd == pytest.approx(each.usd, rel=Decimal("0.01")), each.reference


def test_a_snapshot_survives_being_written() -> None:
    rows = list(bundled_prices().rows)
    assert sorted(rows_of(content_of(rows)), key=repr) == sorted(rows, key=repr)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"groups": [{"region": "us-east-1"}]},
        {"groups": [{**content_of(ROWS)["groups"][0], "usd": {"ml.m5.large": "NaN"}}]},
        {"groups": [{**content_of(ROWS)["groups"][0], "usd": {"ml.m5.large": "-1"}}]},
        {"groups": [{**content_of(ROWS)["groups"][0], "date": "2026-13-01"}]},
        {"groups": [{**content_of(ROWS)["groups"][0], "component": "lunch"}]},
    ],
)
def test_what_is_no_snapshot_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(InvalidPrices, match="These are no prices"):
        list(rows_of(content))


def test_every_row_has_a_source_and_the_old_list_is_left_out() -> None:
    for each in bundled_prices().rows:
        assert each.source
        assert not ("syne-tune" in each.source and each.item.split(".")[1] in {"m4", "m5", "c4", "c5", "c5n"})


def test_how_old_a_region_s_prices_are_is_that_of_its_newest_row() -> None:
    book = PriceBook(ROWS).with_rows([row("eu-west-1", Component.HOSTING, "ml.m5.large", "0.1", date(2026, 11, 1))])
    assert book.dated("eu-west-1") == date(2026, 11, 1)
    assert book.dated("us-east-1") == date(2026, 9, 1)
    assert book.dated("sa-east-1") == date(2026, 11, 1)


def test_a_price_without_a_row_has_no_age() -> None:
    assert Price("r", Component.DATA, "i", Unit.GB, Origin.UNKNOWN, "none").age_days(date(2026, 1, 1)) is None
