"""Tables in Glue of offline stores: made with their groups, and kept to what is written.

Source, of names, of tables that are there, and of who keeps a table's columns up to date: the table and the notes in
`v3-examples/ml-ops-examples/v3-feature-store-examples/data-catalog-config` of https://github.com/aws/sagemaker-python-sdk
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from botocore.exceptions import ClientError

from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.errors import EmulatorError
from sagecraft_emulator.state.store import Record, RecordKey

logger = logging.getLogger(__name__)

_TYPES: Final = {"String": "string", "Integral": "bigint", "Fractional": "double"}
_ADDED: Final = {"write_time": "timestamp", "api_invocation_time": "timestamp", "is_deleted": "boolean"}
_PARTITIONS: Final = ("year", "month", "day", "hour")
_ABSENT: Final = frozenset({"NotImplemented", "InternalFailure", "501", "404"})
"""What a host answers that has no Glue."""
_LIBRARY: Final = "org.apache.hadoop.hive.ql.io.parquet"


class TableTaken(EmulatorError):
    """Another table has the name."""


class Tables:
    """Those that the feature store itself makes; who brings a table keeps it.

    Args:
        machine: Reaches the host.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._partitions: set[tuple[str, str]] = set()

    def make(self, group: Record) -> None:
        """Makes a group's table, and its database where that is not there; nothing on a host without Glue.

        Raises:
            TableTaken: There is a table of the name, which is not the group's.
            ClientError: Glue refuses it.
        """
        database, name = _place(group.body["OfflineStoreConfig"]["DataCatalogConfig"])
        with self._glue(group.key) as glue:
            with suppress(glue.exceptions.AlreadyExistsException):
                glue.create_database(DatabaseInput={"Name": database})
            table = _input_of(group)
            try:
                glue.create_table(DatabaseName=database, TableInput=table)
            except glue.exceptions.AlreadyExistsException:
                there = glue.get_table(DatabaseName=database, Name=name)["Table"]
                if there.get("StorageDescriptor", {}).get("Location") == table["StorageDescriptor"]["Location"]:
                    return  # made before the emulator ended
                raise TableTaken(
                    f"The table '{name}' is already there in the database '{database}' of Glue. Choose another "
                    "TableName, or set DisableGlueTableCreation to use the table that is there."
                ) from None

    def extend(self, group: Record) -> None:
        """Brings the columns of a group's table up to date; nothing on a host without Glue.

        Raises:
            ClientError: Glue refuses it; the table may have been deleted.
        """
        database, _ = _place(group.body["OfflineStoreConfig"]["DataCatalogConfig"])
        with self._glue(group.key) as glue:
            glue.update_table(DatabaseName=database, TableInput=_input_of(group))

    def add_partition(self, group: RecordKey, table: Sequence[str], uri: str, folder: str) -> None:
        """Tells a table of a folder of files, of which a query knows nothing else.

        Args:
            group: Whose table it is.
            table: Its database and its name.
            uri: The place of its files.
            folder: That of a partition below it: `year=2026/month=01/day=31/hour=11`.
        """
        if (uri, folder) in self._partitions:
            return
        database, name = table
        values = [each.partition("=")[2] for each in folder.split("/")]
        try:
            with self._glue(group) as glue, suppress(glue.exceptions.AlreadyExistsException):
                glue.create_partition(
                    DatabaseName=database,
                    TableName=name,
                    PartitionInput={"Values": values, "StorageDescriptor": _storage(f"{uri}/{folder}", ())},
                )
        except ClientError as error:
            logger.warning("The table %s.%s has no partition %s: %s", database, name, folder, error)
        self._partitions.add((uri, folder))

    @contextmanager
    def _glue(self, group: RecordKey) -> Iterator[Any]:
        try:
            yield self._machine.clients.glue(group.account, group.region)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
            logger.warning("The host has no Glue, so that the feature group %s has no table there", group.name)


def _place(catalog: Mapping[str, str]) -> tuple[str, str]:
    return catalog["Database"], catalog["TableName"]


def _input_of(group: Record) -> dict[str, Any]:
    config = group.body["OfflineStoreConfig"]
    columns = {each["FeatureName"]: _type_of(each) for each in group.body["FeatureDefinitions"]} | _ADDED
    return {
        "Name": config["DataCatalogConfig"]["TableName"],
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet", "EXTERNAL": "TRUE"},
        "PartitionKeys": [{"Name": name, "Type": "string"} for name in _PARTITIONS],
        "StorageDescriptor": _storage(
            config["S3StorageConfig"]["ResolvedOutputS3Uri"],
            [{"Name": name.lower(), "Type": kind} for name, kind in columns.items()],
        ),
    }


def _storage(location: str, columns: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    return {
        "Columns": columns,
        "Location": location,
        "InputFormat": f"{_LIBRARY}.MapredParquetInputFormat",
        "OutputFormat": f"{_LIBRARY}.MapredParquetOutputFormat",
        "SerdeInfo": {
            "SerializationLibrary": f"{_LIBRARY}.serde.ParquetHiveSerDe",
            "Parameters": {"serialization.format": "1"},
        },
    }


def _type_of(definition: Mapping[str, Any]) -> str:
    single = _TYPES[definition["FeatureType"]]
    return f"array<{single}>" if "CollectionType" in definition else single
