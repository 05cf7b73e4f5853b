"""What hosts tell each other of their data, and what each makes of it; the other host here is only what it tells."""

from typing import Any

import numpy as np
import pytest
from sagecraft_containers.data.libsvm_text import read_libsvm
from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import UserError
from sagecraft_containers.xgboost.training.shard import read_tables


class TwoHosts:
    """A cluster of this host, `algo-1`, and of one that tells something."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.own: dict[str, Any] = {}

    def exchange(self, report: dict[str, Any]) -> dict[str, dict[str, Any]]:
        self.own = report
        return {"algo-1": report, "algo-2": self.told}


def share(columns: int, *, dense: bool = True, grouped: bool = False) -> dict[str, Any]:
    return {"channels": {"train": {"columns": columns, "dense": dense, "grouped": grouped}}}


NOTHING: dict[str, Any] = {"channels": {"train": None}}


def dense(columns: int) -> Table:
    return Table(features=np.zeros((3, columns), np.float32), labels=np.zeros(3, np.float32))


def read(table: Table | None, cluster: TwoHosts) -> Table:
    return read_tables(lambda: {"train": table}, cluster)["train"]  # type: ignore[arg-type]  # a cluster of one method


def test_a_share_that_fits_stays_as_it_is() -> None:
    table = dense(2)
    assert read(table, TwoHosts(share(2))) is table


def test_a_host_without_data_has_a_table_without_rows() -> None:
    table = read(None, TwoHosts(share(2, grouped=True)))
    assert (table.rows, table.columns) == (0, 2)
    assert table.query_ids is not None


def test_sparse_shares_are_widened_to_the_widest() -> None:
    table = read(read_libsvm(b"1 0:1\n0 1:1\n"), TwoHosts(share(6, dense=False)))
    assert (table.rows, table.columns) == (2, 6)


@pytest.mark.parametrize(
    ("table", "told", "message"),
    [
        (None, NOTHING, "No host of the job has data in the channel 'train'; check its S3Uri."),
        (
            dense(2),
            share(1),
            (
                "In the channel 'train' the data of algo-2 has 1 feature column(s), but that of algo-1 has 2; every "
                "file of a channel must have the same columns."
            ),
        ),
        (
            dense(2),
            share(2, dense=False),
            "In the channel 'train' only algo-1 has dense rows; write all files alike.",
        ),
        (
            dense(2),
            share(2, grouped=True),
            "In the channel 'train' only algo-2 has a qid in every row; write all files alike.",
        ),
        (dense(2), {"problem": "train/b.csv: bad"}, "The host algo-2 cannot train: train/b.csv: bad"),
    ],
)
def test_shares_that_do_not_fit_are_refused(table: Table | None, told: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as error:
        read(table, TwoHosts(told))
    assert str(error.value) == message


def test_a_problem_of_this_host_is_told_to_the_others() -> None:
    cluster = TwoHosts(share(2))

    def fail() -> dict[str, Table | None]:
        raise UserError("cannot be read")

    with pytest.raises(UserError, match="cannot be read"):
        read_tables(fail, cluster)  # type: ignore[arg-type]  # a cluster of one method
    assert cluster.own == {"problem": "cannot be read"}
