"""The `sagecraft` command, for `tests/prepared_process.py`."""

from typing import Final

import boto3
from sagecraft_infra.cli import main
from sagecraft_infra.cli.run import run
from sagecraft_infra.target.session import quick_session

__all__ = ["main", "prepare"]

SERVICES: Final = ("cloudformation", "ecr", "logs", "s3", "sagemaker", "sagemaker-runtime", "ssm")
"""Those that commands ask."""


def prepare() -> None:
    """Imports what every command does, and has the loader of its sessions read what each process would read anew."""
    run(["env"])
    session = boto3.session.Session(botocore_session=quick_session(), region_name="us-east-1")
    for service in SERVICES:
        session.client(service)
