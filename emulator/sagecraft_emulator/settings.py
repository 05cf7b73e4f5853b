"""What an emulator is told at its start, and the places that follow from it."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, cast, get_args

HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 4566
DEFAULT_ACCOUNT: Final = "000000000000"
DEFAULT_REGION: Final = "us-east-1"
TIED: Final = "--end-with-input"
"""The option by which an emulator ends when its standard input does, and so with the process that holds that."""

Execute = Literal["real", "instant"]
"""Whether jobs and endpoints run in processes, or are complete and in service at once without running."""
EXECUTIONS: Final[tuple[str, ...]] = get_args(Execute)


Notebooks = Literal["open", "records"]
"""Whether a JupyterLab runs behind a notebook instance that is in service, or nothing does."""
NOTEBOOKS: Final[tuple[str, ...]] = get_args(Notebooks)
NOTEBOOKS_VARIABLE: Final = "SAGECRAFT_NOTEBOOKS"
"""The variable that says so where nothing else does."""

Quotas = Literal["unlimited", "new-account"]
"""Whether there may be as much as this machine can do, or what a new account may have at once."""
QUOTAS: Final[tuple[str, ...]] = get_args(Quotas)
QUOTAS_VARIABLE: Final = "SAGECRAFT_QUOTAS"
"""The variable that says so where nothing else does."""


def _notebooks() -> Notebooks:
    return cast("Notebooks", os.environ.get(NOTEBOOKS_VARIABLE, "open"))


def _quotas() -> Quotas:
    return cast("Quotas", os.environ.get(QUOTAS_VARIABLE, "unlimited"))


def cache_dir() -> Path:
    """Where what is installed once for all emulators of a user is kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "sagecraft"


@dataclass(frozen=True)
class EmulatorSettings:
    """Where an emulator listens and keeps its state.

    Args:
        state_dir: Everything that outlives the process is here; made when it is missing.
        port: TCP port on the loopback interface.
        execute: `real` runs jobs and endpoints in processes; `instant` completes jobs and brings endpoints into service
            at once without running anything, and their records say so.
        enforce_iam: Whether work has the permissions of its role alone, and not all there are.
        notebooks: `open` runs a JupyterLab behind each notebook instance that is in service; `records` keeps their
            records alone. Left out, what the variable `SAGECRAFT_NOTEBOOKS` says, else `open`.
        quotas: `new-account` refuses what would take more at once than a new account on AWS may have; `unlimited`
            refuses nothing. Left out, what the variable `SAGECRAFT_QUOTAS` says, else `unlimited`.
    """

    state_dir: Path
    port: int = DEFAULT_PORT
    execute: Execute = "real"
    enforce_iam: bool = False
    notebooks: Notebooks = field(default_factory=_notebooks)
    quotas: Quotas = field(default_factory=_quotas)

    def __post_init__(self) -> None:
        object.__setattr__(self, "state_dir", Path(self.state_dir).expanduser().absolute())
        if not 1 <= self.port <= 65535:
            raise ValueError(f"port must be from 1 to 65535, got {self.port}")
        if self.execute not in EXECUTIONS:
            raise ValueError(f"execute must be 'real' or 'instant', got '{self.execute}'")
        if self.notebooks not in NOTEBOOKS:
            raise ValueError(
                f"notebooks, and {NOTEBOOKS_VARIABLE}, must be 'open' or 'records', got '{self.notebooks}'"
            )
        if self.quotas not in QUOTAS:
            raise ValueError(
                f"quotas, and {QUOTAS_VARIABLE}, must be 'unlimited' or 'new-account', got '{self.quotas}'"
            )

    @property
    def arguments(self) -> list[str]:
        """The command line by which `python -m sagecraft_emulator` takes these settings."""
        enforcement = ["--enforce-iam"] if self.enforce_iam else []
        place = ["--port", str(self.port), "--state-dir", str(self.state_dir)]
        modes = ["--execute", self.execute, "--notebooks", self.notebooks, "--quotas", self.quotas]
        return [*place, *modes, *enforcement]

    @property
    def endpoint_url(self) -> str:
        """The URL that clients are pointed at."""
        return f"http://{HOST}:{self.port}"

    @property
    def database(self) -> Path:
        """The SQLite file of SageMaker's records and registered images."""
        return self.state_dir / "sagemaker.sqlite3"

    @property
    def role_calls(self) -> Path:
        """The SQLite file of what each role called, where permissions are enforced."""
        return self.state_dir / "role-calls.sqlite3"

    @property
    def work_dir(self) -> Path:
        """Working directories of training jobs and endpoints."""
        return self.state_dir / "work"

    @property
    def host_dir(self) -> Path:
        """Snapshots of the host's services."""
        return self.state_dir / "host"

    @property
    def objects_dir(self) -> Path:
        """The objects of S3, written as they come."""
        return self.state_dir / "s3"

    @property
    def temporary_dir(self) -> Path:
        """Emptied at every start: what a killed emulator left behind never piles up."""
        return self.state_dir / "tmp"

    @property
    def log_file(self) -> Path:
        """What an emulator in the background writes."""
        return self.state_dir / "emulator.log"

    @property
    def process_file(self) -> Path:
        """Says which process uses the state directory: its id, start time and port. Locked while it runs."""
        return self.state_dir / "emulator.json"
