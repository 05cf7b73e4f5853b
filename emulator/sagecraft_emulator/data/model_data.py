"""The model data of a container: from S3, once per deployment, into the `/opt/ml/model` of each of its instances."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sagecraft_emulator.errors import EmulatorError

from . import storage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def could_not_access(uri: str, role_arn: str | None, region: str) -> str:
    """What `CreateModel` of AWS says of data that its role cannot read, or that is in another region."""
    return (
        f'Could not access model data at {uri}. Please ensure that the role "{role_arn}" exists and that its trust '
        'relationship policy allows the action "sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". '
        f'Also ensure that the role has "s3:GetObject" permissions and that the object is located in {region}. If your '
        "Model uses multiple models or uncompressed models, please ensure that the role has "
        '"s3:ListBucket" permission.'
    )


class ModelDataError(EmulatorError):
    """The model data cannot be had; the message is for the user."""


@dataclass(frozen=True)
class ModelData:
    """Where the model data of a container is, and in which form.

    Attributes:
        uri: An archive, one object, or a prefix of several objects.
        is_prefix: Whether it is a prefix.
        is_archive: Whether the objects are tar.gz.
    """

    uri: str
    is_prefix: bool
    is_archive: bool

    @classmethod
    def of_container(cls, container: Mapping[str, Any]) -> "ModelData | None":
        """Reads a `ContainerDefinition`; None when it has no model data."""
        source = container.get("ModelDataSource", {}).get("S3DataSource")
        if source is not None:
            return cls(source["S3Uri"], source["S3DataType"] == "S3Prefix", source["CompressionType"] == "Gzip")
        uri = container.get("ModelDataUrl")
        return None if uri is None else cls(uri, is_prefix=False, is_archive=True)

    def place(self, s3: "S3Client", directory: Path, targets: list[Path]) -> None:
        """Brings the data to every target.

        Args:
            s3: The client of the account and region.
            directory: For what is on its way; it is empty again at the end.
            targets: Directories that are there already.

        Raises:
            ModelDataError: The data is not there, or cannot be unpacked.
        """
        try:
            if self.is_prefix:
                for target in targets:
                    if storage.download_prefix(s3, self.uri, target) == 0:
                        raise storage.StorageError("There are no objects under that prefix.")
                return
            name = Path(storage.locate(self.uri).key).name
            fetched = directory / "model-data"
            storage.download(s3, self.uri, fetched)
            for target in targets:
                if self.is_archive:
                    storage.unpack_archive(fetched, target)
                else:
                    (target / name).write_bytes(fetched.read_bytes())
            fetched.unlink()
        except storage.StorageError as error:
            raise ModelDataError(
                f'Failed to download model data for container "container_1" from URL: "{self.uri}". Please ensure that '
                "there is an object located at the URL and that the role passed to CreateModel has permissions to "
                f"download the object. ({error})"
            ) from error
