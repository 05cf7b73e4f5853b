"""A sandbox in which a person works: a machine of one's own over this one."""

import os
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sagecraft_emulator.container.sandbox import Sandbox, namespaces_allowed
from sagecraft_emulator.container.view import Guest, View

WAIT_SECONDS = 30
SYSTEM = ("/etc", "/home", "/root", "/run", "/srv", "/usr", "/var")

pytestmark = pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces")


@dataclass
class Room:
    """A sandbox of a guest, with what it is given."""

    sandbox: Sandbox
    guest: Guest
    view: View
    given: Path

    def run(self, program: str) -> str:
        """What a Python program prints in it."""
        self.sandbox.log.unlink(missing_ok=True)
        environment = {"PATH": os.environ["PATH"]}
        command = [sys.executable, "-I", "-c", textwrap.dedent(program)]
        process = self.sandbox.start(command, environment, guest=self.guest, view=self.view)
        exit_code = process.wait(WAIT_SECONDS)
        assert exit_code == 0, self.sandbox.log.read_text()
        return self.sandbox.log.read_text()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    sandbox = Sandbox(tmp_path / "box", "notebook")
    sandbox.make()
    given, others = tmp_path / "given", tmp_path / "others"
    for directory in (given, others):
        directory.mkdir()
        (directory / "file").write_text("there")
    guest = Guest(tmp_path / "box" / "changes", {"/home/somebody/volume": given})
    yield Room(sandbox, guest, View([others]), given)
    sandbox.remove()


def test_what_a_guest_writes_to_the_system_is_seen_by_it_alone(room: Room) -> None:
    mark = f"sagecraft-{os.getpid()}"
    program = f"""
        from pathlib import Path
        for directory in {SYSTEM}:
            Path(directory, "{mark}").write_text("mine")
        print(sorted(each for each in {SYSTEM} if Path(each, "{mark}").read_text() == "mine"))
    """
    assert room.run(program) == f"{sorted(SYSTEM)}\n"
    assert [each for each in SYSTEM if Path(each, mark).exists()] == []
    assert room.run(f"from pathlib import Path\nprint(Path('/etc/{mark}').read_text())") == "mine\n"


def test_a_guest_changes_what_it_is_given_and_sees_nothing_that_is_hidden(room: Room) -> None:
    [others] = room.view.hidden
    program = f"""
        import os
        from pathlib import Path
        volume = Path("/home/somebody/volume")
        print(volume.joinpath("file").read_text(), os.path.exists({str(others / "file")!r}))
        volume.joinpath("kept").write_text("kept")
        Path("/tmp/own").write_text("own")
        Path("/opt/ml/model/own").write_text("own")
    """
    assert room.run(program) == "there False\n"
    assert (room.given / "kept").read_text() == "kept"
    assert (others / "file").read_text() == "there"
    assert (room.sandbox.opt_ml / "model" / "own").read_text() == "own"


def test_a_guest_cannot_change_the_machine_even_as_root(room: Room, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("there")
    program = f"""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        remount, read_write = 0x20, 0
        tried = {{
            "write": lambda: os.open({str(outside)!r}, os.O_WRONLY),
            "setting": lambda: os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY),
            "make a device": lambda: os.mknod("/tmp/disk", 0o60600, os.makedev(254, 0)),
        }}
        for name, attempt in tried.items():
            try:
                attempt()
            except OSError:
                continue
            print("can", name)
        if libc.mount(None, b"/", None, ctypes.c_ulong(remount | read_write), None) == 0:
            print("can remount")
        print(*sorted(os.listdir("/dev")))
    """
    devices = "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero"
    assert room.run(program) == f"{devices}\n"
    assert outside.read_text() == "there"


def test_a_guest_has_terminals_and_shared_memory(room: Room) -> None:
    program = """
        import os, pty
        from multiprocessing import shared_memory
        ours, theirs = pty.openpty()
        print(os.isatty(theirs), os.ttyname(theirs).startswith("/dev/pts/"))
        block = shared_memory.SharedMemory(create=True, size=16)
        block.unlink()
        open("/dev/null", "w").write("gone")
        print(len(open("/dev/urandom", "rb").read(4)))
    """
    assert room.run(program) == "True True\n4\n"
    assert Path("/dev/null").is_char_device()


def test_a_guest_that_is_no_root_here_owns_where_scripts_write_to_and_sees_nothing_that_its_user_may_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path != "/root")
    told = Guest(tmp_path, {"/root/.aws": tmp_path / "given"}).told(as_user=True)
    assert list(told["given"]) == ["/root", "/root/.aws"]
    assert "/root" not in told["laid"]
    assert told["laid"]["/usr"] == [str(tmp_path / "usr" / "changed"), str(tmp_path / "usr" / "work")]
    own = [path for path in ("/usr/local/bin", "/var/lib", "/etc/profile.d") if Path(path).is_dir()]
    assert own
    assert all((tmp_path / path.split("/")[1] / "changed" / path.split("/", 2)[2]).is_dir() for path in own)
