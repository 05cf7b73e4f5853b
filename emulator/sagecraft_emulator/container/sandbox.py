"""A place for one container's process: its own /opt/ml, /tmp, host name and log, and an end that takes all of it along.

Where Linux namespaces are allowed (as root, or through user namespaces) the process sees `/opt/ml` itself. Elsewhere
`SAGEMAKER_BASE_DIR` names the directory that stands for it, the variable that AWS's own toolkits know.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

import psutil
from sagecraft_containers.contract import ENVIRONMENTS_VARIABLE

from sagecraft_emulator.client_files import DATA_PATH, hosts_of_telemetry
from sagecraft_emulator.state.process_start import is_of_this_boot, start_of

from .launching.launcher import Launcher, LaunchError
from .removal import removal
from .view import ALL, Guest, View, kept_of_tmp

_TMP: Final = Path("/tmp")  # noqa: S108 - the sandbox covers it with a directory of its own
_OPT_ML: Final = Path("/opt/ml")
_HOSTS: Final = Path("/etc/hosts")
_SHARED: Final = (ENVIRONMENTS_VARIABLE, DATA_PATH)
"""The variables that name directories of the emulator, which containers must see where they are."""
_PROBE_SECONDS: Final = 10
_GONE_SECONDS: Final = 5.0
_GONE_POLL_SECONDS: Final = 0.005

# The kernel sends the death signal when the thread that started a process ends, so one that never ends starts them.
_starter: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="process-starter")
_commands: Final = Launcher()


@dataclass(frozen=True)
class Sandbox:
    """The directories of one container.

    Attributes:
        directory: Holds all of it.
        host_name: What the container is called, such as `algo-1`.
    """

    directory: Path
    host_name: str

    @property
    def opt_ml(self) -> Path:
        """What the container sees as `/opt/ml`."""
        return self.directory / "ml"

    @property
    def tmp(self) -> Path:
        """What the container sees as `/tmp`."""
        return self.directory / "tmp"

    @property
    def hosts(self) -> Path:
        """What the container sees as `/etc/hosts`."""
        return self.directory / "hosts"

    @property
    def log(self) -> Path:
        """Where standard output and error go."""
        return self.directory / "log"

    def base_directory(self, *, namespaces: bool = True) -> Path:
        """What the container itself calls its `/opt/ml`.

        Args:
            namespaces: Whether it gets namespaces where the machine allows them.
        """
        return _OPT_ML if namespaces and namespaces_allowed() else self.opt_ml

    def make(self, addresses: Mapping[str, str] | None = None) -> None:
        """Makes the directories of the container contract, empty.

        Args:
            addresses: What host names resolve to. Left out, its own is the loopback address.
        """
        removal.remove(self.directory)
        self.opt_ml.mkdir(parents=True)
        for path in ("input", "input/config", "input/data", "model", "output", "output/data", "code"):
            (self.opt_ml / path).mkdir()
        self.tmp.mkdir()
        machine_hosts = _HOSTS.read_text("utf-8", errors="replace") if _HOSTS.is_file() else ""
        addresses = {self.host_name: "127.0.0.1"} if addresses is None else addresses
        names = "".join(f"{address} {name}\n" for name, address in addresses.items())
        # What is first wins. No configuration of the SDK stops its telemetry: earlier versions refuse one that does.
        unreachable = "".join(f"127.0.0.1 {name}\n" for name in hosts_of_telemetry())
        self.hosts.write_text(
            f"127.0.0.1 localhost\n::1 localhost\n{names}{machine_hosts}\n{unreachable}", encoding="utf-8"
        )

    def remove(self) -> None:
        """Removes all of it."""
        removal.remove(self.directory)

    def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        working_directory: Path | None = None,
        *,
        reads: Sequence[Path] = (),
        namespaces: bool = True,
        at_kill: Callable[[], None] | None = None,
        launcher: Launcher | None = None,
        guest: Guest | None = None,
        python: Mapping[str, str] | None = None,
        view: View = ALL,
    ) -> "SandboxedProcess":
        """Starts the container's program.

        Args:
            command: The program and its arguments.
            environment: Its whole environment.
            working_directory: Where it starts; the sandbox's `/opt/ml` when left out.
            reads: What it needs of the machine besides what these name, if that is below `/tmp`.
            namespaces: Whether it gets namespaces where the machine allows them.
            at_kill: Ends what the process only stands for, when it is killed.
            launcher: Starts it where it gets namespaces and the launcher can; one that runs any command does else.
            guest: What it has of its own besides; only where it gets namespaces.
            python: What `python_below` says of its Python environment; only as `guest`.
            view: What it sees of this machine; only as `guest`.
        """
        environment = {**environment, "TMPDIR": str(self.tmp)}
        directory = working_directory or self.opt_ml
        as_user = _as_user() if namespaces else None
        if as_user is None:
            environment["SAGEMAKER_BASE_DIR"] = str(self.opt_ml)
            return SandboxedProcess(self._start_plainly(command, environment, directory), at_kill)
        needed = [*command, *environment.get("PYTHONPATH", "").split(os.pathsep), *map(str, reads)]
        kept = kept_of_tmp([*needed, str(working_directory or "")])
        if kept is not None:
            environment["TMPDIR"] = str(_TMP)
            shared = [each for name in _SHARED for each in environment.get(name, "").split(os.pathsep)]
            kept += [each for each in shared if Path(each).is_relative_to(_TMP) and Path(each).is_dir()]
        else:
            view = view.with_shown(self.tmp)
        request = self.request(command, environment, directory, kept_of_tmp=kept, as_user=as_user) | view.told()
        request |= {"guest": None if guest is None else guest.told(as_user=as_user), "python": python}
        launched = None if launcher is None else launcher.launch(request)
        if launched is None and (launched := _commands.launch(request)) is None:
            raise LaunchError("The process that starts programs ends by itself.")
        return SandboxedProcess(launched, at_kill)

    def request(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        directory: Path,
        *,
        kept_of_tmp: Sequence[str] | None,
        as_user: bool,
    ) -> dict[str, Any]:
        """What a launcher is told."""
        return {
            **ALL.told(),
            "guest": None,
            "python": None,
            "command": list(command),
            "environment": environment,
            "directory": str(directory),
            "log": str(self.log),
            "opt_ml": str(self.opt_ml),
            "hosts": str(self.hosts),
            "tmp": None if kept_of_tmp is None else str(self.tmp),
            "kept_of_tmp": kept_of_tmp,
            "host_name": self.host_name,
            "as_user": as_user,
        }

    def _start_plainly(
        self, command: Sequence[str], environment: Mapping[str, str], directory: Path
    ) -> "_PlainProcess":
        with self.log.open("ab") as log:
            process = _starter.submit(
                subprocess.Popen,
                [*_death_signal(), *command],
                env=environment,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ).result()
        return _PlainProcess(process)


class _Process(Protocol):
    """The outermost process of a sandbox."""

    @property
    def pid(self) -> int:
        """Its id on this machine."""

    def wait(self, timeout_seconds: float) -> int | None:
        """The exit code of the program, 128 + n when ended by signal n; None when it still runs after that time."""

    def terminate(self) -> None:
        """Asks the program to end, by SIGTERM."""

    def kill(self) -> None:
        """Ends the program and all that it started, by SIGKILL, and waits until they are gone."""


@dataclass(frozen=True)
class _PlainProcess:
    """A program without namespaces."""

    process: "subprocess.Popen[bytes]"

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait(self, timeout_seconds: float) -> int | None:
        try:
            code = self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return None
        return 128 - code if code < 0 else code

    def terminate(self) -> None:
        self.process.terminate()

    def kill(self) -> None:
        kill_tree(self.pid)
        self.process.wait()


@dataclass
class SandboxedProcess:
    """A started program, with everything that it starts itself."""

    process: _Process
    at_kill: Callable[[], None] | None = None
    started: float = field(default_factory=time.time)
    start: str = field(init=False)
    """What tells it from a later process of its id, for `kill_tree`."""

    def __post_init__(self) -> None:
        self.start = start_of(self.pid)

    @property
    def pid(self) -> int:
        """The process id on this machine of the outermost process."""
        return self.process.pid

    def exit_code(self) -> int | None:
        """128 + n when ended by signal n, None while it runs."""
        return self.process.wait(0)

    def wait(self, timeout_seconds: float) -> int | None:
        """The exit code, or None when it still runs after that time."""
        return self.process.wait(timeout_seconds)

    def terminate(self) -> None:
        """Asks the program to end, by SIGTERM."""
        self.process.terminate()

    def kill(self) -> None:
        """Ends the program and all that it started, by SIGKILL, and waits until they are gone."""
        self.process.kill()
        if self.at_kill is not None:
            self.at_kill()

    def stop(self, grace_seconds: float) -> None:
        """Asks the program to end, and ends it when it has not after the grace period."""
        self.terminate()
        if self.wait(grace_seconds) is None:
            self.kill()


def signal_of(exit_code: int) -> str | None:
    """The name and number of the signal that an exit code above 128 tells of, or None."""
    try:
        number = signal.Signals(exit_code - 128)
    except ValueError:
        return None
    return f"{number.name} ({number.value})"


def kill_tree(pid: int, start: str | None = None) -> None:
    """Ends a process and all that it started by SIGKILL, also what is left of it when it has ended itself.

    Args:
        pid: The outermost process; it leads a process group.
        start: When given, as `start_of` told when it began. A process of that id that began at another time is another
            one, and is left alone.
    """
    tree: list[psutil.Process] = []
    try:
        outer = psutil.Process(pid)
        if start is not None and start_of(pid) != start:
            return
        tree = [outer, *outer.children(recursive=True)]
    except psutil.NoSuchProcess:
        # Its id cannot be given away while its group has members, unless the machine was started again.
        if start is not None and not is_of_this_boot(start):
            return
    for process in tree:
        _signal(process, signal.SIGKILL)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    # Not for the outermost one: it may be ours, and its exit code is for whoever started it.
    deadline = time.monotonic() + _GONE_SECONDS
    while any(map(_is_alive, tree[1:])) and time.monotonic() < deadline:
        time.sleep(_GONE_POLL_SECONDS)


def namespaces_allowed() -> bool:
    """Whether this machine allows namespaces to this user."""
    return _as_user() is not None


@cache
def _as_user() -> bool | None:
    """Whether namespaces need one of users here; None where they are not allowed."""
    if sys.platform != "linux":
        return None
    for as_user in (False, True):
        with tempfile.TemporaryDirectory() as scratch, suppress(LaunchError):
            sandbox = Sandbox(Path(scratch) / "probe", "probe")
            sandbox.make()
            environment = {"PATH": os.environ.get("PATH", os.defpath)}
            test = ["test", "-d", "/opt/ml/model"]
            request = sandbox.request(test, environment, sandbox.opt_ml, kept_of_tmp=None, as_user=as_user)
            launched = _commands.launch(request)
            if launched is not None and launched.wait(_PROBE_SECONDS) == 0:
                return as_user
    return None


@cache
def _death_signal() -> tuple[str, ...]:
    """The command that makes a process end with the emulator, where this machine has it."""
    has_command = sys.platform == "linux" and shutil.which("setpriv") is not None
    return ("setpriv", "--pdeathsig", "KILL") if has_command else ()


def _is_alive(process: psutil.Process) -> bool:
    """Whether it can do something still: one that was killed may wait long until the machine's init reaps it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)
