"""Offline stores: made ready when their group is made, and written to by the group's role."""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from sagecraft_catalog import S3Location

from sagecraft_emulator.authorization.role_session import RoleError
from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.state.store import Record, RecordKey

logger = logging.getLogger(__name__)

_TYPES: Final = {"String": "string", "Integral": "bigint", "Fractional": "double"}
_ADDED: Final = {"write_time": "timestamp", "api_invocation_time": "timestamp", "is_deleted": "boolean"}
_PARTITIONS: Final = ("year", "month", "day", "hour")
_ABSENT: Final = frozenset({"NotImplemented", "InternalFailure", "501", "404"})
"""What a host answers that has no Glue."""
_LONGEST_REASON: Final = 1024


class OfflineStore:
    """Buckets, and tables of Glue.

    Args:
        machine: Reaches the host.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._acting = threading.Lock()

    def prepare(self, group: Record) -> str | None:
        """Makes sure that a group's role reaches its bucket, and makes the group's table.

        Returns:
            Why the group cannot be; None where it can.
        """
        config = group.body["OfflineStoreConfig"]
        place = S3Location.parse(config["S3StorageConfig"]["S3Uri"])
        try:
            with self._as_role(group.key, group.body["RoleArn"]) as machine:
                machine.clients.s3(*group.key[1:3]).get_bucket_acl(Bucket=place.bucket)
            if not config["DisableGlueTableCreation"]:
                self._make_table(group, config)
        except (ClientError, BotoCoreError, RoleError) as error:
            reason = f"The OfflineStore at {place.uri} cannot be used with the role {group.body['RoleArn']}: {error}"
            return self._machine.explain(group.key, reason, _LONGEST_REASON)
        return None

    def upload(self, target: Mapping[str, Any], key: str, file: Path) -> None:
        """Puts a file into the offline store, in place of one of the same key.

        Args:
            target: As `Group.target` says, read.
            key: Of the object, below the place of the target.
            file: It.

        Raises:
            ClientError: The role may not, or the bucket is not there.
            BotoCoreError: The host does not answer.
            RoleError: The role cannot be assumed.
        """
        record = RecordKey(*target["key"])
        place = S3Location.parse(f"{target['uri']}/{key}")
        encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": target["kms_key"]} if target["kms_key"] else {}
        with self._as_role(record, target["role_arn"]) as machine, file.open("rb") as body:
            machine.clients.s3(record.account, record.region).put_object(
                Bucket=place.bucket, Key=place.key, Body=body, **encrypted
            )

    @contextmanager
    def _as_role(self, record: RecordKey, role_arn: str) -> Iterator[Machine]:
        """Acts as a role, one thread at a time: who ends its session would end that of another for the same record."""
        with self._acting:
            try:
                yield self._machine.as_role(record, role_arn)
            finally:
                self._machine.end_sessions(record)

    def _make_table(self, group: Record, config: Mapping[str, Any]) -> None:
        """Makes a group's table, and its database where that is not there; nothing on a host without Glue."""
        glue, catalog = self._machine.clients.glue(*group.key[1:3]), config["DataCatalogConfig"]
        try:
            with suppress(glue.exceptions.AlreadyExistsException):
                glue.create_database(DatabaseInput={"Name": catalog["Database"]})
            with suppress(glue.exceptions.AlreadyExistsException):
                glue.create_table(DatabaseName=catalog["Database"], TableInput=_table(group, config))
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
            logger.warning("The host has no Glue, so that %s has no table there", group.arn)


def _table(group: Record, config: Mapping[str, Any]) -> dict[str, Any]:
    columns = {each["FeatureName"]: _type_of(each) for each in group.body["FeatureDefinitions"]} | _ADDED
    library = "org.apache.hadoop.hive.ql.io.parquet"
    return {
        "Name": config["DataCatalogConfig"]["TableName"],
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet", "EXTERNAL": "TRUE"},
        "PartitionKeys": [{"Name": name, "Type": "string"} for name in _PARTITIONS],
        "StorageDescriptor": {
            "Columns": [{"Name": name.lower(), "Type": kind} for name, kind in columns.items()],
            "Location": config["S3StorageConfig"]["ResolvedOutputS3Uri"],
            "InputFormat": f"{library}.MapredParquetInputFormat",
            "OutputFormat": f"{library}.MapredParquetOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": f"{library}.serde.ParquetHiveSerDe",
                "Parameters": {"serialization.format": "1"},
            },
        },
    }


def _type_of(definition: Mapping[str, Any]) -> str:
    single = _TYPES[definition["FeatureType"]]
    return f"array<{single}>" if "CollectionType" in definition else single
