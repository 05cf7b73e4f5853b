"""What a body may be. Python's own reader of JSON takes more than that.

Sources: https://datatracker.ietf.org/doc/html/rfc8259#section-6 (no NaN, no Infinity) and #section-8 (UTF-8; what
becomes of halves of surrogate pairs is not told, and UTF-8 cannot hold them).
"""

import pytest
from sagecraft_emulator.api.json_body import read_json
from sagecraft_emulator.errors import ApiError


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"", {}),
        (b'{"a": 1.5e300}', {"a": 1.5e300}),
        (rb'{"a": "\ud83d\uDE00"}', {"a": "\U0001f600"}),
        ('{"a": "\U0001f600"}'.encode(), {"a": "\U0001f600"}),
        (rb'{"a": "\\ud83d"}', {"a": r"\ud83d"}),
    ],
)
def test_what_is_an_object_is_read(body: bytes, read: object) -> None:
    assert read_json(body) == read


@pytest.mark.parametrize("body", [rb'{"a": "\ud83d"}', rb'{"a": ["\uD83D"]}', rb'{"\uD83D\u0041": 1}'])
def test_half_of_a_pair_is_no_value(body: bytes) -> None:
    with pytest.raises(ApiError, match=r"The body has '\\ud83d', half of a surrogate pair") as refused:
        read_json(body)
    assert refused.value.code == "ValidationException"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"a": "\xed\xa0\xbd"}', "The body is not text in UTF-8: "),
        (b'{"a": "\xff"}', "The body is not text in UTF-8: "),
        ('{"a": 1}'.encode("utf-16"), "The body is not text in UTF-8: "),
        (b'{"a": NaN}', "The body is not JSON: it has no number 'NaN'"),
        (b'{"a": [-Infinity]}', "The body is not JSON: it has no number '-Infinity'"),
        (b'{"a": 1', "The body is not JSON: "),
        (b"[]", "The body must be a JSON object, got: []"),
        (b"[" * 200_000, "The body is nested too deeply to be read."),
    ],
)
def test_what_is_none_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(ApiError) as refused:
        read_json(body)
    assert refused.value.code == "SerializationException"
    assert refused.value.message.startswith(said)
