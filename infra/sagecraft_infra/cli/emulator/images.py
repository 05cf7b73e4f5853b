"""`sagecraft images`."""

from typing import Annotated

import typer
from rich.table import Table

from sagecraft_infra.cli.terminal.options import JsonOption, PortOption, StateDirOption
from sagecraft_infra.emulator import process as emulator_process
from sagecraft_infra.emulator.images import register_image, remove_image
from sagecraft_infra.errors import UserError
from sagecraft_infra.project import Project
from sagecraft_infra.terminal.output import note, results, write_json

images = typer.Typer(
    name="images",
    help="The local programs that the emulator runs in place of containers.",
)

UriArgument = Annotated[str, typer.Argument(help="Such as 123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1")]


@images.command("register")
def register(
    uri: UriArgument,
    command: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND…", help="Is started with 'train' or 'serve' added to it.")
    ],
    *,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Run an image as a local program.

    So: sagecraft images register URI -- python program.py

    The command is run in the current folder, with the argument 'train' or 'serve' added, as a container would be.
    """
    project = Project.here(port=port, state_dir=state_dir)
    if not command:
        raise UserError("Say which command: sagecraft images register URI -- COMMAND…")
    register_image(
        project.settings.port,
        uri,
        train=[*command, "train"],
        serve=[*command, "serve"],
        process=command,
        working_directory=str(project.directory),
    )
    if json:
        write_json({"uri": uri, "train": [*command, "train"], "serve": [*command, "serve"]})
    else:
        note(f"{uri} runs as: {' '.join(command)} train|serve")


@images.command("list")
def list_images(*, port: PortOption = None, state_dir: StateDirOption = None, json: JsonOption = False) -> None:
    """Show the registered images."""
    registered = emulator_process.ask(Project.here(port=port, state_dir=state_dir).settings.port, "GET", "images")[
        "images"
    ]
    if json:
        write_json(registered)
        return
    if not registered:
        note("No image is registered. AWS's of XGBoost, scikit-learn and several built-in algorithms need none.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("Image", overflow="fold")
    table.add_column("Command", overflow="fold")
    for uri, program in registered.items():
        table.add_row(uri, " ".join((program["train"] or program["serve"])[:-1]))
    results.print(table)


@images.command("remove")
def remove(uri: UriArgument, *, port: PortOption = None, state_dir: StateDirOption = None) -> None:
    """Forget the local program of an image."""
    remove_image(Project.here(port=port, state_dir=state_dir).settings.port, uri)
    note(f"Removed {uri}.")
