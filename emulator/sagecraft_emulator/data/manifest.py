"""Manifests: objects in S3 that list the input of a job.

Source: `S3DataSource` in the SageMaker API reference, and "Augmented Manifest Files for Training Jobs" in the developer
guide.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from .storage import S3Object, StorageError, cannot_read, list_prefix, locate

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REFERENCE_SUFFIX: Final = "-ref"
_SHOWN_CHARACTERS: Final = 80


def list_objects(s3: "S3Client", data_type: str, uri: str) -> list[S3Object]:
    """The objects that an S3 data source means.

    Args:
        s3: The client.
        data_type: `S3Prefix` or `ManifestFile`.
        uri: The prefix, or the manifest.

    Raises:
        StorageError: The bucket cannot be listed, or the manifest cannot be read or is malformed.
    """
    match data_type:
        case "S3Prefix":
            return list_prefix(s3, uri)
        case "ManifestFile":
            return read_manifest(s3, uri)
        case _:
            raise StorageError(f"The S3DataType is '{data_type}'; allowed here: ManifestFile, S3Prefix.")


def shard(members: Sequence[Any], index: int, count: int) -> Sequence[Any]:
    """What the host of an index, from 0, gets of the members by `ShardedByS3Key`: every `count`-th."""
    return members[index::count]


def read_manifest(s3: "S3Client", uri: str) -> list[S3Object]:
    """The objects that a manifest lists, in its order, each named by what it has behind the manifest's prefix.

    Raises:
        StorageError: It cannot be read, or is malformed; the message names what is wrong.
    """
    wrong = f"The manifest '{uri}' is malformed: "
    try:
        entries = json.loads(read(s3, uri))
    except ValueError as error:
        raise StorageError(f"{wrong}it is not JSON: {error}.") from error
    if not isinstance(entries, list) or not entries:
        raise StorageError(f'{wrong}it must be a JSON array that begins with {{"prefix": "s3://BUCKET/PREFIX"}}.')
    first, *suffixes = entries
    prefix = first.get("prefix") if isinstance(first, dict) else None
    if not isinstance(prefix, str) or not prefix.startswith("s3://"):
        raise StorageError(
            f'{wrong}its first element must be {{"prefix": "s3://BUCKET/PREFIX"}}, but is {_shown(first)}.'
        )
    if not suffixes:
        raise StorageError(f"{wrong}no object follows its prefix '{prefix}'.")
    for index, suffix in enumerate(suffixes, start=1):
        if not isinstance(suffix, str) or not suffix:
            raise StorageError(
                f"{wrong}element {index} must be a string, the rest of a key behind '{prefix}', but is "
                f"{_shown(suffix)}."
            )
    places = [(suffix, locate(prefix + suffix)) for suffix in suffixes]
    return [S3Object(place.bucket, place.key, suffix.removeprefix("/")) for suffix, place in places]


AugmentedRecord = tuple[bytes | S3Object, ...]
"""The attributes of one line of an augmented manifest; an object where the attribute's name ends with `-ref`."""


def read_augmented_manifest(s3: "S3Client", uri: str, attribute_names: Sequence[str]) -> list[AugmentedRecord]:
    """The attributes that an augmented manifest has on its lines.

    Args:
        s3: The client.
        uri: The manifest, in JSON lines.
        attribute_names: Which attributes, in the order in which each line gives them.

    Raises:
        StorageError: It cannot be read, or a line is malformed; the message names the line and what is wrong.
    """
    records = []
    for number, line in enumerate(read(s3, uri).splitlines(), start=1):
        if not line.strip():
            continue
        wrong = f"Line {number} of the augmented manifest '{uri}' is malformed: "
        try:
            members = json.loads(line)
        except ValueError as error:
            raise StorageError(f"{wrong}it is not JSON: {error}.") from error
        if not isinstance(members, dict):
            raise StorageError(f"{wrong}it must be a JSON object, but is {_shown(members)}.")
        missing = [name for name in attribute_names if name not in members]
        if missing:
            raise StorageError(
                f"{wrong}it lacks {', '.join(repr(name) for name in missing)} of AttributeNames; it has: "
                f"{', '.join(sorted(members))}."
            )
        records.append(tuple(_attribute(name, members[name], wrong) for name in attribute_names))
    return records


def read(s3: "S3Client", uri: str) -> bytes:
    """The bytes of an object.

    Raises:
        StorageError: It cannot be read.
    """
    place = locate(uri)
    try:
        return s3.get_object(Bucket=place.bucket, Key=place.key)["Body"].read()
    except ClientError as error:
        raise cannot_read(uri, error) from error


def _attribute(name: str, value: Any, wrong: str) -> bytes | S3Object:
    if not name.endswith(REFERENCE_SUFFIX):
        return value.encode() if isinstance(value, str) else json.dumps(value).encode()
    if not isinstance(value, str) or not value.startswith("s3://"):
        raise StorageError(f"{wrong}'{name}' must be an S3 URI, but is {_shown(value)}.")
    place = locate(value)
    return S3Object(place.bucket, place.key, place.key)


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
