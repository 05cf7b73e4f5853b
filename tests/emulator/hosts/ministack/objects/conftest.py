"""Buckets of an account that is these tests' own, of the emulator that all share."""

from __future__ import annotations

import hashlib
from typing import Any

import boto3
import pytest
from botocore.client import Config

from ....conftest import RunningEmulator
from .bucket import ACCOUNT, Bucket


def client(emulator: RunningEmulator, service: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]  # a name that is known at run time only
        endpoint_url=emulator.url,
        region_name="us-east-1",
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="sagecraft",
        config=Config(signature_version="s3v4") if service == "s3" else None,
    )


@pytest.fixture(scope="module")
def bucket(emulator: RunningEmulator) -> Bucket:
    s3 = client(emulator, "s3")
    s3.create_bucket(Bucket="streamed")
    return Bucket(emulator, s3, "streamed")


@pytest.fixture
def versioned(bucket: Bucket, request: pytest.FixtureRequest) -> Bucket:
    name = f"versioned-{hashlib.sha256(request.node.name.encode()).hexdigest()[:12]}"
    bucket.s3.create_bucket(Bucket=name)
    bucket.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return Bucket(bucket.emulator, bucket.s3, name)
