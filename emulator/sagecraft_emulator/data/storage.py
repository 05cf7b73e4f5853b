"""Objects in S3 on their way to and from a container's directories."""

import gzip
import shutil
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from sagecraft_catalog import InvalidS3Uri, S3Location

from sagecraft_emulator.errors import EmulatorError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PARALLEL: Final = 8
_ONE_CALL_BYTES: Final = 1 << 20
"""A smaller file is written by one call, without the threads that boto3 begins for an upload."""
_BLOCK_BYTES: Final = 1 << 16
"""Of larger ones each is memory that comes from the system anew, and takes three times as long."""


class StorageError(EmulatorError):
    """Objects that are not there, or that cannot be read or written; the message is for the user."""


@dataclass(frozen=True)
class S3Object:
    """An object that is input of a job.

    Attributes:
        bucket: Where it is.
        key: Its key.
        name: The path that a file of it has below the directory of its input.
        size: Its bytes; None when they were not listed.
    """

    bucket: str
    key: str
    name: str
    size: int | None = None

    @property
    def uri(self) -> str:
        """Its `s3://` URI."""
        return f"s3://{self.bucket}/{self.key}"


def locate(uri: str) -> S3Location:
    """The place that an S3 URI names.

    Raises:
        StorageError: It is none.
    """
    try:
        return S3Location.parse(uri)
    except InvalidS3Uri as error:
        raise StorageError(str(error)) from error


def list_prefix(s3: "S3Client", uri: str) -> list[S3Object]:
    """Every object under a prefix, in the order of their keys, but for those that stand for folders.

    Each is named by what follows the prefix, or the prefix's last `/`.

    Args:
        s3: The client.
        uri: The prefix, or one whole key.

    Raises:
        StorageError: The bucket cannot be listed, or a key is one that SageMaker does not read.
    """
    place = locate(uri)
    bucket, prefix = place.bucket, place.key
    whole_folder, folder = prefix.rstrip("/") + "/", prefix.rpartition("/")[0]

    def name(key: str) -> str:
        return key.removeprefix(whole_folder if key.startswith(whole_folder) else folder).removeprefix("/")

    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        listed = [(each["Key"], each["Size"]) for page in pages for each in page.get("Contents", [])]
    except ClientError as error:
        raise StorageError(f"Cannot list '{uri}': {error.response['Error'].get('Message', error)}") from error
    found = [S3Object(bucket, key, name(key), size) for key, size in sorted(listed) if not key.endswith("/")]
    for each in found:
        if not S3Location(bucket, each.key).is_legal:
            raise StorageError(f"S3 key: {each.uri} has an illegal char sub-sequence '//' in it.")
    return found


def download_prefix(s3: "S3Client", uri: str, target: Path, *, gunzip: bool = False) -> int:
    """Copies every object under a prefix.

    Args:
        s3: The client.
        uri: The prefix, or one whole key.
        target: The directory to copy into.
        gunzip: Whether the objects are gzip files to unpack.

    Returns:
        How many objects there were.

    Raises:
        StorageError: The bucket cannot be listed, or an object cannot be read.
    """
    objects = list_prefix(s3, uri)
    download_objects(s3, objects, target, gunzip=gunzip)
    return len(objects)


def download_folder(s3: "S3Client", uri: str, target: Path) -> None:
    """Copies every object below a folder, whose URI may end with a slash or not.

    Raises:
        StorageError: The bucket cannot be listed, or an object cannot be read.
    """
    download_prefix(s3, locate(uri).folder.uri, target)


def download_objects(
    s3: "S3Client",
    objects: Iterable[S3Object],
    target: Path,
    *,
    gunzip: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Copies objects to files of their names below a directory, several at once.

    Args:
        s3: The client.
        objects: What to copy.
        target: The directory.
        gunzip: Whether the objects are gzip files to unpack.
        stopped: Asked before each object; the rest is left out once it is true.

    Raises:
        StorageError: An object cannot be read, or its name points out of the directory.
    """

    def fetch(each: S3Object) -> None:
        if not stopped():
            download(s3, each.uri, _inside(target, each.name), gunzip=gunzip)

    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(fetch, objects))


def download(s3: "S3Client", uri: str, target: Path, *, gunzip: bool = False) -> None:
    """Copies one object to a file.

    Raises:
        StorageError: It is not there, or is not gzip though it should be, or a file is where a directory is needed.
    """
    place = locate(uri)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # In one piece, because boto3's own copies one in pieces by several threads, which takes longer here.
        with closing(s3.get_object(Bucket=place.bucket, Key=place.key)["Body"]) as body, target.open("wb") as file:
            shutil.copyfileobj(body, file, _BLOCK_BYTES)
    except ClientError as error:
        raise cannot_read(uri, error) from error
    except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        raise StorageError(
            f"'{uri}' cannot be a file in the same place as the others: what is a file for one object is a directory "
            "for another. Rename one of them."
        ) from error
    if gunzip:
        unpacked = target.with_name(target.name.removesuffix(".gz") + ".unpacked")
        try:
            with gzip.open(target, "rb") as packed, unpacked.open("wb") as plain:
                shutil.copyfileobj(packed, plain)
        except (OSError, EOFError) as error:
            raise StorageError(f"'{uri}' is not a gzip file, but CompressionType is Gzip: {error}") from error
        target.unlink()
        unpacked.rename(target.with_name(target.name.removesuffix(".gz")))


def no_objects(uri: str, region: str, role_arn: str | None, said: str | None = None) -> str:
    """AWS's words for input that is not there, or not for the role; they end with what S3 said, where it did."""
    words = (
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket exists in '
        f"the selected region ({region}), that objects exist under that S3 prefix, and that the role "
        f'"{role_arn}" has "s3:ListBucket" permissions on bucket "{locate(uri).bucket}".'
    )
    return words if said is None else f"{words} Error message from S3: {said}"


def cannot_read(uri: str, error: ClientError) -> StorageError:
    """What to say of an object that S3 does not give out."""
    return StorageError(f"Cannot read '{uri}': {error.response['Error'].get('Message', error)}")


def upload_archive(s3: "S3Client", directories: Sequence[Path], uri: str, scratch: Path, extra: dict[str, Any]) -> None:
    """Packs the content of directories as one tar.gz and copies it to one object.

    Args:
        s3: The client.
        directories: Of entries of one name, that of the first directory is taken.
        uri: The object.
        scratch: Where the archive is until it is copied, unless it is small.
        extra: boto3's `ExtraArgs` of the upload, such as the encryption.

    Raises:
        StorageError: The bucket is not there, or does not take it.
    """
    with SpooledTemporaryFile(_ONE_CALL_BYTES, dir=str(scratch)) as archive:
        with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=6) as tar:
            for name, path in _merged(directories):
                tar.add(path, name, recursive=False)
        size = archive.tell()
        archive.seek(0)
        _upload(s3, archive, size, uri, extra)


def upload_files(s3: "S3Client", directories: Sequence[Path], uri: str, extra: dict[str, Any]) -> None:
    """Copies the files of directories to objects below a prefix.

    Args:
        s3: The client.
        directories: Of files of one name, that of the first directory is taken.
        uri: The prefix.
        extra: boto3's `ExtraArgs` of the upload, such as the encryption.

    Raises:
        StorageError: The bucket is not there, or does not take them.
    """
    place = locate(uri)

    def put(entry: tuple[str, Path]) -> None:
        upload(s3, entry[1], (place / entry[0]).uri, extra)

    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(put, [(name, path) for name, path in _merged(directories) if path.is_file()]))


def upload(s3: "S3Client", path: Path, uri: str, extra: dict[str, Any]) -> None:
    """Copies a file to one object. A program may write to it meanwhile: what is copied is what was read.

    Raises:
        FileNotFoundError: It is not there any more.
        StorageError: The bucket is not there, or does not take it.
    """
    with path.open("rb") as file:
        start = file.read(_ONE_CALL_BYTES)
        if len(start) < _ONE_CALL_BYTES:
            _upload(s3, BytesIO(start), len(start), uri, extra)
        else:
            file.seek(0)
            _upload(s3, file, _ONE_CALL_BYTES, uri, extra)


def _upload(s3: "S3Client", body: IO[bytes], size: int, uri: str, extra: dict[str, Any]) -> None:
    place = locate(uri)
    try:
        if size < _ONE_CALL_BYTES:
            s3.put_object(Bucket=place.bucket, Key=place.key, Body=body, **extra)
        else:
            # The emulator's own clients are botocore's, which is smaller; few uploads need what boto3 adds to them.
            from boto3.s3.inject import upload_fileobj  # noqa: PLC0415

            upload_fileobj(s3, body, place.bucket, place.key, ExtraArgs=extra)
    except Exception as error:
        # boto3 wraps what S3 answers in S3UploadFailedError, which is no ClientError.
        raise StorageError(f"Cannot write '{uri}': {error}") from error


def encryption(key_id: str | None) -> dict[str, str]:
    """boto3's `ExtraArgs` that encrypt an upload with a KMS key; the bucket's default does where there is none."""
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id} if key_id else {}


def unpack_archive(archive: Path, target: Path) -> None:
    """Unpacks a tar file, compressed or not; entries that point outside of `target` are refused.

    Raises:
        StorageError: It is no tar file, or holds such an entry.
    """
    try:
        with tarfile.open(archive, "r:*") as tar:
            tar.extractall(target, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise StorageError(f"'{archive.name}' cannot be unpacked as tar.gz: {error}") from error


def _merged(directories: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """All entries below directories, by their path there, folders before what is in them."""
    seen = set()
    for directory in directories:
        for path in sorted(directory.rglob("*")):
            name = path.relative_to(directory).as_posix()
            if name not in seen:
                seen.add(name)
                yield name, path


def _inside(directory: Path, relative: str) -> Path:
    path = (directory / relative).resolve()
    if not path.is_relative_to(directory.resolve()):
        raise StorageError(f"The key '{relative}' points outside of its prefix.")
    return path
