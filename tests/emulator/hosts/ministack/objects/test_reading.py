"""Which bytes a request asks for. Source: RFC 9110, 14, and GetObject in the reference of S3's API."""

import pytest
from sagecraft_emulator.hosts.ministack.objects.reading import Unsatisfiable, asked_range

ETAG, MODIFIED = '"abc"', "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-9", (0, 10)),
        ("bytes=0-10", (0, 10)),
        ("bytes=3-", (3, 10)),
        ("bytes=9-", (9, 10)),
        ("bytes=-1", (9, 10)),
        ("bytes=-10", (0, 10)),
        ("bytes=-11", (0, 10)),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("", None),
    ],
)
def test_a_range_is_as_http_has_it(header: str, asked: tuple[int, int] | None) -> None:
    assert asked_range({"range": header}, 10, ETAG, MODIFIED) == asked


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_a_range_of_nothing_cannot_be_had(header: str, size: int) -> None:
    with pytest.raises(Unsatisfiable):
        asked_range({"range": header}, size, ETAG, MODIFIED)


@pytest.mark.parametrize(
    ("known", "is_same"),
    [('"abc"', True), ('"def"', False), (MODIFIED, True), ("Wed, 21 Oct 2026 07:27:59 GMT", False)],
)
def test_a_range_of_what_has_changed_meanwhile_is_all_of_it(known: str, is_same: bool) -> None:
    assert (asked_range({"range": "bytes=0-1", "if-range": known}, 10, ETAG, MODIFIED) is not None) == is_same
