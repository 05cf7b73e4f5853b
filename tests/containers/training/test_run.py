import os
import signal
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys, time
from sagecraft_containers.training.run import run_training

def sleep(paths, stop):
    print("begun", flush=True)
    while True:  # a signal that comes just before a call that waits is handled after that
        time.sleep(0.1)

sys.exit(run_training(sleep))
"""


def test_sigterm_before_there_is_anything_to_save_ends_the_program_at_once(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGTERM)
    log, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert log == "Stopped before training began; there is no model.\n"
    assert not (tmp_path / "output" / "failure").exists()
