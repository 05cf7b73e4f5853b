"""Data for scripts, as AWS's container offers it: `get_dmatrix`, `get_content_type`, `get_size`."""

from pathlib import Path
from typing import Any

import xgboost
from sagecraft_containers.data.content_type import DataFormat, data_format
from sagecraft_containers.errors import UserError
from sagecraft_containers.xgboost.training.channel import read_sources
from sagecraft_containers.xgboost.training.files import data_files

CSV = DataFormat.CSV.value
LIBSVM = DataFormat.LIBSVM.value
PARQUET = DataFormat.PARQUET.value
RECORDIO_PROTOBUF = DataFormat.RECORDIO_PROTOBUF.value


def get_content_type(content_type_cfg_val: str | None) -> str:
    """The short name of a content type, such as `csv`; that of LIBSVM where there is none.

    Raises:
        UserError: It is not known.
    """
    return LIBSVM if content_type_cfg_val is None else data_format(content_type_cfg_val).value


def get_size(data_path: str, is_pipe: bool = False) -> int:
    """How many bytes the files of a directory have, or a file; 1 for a pipe that is there."""
    path = Path(data_path)
    if is_pipe and Path(f"{data_path}_0").exists():
        return 1
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


def get_dmatrix(
    data_path: str,
    content_type: str,
    csv_weights: int = 0,
    is_pipe: bool = False,
) -> Any:
    """A `DMatrix` with labels of a file, of all files of a directory, or of a pipe.

    Args:
        data_path: The file or directory; of a pipe the channel's path, without `_0`.
        content_type: How rows are written, by the short name that `get_content_type` gives.
        csv_weights: 1 when the second column of CSV is the row's weight.
        is_pipe: Whether the channel is in Pipe mode.

    Returns:
        None where there are no data.

    Raises:
        UserError: The data cannot be read; the message names the file and the line.
    """
    if content_type.lower() not in set(DataFormat):
        raise UserError(
            f"get_dmatrix takes the short name of a content type, one of {', '.join(DataFormat)}, got "
            f"'{content_type}'; get_content_type gives it."
        )
    data, path = data_format(content_type), Path(data_path)
    if is_pipe:
        content = Path(f"{data_path}_0").read_bytes()
        sources: dict[str, Path | bytes] = {f"{path.name}_0": content} if content else {}
    elif path.is_file():
        sources = {path.name: path}
    else:
        sources = {str(file.relative_to(path.parent)): file for file in data_files(path, data)}
    table = read_sources(sources, data, weighted=csv_weights == 1)
    if table is None:
        return None
    return xgboost.DMatrix(table.features, label=table.labels, weight=table.weights, qid=table.query_ids)
