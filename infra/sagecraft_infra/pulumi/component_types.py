"""Writes `components.pyi`: the constructs' own signatures, as type checkers and editors read them of the components.

python -m sagecraft_infra.pulumi.component_types
"""

import enum
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import sagecraft_constructs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from .construct_component import ConstructComponent
from .declared import COMPONENTS
from .view import PASSED_ON, is_offered

FILE: Final = Path(__file__).with_name("components.pyi")

_HEADER: Final = """# Written by `python -m sagecraft_infra.pulumi.component_types` of the constructs' signatures.
# ruff: noqa: A002, E501, I001, RUF036 - a program writes it, with the constructs' names
# fmt: off

{imports}

from .construct_component import ConstructComponent
from .view import ConstructView

__all__ = {all}

"""
_COMMON: Final = (
    "opts: pulumi.ResourceOptions | None = ...",
    "env: aws_cdk.Environment | None = ...",
    "asset_bucket: pulumi.Input[str] | None = ...",
)


class _Names:
    """Annotations as text, and the modules that they need."""

    def __init__(self) -> None:
        self.modules = {"aws_cdk", "pulumi"}
        self._widens = True

    def argument(self, hint: Any) -> str:
        """An annotation of a construct's argument, widened by what a component takes beside it."""
        alternatives = _alternatives(hint)
        written = list(dict.fromkeys(self._written(each) for each in alternatives))
        if str in alternatives:
            written.append("pulumi.Output[str]")
        if {int, float} & set(alternatives):
            written.append("pulumi.Output[float]")
            written.append("pulumi.Output[int]")
        if any(_is_declared(each) for each in alternatives):
            written += ["ConstructComponent", "ConstructView"]
        return " | ".join(dict.fromkeys(written))

    def result(self, hint: Any) -> str:
        """An annotation of what a component offers of its construct."""
        self._widens = False
        try:
            return self._result(hint)
        finally:
            self._widens = True

    def plain(self, hint: Any) -> str:
        """An annotation as it stands."""
        return " | ".join(self._written(each) for each in _alternatives(hint))

    def _result(self, hint: Any) -> str:
        alternatives = _alternatives(hint)
        if all(_is_declared(each) for each in alternatives):
            return "ConstructView"
        if hint in PASSED_ON:
            return self._written(hint)
        return f"pulumi.Output[{' | '.join(self._written(each) for each in alternatives)}]"

    def _written(self, hint: Any) -> str:
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if hint in (None, type(None)):
            return "None"
        if hint is ...:
            return "..."
        if hint is Any:
            self.modules.add("typing")
            return "typing.Any"
        if origin is typing.Literal:
            self.modules.add("typing")
            return f"typing.Literal[{', '.join(map(repr, inner))}]"
        if origin in (typing.Union, types.UnionType):
            return self.argument(hint)
        if origin is not None and origin.__name__ == "Callable":
            arguments = "..." if inner[0] is ... else f"[{', '.join(self._written(each) for each in inner[0])}]"
            return f"{self._written(origin)}[{arguments}, {self._written(inner[-1])}]"
        if origin is not None:
            widened = (
                (self._written(inner[0]), self.argument(inner[1]))
                if issubclass(origin, Mapping)
                else [self.argument(each) if each is not ... else "..." for each in inner]
            )
            if not self._widens:
                widened = [self._written(each) for each in inner]
            return f"{self._written(origin)}[{', '.join(widened)}]"
        module = sagecraft_constructs if hasattr(sagecraft_constructs, hint.__name__) else None
        # `pathlib._local`, as newer versions of Python name it, is `pathlib` to whoever imports it.
        name = module.__name__ if module is not None else hint.__module__.partition("._")[0]
        if name == "builtins":
            return str(hint.__name__)
        self.modules.add(name)
        return f"{name}.{hint.__name__}"


def _alternatives(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return typing.get_args(hint)
    return (hint,)


def _is_declared(hint: Any) -> bool:
    """Whether it is something that stands in a stack."""
    if not isinstance(hint, type) or issubclass(hint, enum.Enum):
        return False
    return hasattr(hint, "__jsii_type__") or "Construct" in [each.__name__ for each in hint.__mro__]


def component_types() -> str:
    """The text of `components.pyi`."""
    names = _Names()
    classes = [COMPONENTS[name] for name in sorted(COMPONENTS)]
    body = "\n".join(_class(each, names) for each in classes)
    imports = "\n".join(f"import {module}" for module in sorted(names.modules))
    return _HEADER.format(imports=imports, all=_listed(each.__name__ for each in classes)) + body


def _listed(names: Iterable[str]) -> str:
    return "[\n" + "".join(f'    "{name}",\n' for name in names) + "]"


def _class(component: type[ConstructComponent], names: _Names) -> str:
    construct = component.construct_class
    lines = [f"class {component.__name__}(ConstructComponent):"]
    lines += _function("__init__", construct.__init__, names, "self", "None")
    lines += ["    @property", f"    def reference(self) -> {names.plain(_reference(construct))}: ..."]
    for name, value in vars(component).items():
        if isinstance(value, classmethod):
            made = getattr(construct, name)
            lines += ["    @classmethod", *_function(name, made, names, "cls", component.__name__)]
    for name in sorted(_public(construct)):
        value = inspect.getattr_static(construct, name, None)
        if isinstance(value, property):
            returned = typing.get_type_hints(value.fget).get("return")
            lines += ["    @property", f"    def {name}(self) -> {names.result(returned)}: ..."]
        elif inspect.isfunction(value) and is_offered(value):
            lines += _method(name, value, names)
        elif name in _annotated(construct):
            lines += ["    @property", f"    def {name}(self) -> {names.result(_annotated(construct)[name])}: ..."]
    return "\n".join(lines) + "\n"


def _reference(construct: type) -> Any:
    """What other constructs take the construct as."""
    if issubclass(construct, s3.Bucket):
        return s3.IBucket
    if issubclass(construct, iam.Role):
        return iam.IRole
    bases = [each for each in construct.__mro__ if each.__name__ == f"{construct.__name__}Base"]
    return bases[0] if bases else construct


def _public(construct: type) -> set[str]:
    own = [each for each in construct.__mro__ if each.__module__.startswith("sagecraft_constructs")]
    names = {name for each in own for name in (*vars(each), *inspect.get_annotations(each))}
    inherited = ("bucket_arn", "bucket_name", "role_arn", "role_name")
    return {name for name in (*names, *inherited) if not name.startswith("_") and _has(construct, name)}


def _has(construct: type, name: str) -> bool:
    return name in _annotated(construct) or inspect.getattr_static(construct, name, None) is not None


def _annotated(construct: type) -> dict[str, Any]:
    own = [each for each in construct.__mro__ if each.__module__.startswith("sagecraft_constructs")]
    return {name: hint for each in reversed(own) for name, hint in typing.get_type_hints(each).items()}


def _function(name: str, function: Callable[..., Any], names: _Names, first: str, returned: str) -> list[str]:
    hints = typing.get_type_hints(function)
    lines = [f"    def {name}(", f"        {first},", "        resource_name: str,", "        /,", "        *,"]
    for each in list(inspect.signature(function).parameters.values()):
        if each.name in ("self", "scope", "id"):
            continue
        default = "" if each.default is inspect.Parameter.empty else " = ..."
        lines.append(f"        {each.name}: {names.argument(hints[each.name])}{default},")
    return [*lines, *(f"        {each}," for each in _COMMON), f"    ) -> {returned}: ..."]


def _method(name: str, function: Callable[..., Any], names: _Names) -> list[str]:
    hints = typing.get_type_hints(function)
    arguments, starred = ["self"], False
    for each in list(inspect.signature(function).parameters.values())[1:]:
        if each.kind is inspect.Parameter.KEYWORD_ONLY and not starred:
            arguments.append("*")
            starred = True
        default = "" if each.default is inspect.Parameter.empty else " = ..."
        arguments.append(f"{each.name}: {names.plain(hints[each.name])}{default}")
    return [f"    def {name}({', '.join(arguments)}) -> {names.result(hints['return'])}: ..."]


if __name__ == "__main__":
    FILE.write_text(component_types(), encoding="utf-8")
