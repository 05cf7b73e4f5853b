import json
import os
import signal
import sys
import textwrap
from pathlib import Path
from typing import Any

import psutil
import pytest
from sagecraft_emulator.container import sandbox
from sagecraft_emulator.container.launching import launcher
from sagecraft_emulator.container.launching.launcher import Launcher, LaunchError
from sagecraft_emulator.container.sandbox import Sandbox, SandboxedProcess, namespaces_allowed

from tests.emulator.world import wait_until

WAIT_SECONDS = 30
LIBRARY = """
    import os
    import tempfile
    import numpy.random
    value = [1]
    idle_threads = os.environ.get("OMP_WAIT_POLICY")
    tempfile.gettempdir()
"""
# Says what it finds, and then leaves a mess.
PROGRAM = """
    import json, os, random, signal, socket, sys, tempfile, threading, time
    import library, numpy
    handled = [number for number in signal.valid_signals() if callable(signal.getsignal(number))]
    seen = {
        "value": library.value, "idle_threads": library.idle_threads, "loaded": library.__dict__.get("loaded"),
        "environment": {name: os.environ[name] for name in ("NUMBER", "LEFT") if name in os.environ},
        "directory": os.getcwd(), "path": sys.path[0], "arguments": sys.argv[1:], "main": __name__,
        "is_main": sys.modules["__main__"].__dict__ is globals(), "threads": threading.active_count(),
        "files": sorted(os.listdir("/proc/self/fd"))[:-1], "handled": handled, "pid": os.getpid(),
        "ignored": [int(each) for each in signal.Signals if signal.getsignal(each) is signal.SIG_IGN],
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "tmp": tempfile.gettempdir(),
        "chance": [random.random(), numpy.random.random()],
        "left_in_tmp": os.path.exists(f"{tempfile.gettempdir()}/left"),
    }
    print(json.dumps(seen), flush=True)
    library.value.append(2)
    library.loaded = True
    os.environ["LEFT"] = "behind"
    os.chdir("/")
    numpy.random.seed(1)
    random.seed(1)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, lambda *_: None)
    left = open("/opt/ml/model/left", "w"), open(f"{tempfile.gettempdir()}/left", "w"), socket.socket()
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
"""

pytestmark = pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces")


@pytest.fixture
def warm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Launcher:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "library.py").write_text(textwrap.dedent(LIBRARY))
    (modules / "program.py").write_text(textwrap.dedent(PROGRAM))
    monkeypatch.setattr(launcher, "_PASSED_ON", (*launcher._PASSED_ON, "PYTHONPATH"))
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")
    monkeypatch.setenv("PYTHONPATH", str(modules))
    return Launcher(("library",))


def run(box: Sandbox, own: Launcher, **environment: str) -> dict[str, Any]:
    box.make()
    command = [sys.executable, "-m", "program", "train"]
    modules = Path(os.environ["PYTHONPATH"])
    environment = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(modules), **environment}
    process = box.start(command, environment, reads=[modules], launcher=own)
    code = process.wait(WAIT_SECONDS)
    assert code == 0, box.log.read_text()
    seen: dict[str, Any] = json.loads(box.log.read_text())
    return seen


def test_a_program_sees_nothing_of_the_one_before(warm: Launcher, tmp_path: Path) -> None:
    boxes = [Sandbox(tmp_path / name, "algo-1") for name in ("1", "2")]
    first, second = (run(box, warm, NUMBER=box.directory.name) for box in boxes)
    assert all((box.tmp / "left").exists() for box in boxes)
    assert first["environment"] == {"NUMBER": "1"}
    assert second["environment"] == {"NUMBER": "2"}
    assert first["chance"][0] != second["chance"][0]
    assert first["chance"][1] != second["chance"][1]
    same = set(first) - {"environment", "chance"}
    assert {name: first[name] for name in same} == {name: second[name] for name in same}
    assert {name: second[name] for name in same} == {
        "value": [1],
        "idle_threads": "passive",  # as OpenMP reads it when a library is imported
        "loaded": None,
        "directory": "/opt/ml",
        "path": "/opt/ml",
        "arguments": ["train"],
        "main": "__main__",
        "is_main": True,
        "threads": 1,
        "files": ["0", "1", "2"],
        "handled": [signal.SIGINT],  # Python's own, for KeyboardInterrupt
        "ignored": [signal.SIGPIPE, signal.SIGXFSZ],  # by Python, always
        "blocked": [],
        "tmp": "/tmp",
        "left_in_tmp": False,
        "pid": 2,
    }


def test_a_program_heeds_the_signals_that_a_shell_had_the_emulator_ignore(warm: Launcher, tmp_path: Path) -> None:
    numbers = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
    earlier = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    commands = Launcher()
    box = Sandbox(tmp_path / "command", "algo-1")
    box.make()
    try:
        of_a_module = run(Sandbox(tmp_path / "module", "algo-1"), warm)
        command = ["grep", "SigIgn", "/proc/self/status"]
        process = box.start(command, {"PATH": os.environ["PATH"]}, launcher=commands)
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
    assert of_a_module["ignored"] == [signal.SIGPIPE, signal.SIGXFSZ]
    assert of_a_module["handled"] == [signal.SIGINT]
    assert process.wait(WAIT_SECONDS) == 0
    assert int(box.log.read_text().split()[1], 16) % (1 << (signal.SIGRTMIN - 3)) == 0


def launcher_of(process: SandboxedProcess) -> psutil.Process:
    parent = psutil.Process(process.pid).parent()
    assert parent is not None
    return parent


def start_sleeping(box: Sandbox, own: Launcher) -> SandboxedProcess:
    box.make()
    process = box.start(["sh", "-c", "echo ready; sleep 600"], {"PATH": os.environ["PATH"]}, launcher=own)
    wait_until(lambda: "ready" in box.log.read_text())
    return process


def test_one_process_forks_all_programs_of_a_launcher_and_ends_with_it(tmp_path: Path) -> None:
    own = Launcher()
    processes = [start_sleeping(Sandbox(tmp_path / name, "algo-1"), own) for name in ("1", "2")]
    [forks] = {launcher_of(process) for process in processes}
    del own
    assert [process.wait(WAIT_SECONDS) for process in processes] == [128 + signal.SIGKILL] * 2
    assert not forks.is_running()


def test_programs_end_with_the_process_that_forked_them_and_the_next_one_has_another(tmp_path: Path) -> None:
    own = Launcher()
    process = start_sleeping(Sandbox(tmp_path / "1", "algo-1"), own)
    tree = psutil.Process(process.pid).children(recursive=True)
    launcher_of(process).kill()
    assert process.wait(WAIT_SECONDS) == 128 + signal.SIGKILL
    wait_until(lambda: not [each for each in tree if each.is_running()])
    start_sleeping(Sandbox(tmp_path / "2", "algo-1"), own).kill()


def test_programs_go_on_when_another_one_cannot_be_forked(tmp_path: Path) -> None:
    own = Launcher()
    process = start_sleeping(Sandbox(tmp_path / "1", "algo-1"), own)
    log = tmp_path / "log"
    assert own.launch({"log": str(log)}) is None
    assert "KeyError: 'directory'" in log.read_text()  # what was forked died of that
    assert process.wait(0) is None
    another = start_sleeping(Sandbox(tmp_path / "2", "algo-1"), own)
    assert launcher_of(another) == launcher_of(process)


def test_a_program_is_forked_after_another_one_could_not_be(
    warm: Launcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert warm.launch({"log": str(tmp_path / "log")}) is None
    assert warm.launch({"log": str(tmp_path / "log")}) is None
    monkeypatch.setattr(sandbox, "_commands", None)  # which executes what is not forked
    assert run(Sandbox(tmp_path / "1", "algo-1"), warm)["value"] == [1]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n",
            "A thread that was started by library would be missing in what is forked.",
        ),
        ("import nowhere_to_be_found\n", "No module named 'nowhere_to_be_found'"),
    ],
)
def test_a_program_of_which_the_libraries_cannot_be_forked_is_executed(
    warm: Launcher, tmp_path: Path, capfd: pytest.CaptureFixture[str], broken: str, said: str
) -> None:
    library = tmp_path / "modules" / "library.py"
    whole = library.read_text()
    library.write_text(f"import sys\nif 'library' in sys.argv:\n{textwrap.indent(broken, '    ')}{whole}")
    assert run(Sandbox(tmp_path / "1", "algo-1"), warm)["value"] == [1]
    assert said in capfd.readouterr().err
    assert run(Sandbox(tmp_path / "2", "algo-1"), warm)["value"] == [1]
    assert not capfd.readouterr().err  # it is not tried again


def test_namespaces_of_a_user_are_those_of_its_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_as_user", lambda: True)
    box = Sandbox(tmp_path / "box", "algo-1")
    box.make()
    process = box.start(["sh", "-c", "id -u; hostname; pwd; cat /proc/self/setgroups"], {"PATH": os.environ["PATH"]})
    assert process.wait(WAIT_SECONDS) == 0
    assert box.log.read_text() == "0\nalgo-1\n/opt/ml\ndeny\n"


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "box", "algo-1")
    box.make()
    with pytest.raises(LaunchError, match="nowhere"):
        box.start(["true"], {"PATH": os.environ["PATH"]}, tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("content", "mode", "code", "said"),
    [
        (None, 0, 127, "program: not found"),
        ("echo $0", 0o644, 126, "program: Permission denied"),
        ("echo ran by sh", 0o755, 0, "ran by sh"),
    ],
)
def test_what_cannot_be_executed_ends_as_it_does_in_a_shell(
    tmp_path: Path, content: str | None, mode: int, code: int, said: str
) -> None:
    box = Sandbox(tmp_path / "box", "algo-1")
    box.make()
    program = box.opt_ml / "code" / "program"
    if content is not None:
        program.write_text(content)
        program.chmod(mode)
    process = box.start(["/opt/ml/code/program"], {"PATH": os.environ["PATH"]})
    assert process.wait(WAIT_SECONDS) == code
    assert said in box.log.read_text()


def test_a_program_is_searched_for_on_its_own_path_past_what_cannot_be_executed(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "box", "algo-1")
    box.make()
    for directory, mode in (("one", 0o644), ("two", 0o755)):
        program = box.opt_ml / "code" / directory / "tool"
        program.parent.mkdir()
        program.write_text("#!/bin/sh\necho $0 $1; grep -E 'SigBlk|SigIgn' /proc/self/status")
        program.chmod(mode)
    path = os.pathsep.join(["/nowhere", "/opt/ml/code/one", "/opt/ml/code/two", os.environ["PATH"]])
    assert box.start(["tool", "given"], {"PATH": path}).wait(WAIT_SECONDS) == 0
    said, given, _, blocked, _, ignored = box.log.read_text().split()
    assert (said, given, int(blocked, 16)) == ("/opt/ml/code/two/tool", "given", 0)
    assert int(ignored, 16) % (1 << (signal.SIGRTMIN - 3)) == 0  # those behind are the C library's own


def test_an_environment_of_any_size_and_any_bytes_arrives(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "box", "algo-1")
    box.make()
    large = {f"LARGE_{number}": "x" * 1000 for number in range(500)}
    program = "import os; print(sum(map(len, os.environ.values())), os.environb[b'ODD'])"
    environment = {**large, "ODD": os.fsdecode(b"\xff"), "PYTHONUTF8": "0"}
    process = box.start([sys.executable, "-c", program], environment)
    assert process.wait(WAIT_SECONDS) == 0
    length, odd = box.log.read_text().split()
    assert int(length) > 500_000
    assert odd == r"b'\xff'"
