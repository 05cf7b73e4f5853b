"""AWS's names for what is used, as its price list, its bills and Cost Explorer have them: `USE1-Host:ml.m5.large`.

Source: https://docs.aws.amazon.com/cur/latest/userguide/Lineitem-columns.html (lineItem/UsageType)
"""

from collections.abc import Mapping
from typing import Final

from .row import Component

USES: Final[Mapping[str, Component]] = {
    "Train": Component.TRAINING,
    "Host": Component.HOSTING,
    "Notebk": Component.NOTEBOOK,
    "Processing": Component.PROCESSING,
    "Tsform": Component.TRANSFORM,
    "Studio:JupyterLab": Component.STUDIO,
}
"""What instances are used for, by what stands before their type."""
VOLUME: Final = "VolumeUsage.gp2"
STUDIO_VOLUME: Final = "Studio"
"""What stands before a volume of Studio's, which has no type of app."""
_REGIONS: Final[Mapping[str, str]] = {
    "af-south-1": "AFS1",
    "ap-east-1": "APE1",
    "ap-northeast-1": "APN1",
    "ap-northeast-2": "APN2",
    "ap-northeast-3": "APN3",
    "ap-south-1": "APS3",
    "ap-south-2": "APS5",
    "ap-southeast-1": "APS1",
    "ap-southeast-2": "APS2",
    "ap-southeast-3": "APS4",
    "ap-southeast-4": "APS6",
    "ap-southeast-5": "APS7",
    "ca-central-1": "CAN1",
    "ca-west-1": "CAN2",
    "eu-central-1": "EUC1",
    "eu-central-2": "EUC2",
    "eu-north-1": "EUN1",
    "eu-south-1": "EUS1",
    "eu-south-2": "EUS2",
    "eu-west-1": "EU",
    "eu-west-2": "EUW2",
    "eu-west-3": "EUW3",
    "il-central-1": "ILC1",
    "me-central-1": "MEC1",
    "me-south-1": "MES1",
    "mx-central-1": "MXC1",
    "sa-east-1": "SAE1",
    "us-east-1": "USE1",
    "us-east-2": "USE2",
    "us-gov-east-1": "UGE1",
    "us-gov-west-1": "UGW1",
    "us-west-1": "USW1",
    "us-west-2": "USW2",
}


def usage_type(component: Component, item: str, region: str) -> str:
    """AWS's name for the use of an instance or a volume.

    Args:
        component: What for.
        item: An instance type; of a volume the component that it belongs to.
        region: Where. One whose code is not known here stands with its own name.
    """
    names = {use: name for name, use in USES.items()}
    where = _REGIONS.get(region, region)
    if component is not Component.STORAGE:
        return f"{where}-{names[component]}{'-' if component is Component.STUDIO else ':'}{item}"
    use = STUDIO_VOLUME if item == Component.STUDIO else names[Component(item)]
    return f"{where}-{use}:{VOLUME}"
