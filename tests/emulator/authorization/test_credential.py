"""What a request says of its signer: read once from the left, whatever stands there."""

from typing import SupportsIndex

import pytest
from sagecraft_emulator.authorization.credential import Credential, read_caller, read_credential

SIGNED = "AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
MEBIBYTE = 2**20


class Counted(str):
    """A header that counts its characters that are looked at."""

    looked_at = 0

    def find(self, *wanted: object) -> int:
        self.looked_at += len(self)
        return super().find(*wanted)  # type: ignore[arg-type]

    def __getitem__(self, piece: SupportsIndex | slice) -> str:
        found = super().__getitem__(piece)
        self.looked_at += len(found)
        return found


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("AKIDEXAMPLE/20220810/us-east-2/iam/aws4_request", Credential("AKIDEXAMPLE", "us-east-2", "iam")),
        ("110000000011/20220810/eu-west-1/s3/aws4_request", Credential("110000000011", "eu-west-1", "s3")),
        ("AKIDEXAMPLE/yesterday/us-east-2/iam/aws4_request", None),
        ("AKID EXAMPLE/20220810/us-east-2/iam/aws4_request", None),
        ("", None),
    ],
)
def test_a_signature_names_a_key_a_region_and_a_service(scope: str, expected: Credential | None) -> None:
    assert read_credential(SIGNED.format(scope=scope)) == expected


@pytest.mark.parametrize(
    "header",
    [
        "Credential=" * (MEBIBYTE // 11),
        "Credential=" + "a" * MEBIBYTE,
        "Credential=" + "a/20220810/" * (MEBIBYTE // 11),
        "Credentia" * (MEBIBYTE // 9),
        "Credential=" + ("a" * 600) + "/20220810/us-east-1/s3/aws4_request",
    ],
    ids=["begun again and again", "one long key", "many parts", "nearly begun", "a key that is none"],
)
def test_a_long_header_is_read_once_and_names_nobody(header: str) -> None:
    counted = Counted(header)
    assert read_credential(counted) is None
    assert counted.looked_at <= 2 * len(header)
    assert read_caller(header) == read_caller("")
