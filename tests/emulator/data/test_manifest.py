import json
from typing import Any

import pytest
from sagecraft_emulator.data.manifest import list_objects, read_augmented_manifest, shard
from sagecraft_emulator.data.storage import S3Object, StorageError

from tests.emulator.world import World


def test_a_manifest_means_its_prefix_with_each_suffix_in_its_order(world: World) -> None:
    prefix = f"s3://{world.bucket}/data/"
    manifest = world.put("lists/a.manifest", json.dumps([{"prefix": prefix}, "b.csv", "deep/a.csv"]).encode())
    assert list_objects(world.s3, "ManifestFile", manifest) == [
        S3Object(world.bucket, "data/b.csv", "b.csv"),
        S3Object(world.bucket, "data/deep/a.csv", "deep/a.csv"),
    ]


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"a.csv\nb.csv", r"it is not JSON: Expecting value: line 1 column 1 \(char 0\)\."),
        (b"{}", r'it must be a JSON array that begins with {"prefix": "s3://BUCKET/PREFIX"}\.'),
        (b"[]", "it must be a JSON array that begins with"),
        (b'["a.csv"]', r'its first element must be {"prefix": "s3://BUCKET/PREFIX"}, but is "a.csv"\.'),
        (b'[{"prefix": "/data"}, "a"]', r'its first element must be .*, but is {"prefix": "/data"}\.'),
        (b'[{"prefix": "s3://b/p/"}]', r"no object follows its prefix 's3://b/p/'\."),
        (b'[{"prefix": "s3://b/p/"}, "a", 7]', "element 2 must be a string, .* behind 's3://b/p/', but is 7"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_named(world: World, content: bytes, wrong: str) -> None:
    uri = world.put("bad.manifest", content)
    with pytest.raises(StorageError, match=f"^The manifest '{uri}' is malformed: {wrong}"):
        list_objects(world.s3, "ManifestFile", uri)


def test_an_augmented_manifest_gives_the_named_attributes_of_each_line(world: World) -> None:
    lines: list[dict[str, Any]] = [
        {"source-ref": f"s3://{world.bucket}/a.jpg", "class": 3, "box": {"left": 1}, "unused": 0},
        {"source-ref": f"s3://{world.bucket}/b.jpg", "class": "cat", "box": None},
    ]
    uri = world.put("augmented", ("\n".join(map(json.dumps, lines)) + "\n\n").encode())
    assert read_augmented_manifest(world.s3, uri, ["source-ref", "class", "box"]) == [
        (S3Object(world.bucket, "a.jpg", "a.jpg"), b"3", b'{"left": 1}'),
        (S3Object(world.bucket, "b.jpg", "b.jpg"), b"cat", b"null"),
    ]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{", "it is not JSON"),
        ("[1]", r"it must be a JSON object, but is \[1\]"),
        ('{"label": 1}', "it lacks 'source-ref' of AttributeNames; it has: label"),
        ('{"source-ref": "a.jpg", "label": 1}', "'source-ref' must be an S3 URI, but is \"a.jpg\""),
    ],
)
def test_what_is_wrong_with_an_augmented_manifest_is_named_with_its_line(world: World, line: str, wrong: str) -> None:
    good = json.dumps({"source-ref": f"s3://{world.bucket}/a", "label": 1})
    uri = world.put("augmented", f"{good}\n{line}\n".encode())
    with pytest.raises(StorageError, match=f"^Line 2 of the augmented manifest '{uri}' is malformed: {wrong}"):
        read_augmented_manifest(world.s3, uri, ["source-ref", "label"])


def test_every_nth_object_goes_to_a_host_in_the_order_of_keys(world: World) -> None:
    for key in ("e", "b", "a", "d", "c"):
        world.put(f"data/{key}", b"")
    objects = list_objects(world.s3, "S3Prefix", f"s3://{world.bucket}/data/")
    assert [[each.name for each in shard(objects, index, 2)] for index in range(2)] == [["a", "c", "e"], ["b", "d"]]
