"""The labels of classifiers, which are whole numbers from 0 on."""

import numpy as np

from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import UserError


def check_classes(channel: str, table: Table, classes: int, *, why: str) -> None:
    """Refuses labels that stand for no class.

    Args:
        channel: Whose rows these are.
        table: The rows.
        classes: How many classes there are.
        why: What says so, such as `num_classes '10'`.

    Raises:
        UserError: A row has another label.
    """
    labels = np.asarray(table.labels)
    wrong = (labels < 0) | (labels >= classes) | (labels % 1 != 0)
    if wrong.any():
        wanted = "0 or 1" if classes == 2 else f"a whole number from 0 to {classes - 1}"
        raise UserError(
            f"The channel '{channel}' has the label {labels[wrong.argmax()]:g}; with {why} a label must be {wanted}."
        )
