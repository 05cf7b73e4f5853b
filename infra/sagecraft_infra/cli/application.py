"""The commands put together."""

import typer

from .doctor import doctor
from .down import down
from .emulator import emulator
from .env import env
from .exit_codes import MEANINGS
from .images import images
from .invoke import invoke
from .logs import logs
from .status import status
from .up import up

application = typer.Typer(
    name="sagecraft",
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Machine-learning environments on Amazon SageMaker as code: on this machine, or on AWS.",
    epilog=MEANINGS,
)
for command in (up, down, status, logs, invoke, emulator, doctor, env):
    application.command()(command)
application.add_typer(images)
