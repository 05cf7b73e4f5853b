"""What tells processes apart that have one id after each other."""

import os
import subprocess
import sys

from sagecraft_emulator.state.process_start import is_of_this_boot, start_of


def test_a_process_is_told_from_others_by_its_start() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        start = start_of(process.pid)
        assert start_of(process.pid) == start != start_of(os.getpid())
        assert is_of_this_boot(start)
        process.communicate(b"\n")
    over = start_of(process.pid)
    assert over != start
    assert is_of_this_boot(over)
    assert not is_of_this_boot("another-boot 4711")
