"""The channels of a training job: which files they hold, and reading them into one table."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sagecraft_containers.contract import TRAIN_CHANNEL, VALIDATION_CHANNEL, ContainerPaths
from sagecraft_containers.data.content_type import DataFormat, data_format
from sagecraft_containers.data.csv_text import read_csv
from sagecraft_containers.data.libsvm_text import read_libsvm
from sagecraft_containers.data.parquet_file import ParquetReader, split_parquet
from sagecraft_containers.data.recordio_protobuf import read_recordio_protobuf
from sagecraft_containers.data.table import Table, concatenated
from sagecraft_containers.errors import DataError, UserError
from sagecraft_containers.xgboost.image import image_version, reads_pipes

from .files import data_files

_CHANNELS: Final = (TRAIN_CHANNEL, VALIDATION_CHANNEL)
_DEFAULT_CONTENT_TYPE: Final = "text/libsvm"
_GZIP_MAGIC: Final = b"\x1f\x8b"


def check_channels(channels: Mapping[str, Mapping[str, Any]]) -> DataFormat:
    """Checks the definitions of a job's channels, as AWS's container does.

    Returns:
        The format of all channels. AWS's container reads every channel as the train channel's type; rather than read
        a channel as what it is not, one of another type is refused here.

    Raises:
        UserError: A channel is missing, unknown, or of a kind that cannot be read.
    """
    if TRAIN_CHANNEL not in channels:
        given = ", ".join(f"'{name}'" for name in channels) or "none"
        raise UserError(f"The channel 'train' is missing; the job has {given}. Add a channel named 'train'.")
    for name in channels:
        if name not in _CHANNELS:
            raise UserError(f"XGBoost has no channel '{name}'; the channels are 'train' and 'validation'.")
    content_type = channels[TRAIN_CHANNEL].get("ContentType") or _DEFAULT_CONTENT_TYPE
    train_format = data_format(content_type)
    pipe = _is_pipe(channels[TRAIN_CHANNEL])
    for name, channel in channels.items():
        if _is_pipe(channel) is not pipe:
            raise UserError(
                f"The channel '{name}' is in another input mode than 'train', in whose mode XGBoost reads all "
                "channels; make them the same."
            )
        own = channel.get("ContentType") or content_type
        if data_format(own) is not train_format:
            raise UserError(
                f"The channel '{name}' has ContentType '{own}', but 'train' has '{content_type}'; make them the same."
            )
        if pipe and train_format is DataFormat.LIBSVM:
            raise UserError(
                f"The channel '{name}' is in Pipe mode, which is not supported for LIBSVM; use File or FastFile mode, "
                "or another ContentType."
            )
        if pipe and not reads_pipes():
            raise UserError(
                f"The channel '{name}' is in Pipe mode, which XGBoost {image_version()} no longer reads; use File or "
                "FastFile mode."
            )
    return train_format


def read_channel(
    paths: ContainerPaths, name: str, channel: Mapping[str, Any], data: DataFormat, *, weighted: bool
) -> Table | None:
    """Reads all files of a channel, in the order of their names, or the pipe of its first epoch to the end.

    Args:
        paths: Where the channel lies.
        name: The channel's name.
        channel: Its definition.
        data: How its rows are written.
        weighted: Whether the second column of CSV is the row's weight.

    Returns:
        A table with labels; None where the channel has no data.

    Raises:
        DataError: A file cannot be read, naming the file and the line.
    """
    sources = _sources(paths, name, channel, data)
    try:
        return read_sources(sources, data, weighted=weighted)
    except DataError as error:
        if channel.get("ContentType") or data is not DataFormat.LIBSVM:
            raise
        raise UserError(
            f"{error}. The channel has no ContentType, so it is read as {_DEFAULT_CONTENT_TYPE}, as on AWS; "
            "set ContentType to text/csv if it is CSV."
        ) from error


def read_sources(sources: Mapping[str, Path | bytes], data: DataFormat, *, weighted: bool) -> Table | None:
    """Reads files, or their contents, into one table.

    Args:
        sources: By the name to call each in the message of an error.
        data: How their rows are written.
        weighted: Whether the second column of CSV is the row's weight.

    Returns:
        A table with labels; None where there is nothing to read.

    Raises:
        UserError: A file cannot be read, naming it and the line, or some are not like the others.
    """
    tables: list[Table] = []
    reader = _Reader(data, weighted=weighted)
    for source, content in sources.items():
        try:
            table = reader.read(content)
            if table is None:
                continue
            _check_rows(table)
            if tables and data is not DataFormat.LIBSVM and table.columns != tables[0].columns:
                raise DataError(
                    f"{table.columns} feature column(s), but {next(iter(sources))} has {tables[0].columns}; "
                    "every file of a channel must have the same columns"
                )
        except DataError as error:
            raise error.at(source) from error
        tables.append(table)
    if sources and not tables:
        raise UserError(f"None of the files has a row: {', '.join(sources)}.")
    if not tables:
        return None
    return concatenated(tables)


def _is_pipe(channel: Mapping[str, Any]) -> bool:
    return channel.get("TrainingInputMode") == "Pipe"


def _sources(paths: ContainerPaths, name: str, channel: Mapping[str, Any], data: DataFormat) -> dict[str, Path | bytes]:
    """The files of a channel, or the contents of those that came through its pipe, by the name to call them."""
    if not _is_pipe(channel):
        directory = paths.channel_directory(name)
        return {f"{name}/{file.relative_to(directory)}": file for file in data_files(directory, data)}
    pipe = paths.pipe(name, epoch=0)
    content = pipe.read_bytes()
    if not content:
        return {}
    if data is DataFormat.PARQUET:
        parts = split_parquet(content)
        return {f"{pipe.name}, file {number}": part for number, part in enumerate(parts, start=1)}
    return {pipe.name: content}


class _Reader:
    """Reads the files of a channel one after the other."""

    def __init__(self, data: DataFormat, *, weighted: bool) -> None:
        self._data, self._weighted = data, weighted
        self._parquet = ParquetReader(leading=1)

    def read(self, source: Path | bytes) -> Table | None:
        """What a file holds; None for one without rows that may be among others, as Spark writes them."""
        start = _start(source)
        if start.startswith(_GZIP_MAGIC):
            raise DataError("the file is compressed by gzip; set CompressionType of the channel to Gzip")
        match self._data:
            case DataFormat.CSV:
                if not start:
                    raise DataError("the file is empty; expected rows of csv")
                leading, features = read_csv(source, leading=2 if self._weighted else 1, quotes=False)
                weights = leading[:, 1] if self._weighted else None
                return Table(features=features, labels=leading[:, 0], weights=weights)
            case DataFormat.LIBSVM:
                return read_libsvm(source) if start else None
            case DataFormat.PARQUET:
                split = self._parquet.read(source)
                return None if split is None else Table(features=split[1], labels=split[0][:, 0])
            case DataFormat.RECORDIO_PROTOBUF:
                return read_recordio_protobuf(source) if start else None


def _start(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[: len(_GZIP_MAGIC)]
    with source.open("rb") as file:
        return file.read(len(_GZIP_MAGIC))


def _check_rows(table: Table) -> None:
    if table.labels is None:
        raise DataError("the rows have no label; expected one in every row")
    if (bad := _first_row(~np.isfinite(table.labels))) is not None:
        raise DataError(f"row {bad + 1} has no label; expected a number in the first place of every row")
    if table.weights is not None and (bad := _first_row(~(table.weights >= 0))) is not None:
        raise DataError(f"row {bad + 1} has the weight {table.weights[bad]:g}; a weight must be a number of at least 0")


def _first_row(mask: npt.NDArray[np.bool_]) -> int | None:
    return int(mask.argmax()) if mask.any() else None
