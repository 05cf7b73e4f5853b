"""Where the offline store keeps records, by AWS's layout.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-offline.html
"""

import re
import secrets
import string
from datetime import UTC, datetime
from typing import Final

from sagecraft_emulator.api.caller import Caller

DEFAULT_CATALOG: Final = {"Catalog": "AwsDataCatalog", "Database": "sagemaker_featurestore"}
"""The database of Glue, and its catalog, where a request names none."""
_RANDOM: Final = string.ascii_letters + string.digits
_HOUR: Final = 3600


def resolved_uri(s3_uri: str, caller: Caller, name: str, created: float) -> str:
    """The place of a feature group's files: under the prefix that its request gave.

    Args:
        s3_uri: That prefix.
        caller: Whose it is.
        name: Of the group.
        created: When it was made, in seconds since 1970.
    """
    place = f"{caller.account}/sagemaker/{caller.region}/offline-store/{name}-{int(created)}/data"
    return f"{s3_uri.rstrip('/')}/{place}"


def table_name(name: str, created: float) -> str:
    """The name of a group's table in Glue: Athena's names have small letters, digits and underscores."""
    return f"{re.sub('[^a-z0-9_]', '_', name.lower())}_{int(created)}"


def partition(hour: int) -> str:
    """The folder of the records of an hour, counted since 1970."""
    return datetime.fromtimestamp(hour * _HOUR, UTC).strftime("year=%Y/month=%m/day=%d/hour=%H")


def file_name(latest: float) -> str:
    """A new file's name: the latest event time in it, in seconds since 1970, and sixteen random characters."""
    moment = datetime.fromtimestamp(latest, UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{moment}_{''.join(secrets.choice(_RANDOM) for _ in range(16))}.parquet"
