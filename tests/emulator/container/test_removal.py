import os
import signal
from pathlib import Path

import pytest
from sagecraft_emulator.container.removal import Removal, remove_leftovers
from sagecraft_emulator.container.remove import remove_tree

NOBODY = 65534


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return fill(tmp_path / "parent" / "directory")


def fill(directory: Path) -> Path:
    below = directory / "below"
    below.mkdir(parents=True)
    (below / "file").write_text("content")
    (below / "link").symlink_to("/")
    (directory / "closed").mkdir(mode=0)
    return directory


def left(directory: Path) -> list[Path]:
    return list(directory.parent.iterdir())


def test_a_removed_directory_is_gone_at_once_and_its_content_soon(directory: Path) -> None:
    removal = Removal()
    removal.remove(directory)
    assert not directory.exists()
    fill(directory)  # the name is free for another one
    removal.settle()
    assert left(directory) == [directory]
    removal.remove(directory)
    removal.remove(directory)  # it is not there
    removal.settle()
    assert left(directory) == []


def test_directories_are_removed_when_the_process_that_does_it_was_killed(directory: Path) -> None:
    removal = Removal()
    removal.remove(directory)
    process = removal._process
    assert process is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    removal.remove(fill(directory))
    removal.settle()
    assert not directory.exists()


def test_what_an_earlier_emulator_left_half_removed_is_removed(directory: Path) -> None:
    directory.rename(directory.with_name(".removed-1"))
    beside = directory.with_name("beside")
    beside.mkdir()
    remove_leftovers(directory.parent)
    assert left(directory) == [beside]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_a_directory_that_is_closed_to_its_user_is_removed(directory: Path) -> None:
    for each in (directory.parent, directory, *directory.rglob("*")):
        os.chown(each, NOBODY, NOBODY, follow_symlinks=False)
    child = os.fork()
    if child == 0:
        os.chdir(directory.parent)
        os.setuid(NOBODY)
        remove_tree(Path(directory.name))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert left(directory) == []
