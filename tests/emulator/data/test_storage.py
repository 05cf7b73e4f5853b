import gzip
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.data.storage import (
    StorageError,
    download,
    download_prefix,
    list_prefix,
    unpack_archive,
    upload_archive,
)

from tests.emulator.world import World


def files(directory: Path) -> dict[str, bytes]:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_a_key_that_sagemaker_does_not_read_is_refused(world: World) -> None:
    world.put("data//a.csv", b"1")
    words = f"^S3 key: s3://{world.bucket}/data//a.csv has an illegal char sub-sequence '//' in it.$"
    with pytest.raises(StorageError, match=words):
        list_prefix(world.s3, f"s3://{world.bucket}/data")


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("data/", {"a.csv": b"1", "deep/b.csv": b"2"}),
        ("data", {"a.csv": b"1", "deep/b.csv": b"2"}),
        ("data/a.csv", {"a.csv": b"1"}),
        ("data/dee", {"deep/b.csv": b"2"}),
    ],
)
def test_objects_are_named_by_what_follows_their_folder(
    world: World, tmp_path: Path, prefix: str, expected: dict[str, bytes]
) -> None:
    world.put("data/a.csv", b"1")
    world.put("data/deep/b.csv", b"2")
    world.put("data/folder/", b"")
    target = tmp_path / "target"
    count = download_prefix(world.s3, f"s3://{world.bucket}/{prefix}", target)
    assert files(target) == expected
    assert count == len(expected)


@pytest.mark.slow
def test_many_objects_over_several_pages_all_come(world: World, tmp_path: Path) -> None:
    for number in range(35):
        world.put(f"many/{number}", str(number).encode())
    pages = []

    def ask_for_ten(params: dict[str, Any], **_: object) -> None:
        params["MaxKeys"] = 10
        pages.append(params)

    event = "provide-client-params.s3.ListObjectsV2"
    world.s3.meta.events.register(event, ask_for_ten)
    try:
        assert download_prefix(world.s3, f"s3://{world.bucket}/many/", tmp_path / "target") == 35
    finally:
        world.s3.meta.events.unregister(event, ask_for_ten)
    assert len(pages) == 4
    assert files(tmp_path / "target") == {str(number): str(number).encode() for number in range(35)}


def test_gzip_is_undone_and_its_suffix_dropped(world: World, tmp_path: Path) -> None:
    world.put("packed/a.csv.gz", gzip.compress(b"1,2"))
    download_prefix(world.s3, f"s3://{world.bucket}/packed/", tmp_path / "target", gunzip=True)
    assert files(tmp_path / "target") == {"a.csv": b"1,2"}


def test_what_is_not_gzip_though_it_should_be_is_named(world: World, tmp_path: Path) -> None:
    uri = world.put("packed/a.csv", b"1,2")
    with pytest.raises(StorageError, match=f"'{uri}' is not a gzip file, but CompressionType is Gzip"):
        download_prefix(world.s3, uri, tmp_path / "target", gunzip=True)


@pytest.mark.parametrize(("first", "second"), [("a", "a/b"), ("a/b", "a")])
def test_an_object_whose_name_is_a_directory_of_another_is_named(
    world: World, tmp_path: Path, first: str, second: str
) -> None:
    uris = [world.put(f"clash/{name}", b"1") for name in (first, second)]
    download(world.s3, uris[0], tmp_path / first)
    with pytest.raises(StorageError, match=f"'{uris[1]}' cannot be a file in the same place as the others"):
        download(world.s3, uris[1], tmp_path / second)


def test_a_missing_object_and_a_missing_bucket_are_named(world: World, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=f"Cannot read 's3://{world.bucket}/nothing'"):
        download(world.s3, f"s3://{world.bucket}/nothing", tmp_path / "file")
    with pytest.raises(StorageError, match="Cannot list 's3://no-such-bucket-here/data'"):
        download_prefix(world.s3, "s3://no-such-bucket-here/data", tmp_path)
    (tmp_path / "model").mkdir()
    with pytest.raises(StorageError, match=r"Cannot write 's3://no-such-bucket-here/model.tar.gz'"):
        upload_archive(world.s3, [tmp_path / "model"], "s3://no-such-bucket-here/model.tar.gz", tmp_path, {})


def test_an_archive_comes_back_as_it_went(world: World, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "model").write_bytes(b"weights")
    (source / "run.sh").write_bytes(b"#!/bin/sh")
    (source / "run.sh").chmod(0o755)
    uri = f"s3://{world.bucket}/model.tar.gz"
    upload_archive(world.s3, [source], uri, tmp_path, {})
    download(world.s3, uri, tmp_path / "archive")
    unpack_archive(tmp_path / "archive", target)
    assert files(target) == files(source)
    assert (target / "run.sh").stat().st_mode & 0o100


@pytest.mark.parametrize("kind", ["parent", "absolute", "link"])
def test_an_archive_that_points_outside_is_refused(tmp_path: Path, kind: str) -> None:
    entry = tarfile.TarInfo({"parent": "../escaped", "absolute": "../../escaped", "link": "link"}[kind])
    if kind == "link":
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
    archive = tmp_path / "archive.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(entry, io.BytesIO(b""))
    target = tmp_path / "deep" / "target"
    target.mkdir(parents=True)
    with pytest.raises(StorageError, match=r"'archive.tar.gz' cannot be unpacked"):
        unpack_archive(archive, target)
    assert files(tmp_path / "deep") == {}


def test_what_is_no_archive_is_named(tmp_path: Path) -> None:
    archive = tmp_path / "archive.tar.gz"
    archive.write_bytes(b"this is no archive")
    with pytest.raises(StorageError, match=r"'archive.tar.gz' cannot be unpacked as tar.gz"):
        unpack_archive(archive, tmp_path / "target")
