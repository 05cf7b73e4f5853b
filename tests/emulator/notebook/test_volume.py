"""The size of a volume, which is measured."""

import subprocess
import textwrap
from pathlib import Path

import pytest
from sagecraft_emulator.container.python.notebook_packages import jupyter_environment
from sagecraft_emulator.container.quota import GIB
from sagecraft_emulator.notebook import volume
from sagecraft_emulator.notebook.volume import FULL, VolumeWatch

KIB_64 = 65_536 / GIB


def test_a_volume_that_is_over_its_size_is_told_of_once_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volume, "_EVERY_SECONDS", -1.0)
    monkeypatch.setattr(volume, "_SHARE_OF_TIME", float("inf"))
    mine, told = tmp_path / "volume", tmp_path / "told"
    mine.mkdir()
    watch = VolumeWatch(mine, KIB_64, told)
    assert watch.look() is None
    assert watch.given["/etc/jupyter/volume"] == told
    (mine / "large").write_bytes(b"x" * 131_072)
    said = watch.look()
    assert said is not None
    assert said.startswith("No space left on device: ~/SageMaker holds 0.00 GiB, and VolumeSizeInGB is 6.1")
    assert (told / FULL).read_text() == said
    assert watch.look() is None
    (mine / "large").unlink()
    assert watch.look() is None
    assert not (told / FULL).exists()


@pytest.mark.slow
def test_jupyterlab_saves_nothing_while_the_volume_is_over_its_size(tmp_path: Path) -> None:
    python = jupyter_environment(print).python
    full, saving = tmp_path / "full", Path(volume.__file__).with_name("guest") / "saving.py"
    program = f"""
        import runpy, types
        from pathlib import Path
        config = types.SimpleNamespace(FileContentsManager=types.SimpleNamespace())
        names = runpy.run_path({str(saving)!r}, {{"get_config": lambda: config}})
        hook = config.FileContentsManager.pre_save_hook
        hook.__globals__["_FULL"] = Path({str(full)!r})
        hook(model={{}}, path="a.ipynb")
        Path({str(full)!r}).write_text("No space left on device: too much")
        try:
            hook(model={{}}, path="a.ipynb")
        except Exception as error:
            print(error.status_code, error.reason)
    """
    done = subprocess.run([python, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("507 No space left on device: too much\n", "")
