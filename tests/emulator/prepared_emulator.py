"""The emulator, for `tests/prepared_process.py`."""

import sys

import boto3  # noqa: F401 - which it imports when its work asks for something first
import botocore.session  # noqa: F401 - as above
import sagecraft_emulator.composition
import sagecraft_emulator.front.invocation_protocol  # noqa: F401 - as above, with all that imports no ministack
from sagecraft_emulator.__main__ import main as run


def prepare() -> None:
    """Nothing more than is imported: ministack reads its settings when it is."""


def main() -> None:
    """As `python -m sagecraft_emulator`."""
    sys.exit(run())
