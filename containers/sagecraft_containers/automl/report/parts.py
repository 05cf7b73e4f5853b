"""The parts of a job's report: each is made whatever becomes of the others."""

import traceback
from collections.abc import Callable, Mapping

from sagecraft_containers.automl.models.algorithms import EXTRA
from sagecraft_containers.contract import ContainerPaths


def make_parts(paths: ContainerPaths, parts: Mapping[str, Callable[[], None]]) -> None:
    """Makes parts of a report. Why one could not be made, the job's exit message says.

    Args:
        paths: Where the message is written to.
        parts: What makes each, by what a person calls it.
    """
    told = [_made(name, make) for name, make in parts.items()]
    if any(told):
        paths.message_file.parent.mkdir(parents=True, exist_ok=True)
        paths.message_file.write_text(" ".join(each for each in told if each is not None), encoding="utf-8")


def _made(name: str, make: Callable[[], None]) -> str | None:
    try:
        make()
    except ImportError as error:
        told = f"The report of {name} needs the package {error.name}, which is not installed; install {EXTRA}."
    except Exception as error:
        traceback.print_exc()
        told = f"The report of {name} could not be made: {type(error).__name__}: {error}"
    else:
        return None
    print(told, flush=True)
    return told
