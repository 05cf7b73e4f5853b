"""Directories that a program writes to, and removes files from, while they are copied."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from sagecraft_emulator.data.uploaded_directory import UploadedDirectory


class Bucket:
    """S3, and a program that does something when an object is written."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.meanwhile: Callable[[], object] = lambda: None

    def put_object(self, *, Bucket: str, Key: str, Body: Any) -> None:  # noqa: N803 - S3's names
        self.meanwhile()
        self.objects[f"{Bucket}/{Key}"] = Body.read()


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def directory(tmp_path: Path, bucket: Bucket) -> UploadedDirectory:
    for name in ("a", "b/weights", "c"):
        (tmp_path / "checkpoints" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "checkpoints" / name).write_text(name)
    return UploadedDirectory(cast("Any", bucket), tmp_path / "checkpoints", "s3://bucket/it/")


def test_what_is_removed_while_others_are_copied_is_passed_over(
    tmp_path: Path, bucket: Bucket, directory: UploadedDirectory
) -> None:
    bucket.meanwhile = lambda: shutil.rmtree(tmp_path / "checkpoints/b", ignore_errors=True)
    directory.upload()
    assert bucket.objects == {"bucket/it/a": b"a", "bucket/it/c": b"c"}


def test_a_folder_that_is_removed_while_it_is_listed_is_passed_over(
    tmp_path: Path, bucket: Bucket, directory: UploadedDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = os.walk

    def removing(top: Path) -> Any:
        for entry in walk(top):
            yield entry
            shutil.rmtree(tmp_path / "checkpoints/b", ignore_errors=True)

    monkeypatch.setattr(os, "walk", removing)
    directory.upload()
    assert bucket.objects == {"bucket/it/a": b"a", "bucket/it/c": b"c"}


def test_a_file_that_grows_while_it_is_copied_is_copied_again(
    tmp_path: Path, bucket: Bucket, directory: UploadedDirectory
) -> None:
    bucket.meanwhile = lambda: (tmp_path / "checkpoints/a").write_text("a and more")
    directory.upload()
    assert bucket.objects["bucket/it/a"] == b"a"
    bucket.meanwhile = lambda: None
    directory.upload()
    assert bucket.objects["bucket/it/a"] == b"a and more"
