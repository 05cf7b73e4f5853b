"""`sagecraft logs`."""

from typing import Annotated

import typer

from sagecraft_infra.cli.terminal.options import (
    EndpointUrlOption,
    JsonOption,
    PortOption,
    StateDirOption,
    TargetOption,
    target_of,
)
from sagecraft_infra.jobs.log import WorkLog
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.target import TargetName

from .log_lines import write_log


def logs(
    name: Annotated[
        str,
        typer.Argument(
            metavar="JOB_OR_ENDPOINT",
            help="A job of any kind, an endpoint, a notebook instance, or a space of Studio as DOMAIN_ID/SPACE.",
        ),
    ],
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more, until the job ends.")] = False,
    last: Annotated[
        int | None, typer.Option("--last", "-n", min=1, metavar="N", help="The last N lines so far, not all.")
    ] = None,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Write the log of a job, an endpoint, a notebook instance or the app of a space.

    Where several hosts write, each line begins with its host. A tuning job's log is that of its training jobs.
    With --json, an object for each line.
    """
    chosen = target_of(target, port, state_dir, endpoint_url=endpoint_url)
    if chosen.is_local:
        chosen.project.require_sagemaker()
    log = WorkLog.named(chosen, chosen.region, name, NOUNS.jobs, NOUNS.logged)
    write_log(log, follow=follow, last=last, as_json=json)
