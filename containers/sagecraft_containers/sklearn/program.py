"""The scikit-learn container: scripts of the user's, always."""

from pathlib import Path
from typing import Final

from sagecraft_containers.program import TOOLKIT, Program, ScriptMode


def _serve_script() -> int:
    from . import serving  # noqa: PLC0415 - in the environment of the user's code

    return serving.main()


PROGRAM: Final = Program(
    script=ScriptMode(_serve_script, modules=(Path(__file__).with_name("script_modules"), TOOLKIT))
)
