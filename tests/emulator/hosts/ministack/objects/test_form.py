"""Forms of browsers: "POST Object" of S3's API reference, with files that are not held in memory."""

from __future__ import annotations

import http.client
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from sagecraft_emulator.hosts.ministack.objects.body import BLOCK_BYTES, Body, Segment
from sagecraft_emulator.hosts.ministack.objects.form import read_form

from .bucket import DATA, MIB, Bucket, md5
from .test_service import peak, reset_peak

BOUNDARY = "a-border"


def fields(bucket: Bucket, key: str, **members: Any) -> tuple[str, bytes]:
    """Where to send a form, and what of it comes before the file."""
    form = bucket.s3.generate_presigned_post(bucket.name, key, **members)
    texts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form["fields"].items()
    ]
    file = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="of mine"\r\n\r\n'
    return form["url"], "".join([*texts, file]).encode()


END = f"\r\n--{BOUNDARY}--\r\n".encode()


def send(url: str, pieces: Iterator[bytes] | list[bytes], length: int, host: str | None = None) -> tuple[int, bytes]:
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.netloc, timeout=300)
    with closing(connection):
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Content-Length": str(length)}
        connection.request("POST", target.path or "/", iter(pieces), {**headers, **({"Host": host} if host else {})})
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize("size", [0, 1000, MIB, len(DATA)])
def test_a_file_comes_back_as_it_was_sent(bucket: Bucket, size: int) -> None:
    url, head = fields(
        bucket, "form/${filename}", Fields={"x-amz-meta-who": "me"}, Conditions=[{"x-amz-meta-who": "me"}]
    )
    body = DATA[:size]
    status, _ = send(url, [head, body, END, b"ignored"], len(head) + size + len(END) + 7)
    assert status == 204
    answer = bucket.get("form/of mine")
    assert (answer["Body"].read(), answer["ETag"]) == (body, f'"{md5(body).hex()}"')
    assert answer["Metadata"] == {"who": "me"}


def test_a_bucket_is_named_by_the_host_too(bucket: Bucket) -> None:
    url, head = fields(bucket, "by-host")
    port = urlsplit(url).port
    host, length = f"{bucket.name}.s3.localhost:{port}", len(head) + len(DATA) + len(END)
    status, _ = send(f"http://127.0.0.1:{port}/", [head, DATA, END], length, host)
    assert status == 204
    assert bucket.body("by-host") == DATA


@pytest.mark.parametrize(("most", "status", "code"), [(len(DATA), 204, b""), (len(DATA) - 1, 400, b"EntityTooLarge")])
def test_a_policy_says_how_large_a_file_may_be(bucket: Bucket, most: int, status: int, code: bytes) -> None:
    url, head = fields(bucket, f"at-most-{most}", Conditions=[["content-length-range", 0, most]])
    answered, told = send(url, [head, DATA, END], len(head) + len(DATA) + len(END))
    assert (answered, code in told) == (status, True)
    assert (f"at-most-{most}" in bucket.present()) is (status == 204)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"no form at all" + DATA, b"AccessDenied"),
        (b'--a-border\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + DATA, b"AccessDenied"),
        (
            b'--a-border\r\nContent-Disposition: form-data; name="key"\r\n\r\n' + DATA.replace(b"--", b"__") + END,
            b"MaxPostPreDataLengthExceeded",
        ),
    ],
    ids=["nothing of a form, so nobody's", "without an end, so nobody's", "a large field"],
)
def test_what_is_no_form_is_refused(bucket: Bucket, body: bytes, code: bytes) -> None:
    url, _ = fields(bucket, "none")
    status, told = send(url, [body], len(body))
    assert (status, code in told) == (403 if code == b"AccessDenied" else 400, True)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process's memory is read from /proc")
def test_memory_stays_flat_whatever_the_file_measures(bucket: Bucket) -> None:
    process = psutil.Process(bucket.emulator.get("health")["process_id"])
    url, head = fields(bucket, "large-form")
    idle = process.memory_info().rss
    reset_peak(process.pid)
    status, _ = send(url, [head, *[bytes(MIB)] * 160, END], len(head) + 160 * MIB + len(END))
    assert status == 204
    assert peak(process.pid) - idle < 64 * MIB
    assert bucket.s3.head_object(Bucket=bucket.name, Key="large-form")["ContentLength"] == 160 * MIB
    bucket.s3.delete_object(Bucket=bucket.name, Key="large-form")


@pytest.mark.parametrize("beyond", range(-12, 3))
def test_the_end_of_a_file_is_found_across_blocks(tmp_path: Path, beyond: int) -> None:
    head = b"--a-border\r\nContent-Disposition: form-data; name=file\r\n\r\n"
    data = b"--a-border" + bytes(BLOCK_BYTES + beyond)
    (tmp_path / "form").write_bytes(head + data + END)
    body = Body((Segment(tmp_path, "form", 0, len(head + data + END)),))
    [(name, _, _, file)] = read_form(body, f'multipart/form-data; boundary="{BOUNDARY}"').parts
    assert (name, len(file)) == ("file", len(data))
