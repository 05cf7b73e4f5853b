"""What of S3's objects outlives a SIGKILL."""

import hashlib
import http.client
import os
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from ....conftest import RunningEmulator
from ....world import wait_until

pytestmark = pytest.mark.slow

MIB = 2**20
DATA = os.urandom(3 * MIB + 17)


def test_what_was_acknowledged_outlives_a_sigkill_and_half_an_upload_does_not(own_emulator: RunningEmulator) -> None:
    s3 = own_emulator.start().client("s3")
    files = own_emulator.settings.objects_dir / "bodies"
    for bucket in ("kept", "versioned"):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="kept", Key="large", Body=DATA, Tagging="a=b", Metadata={"who": "me"})
    s3.put_object(Bucket="kept", Key="overwritten", Body=DATA)
    s3.put_object(Bucket="kept", Key="overwritten", Body=b"small")
    s3.put_object(Bucket="kept", Key="deleted", Body=DATA)
    s3.delete_object(Bucket="kept", Key="deleted")
    first = s3.put_object(Bucket="versioned", Key="key", Body=DATA[1:])["VersionId"]
    s3.put_object(Bucket="versioned", Key="key", Body=b"later")
    s3.put_object(Bucket="versioned", Key="hidden", Body=DATA)
    s3.delete_object(Bucket="versioned", Key="hidden")
    place = {"Bucket": "kept", "Key": "parts"}
    place["UploadId"] = s3.create_multipart_upload(**place, ChecksumAlgorithm="CRC32")["UploadId"]
    parts = [os.urandom(5 * MIB), b"end"]
    named = []
    for number, part in enumerate(parts, 1):
        answer = s3.upload_part(**place, PartNumber=number, Body=part)
        named.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumCRC32": answer["ChecksumCRC32"]})
    before = set(files.iterdir())
    half = urlsplit(s3.generate_presigned_url("put_object", Params={"Bucket": "kept", "Key": "half"}))
    connection = http.client.HTTPConnection(half.netloc, timeout=60)
    connection.putrequest("PUT", f"{half.path}?{half.query}")
    connection.putheader("Content-Length", str(len(DATA)))
    connection.endheaders(DATA[: 2 * MIB])
    wait_until(lambda: bool(set(files.iterdir()) - before))
    own_emulator.kill()
    connection.close()

    s3 = own_emulator.start().client("s3")
    large = s3.get_object(Bucket="kept", Key="large")
    assert (large["Metadata"], large["TagCount"]) == ({"who": "me"}, 1)
    assert large["ETag"] == f'"{hashlib.md5(DATA, usedforsecurity=False).hexdigest()}"'
    assert large["Body"].read() == DATA
    assert s3.get_object(Bucket="kept", Key="overwritten")["Body"].read() == b"small"
    assert s3.get_object(Bucket="versioned", Key="key", VersionId=first)["Body"].read() == DATA[1:]
    assert s3.get_object(Bucket="versioned", Key="key")["Body"].read() == b"later"
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket="versioned", Key="hidden")
    s3.complete_multipart_upload(**place, MultipartUpload={"Parts": named})
    assert s3.get_object(Bucket="kept", Key="parts")["Body"].read() == b"".join(parts)
    keys = {each["Key"] for each in s3.list_objects_v2(Bucket="kept")["Contents"]}
    assert keys == {"large", "overwritten", "parts"}
    # Of the large, the small, three versions and two parts; not of what was deleted, overwritten or sent by half.
    wait_until(lambda: len(list(files.iterdir())) == 7)
