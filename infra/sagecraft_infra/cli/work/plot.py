"""`sagecraft plot`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sagecraft_infra.cli.terminal.options import EndpointUrlOption, PortOption, StateDirOption, TargetOption, target_of
from sagecraft_infra.jobs.description import JobKind, the_job
from sagecraft_infra.jobs.metrics import take_metric_curves
from sagecraft_infra.jobs.tuning import take_tuning_progress
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
    from sagecraft_infra.jobs.plot import (  # noqa: PLC0415 - loads Matplotlib, which other commands need not wait for
        check_format,
        plot_training,
        plot_tuning,
        save,
    )

    path = Path(f"{name}.png") if output is None else output
    check_format(path)
    chosen = target_of(target, port, state_dir, endpoint_url=endpoint_url)
    if chosen.is_local:
        chosen.project.require_sagemaker()
    job = the_job(chosen, chosen.region, name, (JobKind.TRAINING, JobKind.TUNING))
    if job.kind is JobKind.TUNING:
        figure = plot_tuning(take_tuning_progress(chosen, chosen.region, name))
    else:
        figure = plot_training(name, take_metric_curves(chosen, chosen.region, job))
    save(figure, path)
    sys.stdout.write(f"{path}\n")
