"""The hosts of one job: each a sandbox with a process, called `algo-1`, `algo-2` and so on, that find each other.

They share the machine's network. Each has a loopback address of its own, so that two hosts can listen on one port as
long as they bind the address that their own name resolves to.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sagecraft_emulator.container.removal import removal
from sagecraft_emulator.container.sandbox import Sandbox, SandboxedProcess, namespaces_allowed
from sagecraft_emulator.errors import JobFailed

_POLL_SECONDS: Final = 0.05
_MAX_HOSTS: Final = 254
_KILLED: Final = 128


@dataclass(frozen=True)
class ClusterHost:
    """One host.

    Attributes:
        name: Such as `algo-1`.
        sandbox: Its directories.
    """

    name: str
    sandbox: Sandbox


@dataclass(frozen=True)
class Exit:
    """How a cluster ended.

    Attributes:
        host: The first that failed, or one of them when none did.
        code: Its exit code.
    """

    host: ClusterHost
    code: int


@dataclass
class Cluster:
    """The hosts of one job.

    Attributes:
        directory: Holds the directories of all hosts.
        count: How many hosts there are.
        hosts: They themselves.

    Raises:
        JobFailed: There are several, and this machine cannot give them names, or there are more than 254.
    """

    directory: Path
    count: int
    hosts: tuple[ClusterHost, ...] = field(init=False)

    def __post_init__(self) -> None:
        if self.count > _MAX_HOSTS:
            raise JobFailed(
                f"ClientError: InstanceCount is {self.count}; this emulator runs at most {_MAX_HOSTS} hosts of a job."
            )
        if self.count > 1 and not namespaces_allowed():
            raise JobFailed(
                f"ClientError: InstanceCount is {self.count}, but several hosts need Linux namespaces, which this "
                "machine does not allow. Set InstanceCount to 1, or run the emulator where 'unshare --user "
                "--map-root-user --mount true' succeeds."
            )
        names = [f"algo-{number}" for number in range(1, self.count + 1)]
        self.hosts = tuple(ClusterHost(name, Sandbox(self.directory / name, name)) for name in names)
        self._processes: dict[ClusterHost, SandboxedProcess] = {}

    @property
    def names(self) -> list[str]:
        """What the hosts are called."""
        return [host.name for host in self.hosts]

    @property
    def sandboxes(self) -> list[Sandbox]:
        """Of the hosts, in their order."""
        return [host.sandbox for host in self.hosts]

    def make(self) -> None:
        """Makes the directories of all hosts, empty."""
        addresses = _addresses(self.directory, self.names)
        for host in self.hosts:
            host.sandbox.make(addresses)

    def remove(self) -> None:
        """Removes the directories of all hosts."""
        removal.remove(self.directory)

    def start(self, start: Callable[[ClusterHost], SandboxedProcess]) -> list[dict[str, Any]]:
        """Starts a process on each host.

        Returns:
            What names them, for the record: they are killed by it when the emulator has died.
        """
        for host in self.hosts:
            self._processes[host] = start(host)
        return [{"pid": each.pid, "start": each.start} for each in self._processes.values()]

    def wait(self, timeout_seconds: float = _POLL_SECONDS) -> Exit | None:
        """Waits until one host has failed or all have ended; None when neither was so in time."""
        deadline = time.monotonic() + timeout_seconds
        for process in self._processes.values():
            if process.wait(max(0.0, deadline - time.monotonic())):
                break
        exits = [
            Exit(host, code) for host, process in self._processes.items() if (code := process.exit_code()) is not None
        ]
        if failed := [each for each in exits if each.code != 0]:
            # Those that lose a killed host fail of it a moment later.
            return max(failed, key=lambda each: each.code > _KILLED)
        return exits[0] if len(exits) == len(self.hosts) else None

    def stop(self, grace_seconds: float) -> Exit:
        """Asks all hosts to end, and ends those that have not after the grace period."""
        deadline = time.monotonic() + grace_seconds
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            if process.wait(max(0.0, deadline - time.monotonic())) is None:
                process.kill()
        codes = {host: process.exit_code() or 0 for host, process in self._processes.items()}
        host = max(codes, key=lambda host: codes[host] != 0)
        return Exit(host, codes[host])

    def kill(self) -> None:
        """Ends all hosts at once, with what they started."""
        for process in self._processes.values():
            process.kill()
        self._processes.clear()


def _addresses(directory: Path, names: Sequence[str]) -> dict[str, str]:
    """A loopback address for each name; those of another job are others."""
    if len(names) == 1:
        return {names[0]: "127.0.0.1"}
    digest = hashlib.sha256(str(directory).encode()).digest()
    network = f"127.{1 + digest[0] % 254}.{digest[1]}"
    return {name: f"{network}.{number}" for number, name in enumerate(names, start=1)}
