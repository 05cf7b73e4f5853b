"""`sagecraft plot`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sagecraft_infra.cli.terminal.options import EndpointUrlOption, PortOption, StateDirOption, TargetOption, target_of
from sagecraft_infra.jobs.lookup import the_job
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.target import TargetName


def plot(
    name: Annotated[str, typer.Argument(metavar="JOB", help="A training job or a tuning job.")],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", show_default="JOB.png", help="The picture: a .png or .svg file.")
    ] = None,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Draw the metrics of a training job, or the trials of a tuning job."""
    from sagecraft_infra.jobs.picture import (  # noqa: PLC0415 - loads Matplotlib, which others need not wait for
        check_format,
        save,
    )

    path = Path(f"{name}.png") if output is None else output
    check_format(path)
    chosen = target_of(target, port, state_dir, endpoint_url=endpoint_url)
    if chosen.is_local:
        chosen.project.require_sagemaker()
    job = the_job(chosen, chosen.region, name, [kind for kind in NOUNS.jobs if kind.plot is not None])
    if job.kind.plot is not None:
        save(job.kind.plot(chosen, chosen.region, job), path)
    sys.stdout.write(f"{path}\n")
