"""Programs of Lambda layers are found by the paths that they have on AWS."""

import os
import subprocess
import sys
from pathlib import Path

from sagecraft_emulator.hosts.functions import runtime as lambda_runtime

PRELUDE = Path(lambda_runtime.__file__).with_name("opt_paths.py")


def run(code: str, layers: list[Path]) -> str:
    environment = {**os.environ, "_LAMBDA_LAYERS_DIRS": os.pathsep.join(map(str, layers))}
    program = f"{PRELUDE.read_text()}\n{code}"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_program_of_a_layer_runs_with_this_python(tmp_path: Path) -> None:
    program = tmp_path / "second" / "tool" / "run"
    program.parent.mkdir(parents=True)
    program.write_text("#!/var/lang/bin/python\nimport sys\nprint(sys.executable, sys.argv[1:])\n")
    (tmp_path / "first").mkdir()
    code = "print(subprocess.check_output(['/opt/tool/run', 'a', 'b'], text=True))"
    assert run(code, [tmp_path / "first", tmp_path / "second"]) == f"{sys.executable} ['a', 'b']"


def test_other_commands_are_left_alone(tmp_path: Path) -> None:
    code = "print(subprocess.check_output(['echo', '/opt/tool/run'], text=True))"
    assert run(code, [tmp_path]) == "/opt/tool/run"
    assert run("print(subprocess.check_output('echo $((1 + 1))', shell=True, text=True))", [tmp_path]) == "2"
