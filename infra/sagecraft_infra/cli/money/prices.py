"""`sagecraft prices`."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sagecraft_catalog.price.book import STALE_DAYS

from sagecraft_infra.cli.terminal.options import JsonOption, StateDirOption, target_of
from sagecraft_infra.money.price_list import PRICE_LISTS, fetch_prices, price_list_url
from sagecraft_infra.money.prices import keep_prices, known_prices
from sagecraft_infra.project.region import check_region
from sagecraft_infra.target import TargetName
from sagecraft_infra.terminal.output import note, results, write_json

prices = typer.Typer(
    name="prices",
    help="The prices by which costs are counted: they come along, with their dates, and can be fetched anew.",
)
RegionsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--region", "-r", metavar="REGION", show_default="that of the environment", help="As often as needed."
    ),
]


@prices.command("refresh")
def refresh(
    *,
    region: RegionsOption = None,
    source: Annotated[
        str, typer.Option("--from", metavar="URL", help="Where AWS's price lists are, or copies of them.")
    ] = PRICE_LISTS,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Fetch what AWS asks for SageMaker now, from its public price list.

    It is a file of hundreds of MiB a region, of which a few hundred KiB are kept. No account and no credentials are
    needed, and nothing else of Sagecraft needs this.
    """
    fetched = []
    for each in _regions(region, state_dir):
        url = price_list_url(source, each)
        note(f"Reading {url}")
        rows = fetch_prices(url, each)
        file = keep_prices(each, rows)
        fetched.append({"region": each, "prices": len(rows), "published": str(rows[0].date), "file": str(file)})
    if json:
        write_json(fetched)
        return
    for told in fetched:
        results.print(f"{told['region']}: {told['prices']} prices, published {told['published']}")


@prices.command("show")
def show(*, region: RegionsOption = None, state_dir: StateDirOption = None, json: JsonOption = False) -> None:
    """Show of which day the prices are, and whether they are stale."""
    book = known_prices()
    today = datetime.now(UTC).date()
    dated = {each: book.dated(each) for each in _regions(region, state_dir)}
    ages = {each: (today - day).days for each, day in dated.items()}
    if json:
        write_json([{"region": each, "dated": str(day), "age_days": ages[each]} for each, day in dated.items()])
        return
    for each, day in dated.items():
        stale = f": stale, fetch them: sagecraft prices refresh --region {each}" if ages[each] > STALE_DAYS else ""
        results.print(f"{each}: prices of {day}, {ages[each]} days old{stale}")


def _regions(given: list[str] | None, state_dir: StateDirOption) -> list[str]:
    if given:
        return [check_region(each, "--region") for each in given]
    return [target_of(TargetName.LOCAL, None, state_dir).region]
