import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import psutil
import pytest
from sagecraft_emulator.container import sandbox, view
from sagecraft_emulator.container.sandbox import Sandbox, SandboxedProcess, kill_tree, namespaces_allowed, signal_of
from sagecraft_emulator.state.process_start import start_of

from tests.emulator.world import wait_until

WAIT_SECONDS = 30

needs_namespaces = pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces")


@pytest.fixture
def box(tmp_path: Path) -> Sandbox:
    made = Sandbox(tmp_path / "box", "algo-1")
    made.make()
    return made


def start(box: Sandbox, program: str, *, namespaces: bool = True) -> SandboxedProcess:
    environment = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
    return box.start([sys.executable, "-c", textwrap.dedent(program)], environment, namespaces=namespaces)


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@needs_namespaces
def test_two_containers_have_their_own_opt_ml_host_name_and_processes(tmp_path: Path) -> None:
    boxes = [Sandbox(tmp_path / name, name) for name in ("algo-1", "algo-2")]
    for box in boxes:
        box.make()
    program = """
        import os, socket
        from pathlib import Path
        Path("/opt/ml/model/name").write_text(socket.gethostname())
        print(socket.gethostname(), socket.gethostbyname(socket.gethostname()), os.getcwd(), os.getpid() < 50)
    """
    for process in [start(box, program) for box in boxes]:
        assert process.wait(WAIT_SECONDS) == 0
    for box in boxes:
        assert (box.opt_ml / "model" / "name").read_text() == box.host_name
        assert box.log.read_text() == f"{box.host_name} 127.0.0.1 /opt/ml True\n"


@needs_namespaces
def test_a_container_has_a_tmp_of_its_own_where_its_program_is_not_in_tmp(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "box", "algo-1")
    box.make()
    marker = Path(f"/tmp/sagecraft-test-{os.getpid()}")
    process = box.start(["/bin/sh", "-c", f"cd /tmp && echo mine > {marker.name}"], {"PATH": os.environ["PATH"]})
    assert process.wait(WAIT_SECONDS) == 0
    assert not marker.exists()
    assert (box.tmp / marker.name).read_text() == "mine\n"


@needs_namespaces
def test_a_program_in_tmp_is_seen_in_a_tmp_of_its_containers_own(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        program = Path(folder, "code", "program.sh")
        program.parent.mkdir()
        Path(folder, "beside").write_text("seen")
        marker = Path(f"/tmp/sagecraft-test-{os.getpid()}")
        program.write_text(f"cat {folder}/beside && echo mine > {marker}")
        box = Sandbox(tmp_path / "box", "algo-1")
        box.make()
        process = box.start(["/bin/sh", str(program)], {"PATH": os.environ["PATH"]})
        assert process.wait(WAIT_SECONDS) == 0
    assert box.log.read_text() == "seen"
    assert not marker.exists()
    assert (box.tmp / marker.name).read_text() == "mine\n"


@needs_namespaces
def test_packages_in_tmp_that_this_interpreter_imports_from_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        packages = Path(folder, "site-packages")
        packages.mkdir()
        Path(packages, "library").write_text("seen")
        monkeypatch.setattr(sys, "path", [*sys.path, str(packages)])
        view.own_paths.cache_clear()
        box = Sandbox(tmp_path / "box", "algo-1")
        box.make()
        process = box.start(["/bin/sh", "-c", f"cat {packages}/library"], {"PATH": os.environ["PATH"]})
        view.own_paths.cache_clear()
        assert process.wait(WAIT_SECONDS) == 0
    assert box.log.read_text() == "seen"


def test_without_namespaces_the_base_directory_is_named_by_a_variable(box: Sandbox) -> None:
    process = start(box, "import os; print(os.environ['SAGEMAKER_BASE_DIR'])", namespaces=False)
    assert process.wait(WAIT_SECONDS) == 0
    assert box.log.read_text().strip() == str(box.opt_ml)


@pytest.mark.parametrize("namespaces", [True, False])
def test_an_exit_code_comes_through(box: Sandbox, namespaces: bool) -> None:
    assert start(box, "raise SystemExit(42)", namespaces=namespaces).wait(WAIT_SECONDS) == 42


@pytest.mark.parametrize("namespaces", [True, False])
def test_a_signal_comes_through_as_an_exit_code_that_names_it(box: Sandbox, namespaces: bool) -> None:
    code = start(box, "import os; os.kill(os.getpid(), 11)", namespaces=namespaces).wait(WAIT_SECONDS)
    assert code is not None
    assert signal_of(code) == "SIGSEGV (11)"


@pytest.mark.parametrize("namespaces", [True, False])
def test_a_program_can_end_in_order_on_sigterm(box: Sandbox, namespaces: bool) -> None:
    process = start(
        box,
        """
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
        print("ready")
        while True:
            time.sleep(0.1)
        """,
        namespaces=namespaces,
    )
    wait_until(lambda: "ready" in box.log.read_text())
    process.stop(WAIT_SECONDS)
    assert process.exit_code() == 5


def test_a_program_can_be_stopped_at_once_after_its_start(box: Sandbox) -> None:
    process = start(box, "import time; time.sleep(600)")
    begin = time.monotonic()
    process.stop(WAIT_SECONDS)
    assert process.exit_code() in {143, 130, 137}
    assert time.monotonic() - begin < WAIT_SECONDS


@needs_namespaces
def test_no_sigterm_is_lost_however_soon_it_comes(tmp_path: Path) -> None:
    boxes = [Sandbox(tmp_path / str(number), "algo-1") for number in range(50)]
    for box in boxes:
        box.make()
        process = box.start(["sleep", "600"], {"PATH": os.environ["PATH"]})
        process.terminate()
        assert process.wait(WAIT_SECONDS) == 128 + signal.SIGTERM


@pytest.mark.parametrize("namespaces", [True, False])
def test_a_program_that_ignores_sigterm_is_killed_with_its_children(box: Sandbox, namespaces: bool) -> None:
    process = start(
        box,
        """
        import signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print("ready")
        time.sleep(600)
        """,
        namespaces=namespaces,
    )
    wait_until(lambda: "ready" in box.log.read_text())
    outer = psutil.Process(process.pid)
    tree = [outer, *outer.children(recursive=True)]
    assert len(tree) >= 2
    process.stop(0.2)
    wait_until(lambda: not [each for each in tree if runs(each)])
    code = process.exit_code()
    assert code is not None
    assert signal_of(code) == "SIGKILL (9)"


@pytest.mark.parametrize("namespaces", [True, False])
def test_children_that_a_program_leaves_behind_are_ended_with_it(box: Sandbox, namespaces: bool) -> None:
    process = start(
        box,
        """
        import subprocess, sys
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        """,
        namespaces=namespaces,
    )
    session = process.pid
    assert process.wait(WAIT_SECONDS) == 0
    process.kill()
    wait_until(lambda: not [each for each in psutil.process_iter() if _session(each) == session and runs(each)])


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return None


@pytest.mark.skipif(not sandbox._death_signal(), reason="this machine has no setpriv")
def test_containers_end_with_an_emulator_that_is_killed(tmp_path: Path) -> None:
    starter = f"""
        import os, sys, time
        from pathlib import Path
        from sagecraft_emulator.container.sandbox import Sandbox
        box = Sandbox(Path({str(tmp_path)!r}) / "box", "algo-1")
        box.make()
        command = [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(600)"]
        print(box.start(command, dict(os.environ)).pid, flush=True)
        time.sleep(600)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(starter)], stdout=subprocess.PIPE, text=True
    ) as emulator:
        assert emulator.stdout is not None
        outer = psutil.Process(int(emulator.stdout.readline()))
        wait_until(lambda: "ready" in (tmp_path / "box" / "log").read_text())
        tree = [outer, *outer.children(recursive=True)]
        emulator.send_signal(signal.SIGKILL)
        emulator.wait(WAIT_SECONDS)
    wait_until(lambda: not [each for each in tree if runs(each)])


def test_a_process_that_took_over_the_id_is_left_alone() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as other:
        kill_tree(other.pid, start_of(os.getpid()))
        assert other.poll() is None
        kill_tree(other.pid, start_of(other.pid))
        assert other.wait(WAIT_SECONDS) == -signal.SIGKILL
