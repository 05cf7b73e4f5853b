"""`sagecraft graph`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sagecraft_infra.cli.terminal.options import AppOption, PortOption, StateDirOption, target_of
from sagecraft_infra.cli.terminal.progress import Progress
from sagecraft_infra.deployment.run import Deployment
from sagecraft_infra.graph.environment import environment_graph
from sagecraft_infra.graph.references import read_resources
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.target import TargetName


def graph(
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture: a .svg or .png file.")] = Path(
        "environment.svg"
    ),
    app: AppOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Draw the environment that the app of the current folder declares: its data, jobs, models, endpoints and roles.

    Nothing is deployed and nothing is asked: the picture is made from the templates that the app is synthesized to.
    """
    from sagecraft_infra.graph.picture import (  # noqa: PLC0415 - loads Matplotlib, which others need not wait for
        check_format,
        draw,
        save,
    )

    check_format(output)
    chosen = target_of(TargetName.LOCAL, port, state_dir, app)
    with Progress(quiet=False) as progress:
        assembly = Deployment(chosen, progress).synthesize()
    groups, arrows = environment_graph(read_resources(assembly), NOUNS.looks)
    figure = draw(chosen.project.directory.name, groups, arrows)
    save(figure, output, {node.id: node for group in groups for node in group.nodes})
    sys.stdout.write(f"{output}\n")
