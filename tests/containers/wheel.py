"""A package that needs no index and no build."""

import zipfile
from pathlib import Path


def make_wheel(directory: Path, value: str = "42", *, module: str = "tiny_thing", version: str = "1.0") -> Path:
    """Writes the wheel of a module whose `VALUE` is a Python expression; it has a program of that name, too."""
    wheel = directory / f"{module}-{version}-py3-none-any.whl"
    information, name = f"{module}-{version}.dist-info", module.replace("_", "-")
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{module}.py", f"VALUE = {value}\n\ndef main():\n    print(VALUE)\n")
        archive.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{information}/entry_points.txt", f"[console_scripts]\n{name} = {module}:main\n")
        archive.writestr(f"{information}/RECORD", "")
    return wheel
