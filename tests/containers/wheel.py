"""A package that needs no index and no build."""

import zipfile
from pathlib import Path


def make_wheel(directory: Path, value: str = "42") -> Path:
    """Writes the wheel of `tiny_thing`, whose `VALUE` is a Python expression; it has a program `tiny-thing`, too."""
    wheel = directory / "tiny_thing-1.0-py3-none-any.whl"
    information = "tiny_thing-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_thing.py", f"VALUE = {value}\n\ndef main():\n    print(VALUE)\n")
        archive.writestr(f"{information}/METADATA", "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 1.0\n")
        archive.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{information}/entry_points.txt", "[console_scripts]\ntiny-thing = tiny_thing:main\n")
        archive.writestr(f"{information}/RECORD", "")
    return wheel
