"""The checksums of S3."""

import os

import pytest
from sagecraft_emulator.hosts.ministack.objects.checksum import Digests, checksum, combined, is_known

CHECK = b"123456789"
# Source: the check values of the catalogue of CRC algorithms at reveng.sourceforge.io, and of RFC 1321, 3174 and 6234.
VALUES = {
    "CRC32": "cbf43926",
    "CRC32C": "e3069283",
    "CRC64NVME": "ae8b14860a799888",
    "MD5": "25f9e794323b453885f5181f1b624d0b",
    "SHA1": "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
    "SHA256": "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
}


@pytest.mark.parametrize(("algorithm", "value"), VALUES.items())
def test_each_algorithm_has_its_published_value_in_one_piece_and_in_several(algorithm: str, value: str) -> None:
    assert checksum(algorithm, [CHECK]).hex() == value
    assert checksum(algorithm, [b"", CHECK[:4], memoryview(CHECK)[4:], b""]).hex() == value


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
def test_the_checksum_of_a_whole_follows_from_those_of_its_parts(algorithm: str) -> None:
    parts = [os.urandom(1000), os.urandom(1), os.urandom(70_000)]
    known = [(checksum(algorithm, [part]), len(part)) for part in parts]
    assert combined(algorithm, known) == checksum(algorithm, parts)


def test_what_is_no_algorithm_of_s3_is_left_out() -> None:
    assert not is_known("MD4")
    assert set(Digests(["MD4", "", "SHA1"]).values()) == {"SHA1"}
    assert combined("SHA256", [(b"", 0)]) is None
