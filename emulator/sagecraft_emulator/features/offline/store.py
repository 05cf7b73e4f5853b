"""Offline stores: made ready when their group is made, and written to by the group's role."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from sagecraft_catalog import S3Location

from sagecraft_emulator.authorization.role_session import RoleError
from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.state.store import Record, RecordKey

from .table import Tables, TableTaken

_LONGEST_REASON: Final = 1024


class OfflineStore:
    """Buckets, and tables of Glue.

    Args:
        machine: Reaches the host.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._tables = Tables(machine)
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
                self._tables.make(group)
        except TableTaken as error:
            return str(error)
        except (ClientError, BotoCoreError, RoleError) as error:
            reason = f"The OfflineStore at {place.uri} cannot be used with the role {group.body['RoleArn']}: {error}"
            return self._machine.explain(group.key, reason, _LONGEST_REASON)
        return None

    def extend(self, group: Record) -> str | None:
        """Brings a group's table up to date with its features.

        Returns:
            Why it is not; None where it is, or the group has no table that was made for it.
        """
        config = group.body.get("OfflineStoreConfig")
        if config is None or config["DisableGlueTableCreation"]:
            return None
        try:
            self._tables.extend(group)
        except (ClientError, BotoCoreError) as error:
            return f"The table {config['DataCatalogConfig']['TableName']} cannot be updated: {error}"[:_LONGEST_REASON]
        return None

    def upload(self, target: Mapping[str, Any], folder: str, file: Path) -> None:
        """Puts a file into the offline store, in place of one of the same name, and tells the table of its folder.

        Args:
            target: As `Group.target` says, read.
            folder: Of the object, below the place of the target.
            file: It.

        Raises:
            ClientError: The role may not, or the bucket is not there.
            BotoCoreError: The host does not answer.
            RoleError: The role cannot be assumed.
        """
        record = RecordKey(*target["key"])
        place = S3Location.parse(f"{target['uri']}/{folder}/{file.name}")
        encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": target["kms_key"]} if target["kms_key"] else {}
        with self._as_role(record, target["role_arn"]) as machine, file.open("rb") as body:
            machine.clients.s3(record.account, record.region).put_object(
                Bucket=place.bucket, Key=place.key, Body=body, **encrypted
            )
        if target.get("table") is not None:
            self._tables.add_partition(record, target["table"], target["uri"], folder)

    @contextmanager
    def _as_role(self, record: RecordKey, role_arn: str) -> Iterator[Machine]:
        """Acts as a role, one thread at a time: who ends its session would end that of another for the same record."""
        with self._acting:
            try:
                yield self._machine.as_role(record, role_arn)
            finally:
                self._machine.end_sessions(record)
