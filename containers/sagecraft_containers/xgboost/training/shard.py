"""Each host's share of the data, made to fit those of the other hosts."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import UserError

if TYPE_CHECKING:
    from .cluster import Cluster


def read_tables(read: Callable[[], dict[str, Table | None]], cluster: "Cluster | None") -> dict[str, Table]:
    """Reads this host's share of all channels.

    Args:
        read: Reads it; None for a channel that has no data here.
        cluster: The hosts of the job; None for one alone.

    Returns:
        A table for every channel, with as many columns on every host; one without rows where a host has no share of a
        channel that other hosts have data of.

    Raises:
        UserError: A channel has no data at all, or the hosts' shares do not fit; or what another host raised.
    """
    if cluster is None:
        tables = read()
        for name, table in tables.items():
            if table is None:
                raise UserError(f"The channel '{name}' holds no data; check its S3Uri.")
        return {name: table for name, table in tables.items() if table is not None}
    try:
        tables = read()
    except UserError as error:
        cluster.exchange({"problem": str(error)})
        raise
    reports = cluster.exchange({"channels": {name: _form(table) for name, table in tables.items()}})
    for host, report in reports.items():
        if "problem" in report:
            raise UserError(f"The host {host} cannot train: {report['problem']}")
    return {
        name: _fitted(name, table, {host: report["channels"][name] for host, report in reports.items()})
        for name, table in tables.items()
    }


def _form(table: Table | None) -> dict[str, Any] | None:
    if table is None:
        return None
    return {
        "columns": table.columns,
        "dense": isinstance(table.features, np.ndarray),
        "grouped": table.query_ids is not None,
    }


def _fitted(name: str, table: Table | None, forms: Mapping[str, dict[str, Any] | None]) -> Table:
    present = {host: form for host, form in forms.items() if form is not None}
    if not present:
        raise UserError(f"No host of the job has data in the channel '{name}'; check its S3Uri.")
    for what, member in (("dense rows", "dense"), ("a qid in every row", "grouped")):
        if len({form[member] for form in present.values()}) > 1:
            having = ", ".join(host for host, form in present.items() if form[member])
            raise UserError(f"In the channel '{name}' only {having} has {what}; write all files alike.")
    first, form = next(iter(present.items()))
    columns = max(each["columns"] for each in present.values())
    if form["dense"]:
        for host, other in present.items():
            if other["columns"] != form["columns"]:
                raise UserError(
                    f"In the channel '{name}' the data of {host} has {other['columns']} feature column(s), but that "
                    f"of {first} has {form['columns']}; every file of a channel must have the same columns."
                )
    if table is None:
        print(f"Warning: this host has no data in the channel '{name}'; it takes part without rows.", flush=True)
        return Table(
            features=np.empty((0, columns), np.float32),
            labels=np.empty(0, np.float32),
            query_ids=np.empty(0, np.int64) if form["grouped"] else None,
        )
    return table if table.columns == columns else table.widened(columns)
