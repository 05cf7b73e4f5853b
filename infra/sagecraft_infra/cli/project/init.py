"""`sagecraft init`."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from sagecraft_infra.project.name import ProjectName
from sagecraft_infra.project.template import ProjectTemplate
from sagecraft_infra.terminal.output import note

_TEMPLATES = "; ".join(f"{template}: {template.description}" for template in ProjectTemplate)


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where; a folder that is empty or does not exist.")],
    *,
    template: Annotated[
        str, typer.Option("--template", "-t", metavar="NAME", help=f"What it begins with: {_TEMPLATES}.")
    ] = ProjectTemplate.TITANIC,
    name: Annotated[
        str | None,
        typer.Option("--name", show_default="that of the folder", help="What the project and its stacks are called."),
    ] = None,
) -> None:
    """Make a new project: an app, a stack, settings of two environments, tests and a workflow for GitHub.

    It deploys and passes its tests as it is.
    """
    chosen = ProjectTemplate.named(template)
    place = directory.absolute()
    parsed = ProjectName.parse(place.resolve().name if name is None else name)
    files = chosen.make(place, parsed)
    note(f"Made the project {parsed.distribution} in {place}: {chosen.description}; {len(files)} files. Next:")
    enter = "" if place.resolve() == Path.cwd() else f"cd {shlex.quote(str(directory))} && "
    for command in (f"{enter}pip install --editable '.[test]'", "pytest", "sagecraft up"):
        note(f"  {command}")
