"""The commands put together."""

import typer

from .emulator.doctor import doctor
from .emulator.emulator import emulator
from .emulator.env import env
from .emulator.images import images
from .emulator.permissions import permissions
from .emulator.reset import reset
from .environment.down import down
from .environment.preflight import preflight
from .environment.status import status
from .environment.up import up
from .exit_codes import MEANINGS
from .money.cost import cost
from .money.leftovers import leftovers
from .money.prices import prices
from .pipelines.pipeline import pipeline
from .project.graph import graph
from .project.import_ import import_
from .project.init import init
from .work.invoke import invoke
from .work.jobs import jobs
from .work.logs import logs
from .work.notebook import notebook
from .work.plot import plot
from .work.run import run_job
from .work.stop import stop

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
    preflight,
    up,
    down,
    status,
    run_job,
    jobs,
    stop,
    plot,
    graph,
    cost,
    leftovers,
    import_,
    logs,
    invoke,
    permissions,
    emulator,
    reset,
    doctor,
    env,
):
    # `run` in this folder is what runs every command, and `import` is a word of Python.
    application.command({run_job: "run", import_: "import"}.get(command))(command)
application.add_typer(images)
application.add_typer(notebook)
application.add_typer(pipeline)
application.add_typer(prices)
