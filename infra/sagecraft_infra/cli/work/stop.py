"""`sagecraft stop`."""

from typing import Annotated

import typer

from sagecraft_infra.cli.terminal.options import EndpointUrlOption, PortOption, StateDirOption, TargetOption, target_of
from sagecraft_infra.cli.terminal.output import note
from sagecraft_infra.errors import UserError
from sagecraft_infra.jobs.description import JobKind, the_job
from sagecraft_infra.target import TargetName


def stop(
    name: Annotated[str, typer.Argument(metavar="JOB", help="A training, tuning, transform or processing job.")],
    *,
    kind: Annotated[JobKind | None, typer.Option("--kind", help="Its kind, where jobs share a name.")] = None,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Stop a job that runs or waits."""
    chosen = target_of(target, port, state_dir, endpoint_url=endpoint_url)
    if chosen.is_local:
        chosen.project.require_sagemaker()
    job = the_job(chosen, chosen.region, name, JobKind if kind is None else (kind,))
    if job.has_ended:
        raise UserError(f"The {job.kind} job '{name}' has ended already: it is {job.status}.")
    job.kind.stop(chosen.sagemaker(chosen.region), name)
    note(f"The {job.kind} job '{name}' is stopping. Follow it with: sagecraft logs -f {name}")
