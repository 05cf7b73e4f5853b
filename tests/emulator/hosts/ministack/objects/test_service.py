"""S3 with bodies in files, as clients have it.

Sources: the reference of S3's API (GetObject, PutObject, UploadPart, CompleteMultipartUpload, CopyObject) and its list
of error codes, unless a test names another.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
import threading
import urllib.request
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import psutil
import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.hosts.ministack.objects.checksum import checksum

from ....world import wait_until
from .bucket import ACCOUNT, DATA, MIB, PART, Bucket, b64, chunked, code, md5
from .conftest import client

BORDERS = [0, 1, 2**17, 2**17 + 1, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB + 17]


@pytest.mark.parametrize("size", BORDERS)
def test_a_body_of_any_size_comes_back_as_it_was(bucket: Bucket, size: int) -> None:
    key, body = f"size/{size}", DATA[:size]
    assert bucket.put(key, body)["ETag"] == f'"{md5(body).hex()}"'
    answer = bucket.get(key, ChecksumMode="ENABLED")  # which boto3 checks as it reads
    assert answer["Body"].read() == body
    assert (answer["ContentLength"], answer["ChecksumCRC32"]) == (size, b64(zlib.crc32(body).to_bytes(4, "big")))
    head = bucket.s3.head_object(Bucket=bucket.name, Key=key)
    assert (head["ContentLength"], head["ETag"]) == (size, answer["ETag"])


@pytest.mark.parametrize("size", [MIB, MIB + 1])
def test_several_requests_follow_on_one_connection(bucket: Bucket, size: int) -> None:
    for turn in range(3):
        bucket.put("again", DATA[turn : turn + size])
        assert bucket.body("again") == DATA[turn : turn + size]


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=1048575-1048576", MIB - 1, MIB + 1),
        ("bytes=100-2000000", 100, 2_000_001),
        ("bytes=3000000-", 3_000_000, len(DATA)),
        ("bytes=-5", len(DATA) - 5, len(DATA)),
        ("bytes=5-99999999", 5, len(DATA)),
    ],
)
def test_a_range_is_that_of_the_object(bucket: Bucket, asked: str, first: int, end: int) -> None:
    bucket.put("ranged", DATA)
    answer = bucket.get("ranged", Range=asked, ChecksumMode="ENABLED")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["ContentRange"] == f"bytes {first}-{end - 1}/{len(DATA)}"
    assert answer["ContentLength"] == end - first
    assert answer["Body"].read() == DATA[first:end]
    head = bucket.s3.head_object(Bucket=bucket.name, Key="ranged", Range=asked)
    assert head["ContentLength"] == end - first


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,5-6", "items=0-1"])
def test_what_is_no_range_is_all_of_the_object(bucket: Bucket, asked: str) -> None:
    bucket.put("ranged", DATA)
    answer = bucket.get("ranged", Range=asked)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["ContentLength"] == len(DATA)


@pytest.mark.parametrize("asked", [f"bytes={len(DATA)}-", "bytes=-0"])
def test_a_range_of_nothing_is_refused_with_the_size(bucket: Bucket, asked: str) -> None:
    bucket.put("ranged", DATA)
    with pytest.raises(ClientError) as refused:
        bucket.get("ranged", Range=asked)
    assert code(refused) == ("InvalidRange", 416)
    error: Any = refused.value.response["Error"]
    assert (error["ActualObjectSize"], error["RangeRequested"]) == (str(len(DATA)), asked)
    assert refused.value.response["ResponseMetadata"]["HTTPHeaders"]["content-range"] == f"bytes */{len(DATA)}"


def test_a_range_of_an_earlier_version_is_that_of_the_version(versioned: Bucket) -> None:
    first = versioned.put("key", DATA)["VersionId"]
    versioned.put("key", b"later")
    assert versioned.body("key", VersionId=first, Range="bytes=10-1999999") == DATA[10:2_000_000]
    assert versioned.body("key", VersionId=first) == DATA
    assert versioned.body("key") == b"later"


def test_conditions_are_kept_before_a_body_is_sent(bucket: Bucket) -> None:
    etag = bucket.put("conditions", DATA)["ETag"]
    assert bucket.body("conditions", IfMatch=etag, Range="bytes=0-3") == DATA[:4]
    for members, expected in [({"IfMatch": '"other"'}, 412), ({"IfNoneMatch": etag}, 304)]:
        with pytest.raises(ClientError) as refused:
            bucket.get("conditions", **members)
        assert code(refused)[1] == expected
    with pytest.raises(ClientError) as refused:
        bucket.put("conditions", DATA[1:], IfNoneMatch="*")
    assert code(refused) == ("PreconditionFailed", 412)
    assert bucket.body("conditions") == DATA
    url = bucket.s3.generate_presigned_url("get_object", Params={"Bucket": bucket.name, "Key": "conditions"})
    for known, size in [(etag, 4), ('"other"', len(DATA))]:
        request = urllib.request.Request(url, headers={"Range": "bytes=0-3", "If-Range": known})
        assert len(urllib.request.urlopen(request, timeout=60).read()) == size


@pytest.mark.parametrize("size", [1000, len(DATA)])
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Content_MD5": b64(md5(b"other"))}, "BadDigest"),
        ({"Content_MD5": "abc"}, "InvalidDigest"),
        ({"Content_MD5": b64(b"short")}, "InvalidDigest"),
        ({"x_amz_checksum_crc32": b64(b"1234")}, "BadDigest"),
        ({"x_amz_checksum_crc32c": b64(b"1234")}, "BadDigest"),
        ({"x_amz_checksum_crc64nvme": b64(b"12345678")}, "BadDigest"),
        ({"x_amz_checksum_sha1": b64(b"1" * 20)}, "BadDigest"),
        ({"x_amz_checksum_sha256": b64(b"1" * 32)}, "BadDigest"),
        # Source: S3's end-to-end tests in aws/aws-sdk-kotlin, services/s3/e2eTest/src/S3IntegrationTest.kt.
        ({"x_amz_checksum_sha256": "blerg"}, "InvalidRequest"),
        ({"x_amz_content_sha256": "0" * 64}, "XAmzContentSHA256Mismatch"),
    ],
)
def test_a_body_that_is_not_what_its_checksum_says_becomes_no_object(
    bucket: Bucket, headers: dict[str, str], expected: str, size: int
) -> None:
    with pytest.raises(HTTPError) as refused:
        bucket.send(f"wrong/{expected}", DATA[:size], **headers)
    assert refused.value.code == 400
    assert f"<Code>{expected}</Code>" in refused.value.read().decode()
    assert not {key for key in bucket.present() if key.startswith("wrong/")}


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_a_checksum_that_the_server_is_asked_for_is_that_of_the_body(bucket: Bucket, algorithm: str) -> None:
    headers = {"x_amz_sdk_checksum_algorithm": algorithm, "Content_MD5": b64(md5(DATA))}
    bucket.send("computed", DATA, **headers)
    answer = bucket.s3.head_object(Bucket=bucket.name, Key="computed", ChecksumMode="ENABLED")
    assert answer[f"Checksum{algorithm}"] == b64(checksum(algorithm, [DATA]))


@pytest.mark.parametrize("chunk_bytes", [8192, 65_536, MIB - 1, MIB, 2 * MIB])
def test_an_encoded_body_is_stored_decoded_with_the_checksum_of_its_trailer(bucket: Bucket, chunk_bytes: int) -> None:
    crc = b64(zlib.crc32(DATA).to_bytes(4, "big"))
    headers = {
        "x_amz_content_sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x_amz_trailer": "x-amz-checksum-crc32",
        "x_amz_decoded_content_length": str(len(DATA)),
        "Content_Encoding": "aws-chunked, gzip",
    }
    bucket.send("encoded", chunked(DATA, chunk_bytes, f"x-amz-checksum-crc32:{crc}\r\n"), **headers)
    answer = bucket.get("encoded", ChecksumMode="ENABLED")
    assert (answer["ChecksumCRC32"], answer["ContentEncoding"]) == (crc, "gzip")
    assert answer["Body"].read() == DATA
    with pytest.raises(HTTPError) as refused:
        bucket.send("broken", chunked(DATA, chunk_bytes, "x-amz-checksum-crc32:AAAAAA==\r\n"), **headers)
    assert "<Code>BadDigest</Code>" in refused.value.read().decode()
    with pytest.raises(HTTPError) as refused:
        bucket.send("broken", chunked(DATA, chunk_bytes)[:-9], **headers)
    assert "<Code>IncompleteBody</Code>" in refused.value.read().decode()
    assert "broken" not in bucket.present()


def test_a_body_of_a_length_that_is_not_told_before_is_taken(bucket: Bucket) -> None:
    """As boto3 sends it over TLS: with HTTP's chunks around those of S3."""
    url = urlsplit(bucket.s3.generate_presigned_url("put_object", Params={"Bucket": bucket.name, "Key": "told-later"}))
    crc = b64(zlib.crc32(DATA).to_bytes(4, "big"))
    body = chunked(DATA, MIB, f"x-amz-checksum-crc32:{crc}\r\n")
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "x-amz-decoded-content-length": str(len(DATA)),
        "Content-Encoding": "aws-chunked",
        "Transfer-Encoding": "chunked",
    }
    with closing(http.client.HTTPConnection(url.netloc, timeout=60)) as connection:
        for _ in range(2):
            blocks = (body[begin : begin + 100_000] for begin in range(0, len(body), 100_000))
            connection.request("PUT", f"{url.path}?{url.query}", blocks, headers, encode_chunked=True)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (200, b"")
    assert bucket.body("told-later", ChecksumMode="ENABLED") == DATA


def test_what_is_no_object_is_no_file_though_it_is_signed_as_s3(bucket: Bucket) -> None:
    """A form's content type, as curl sends it with any file, is a header of the object."""
    bucket.send("form", DATA, Content_Type="application/x-www-form-urlencoded")
    assert bucket.get("form")["ContentType"] == "application/x-www-form-urlencoded"
    bucket.s3.put_object_tagging(Bucket=bucket.name, Key="form", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert bucket.s3.get_object_tagging(Bucket=bucket.name, Key="form")["TagSet"] == [{"Key": "a", "Value": "b"}]


def test_a_copy_has_the_bytes_and_no_memory_of_its_source(bucket: Bucket, versioned: Bucket) -> None:
    bucket.put("source", DATA, Metadata={"who": "me"})
    source = {"Bucket": bucket.name, "Key": "source"}
    answer = versioned.s3.copy_object(Bucket=versioned.name, Key="copy", CopySource=source, ChecksumAlgorithm="SHA256")
    bucket.put("source", b"other")
    bucket.s3.delete_object(**source)
    read = versioned.get("copy", ChecksumMode="ENABLED")
    assert (read["Metadata"], read["ETag"]) == ({"who": "me"}, answer["CopyObjectResult"]["ETag"])
    assert read["Body"].read() == DATA


def test_versions_have_bodies_of_their_own_until_each_is_deleted(versioned: Bucket) -> None:
    first, second = (versioned.put("key", body)["VersionId"] for body in (DATA, DATA[1:]))
    marker = versioned.s3.delete_object(Bucket=versioned.name, Key="key")["VersionId"]
    with pytest.raises(ClientError) as refused:
        versioned.get("key")
    assert code(refused) == ("NoSuchKey", 404)
    assert versioned.body("key", VersionId=first) == DATA
    versioned.s3.delete_object(Bucket=versioned.name, Key="key", VersionId=marker)
    assert versioned.body("key") == DATA[1:]
    versioned.s3.delete_object(Bucket=versioned.name, Key="key", VersionId=second)
    assert versioned.body("key") == DATA
    versioned.s3.delete_object(Bucket=versioned.name, Key="key", VersionId=first)
    versioned.s3.delete_bucket(Bucket=versioned.name)


def test_the_last_writer_to_come_to_its_end_wins(bucket: Bucket) -> None:
    bodies = [bytes([number]) * (2 * MIB + number) for number in range(6)]
    writers = [threading.Thread(target=bucket.put, args=("contended", body)) for body in bodies]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert bucket.body("contended") in bodies
    bucket.put("contended", DATA)
    assert bucket.body("contended") == DATA


def test_an_upload_that_breaks_off_leaves_neither_an_object_nor_a_file(bucket: Bucket) -> None:
    url = urlsplit(bucket.s3.generate_presigned_url("put_object", Params={"Bucket": bucket.name, "Key": "half"}))
    files = bucket.emulator.settings.objects_dir / "bodies"
    before = set(files.iterdir())
    connection = http.client.HTTPConnection(url.netloc, timeout=60)
    connection.putrequest("PUT", f"{url.path}?{url.query}")
    connection.putheader("Content-Length", str(len(DATA)))
    connection.endheaders(DATA[: 2 * MIB])
    wait_until(lambda: bool(set(files.iterdir()) - before))
    connection.close()
    wait_until(lambda: not set(files.iterdir()) - before)
    assert "half" not in bucket.present()


def head(method: str, url: str, *lines: str) -> bytes:
    parts = urlsplit(url)
    first = f"{method} {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
    return "".join([first, *(f"{line}\r\n" for line in lines), "\r\n"]).encode()


def test_a_request_that_is_sent_ahead_is_answered_after_a_large_one(bucket: Bucket) -> None:
    place = {"Bucket": bucket.name, "Key": "ahead"}
    put, get = (bucket.s3.generate_presigned_url(name, Params=place) for name in ("put_object", "get_object"))
    sent = head("PUT", put, f"Content-Length: {len(DATA)}") + DATA + head("GET", get, "Connection: close")
    with socket.create_connection(("127.0.0.1", bucket.emulator.settings.port)) as connection:
        connection.sendall(sent)
        answers = connection.makefile("rb").read()
    assert answers.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert answers.endswith(b"\r\n\r\n" + DATA)


def test_a_client_that_takes_nothing_keeps_nobody_waiting(bucket: Bucket) -> None:
    for number in range(2):
        bucket.put("slow", DATA * 4)
        get = bucket.s3.generate_presigned_url("get_object", Params={"Bucket": bucket.name, "Key": "slow"})
        with socket.create_connection(("127.0.0.1", bucket.emulator.settings.port)) as connection:
            connection.sendall(head("GET", get))
            assert connection.recv(12) == b"HTTP/1.1 200"
            bucket.put("meanwhile", DATA[number:])
            assert bucket.body("meanwhile") == DATA[number:]


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process's memory is read from /proc")
def test_memory_stays_flat_whatever_an_object_measures(bucket: Bucket, tmp_path: Path) -> None:
    """160 MiB up in parts and in one, copied, down, and a piece of it; each would show more than once."""
    process = psutil.Process(bucket.emulator.get("health")["process_id"])
    file = tmp_path / "large"
    with file.open("wb") as sparse:
        sparse.truncate(160 * MIB)
    idle = process.memory_info().rss
    reset_peak(process.pid)
    bucket.s3.upload_file(str(file), bucket.name, "large")
    with file.open("rb") as body:
        bucket.s3.put_object(Bucket=bucket.name, Key="large-put", Body=body)
    bucket.s3.copy({"Bucket": bucket.name, "Key": "large"}, bucket.name, "large-copy")
    bucket.s3.download_file(bucket.name, "large-put", str(file))
    assert file.stat().st_size == 160 * MIB
    assert bucket.body("large", Range="bytes=100000000-100000010") == bytes(11)
    assert peak(process.pid) - idle < 64 * MIB
    for key in ("large", "large-put", "large-copy"):
        bucket.s3.delete_object(Bucket=bucket.name, Key=key)


def test_lambda_and_cloudformation_read_objects_that_are_in_files(bucket: Bucket) -> None:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Metadata": {"Filler": "x" * (MIB // 4)}}
    bucket.put("template.json", json.dumps(template).encode())
    cloudformation = client(bucket.emulator, "cloudformation")
    url = f"{bucket.emulator.url}/{bucket.name}/template.json"
    cloudformation.create_stack(StackName="from-s3", TemplateURL=url)
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="from-s3", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    assert cloudformation.describe_stack_resources(StackName="from-s3")["StackResources"]


def test_an_event_tells_of_an_object_that_is_in_a_file(bucket: Bucket) -> None:
    sqs = client(bucket.emulator, "sqs")
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:told"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
            }
        ],
    }
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    bucket.s3.create_bucket(Bucket="telling")
    events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    bucket.s3.put_bucket_notification_configuration(
        Bucket="telling",
        NotificationConfiguration={"QueueConfigurations": [{"QueueArn": arn, "Events": events}]},
        SkipDestinationValidation=True,
    )
    telling = Bucket(bucket.emulator, bucket.s3, "telling")
    telling.put("put", DATA)
    telling.upload("parts", [os.urandom(PART), b"end"])
    bucket.s3.put_bucket_versioning(Bucket="telling", VersioningConfiguration={"Status": "Enabled"})
    bucket.s3.delete_object(Bucket="telling", Key="put")
    told: dict[tuple[str, str], int] = {}
    wait_until(lambda: told.update(received(sqs, queue)) is None and len(told) == 3)
    assert told == {
        ("ObjectCreated:Put", "put"): len(DATA),
        ("ObjectCreated:CompleteMultipartUpload", "parts"): PART + 3,
        ("ObjectRemoved:DeleteMarkerCreated", "put"): 0,
    }


def received(sqs: Any, queue: str) -> dict[tuple[str, str], int]:
    messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1, MaxNumberOfMessages=10).get("Messages", [])
    records = [record for message in messages for record in json.loads(message["Body"]).get("Records", [])]
    objects = [(each["eventName"], each["s3"]["object"]) for each in records]
    return {(name, each["key"]): each["size"] for name, each in objects}


def reset_peak(process: int) -> None:
    Path(f"/proc/{process}/clear_refs").write_text("5")


def peak(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
