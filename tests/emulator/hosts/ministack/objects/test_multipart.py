"""Multipart uploads, as clients have them. Source: their operations in the reference of S3's API."""

from __future__ import annotations

import os
import zlib

import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.hosts.ministack.objects.checksum import checksum

from .bucket import DATA, PART, Bucket, b64, code, md5


def test_an_upload_of_parts_is_their_bytes_one_after_the_other(bucket: Bucket) -> None:
    parts = [os.urandom(PART), os.urandom(PART + 1), DATA[:7]]
    answer = bucket.upload("parts", parts, ChecksumAlgorithm="CRC32")
    whole = b"".join(parts)
    assert answer["ETag"] == f'"{md5(b"".join(map(md5, parts))).hex()}-3"'
    crcs = b"".join(zlib.crc32(part).to_bytes(4, "big") for part in parts)
    assert answer["ChecksumCRC32"] == b64(zlib.crc32(crcs).to_bytes(4, "big")) + "-3"
    assert bucket.body("parts") == whole
    assert bucket.body("parts", Range=f"bytes={PART - 3}-{2 * PART + 2}") == whole[PART - 3 : 2 * PART + 3]
    second = bucket.get("parts", PartNumber=2)
    assert (second["PartsCount"], second["Body"].read()) == (3, parts[1])


def test_the_checksum_of_a_full_object_follows_from_its_parts(bucket: Bucket) -> None:
    """As the AWS CLI has it, which uploads with CRC64NVME."""
    parts = [os.urandom(PART), DATA]
    answer = bucket.upload("full", parts, ChecksumAlgorithm="CRC64NVME")
    assert answer["ChecksumType"] == "FULL_OBJECT"
    assert answer["ChecksumCRC64NVME"] == b64(checksum("CRC64NVME", parts))
    assert bucket.get("full", ChecksumMode="ENABLED")["Body"].read() == b"".join(parts)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ([], "MalformedXML"),
        ([(2, None), (1, None)], "InvalidPartOrder"),
        ([(1, None), (1, None)], "InvalidPartOrder"),
        ([(1, None), (3, None)], "InvalidPart"),
        ([(1, '"0123456789abcdef0123456789abcdef"')], "InvalidPart"),
        ([(1, None), (2, None)], "EntityTooSmall"),
    ],
)
def test_parts_that_make_no_object_are_refused(
    bucket: Bucket, named: list[tuple[int, str | None]], expected: str
) -> None:
    place = {"Bucket": bucket.name, "Key": "refused"}
    place["UploadId"] = bucket.s3.create_multipart_upload(**place)["UploadId"]
    etags = {number: bucket.s3.upload_part(**place, PartNumber=number, Body=b"tiny")["ETag"] for number in (1, 2)}
    parts = [{"PartNumber": number, "ETag": etag or etags.get(number, etags[1])} for number, etag in named]
    with pytest.raises(ClientError) as refused:
        bucket.s3.complete_multipart_upload(**place, MultipartUpload={"Parts": parts})
    assert code(refused) == (expected, 400)
    assert "refused" not in bucket.present()
    bucket.s3.abort_multipart_upload(**place)


def test_a_completed_upload_can_be_completed_again(bucket: Bucket) -> None:
    place = {"Bucket": bucket.name, "Key": "twice"}
    place["UploadId"] = bucket.s3.create_multipart_upload(**place)["UploadId"]
    etag = bucket.s3.upload_part(**place, PartNumber=1, Body=b"part")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    first = bucket.s3.complete_multipart_upload(**place, MultipartUpload=parts)
    assert bucket.s3.complete_multipart_upload(**place, MultipartUpload=parts)["ETag"] == first["ETag"]


def test_a_part_is_copied_out_of_an_object(bucket: Bucket) -> None:
    whole = os.urandom(PART + 100)
    bucket.put("source", whole)
    place = {"Bucket": bucket.name, "Key": "of-parts"}
    place["UploadId"] = bucket.s3.create_multipart_upload(**place, ChecksumAlgorithm="CRC32")["UploadId"]
    source, named = {"Bucket": bucket.name, "Key": "source"}, []
    for number, (first, last) in enumerate([(50, PART + 60), (0, 9)], 1):
        answer = bucket.s3.upload_part_copy(
            **place, PartNumber=number, CopySource=source, CopySourceRange=f"bytes={first}-{last}"
        )["CopyPartResult"]
        assert answer["ETag"] == f'"{md5(whole[first : last + 1]).hex()}"'
        named.append({"PartNumber": number, "ETag": answer["ETag"]})
    bucket.s3.delete_object(**source)
    bucket.s3.complete_multipart_upload(**place, MultipartUpload={"Parts": named})
    assert bucket.body("of-parts") == whole[50 : PART + 61] + whole[:10]
