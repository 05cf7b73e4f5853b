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
from typing import Final

import psutil

_INIT: Final = Path(__file__).with_name("sandbox_init.sh")
_UNSHARE: Final = ("unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child=KILL", "--mount-proc")
_AS_USER: Final = ("--user", "--map-root-user")
_TMP: Final = Path("/tmp")  # noqa: S108 - the sandbox covers it with a directory of its own
_OPT_ML: Final = Path("/opt/ml")
_HOSTS: Final = Path("/etc/hosts")
_PROBE_SECONDS: Final = 10
_INIT_SECONDS: Final = 5.0
_GONE_SECONDS: Final = 5.0
_GONE_POLL_SECONDS: Final = 0.005
_INIT_POLL_SECONDS: Final = 0.01

# The kernel sends the death signal when the thread that started a process ends, so one that never ends starts them.
_starter: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="process-starter")


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
        return _OPT_ML if namespaces and namespace_command() else self.opt_ml

    def make(self, addresses: Mapping[str, str] | None = None) -> None:
        """Makes the directories of the container contract, empty.

        Args:
            addresses: What host names resolve to. Left out, its own is the loopback address.
        """
        shutil.rmtree(self.directory, ignore_errors=True)
        for path in ("input/config", "input/data", "model", "output/data", "code"):
            (self.opt_ml / path).mkdir(parents=True)
        self.tmp.mkdir()
        machine_hosts = _HOSTS.read_text("utf-8", errors="replace") if _HOSTS.is_file() else ""
        addresses = {self.host_name: "127.0.0.1"} if addresses is None else addresses
        names = "".join(f"{address} {name}\n" for name, address in addresses.items())
        self.hosts.write_text(f"127.0.0.1 localhost\n::1 localhost\n{names}{machine_hosts}", encoding="utf-8")

    def remove(self) -> None:
        """Removes all of it."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        working_directory: Path | None = None,
        *,
        reads: Sequence[Path] = (),
        namespaces: bool = True,
        at_kill: Callable[[], None] | None = None,
    ) -> "SandboxedProcess":
        """Starts the container's program.

        Args:
            command: The program and its arguments.
            environment: Its whole environment.
            working_directory: Where it starts; the sandbox's `/opt/ml` when left out.
            reads: What it needs of the machine besides what these name; `/tmp` is not covered when that is there.
            namespaces: Whether it gets namespaces where the machine allows them.
            at_kill: Ends what the process only stands for, when it is killed.
        """
        make_namespaces = namespace_command() if namespaces else ()
        environment = {**environment, "TMPDIR": str(self.tmp)}
        if make_namespaces:
            needed = [*command, *environment.get("PYTHONPATH", "").split(os.pathsep), *map(str, reads)]
            own_tmp = "-" if _needs_machine_tmp([*needed, str(working_directory or "")]) else str(self.tmp)
            if own_tmp != "-":
                environment["TMPDIR"] = str(_TMP)
            stage = self.directory / "stage"
            init = ["sh", str(_INIT), str(stage), str(self.opt_ml), own_tmp, str(self.hosts), self.host_name]
            command = [*make_namespaces, *init, *command]
        else:
            environment["SAGEMAKER_BASE_DIR"] = str(self.opt_ml)
        command = [*_death_signal(), *command]
        with self.log.open("ab") as log:
            process = _starter.submit(
                subprocess.Popen,
                command,
                env=environment,
                cwd=working_directory or self.opt_ml,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ).result()
        return SandboxedProcess(process, in_namespaces=bool(make_namespaces), at_kill=at_kill)


@dataclass
class SandboxedProcess:
    """A started program, with everything that it starts itself."""

    process: subprocess.Popen[bytes]
    in_namespaces: bool
    at_kill: Callable[[], None] | None = None
    started: float = field(default_factory=time.time)

    @property
    def pid(self) -> int:
        """The process id on this machine of the outermost process."""
        return self.process.pid

    def exit_code(self) -> int | None:
        """128 + n when ended by signal n, None while it runs."""
        code = self.process.poll()
        return 128 - code if code is not None and code < 0 else code

    def wait(self, timeout_seconds: float) -> int | None:
        """The exit code, or None when it still runs after that time."""
        try:
            self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return None
        return self.exit_code()

    def terminate(self) -> None:
        """Asks the program to end, by SIGTERM."""
        if not self.in_namespaces:
            self.process.terminate()
        for process in self._listening() if self.in_namespaces else []:
            _signal(process, signal.SIGTERM)

    def kill(self) -> None:
        """Ends the program and all that it started, by SIGKILL, and waits until they are gone."""
        kill_tree(self.pid)
        self.process.wait()
        if self.at_kill is not None:
            self.at_kill()

    def stop(self, grace_seconds: float) -> None:
        """Asks the program to end, and ends it when it has not after the grace period."""
        self.terminate()
        if self.wait(grace_seconds) is None:
            self.kill()

    def _listening(self) -> list[psutil.Process]:
        """The first process of the namespaces, once it passes SIGTERM on: before that, the kernel drops the signal."""
        deadline = time.monotonic() + _INIT_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            with suppress(psutil.NoSuchProcess, OSError):
                inner = psutil.Process(self.pid).children()
                if inner and _catches_sigterm(inner[0].pid):
                    return inner
            time.sleep(_INIT_POLL_SECONDS)
        return []


def signal_of(exit_code: int) -> str | None:
    """The name and number of the signal that an exit code above 128 tells of, or None."""
    try:
        number = signal.Signals(exit_code - 128)
    except ValueError:
        return None
    return f"{number.name} ({number.value})"


def kill_tree(pid: int, started: float | None = None) -> None:
    """Ends a process and all that it started by SIGKILL, also what is left of it when it has ended itself.

    Args:
        pid: The outermost process; it leads a process group.
        started: When given, epoch seconds at which it began. A process of that id that began at another time (over a
            second apart) is another one, and is left alone.
    """
    tree: list[psutil.Process] = []
    try:
        outer = psutil.Process(pid)
        if started is not None and abs(outer.create_time() - started) > 1:
            return
        tree = [outer, *outer.children(recursive=True)]
    except psutil.NoSuchProcess:
        # Its id cannot be given away while its group has members, unless the machine was started again.
        if started is not None and started < psutil.boot_time():
            return
    for process in tree:
        _signal(process, signal.SIGKILL)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    # Not for the outermost one: it may be ours, and its exit code is for whoever started it.
    deadline = time.monotonic() + _GONE_SECONDS
    while any(map(_is_alive, tree[1:])) and time.monotonic() < deadline:
        time.sleep(_GONE_POLL_SECONDS)


@cache
def namespace_command() -> tuple[str, ...]:
    """The command that makes namespaces on this machine, with its flags; empty where they are not allowed."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return ()
    for command in (_UNSHARE, (*_UNSHARE, *_AS_USER)):
        with tempfile.TemporaryDirectory() as scratch:
            sandbox = Sandbox(Path(scratch) / "probe", "probe")
            sandbox.make()
            arguments = [str(sandbox.directory / "stage"), str(sandbox.opt_ml), "-", str(sandbox.hosts)]
            done = subprocess.run(
                [*command, "sh", str(_INIT), *arguments, "probe", "test", "-d", "/opt/ml/model"],
                capture_output=True,
                check=False,
                timeout=_PROBE_SECONDS,
            )
            if done.returncode == 0:
                return command
    return ()


@cache
def _death_signal() -> tuple[str, ...]:
    """The command that makes a process end with the emulator, where this machine has it."""
    has_command = sys.platform == "linux" and shutil.which("setpriv") is not None
    return ("setpriv", "--pdeathsig", "KILL") if has_command else ()


def _needs_machine_tmp(named: Sequence[str]) -> bool:
    """Whether what the program runs is itself below the machine's `/tmp`, so that it must not be covered."""
    paths = [Path(each) for each in named if os.sep in each]
    needed = [Path(sys.prefix), Path(sys.base_prefix), Path(__file__), *paths]
    return any(path.resolve().is_relative_to(_TMP) for path in needed)


def _catches_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text("ascii", errors="replace")
    [caught] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def _is_alive(process: psutil.Process) -> bool:
    """Whether it can do something still: one that was killed may wait long until the machine's init reaps it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)
