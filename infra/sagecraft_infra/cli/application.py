"""The commands put together."""

import typer

from .doctor import doctor
from .down import down
from .emulator import emulator
from .env import env
from .exit_codes import MEANINGS
from .graph import graph
from .images import images
from .import_ import import_
from .init import init
from .invoke import invoke
from .jobs import jobs
from .logs import logs
from .permissions import permissions
from .plot import plot
from .run_job import run_job
from .status import status
from .stop import stop
from .up import up

application = typer.Typer(
    name="sagecraft",
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Machine-learning environments on Amazon SageMaker as code: on this machine, or on AWS.",
    epilog=MEANINGS,
)
for command in (
    init,
    up,
    down,
    status,
    run_job,
    jobs,
    stop,
    plot,
    graph,
    import_,
    logs,
    invoke,
    permissions,
    emulator,
    doctor,
    env,
):
    # `run` in this folder is what runs every command, and `import` is a word of Python.
    application.command({run_job: "run", import_: "import"}.get(command))(command)
application.add_typer(images)
