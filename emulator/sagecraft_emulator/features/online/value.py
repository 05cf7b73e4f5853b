"""Values of features: texts that say a value of a type."""

import math
import re
from collections.abc import Mapping
from typing import Any, Final

_INTEGRAL: Final = re.compile(r"[+-]?\d{1,19}")
_FRACTIONAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_LONG: Final = range(-(2**63), 2**63)

Value = str | list[str]


def is_of(feature_type: str, text: str) -> bool:
    """Whether a text says a value of a type: a 64-bit integer, a finite double, or any text."""
    match feature_type:
        case "Integral":
            return _INTEGRAL.fullmatch(text) is not None and int(text) in _LONG
        case "Fractional":
            return _FRACTIONAL.fullmatch(text) is not None and math.isfinite(float(text))
        case _:
            return True


def problem_with(definition: Mapping[str, Any], given: Mapping[str, Any]) -> str | None:
    """What is wrong with the value of a feature; None for a good one.

    Args:
        definition: Of the feature.
        given: A `FeatureValue` of a request.
    """
    name, feature_type = definition["FeatureName"], definition["FeatureType"]
    collection = definition.get("CollectionType")
    wanted, other = ("ValueAsString", "ValueAsStringList")[:: 1 if collection is None else -1]
    if wanted not in given or other in given:
        kind = f"a {collection}" if collection else "a single value"
        return f"Feature '{name}' is {kind}: give {wanted} for it, and not {other}."
    values = given[wanted] if collection else [given[wanted]]
    wrong = next((each for each in values if not is_of(feature_type, each)), None)
    if wrong is not None:
        return f"Feature '{name}' has FeatureType {feature_type}, and its value '{wrong[:100]}' is none of that type."
    if collection == "Set" and len(set(values)) < len(values):
        return f"Feature '{name}' is a Set, and has a value more than once."
    if collection == "Vector" and len(values) != (dimension := vector_dimension(definition)):
        return f"Feature '{name}' is a Vector of {dimension} values, got {len(values)}."
    return None


def vector_dimension(definition: Mapping[str, Any]) -> int:
    """How many values a vector has."""
    return int(definition["CollectionConfig"]["VectorConfig"]["Dimension"])
