"""The encoding `aws-chunked`, in whatever blocks it comes."""

import hashlib

import pytest
from sagecraft_emulator.hosts.ministack.objects.aws_chunked import Decoder, Malformed, is_chunked

UNSIGNED = {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-trailer": "x-amz-checksum-crc32"}
SIGNED = {"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "x-amz-decoded-content-length": "8"}
BODY = b"5\r\nhello\r\n3\r\n\r\n!\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"


def decoded(decoder: Decoder, body: bytes, block_bytes: int) -> bytes:
    blocks = [body[begin : begin + block_bytes] for begin in range(0, len(body), block_bytes)]
    whole = b"".join(bytes(piece) for block in blocks for piece in decoder.feed(block))
    decoder.end()
    return whole


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 7, len(BODY)])
def test_chunks_are_joined_wherever_a_block_ends(block_bytes: int) -> None:
    decoder = Decoder(UNSIGNED)
    assert decoded(decoder, BODY, block_bytes) == b"hello\r\n!"
    assert decoder.trailers == {"x-amz-checksum-crc32": "AAAAAA=="}


@pytest.mark.parametrize("block_bytes", [1, 11, 400])
def test_the_signature_of_each_chunk_is_kept_with_the_hash_of_its_bytes(block_bytes: int) -> None:
    body = b"5;chunk-signature=aa\r\nhello\r\n3;chunk-signature=bb\r\nyou\r\n0;chunk-signature=cc\r\n\r\n"
    decoder = Decoder(SIGNED)
    assert decoded(decoder, body, block_bytes) == b"helloyou"
    pieces = [(b"hello", "aa"), (b"you", "bb"), (b"", "cc")]
    assert decoder.signatures == [(hashlib.sha256(piece).hexdigest(), signature) for piece, signature in pieces]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"5\r\nhell",
        b"5\r\nhello\r\n",
        b"5\r\nhello!\r\n0\r\n\r\n",
        b"x\r\nhello\r\n0\r\n\r\n",
        b"5\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\n\r\n",  # the announced trailer is missing
        b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n",
        b"5\r\nhello\r\n0\r\nno trailer\r\n\r\n",
        BODY + b"more\r\n",
        b"5" * 20_000,
    ],
)
def test_a_body_that_is_cut_off_or_not_encoded_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        decoded(Decoder(UNSIGNED), body, 4)


def test_another_length_than_was_declared_is_refused() -> None:
    with pytest.raises(Malformed):
        decoded(Decoder({**SIGNED, "x-amz-decoded-content-length": "9"}), b"3\r\nyou\r\n0\r\n\r\n", 100)


def test_what_is_encoded_is_seen_in_the_headers() -> None:
    assert is_chunked(UNSIGNED)
    assert is_chunked({"content-encoding": "gzip, aws-chunked"})
    assert not is_chunked({"content-encoding": "gzip", "x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
