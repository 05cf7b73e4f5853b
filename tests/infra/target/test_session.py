"""The session for an emulator reads what botocore's own does."""

from typing import Any

import botocore.session
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.utils import parse_timestamp
from sagecraft_infra.target.session import quick_session


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00.123Z",
        "2026-01-31T12:00:00+01:00",
        "2026-01-31T12:00:00",
        "Sat, 31 Jan 2026 12:00:00 GMT",
        "1769860800",
        1769860800,
        1769860800.5,
    ],
)
def test_a_time_is_the_one_that_botocore_reads(value: Any) -> None:
    factory = quick_session().get_component("response_parser_factory")
    read = factory.create_parser("query")._timestamp_parser(value)
    assert read == parse_timestamp(value)


def test_there_are_the_services_that_botocore_has() -> None:
    own, session = botocore.session.get_session(), quick_session()
    assert list(session.get_available_services()) == own.get_available_services()
    assert session.get_paginator_model("cloudformation").get_paginator("DescribeStacks")
    with pytest.raises(UnknownServiceError, match=r"Unknown service: 'no-such-service'.*cloudformation"):
        session.get_service_model("no-such-service")


def test_there_are_the_regions_that_botocore_has() -> None:
    """In each of them `sagecraft down` looks for what stands."""
    own, session = botocore.session.get_session(), quick_session()
    assert session.get_available_regions("cloudformation") == own.get_available_regions("cloudformation") != []
