"""Data for scripts, as AWS's container offers it: `get_dmatrix`."""

from pathlib import Path
from typing import Any

import xgboost
from sagecraft_containers.data.content_type import data_format
from sagecraft_containers.xgboost.training.channel import data_files, read_sources


def get_dmatrix(
    data_path: str,
    content_type: str,
    csv_weights: int = 0,
    is_pipe: bool = False,
) -> Any:
    """A `DMatrix` with labels of a file, of all files of a directory, or of a pipe.

    Args:
        data_path: The file or directory; of a pipe the channel's path, without `_0`.
        content_type: How rows are written, such as `csv` or `text/libsvm`.
        csv_weights: 1 when the second column of CSV is the row's weight.
        is_pipe: Whether the channel is in Pipe mode.

    Returns:
        None where there are no data.

    Raises:
        UserError: The data cannot be read; the message names the file and the line.
    """
    path = Path(data_path)
    if is_pipe:
        content = Path(f"{data_path}_0").read_bytes()
        sources: dict[str, Path | bytes] = {f"{path.name}_0": content} if content else {}
    elif path.is_file():
        sources = {path.name: path}
    else:
        sources = {str(file.relative_to(path.parent)): file for file in data_files(path)}
    table = read_sources(sources, data_format(content_type), weighted=csv_weights == 1)
    if table is None:
        return None
    return xgboost.DMatrix(table.features, label=table.labels, weight=table.weights, qid=table.query_ids)
