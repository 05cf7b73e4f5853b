"""The files of a notebook instance that are not the user's: its identity, its kernel, and the commands of AWS's image.

They are written anew at every start, into a directory that nothing but this knows yet; the instance then sees them in
their places, and may change them until it stops.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from sagecraft_containers.python_environment import PythonEnvironment, make_environment_over

from sagecraft_emulator.client_files import write_rules
from sagecraft_emulator.notebook.guest.cron import SYSTEM_TABLES, USER_TABLES
from sagecraft_emulator.notebook.guest.layout import COMMANDS, CONDA, HOME, NO_SUDO, SCRIPTS_PATH, USER, VOLUME

KERNEL: Final = "conda_python3"
_KERNEL_ENVIRONMENT, _JUPYTER_ENVIRONMENT = "python3", "JupyterSystemEnv"
_COMMANDS: Final = {
    "sudo": "sudo",
    "systemctl": "systemctl",
    "service": "systemctl",
    "initctl": "systemctl",
    "crontab": "crontab",
    "conda": "conda",
}
_ACCOUNTS: Final = {
    Path("/etc/passwd"): f"{USER}:x:0:0::{HOME}:/bin/bash\nroot:x:0:0:root:/root:/bin/bash\n",
    Path("/etc/group"): f"root:x:0:\n{USER}:x:0:\n",
}
"""Root and the user are one to the kernel, for which the sandbox has one id; scripts know both names."""
_JUPYTER_CONFIGURATION: Final = Path("/etc/jupyter/jupyter_server_config.json")
_LAB_SETTINGS: Final = Path("/etc/jupyter/labconfig/default_setting_overrides.json")
_PROFILE: Final = Path("/etc/profile.d/notebook.sh")
_SETTINGS: Final = {
    _JUPYTER_CONFIGURATION: json.dumps(
        {
            "ServerApp": {"root_dir": str(VOLUME), "allow_root": True, "open_browser": False},
            "MultiKernelManager": {"default_kernel_name": KERNEL},
            "KernelSpecManager": {"ensure_native_kernel": False},
        },
        indent=1,
    ),
    _LAB_SETTINGS: json.dumps({"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}),
    _PROFILE: f"export PATH={CONDA}/bin:{COMMANDS}:$PATH\n",
    # Scripts add a line to what `crontab -l` lists, and on AWS's images that lists something.
    USER_TABLES / "root": "",
    USER_TABLES / USER: "",
}
_OWN: Final = tuple(
    map(Path, (str(HOME), "/run", "/var/spool", "/etc/cron.d", "/etc/profile.d", "/etc/jupyter", "/etc/xdg"))
)
"""What the instance has for itself: this machine's jobs, sockets and profiles are none of its business."""


@dataclass(frozen=True)
class Identity:
    """Who a notebook instance is to AWS's tools.

    Attributes:
        arn: Its ARN.
        endpoint_url: Of the emulator.
        credentials: Those of its role, as variables of the environment.
    """

    arn: str
    endpoint_url: str
    credentials: Mapping[str, str]

    @property
    def region(self) -> str:
        """Where it is."""
        return self.arn.split(":")[3]

    @property
    def name(self) -> str:
        """Its name."""
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True)
class InstanceFiles:
    """The files, and where the instance sees them.

    Attributes:
        directory: Where they are on this machine.
    """

    directory: Path

    @property
    def given(self) -> dict[str, Path]:
        """What the instance sees at a path, and may change."""
        return {
            **{str(path): self._at(path) for path in (*_OWN, *_ACCOUNTS)},
            "/root/.aws": self._at(HOME / ".aws"),
        }

    def write(self, identity: Identity, jupyter: PythonEnvironment, kernel: PythonEnvironment) -> None:
        """Writes them all.

        Args:
            identity: Who the instance is.
            jupyter: The environment of JupyterLab.
            kernel: The environment of its kernel.
        """
        for path in (*_OWN, VOLUME, SYSTEM_TABLES, USER_TABLES):
            self._at(path).mkdir(parents=True, exist_ok=True)
        for path, content in {**_ACCOUNTS, **_SETTINGS}.items():
            self._write(path, content)
        self._write_identity(identity)
        self._write_commands(kernel)
        self._write_environments(jupyter, kernel)

    def _write_identity(self, identity: Identity) -> None:
        own = {name.lower(): value for name, value in identity.credentials.items()}
        lines = {"region": identity.region, "endpoint_url": identity.endpoint_url, **own}
        text = "".join(f"{name} = {value}\n" for name, value in lines.items())
        self._write(HOME / ".aws" / "config", f"[default]\n{text}", mode=0o600)
        write_rules(self._at(HOME / ".aws" / "models"), identity.endpoint_url)

    def _write_commands(self, kernel: PythonEnvironment) -> None:
        programs = resources.files("sagecraft_emulator.notebook.guest").joinpath("commands")
        for name, program in _COMMANDS.items():
            self._write(COMMANDS / name, programs.joinpath(program).read_text("utf-8"), mode=0o755)
        self._at(COMMANDS / "aws").symlink_to(kernel.programs / "aws")
        for name in ("activate", "deactivate"):
            self._write(CONDA / "bin" / name, programs.joinpath(name).read_text("utf-8"))

    def _write_environments(self, jupyter: PythonEnvironment, kernel: PythonEnvironment) -> None:
        for image, name in ((jupyter, _JUPYTER_ENVIRONMENT), (kernel, _KERNEL_ENVIRONMENT)):
            made = make_environment_over(image.directory, self._at(CONDA / "envs" / name))
            for program in image.programs.iterdir():
                if not (made.programs / program.name).exists() and not program.name.lower().startswith("activate"):
                    (made.programs / program.name).symlink_to(program)
        for name in ("python", "python3", "pip", "pip3", "aws", "jupyter"):
            # No link: Python looks for its packages beside the name that it is started by.
            program = CONDA / "envs" / _KERNEL_ENVIRONMENT / "bin" / name
            self._write(CONDA / "bin" / name, f'#!/bin/sh\nexec {program} "$@"\n', mode=0o755)
        specification = {
            "argv": [str(kernel_python()), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": KERNEL,
            "language": "python",
            "metadata": {"debugger": True},
        }
        kernels = CONDA / "envs" / _JUPYTER_ENVIRONMENT / "share" / "jupyter" / "kernels"
        self._write(kernels / KERNEL / "kernel.json", json.dumps(specification, indent=1))

    def _write(self, path: Path, content: str, mode: int = 0o644) -> None:
        file = self._at(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=mode)
        file.write_text(content, encoding="utf-8")
        file.chmod(mode)

    def _at(self, path: Path) -> Path:
        """Where on this machine it lies what the instance sees at a path."""
        return self.directory / path.relative_to("/")


def jupyter_server() -> tuple[str, ...]:
    """The command that is JupyterLab, as the instance sees it."""
    return (str(CONDA / "envs" / _JUPYTER_ENVIRONMENT / "bin" / "python"), "-m", "jupyterlab")


def kernel_python() -> Path:
    """The interpreter of the kernel, as the instance sees it."""
    return CONDA / "envs" / _KERNEL_ENVIRONMENT / "bin" / "python"


def variables(jupyter: PythonEnvironment, *, root_access: bool) -> dict[str, str]:
    """What the programs of the instance find in their environment, besides what all containers do."""
    shared = jupyter.directory
    own = CONDA / "envs" / _JUPYTER_ENVIRONMENT
    return {
        "PATH": f"{kernel_python().parent}:{CONDA}/bin:/usr/local/bin:/usr/local/sbin:{SCRIPTS_PATH}",
        "HOME": str(HOME),
        "USER": USER,
        "LOGNAME": USER,
        "SHELL": "/bin/bash",
        "JUPYTERLAB_DIR": str(shared / "share" / "jupyter" / "lab"),
        "JUPYTER_PATH": os.pathsep.join([str(own / "share" / "jupyter"), str(shared / "share" / "jupyter")]),
        "JUPYTER_CONFIG_PATH": str(shared / "etc" / "jupyter"),
        **({} if root_access else {NO_SUDO: "1"}),
    }
