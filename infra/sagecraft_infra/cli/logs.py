"""`sagecraft logs`."""

import dataclasses
import json as json_format
import os
import sys
from typing import Annotated

import typer

from sagecraft_infra import emulator_process
from sagecraft_infra.target import TargetName
from sagecraft_infra.work_log import WorkLog

from .options import JsonOption, PortOption, StateDirOption, TargetOption, target_of


def logs(
    name: Annotated[
        str, typer.Argument(metavar="JOB_OR_ENDPOINT", help="A training job, endpoint or notebook instance.")
    ],
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more, until the job ends.")] = False,
    target: TargetOption = TargetName.LOCAL,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Write the log of a training job, an endpoint or a notebook instance.

    With --json, an object for each line.
    """
    chosen = target_of(target, port, state_dir)
    if chosen.is_local:
        emulator_process.require(chosen.project.settings)
    try:
        for line in WorkLog(chosen, chosen.region, name).lines(follow=follow):
            text = json_format.dumps(dataclasses.asdict(line)) if json else line.message.rstrip("\n")
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as head, has seen enough; Python would complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
