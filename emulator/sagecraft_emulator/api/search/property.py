"""Properties of what is searched: which there are, of what type, and their values.

A property is named by the members that lead to it, separated by dots, through lists and maps. Tags are named by their
keys, and so are parameters of features; metrics by their names and, where there are several values of each, by the
statistic:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Filter.html
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from sagecraft_emulator.errors import validation_error

if TYPE_CHECKING:
    from botocore.model import Shape

Type = Literal["text", "number", "boolean", "timestamp", "any"]

_TYPES: Final[Mapping[str, Type]] = {
    "string": "text",
    "integer": "number",
    "long": "number",
    "float": "number",
    "double": "number",
    "boolean": "boolean",
    "timestamp": "timestamp",
}
_KEYED: Final = frozenset({"Key", "Value"})
"""The members of what is named by its key."""
_METRICS: Final = "Metrics"
_METRIC_LISTS: Final = (_METRICS, "FinalMetricDataList")
_PARAMETER: Final = frozenset({"NumberValue", "StringValue"})
_ONE_VALUE: Final = "Value"


@dataclass(frozen=True)
class Property:
    """A property of a kind.

    Attributes:
        path: The names that lead to it, as the service model spells them.
        type: Of its values; "any" where the model does not tell, as of a hyperparameter.
    """

    path: str
    type: Type

    def values(self, item: Mapping[str, Any]) -> list[Any]:
        """Its values in what a search may answer: none, one, or those of all members of a list."""
        head, _, rest = self.path.partition(".")
        held = item.get(head, ())
        if rest and isinstance(held, list) and all(_is_keyed(each) for each in held):
            return [each["Value"] for each in held if rest in {each["Key"], "Value"}] + (
                [each["Key"] for each in held] if rest == "Key" else []
            )
        if head == _METRICS and rest:
            return list(_metric(item, rest))
        return list(_walk(item, self.path))


def property_of(shape: "Shape", name: str) -> Property:
    """The property that a name means.

    Args:
        shape: Of what is searched.
        name: The name; members may be spelt in another case, as in examples of AWS's.

    Raises:
        ApiError: There is none.
    """
    members = getattr(shape, "members", {})
    head, _, rest = name.partition(".")
    if head.lower() == _METRICS.lower() and rest and any(each in members for each in _METRIC_LISTS):
        return Property(f"{_METRICS}.{rest}", "number")
    spelt = _spelt(members, head)
    if rest and spelt is not None and _is_list_of_keyed(members[spelt]):
        return Property(f"{spelt}.{rest}", "text")
    found = _find(shape, name)
    if found is None:
        raise validation_error(f"Unknown property name '{name}'. It begins with one of: {', '.join(sorted(members))}.")
    return found


def _spelt(members: Iterable[str], name: str) -> str | None:
    return next((each for each in members if each.lower() == name.lower()), None)


def _is_list_of_keyed(shape: "Shape") -> bool:
    return shape.type_name == "list" and getattr(shape.member, "members", {}).keys() == _KEYED  # type: ignore[attr-defined]


def _is_keyed(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == _KEYED


def _find(shape: "Shape", name: str) -> Property | None:
    path: list[str] = []
    rest = name
    while rest:
        if shape.type_name == "list":
            shape = shape.member  # type: ignore[attr-defined]  # of its class
            continue
        if shape.type_name == "map":
            return Property(".".join([*path, rest]), "any")
        if shape.type_name != "structure":
            return None
        head, _, rest = rest.partition(".")
        spelt = _spelt(shape.members, head)  # type: ignore[attr-defined]
        if spelt is None:
            return None
        path.append(spelt)
        shape = shape.members[spelt]  # type: ignore[attr-defined]
    if shape.type_name == "list":
        shape = shape.member  # type: ignore[attr-defined]
    return Property(".".join(path), _TYPES.get(shape.type_name, "any"))


def _metric(item: Mapping[str, Any], rest: str) -> Iterator[float]:
    name, _, statistic = rest.rpartition(".")
    for metric in item.get(_METRICS, ()):
        value = next((each for member, each in metric.items() if member.lower() == statistic.lower()), None)
        if metric["MetricName"] == name and value is not None:
            yield value
    for metric in item.get("FinalMetricDataList", ()):
        if metric["MetricName"] == rest:
            yield metric[_ONE_VALUE]


def _walk(value: Any, path: str) -> Iterator[Any]:
    """The values that a path leads to; keys of maps may have dots in them."""
    match value:
        case list():
            for each in value:
                yield from _walk(each, path)
        case dict() if path:
            for key, each in value.items():
                if path == key:
                    yield from _walk(each, "")
                elif path.startswith(f"{key}."):
                    yield from _walk(each, path[len(key) + 1 :])
        case dict() if value.keys() <= _PARAMETER:
            yield from value.values()
        case dict() if _ONE_VALUE in value:
            yield value[_ONE_VALUE]
        case _ if not path:
            yield value
        case _:
            return
