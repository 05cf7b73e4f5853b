"""What the providers' packages publish of their types, read from their sources, which nothing imports for it."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_GETTER = re.compile(r'@pulumi\.getter(?:\(name="(\w+)"\))?\n    def (\w+)\(self\) -> (.*):\n')
_PACKAGES = {"aws-native": "pulumi_aws_native", "aws": "pulumi_aws"}
_SCALARS = {"_builtins.str": str, "_builtins.bool": bool, "_builtins.int": int, "_builtins.float": (int, float)}


@dataclass(frozen=True)
class PublishedType:
    """A type of a provider.

    Attributes:
        package: The folder of the package.
        inputs: The annotations of its properties by their names on the wire.
        outputs: Likewise of what it yields.
    """

    package: Path
    inputs: dict[str, str]
    outputs: dict[str, str]


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _properties(source: str, class_header: str) -> dict[str, str]:
    begin = re.search(rf"^class {class_header}", source, re.MULTILINE)
    assert begin is not None, f"no class {class_header}"
    end = re.compile(r"^class ", re.MULTILINE).search(source, begin.end())
    body = source[begin.end() : None if end is None else end.start()]
    return {name or python_name: annotation for name, python_name, annotation in _GETTER.findall(body)}


@cache
def published(token: str) -> PublishedType:
    """The type of a token, such as `aws-native:sagemaker:Model`."""
    provider, module, noun = token.split(":")
    spec = find_spec(_PACKAGES[provider])
    assert spec is not None
    assert spec.origin is not None
    service = module.partition("/")[0]
    folder = Path(spec.origin).parent / {"lambda": "lambda_"}.get(service, service)
    header = rf"{noun}\(pulumi\.CustomResource\)"
    (file,) = [path for path in folder.glob("[a-z]*.py") if re.search(rf"^class {header}", _text(path), re.MULTILINE)]
    source = _text(file)
    arguments = next(name for name in (f"{noun}Args:", f"{noun}InitArgs:") if f"\nclass {name}" in source)
    return PublishedType(folder, _properties(source, arguments), _properties(source, header))


def check(value: Any, annotation: str, package: Path, where: str) -> list[str]:
    """What of a registered value the published type of its place does not know."""
    nested = re.findall(r"'([\w.]+Args)'", annotation)
    problems: list[str] = []
    match value:
        case dict() if nested:
            known: dict[str, str] = {}
            for name in nested:
                root = "_root" in name or f"\nclass {name}:" not in _text(package / "_inputs.py")
                source = _text((package.parent if root else package) / "_inputs.py")
                known |= _properties(source, f"{name.rpartition('.')[2]}:")
            problems += [f"{where}: no property {name!r} is published" for name in value if name not in known]
            for name in value.keys() & known.keys():
                problems += check(value[name], known[name], package, f"{where}.{name}")
        case list():
            for index, item in enumerate(value):
                problems += check(item, annotation, package, f"{where}[{index}]")
        case str() | bool() | int() | float() if not nested and "Any" not in annotation:
            kinds = [kind for name, kind in _SCALARS.items() if name in annotation]
            # Enumerations are published by their names, and travel as text.
            if kinds and not any(_fits(value, kind) for kind in kinds) and not isinstance(value, str):
                problems.append(f"{where}: {value!r} is not of {annotation}")
            if kinds and isinstance(value, str) and str not in kinds and "'" not in annotation:
                problems.append(f"{where}: {value!r} is not of {annotation}")
    return problems


def _fits(value: Any, kind: Any) -> bool:
    if kind is int and isinstance(value, float) and value.is_integer():
        return True  # numbers travel as floats
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
