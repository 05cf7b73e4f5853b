"""`sagecraft notebook`."""

import json
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sagecraft_emulator.container.python.installation import InstallationFailed
from sagecraft_emulator.container.python.notebook_packages import SdkVersion, jupyter_environment, kernel_environment

from sagecraft_infra.cli.terminal.options import (
    EndpointUrlOption,
    JsonOption,
    PortOption,
    StateDirOption,
    TargetOption,
    target_of,
)
from sagecraft_infra.errors import UserError, WorkFailed
from sagecraft_infra.notebook.execution import CellRun, read_notebook, run_notebook
from sagecraft_infra.notebook.page import NotebookPage, presigned_url
from sagecraft_infra.target import TargetName
from sagecraft_infra.terminal.output import note, write_json

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_SHOWN_CHARACTERS = 60

notebook = typer.Typer(name="notebook", help="Notebook instances: open one, or run a notebook on it.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A notebook instance that is in service.")]


@notebook.command("open")
def open_notebook(
    name: NameArgument,
    *,
    browser: Annotated[bool, typer.Option(help="Open the URL in a browser, and not only write it.")] = True,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
) -> None:
    """Write the URL that opens a notebook instance, and open it. It is good for once, and for five minutes."""
    url = presigned_url(_sagemaker(target, port, state_dir, endpoint_url), name)
    sys.stdout.write(f"{url}\n")
    if browser and sys.stdout.isatty():
        webbrowser.open(url)


@notebook.command("run")
def run(
    name: NameArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE.ipynb", help="A notebook on this machine.")],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the notebook with its outputs goes, on this machine.")
    ] = None,
    target: TargetOption = TargetName.LOCAL,
    endpoint_url: EndpointUrlOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a notebook on a notebook instance, from its first cell to its last, or to one that fails.

    It is on the instance's volume afterwards, with its outputs, in the place of one of its name. The exit code is 3
    when a cell failed. A cell with the tag 'raises-exception' may fail.
    """
    try:
        document = read_notebook(file.read_bytes(), str(file))
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.") from error
    page = NotebookPage(presigned_url(_sagemaker(target, port, state_dir, endpoint_url), name))
    runs: list[CellRun] = []

    def take(ran: CellRun) -> None:
        runs.append(ran)
        if not as_json:
            note(_line(ran))

    try:
        failed = run_notebook(page, file.name, document, take)
    finally:
        if output is not None:
            output.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if as_json:
        write_json(runs)
    if failed is not None:
        raise WorkFailed(f"Cell {failed.number} of {file} failed: {failed.error}")


@notebook.command("setup")
def setup(
    *,
    sdk: Annotated[SdkVersion, typer.Option("--sdk", help="Which SageMaker SDK the kernel has.")] = SdkVersion.V2,
) -> None:
    """Install what notebook instances of the emulator need, which the first start of one would else do."""
    try:
        for environment in (jupyter_environment(note), kernel_environment(sdk, note)):
            note(f"Installed: {environment.directory}")
    except InstallationFailed as error:
        raise UserError(str(error)) from error


def _sagemaker(
    name: TargetName, port: int | None, state_dir: Path | None, endpoint_url: str | None
) -> "SageMakerClient":
    chosen = target_of(name, port, state_dir, endpoint_url=endpoint_url)
    if chosen.is_local:
        chosen.project.require_sagemaker()
    return chosen.sagemaker(chosen.region)


def _line(ran: CellRun) -> str:
    """What is shown of a cell: its place, its first line, how long it took, and how it ended."""
    first = ran.source.strip().splitlines()[0]
    shown = first if len(first) <= _SHOWN_CHARACTERS else f"{first[: _SHOWN_CHARACTERS - 1]}…"
    ended = "" if ran.error is None else f" · {ran.error}"
    return f"[{ran.number}/{ran.count}] {shown} · {ran.seconds:.1f} s{ended}"
