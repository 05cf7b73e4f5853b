"""A bucket of the tests, and what its clients know."""

from __future__ import annotations

import base64
import hashlib
import os
import urllib.request
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ....conftest import RunningEmulator

ACCOUNT = "733333333333"
MIB = 2**20
PART = 5 * MIB
DATA = os.urandom(3 * MIB + 17)


@dataclass
class Bucket:
    """A bucket of the tests, in an account of its own."""

    emulator: RunningEmulator
    s3: Any
    name: str

    def put(self, key: str, body: bytes, **members: Any) -> Any:
        return self.s3.put_object(Bucket=self.name, Key=key, Body=body, **members)

    def get(self, key: str, **members: Any) -> Any:
        return self.s3.get_object(Bucket=self.name, Key=key, **members)

    def body(self, key: str, **members: Any) -> bytes:
        read: bytes = self.get(key, **members)["Body"].read()
        return read

    def send(self, key: str, body: bytes, **headers: str) -> Any:
        """A PUT by a presigned URL, as any HTTP client would have it; names of headers are without their dashes."""
        url = self.s3.generate_presigned_url("put_object", Params={"Bucket": self.name, "Key": key})
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return urllib.request.urlopen(urllib.request.Request(url, body, named, method="PUT"), timeout=60)

    def present(self) -> set[str]:
        return {each["Key"] for each in self.s3.list_objects_v2(Bucket=self.name).get("Contents", [])}

    def upload(self, key: str, parts: list[bytes], **members: Any) -> Any:
        """A multipart upload, with the checksums that the client sends by itself."""
        upload = self.s3.create_multipart_upload(Bucket=self.name, Key=key, **members)["UploadId"]
        place = {"Bucket": self.name, "Key": key, "UploadId": upload}
        named = []
        for number, part in enumerate(parts, 1):
            answer = self.s3.upload_part(**place, PartNumber=number, Body=part)
            checksums = {name: text for name, text in answer.items() if name.startswith("Checksum")}
            named.append({"PartNumber": number, "ETag": answer["ETag"], **checksums})
        return self.s3.complete_multipart_upload(**place, MultipartUpload={"Parts": named})


def code(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    return error.value.response["Error"]["Code"], error.value.response["ResponseMetadata"]["HTTPStatusCode"]


def b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def md5(body: bytes) -> bytes:
    return hashlib.md5(body, usedforsecurity=False).digest()


def chunked(body: bytes, chunk_bytes: int, trailers: str = "") -> bytes:
    chunks = [body[begin : begin + chunk_bytes] for begin in range(0, len(body), chunk_bytes)]
    return b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in chunks) + f"0\r\n{trailers}\r\n".encode()
