"""The `sagecraft` command, for `tests/prepared_process.py`."""

from typing import Final

import boto3
from sagecraft_infra.cli import main
from sagecraft_infra.cli.run import run

from tests.service_models import read_once

__all__ = ["main", "prepare"]

SERVICES: Final = ("cloudformation", "ecr", "logs", "s3", "sagemaker", "sagemaker-runtime", "ssm")
"""Those that commands ask."""


def prepare() -> None:
    """Imports what every command does, and reads what each session of botocore would read anew."""
    run(["env"])
    read_once()
    session = boto3.session.Session(region_name="us-east-1")
    for service in SERVICES:
        session.client(service)
