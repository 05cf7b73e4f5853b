"""`sagecraft emulator`."""

import os
import sys

from sagecraft_emulator.errors import NodeSdkError
from sagecraft_emulator.hosts import node_sdk

from sagecraft_infra.errors import UserError
from sagecraft_infra.project import Project

from .options import PortOption, StateDirOption


def emulator(*, port: PortOption = None, state_dir: StateDirOption = None) -> None:
    """Run the emulator in the foreground, until Ctrl-C."""
    settings = Project.here(port=port, state_dir=state_dir).settings
    try:
        node_sdk.install_sdk()
    except NodeSdkError as error:
        raise UserError(str(error)) from error
    # It becomes the emulator, so that signals reach it and its exit code is the command's.
    os.execv(  # noqa: S606 - no shell is wanted
        sys.executable, [sys.executable, "-m", "sagecraft_emulator", *settings.arguments]
    )
