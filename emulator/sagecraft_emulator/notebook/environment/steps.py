"""What is done in a notebook instance before JupyterLab starts: cron begins, repositories are cloned, scripts run."""

import base64
import json
import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from sagecraft_emulator.notebook.guest import cloning, cron
from sagecraft_emulator.notebook.guest.layout import SCRIPTS_PATH

from .definition import Repository, Script

JUPYTER_LOG: Final = "jupyter.log"
HOW: Final = "{how}"
LAST_LINE: Final = "{last_line}"
_TMP: Final = Path("/tmp")  # noqa: S108 - the instance's own
_LOOK: Final = "Please check your CloudWatch logs for more details if your Notebook Instance has Internet access."
_BEGIN_SECONDS: Final = 30.0


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long things take. Tests are faster.

    Attributes:
        script_seconds: A lifecycle script, or a clone, at most.
        minute_seconds: A minute of cron, and of the time after which an app of Studio is idle.
    """

    script_seconds: float = 300.0
    minute_seconds: float = 60.0


@dataclass(frozen=True, kw_only=True)
class Step:
    """A program that runs in an instance, and ends, before its JupyterLab starts. What it leaves running goes on.

    Attributes:
        name: Unlike that of any other step.
        command: The program and its arguments.
        log: The file below `/var/log` that its output goes to; also the end of its log stream's name.
        seconds: How long it may take.
        failure: The instance's `FailureReason` when it fails. `{how}` stands for how it did, and `{last_line}` for what
            it said last.
        too_long: The one when it takes too long; left out, the same.
        environment: What it has besides the environment of the instance.
    """

    name: str
    command: Sequence[str]
    log: str
    seconds: float
    failure: str
    too_long: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def steps(
    instance_arn: str, repositories: Sequence[Repository], scripts: Sequence[Script], tmp: Path, pace: Pace
) -> tuple[Step, ...]:
    """All of them, in their order.

    Args:
        instance_arn: Of the notebook instance.
        repositories: What is cloned.
        scripts: What runs then.
        tmp: What the instance sees as `/tmp`; the scripts are written there.
        pace: How long they may take.
    """
    cloned = [_clone(repositories, pace)] if repositories else []
    return (_begin_cron(pace), *cloned, *(_run(each, instance_arn, tmp, pace) for each in scripts))


def _begin_cron(pace: Pace) -> Step:
    return Step(
        name="cron",
        command=(*_python(cron.__file__), str(pace.minute_seconds)),
        log=JUPYTER_LOG,
        seconds=_BEGIN_SECONDS,
        failure=f"What stands for cron {HOW}: {LAST_LINE}",
        environment={"PATH": SCRIPTS_PATH},
    )


def _clone(repositories: Sequence[Repository], pace: Pace) -> Step:
    return Step(
        name="clone",
        command=(*_python(cloning.__file__), str(pace.script_seconds)),
        log=JUPYTER_LOG,
        seconds=(len(repositories) + 1) * pace.script_seconds,
        failure=LAST_LINE,
        environment={cloning.REPOSITORIES: json.dumps([asdict(each) for each in repositories])},
    )


def _run(script: Script, instance_arn: str, tmp: Path, pace: Pace) -> Step:
    # As AWS does: https://github.com/aws-samples/amazon-sagemaker-optuna-hpo-blog/issues/4
    name = time.strftime(f"{script.hook}_%Y-%m-%d-%H-%M", time.gmtime()) + secrets.token_hex(4)
    file = tmp / name
    file.write_bytes(base64.b64decode(script.content))
    file.chmod(0o755)
    which = f"Notebook Instance Lifecycle Config '{script.config_arn}' for Notebook Instance '{instance_arn}'"
    return Step(
        name=script.hook,
        command=("/bin/bash", "-c", f"cd / && unset SAGECRAFT_NO_SUDO && {_TMP / name}"),
        log=f"LifecycleConfig{script.hook}",
        seconds=pace.script_seconds,
        failure=f"{which} failed. {_LOOK}",
        # AWS's words, whatever the limit is here.
        too_long=f"{which} took longer than 5 minutes. {_LOOK}",
        environment={"PATH": SCRIPTS_PATH, "HOME": "/root", "USER": "root", "LOGNAME": "root"},
    )


def _python(program: str) -> tuple[str, ...]:
    """A program that needs nothing but Python's own library, started quickly."""
    return (sys.executable, "-I", "-S", program)
