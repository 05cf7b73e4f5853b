"""`sagecraft reset`."""

from sagecraft_infra.cli.terminal.options import JsonOption, PortOption, StateDirOption
from sagecraft_infra.emulator import process as emulator_process
from sagecraft_infra.project import Project
from sagecraft_infra.terminal.output import note, write_json


def reset(*, port: PortOption = None, state_dir: StateDirOption = None, json: JsonOption = False) -> None:
    """Empty the emulator: end its jobs and endpoints, and forget all that it holds, stacks and objects included.

    It goes on running, and keeps the registered images.
    """
    emulator_process.ask(Project.here(port=port, state_dir=state_dir).settings.port, "POST", "reset")
    if json:
        write_json({"reset": "ok"})
    else:
        note("The emulator is empty.")
