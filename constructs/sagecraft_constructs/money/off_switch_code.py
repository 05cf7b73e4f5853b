"""The code of the function of an off switch, with what instances cost where it runs."""

import json
import shutil
from pathlib import Path
from typing import Final

import jsii
from aws_cdk import AssetHashType, BundlingOptions, BundlingOutput, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_
from sagecraft_catalog.instance_type import InstanceUse, instance_types
from sagecraft_catalog.package_data import load
from sagecraft_catalog.price.book import bundled_prices
from sagecraft_catalog.price.row import INSTANCE_COMPONENTS
from sagecraft_catalog.region import partition

from sagecraft_constructs.handlers.off_switch.prices import FILE
from sagecraft_constructs.tokens import is_token

_HANDLERS: Final = Path(__file__).parent.parent / "handlers"
_PACKAGE: Final = "off_switch"


def off_switch_code(region: str) -> lambda_.Code:
    """The code, for a region; a token means any, and has the prices of all."""
    regions = load("prices")["regions"] if is_token(region) else [region]
    return lambda_.Code.from_asset(
        str(_HANDLERS / _PACKAGE),
        asset_hash_type=AssetHashType.OUTPUT,
        bundling=BundlingOptions(
            image=DockerImage.from_registry("scratch"),
            local=_Bundling(regions),
            output_type=BundlingOutput.NOT_ARCHIVED,
        ),
    )


@jsii.implements(ILocalBundling)
class _Bundling:
    def __init__(self, regions: list[str]) -> None:
        self._regions = regions

    def try_bundle(self, output_dir: str, *_: object, **__: object) -> bool:
        """Lays the code and the prices there; the CDK's part of `ILocalBundling`."""
        package = Path(output_dir) / _HANDLERS.name / _PACKAGE
        package.mkdir(parents=True)
        for name in ("__init__.py", "clients.py"):
            shutil.copyfile(_HANDLERS / name, package.parent / name)
        for module in sorted((_HANDLERS / _PACKAGE).glob("*.py")):
            shutil.copyfile(module, package / module.name)
        prices = _prices_in(self._regions)
        # In one order, whatever the process: another text would be deployed as other code.
        (package / FILE).write_text(json.dumps(prices, sort_keys=True, separators=(",", ":")), encoding="utf-8")
        return True


def _prices_in(regions: list[str]) -> dict[str, dict[str, dict[str, str]]]:
    """Prices by region. Without rows of its own a region's are computed, from the same rows in all of its partition."""
    published = {row.region for row in bundled_prices().rows}
    computed: dict[str, dict[str, dict[str, str]]] = {}
    found = {}
    for region in regions:
        place = region if region in published else partition(region)
        if place not in computed:
            computed[place] = _prices(region)
        found[region] = computed[place]
    return found


def _prices(region: str) -> dict[str, dict[str, str]]:
    """US dollars an hour by use and instance type, of what is known."""
    book = bundled_prices()
    return {
        component.value: {
            name: f"{price.normalize():f}"
            for name in instance_types(InstanceUse(component))
            if (price := book.price(component, name, region).usd) is not None
        }
        for component in INSTANCE_COMPONENTS
    }
