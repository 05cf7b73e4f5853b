"""botocore's session for an emulator, whose answers come so fast that making clients and reading times counts."""

from datetime import datetime
from typing import Any

import botocore.session
from botocore.utils import parse_timestamp
from sagecraft_emulator.api.model_files import model_loader


def quick_session() -> botocore.session.Session:
    """A session that reads of service models what clients need, and times as they mostly come."""
    session = botocore.session.get_session()
    session.register_component("data_loader", model_loader())
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_time)
    return session


def _time(value: Any) -> datetime:
    """A time as botocore reads it, which tries a dozen forms with regular expressions: one in ISO 8601 needs none."""
    if isinstance(value, str):
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            return parse_timestamp(value)
        if time.tzinfo is not None:
            return time
    return parse_timestamp(value)
