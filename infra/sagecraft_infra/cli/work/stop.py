"""`sagecraft stop`."""

from typing import Annotated

import typer

from sagecraft_infra.cli.terminal.choices import choice
from sagecraft_infra.cli.terminal.options import EndpointUrlOption, PortOption, StateDirOption, TargetOption, target_of
from sagecraft_infra.errors import UserError
from sagecraft_infra.jobs.lookup import the_job
from sagecraft_infra.near import any_of
from sagecraft_infra.noun.job import JobKind
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.target import TargetName
from sagecraft_infra.terminal.output import note


def stop(
    name: Annotated[str, typer.Argument(metavar="JOB", help=f"A {any_of([kind.name for kind in NOUNS.jobs])} job.")],
    *,
    kind: Annotated[JobKind | None, choice(["--kind"], "Its kind, where jobs share a name.", NOUNS.jobs)] = None,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Stop a job that runs or waits."""
    chosen = target_of(target, port, state_dir, endpoint_url=endpoint_url)
    if chosen.is_local:
        chosen.project.require_sagemaker()
    job = the_job(chosen, chosen.region, name, NOUNS.jobs if kind is None else (kind,))
    if job.has_ended:
        raise UserError(f"The {job.kind} job '{name}' has ended already: it is {job.status}.")
    job.kind.api.stop(chosen.sagemaker(chosen.region), name)
    note(f"The {job.kind} job '{name}' is stopping. Follow it with: sagecraft logs -f {name}")
