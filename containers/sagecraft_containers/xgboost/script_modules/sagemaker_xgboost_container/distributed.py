"""Distributed training for scripts, as AWS's container offers it: `rabit_run`."""

import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from sagecraft_containers.contract import EXIT_USER_ERROR
from sagecraft_containers.training.hosts import resolve
from sagecraft_containers.xgboost.training.cluster import PORT, Cluster, HostLost

logger = logging.getLogger(__name__)


def wait_hostname_resolution(sm_hosts: Sequence[str]) -> None:
    """Waits until the names of all hosts resolve."""
    for host in sm_hosts:
        resolve(host)


def rabit_run(
    exec_fun: Callable[..., Any],
    args: dict[str, Any],
    include_in_training: bool,
    hosts: Sequence[str],
    current_host: str,
    first_port: int | None = None,
    second_port: int | None = None,
    update_rabit_args: bool = False,
) -> None:
    """Calls a function inside of the collective of those hosts that have data; it is to call `xgboost.train`.

    A host without data ends its process with exit code 0, as in AWS's container.

    Args:
        exec_fun: Called with `args`.
        args: Its arguments.
        include_in_training: Whether this host has data.
        hosts: All hosts of the job.
        current_host: This one.
        first_port: Where the first host by name listens for the others; 9099 when None.
        second_port: Where the first of the hosts with data does so; `first_port` + 1 when None.
        update_rabit_args: Whether `args` gets `is_master`: whether this host is to save the model.

    Raises:
        RuntimeError: No host has data.
    """
    first_port = PORT if first_port is None else first_port
    everyone = Cluster(hosts, current_host, _give_up, first_port)
    reports = everyone.exchange({"included": bool(include_in_training)})
    everyone.leave()
    included = [host for host, report in sorted(reports.items()) if report["included"]]
    if not included:
        raise RuntimeError("No hosts received training data.")
    if not include_in_training:
        logger.warning("Host %s not being used for distributed training.", current_host)
        sys.exit(0)
    if update_rabit_args:
        args["is_master"] = current_host == included[0]
    if len(included) == 1:
        exec_fun(**args)
        return
    cluster = Cluster(included, current_host, _give_up, first_port + 1 if second_port is None else second_port)
    try:
        with cluster.collective():
            exec_fun(**args)
    except Exception:
        # The library crashes when a process leaves a broken collective in the usual way.
        traceback.print_exc()
        _end()


def _give_up(error: HostLost) -> None:
    print(f"HostLost: {error}", file=sys.stderr)
    _end()


def _end() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_USER_ERROR)
