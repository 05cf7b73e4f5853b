"""Everything that is looked for."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from sagecraft_catalog.price.book import PriceBook

from sagecraft_infra.target import Target

from . import sagemaker, surroundings
from .history import history_of, plain_name
from .kept import kept
from .leftover import Leftover, Prices
from .place import Finder, Place, tagged_names

_FINDERS: Final[Sequence[Finder]] = (
    sagemaker.endpoints,
    sagemaker.notebook_instances,
    sagemaker.apps,
    sagemaker.endpoint_configs,
    sagemaker.models,
    sagemaker.lifecycle_configs,
    surroundings.log_groups,
    surroundings.file_systems,
    surroundings.interfaces,
    surroundings.buckets,
    surroundings.repositories,
    # What the others know tells more of what they have.
    kept,
)


def leftovers(
    target: Target,
    regions: Collection[str],
    apps: Collection[str] | None,
    tags: Collection[tuple[str, str]],
    book: PriceBook,
) -> tuple[list[Leftover], list[str]]:
    """What is left, the first to be removed first; and what could not be looked at.

    Args:
        target: Where.
        regions: In which regions.
        apps: The names of the app's stacks; None for whatever stands in no stack.
        tags: What has one of these is the app's, too.
        book: The prices.
    """
    found: list[Leftover] = []
    problems: list[str] = []
    for region in regions:
        tagged = tagged_names(target.client("resourcegroupstaggingapi", region), tags) if tags else {}
        place = Place(target, region, history_of(target, region, apps), Prices(book, region), tagged)
        for finder in _FINDERS:
            try:
                found += finder(place)
            except (ClientError, BotoCoreError) as error:
                problems.append(f"{finder.__name__.replace('_', ' ')} in {region}: {error}")
    first: dict[tuple[str, str], Leftover] = {}
    for each in found:
        first.setdefault((each.region, plain_name(each.name)), each)
    return sorted(first.values(), key=lambda each: each.order), problems


def remove(found: Sequence[Leftover]) -> Iterator[tuple[Leftover, str | None]]:
    """Removes what is left, one after another: each, and why it could not be, if so."""
    for each in found:
        if each.remove is None:
            continue
        try:
            each.remove()
        except (ClientError, BotoCoreError) as error:
            yield each, str(error)
        else:
            yield each, None
