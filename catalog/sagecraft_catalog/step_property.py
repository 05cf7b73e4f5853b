"""The properties of the steps of a SageMaker pipeline: what the describe operation of a step's work answers.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-properties.html
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from .errors import CatalogError
from .near_match import did_you_mean, enumerate_names
from .package_data import load

_PART: Final = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9]*)(?P<places>(?:\[(?:\d+|'[^']*')\])*)")
_NUMBER: Final = "number"
_PLACE: Final = re.compile(r"\[[^\]]*\]")


def check_step_property(step_type: str, path: str) -> bool:
    """Checks that a step of a type has a property, and returns whether it may be a text, and not a number.

    Args:
        step_type: As a pipeline's definition names it, such as `Training`.
        path: Such as `ModelArtifacts.S3ModelArtifacts`, `FinalMetricDataList['validation:auc'].Value`.

    Raises:
        CatalogError: It has none, or a path is not written so; the message names near matches.
    """
    properties = load("step_properties")["steps"]
    if step_type not in properties:
        raise CatalogError(f"A step of type '{step_type}' has no properties of its own.")
    members: Any = properties[step_type]
    before = f"a {step_type} step"
    for part in _split(path):
        matched = _PART.fullmatch(part)
        if matched is None:
            raise CatalogError(f"'{path}' is no path: write names with '.' between them, and [0] or ['name'] behind.")
        name = matched["name"]
        if not isinstance(members, Mapping) or members.keys() in ({"[]"}, {"{}"}):
            raise CatalogError(f"{before} has no parts called '{name}'{_way_in(members)}.")
        if name not in members:
            near = did_you_mean(name, members.keys())
            raise CatalogError(f"{before} has no property '{name}'.{near or f' There are {_named(members)}.'}")
        members = members[name]
        before = f"'{path[: path.index(part) + len(name)]}' of a {step_type} step"
        for place in _PLACE.findall(matched["places"]):
            if not isinstance(members, Mapping) or members.keys() not in ({"[]"}, {"{}"}):
                raise CatalogError(f"{before} is no list or map, so it has no {place}.")
            members = next(iter(members.values()))
    return bool(members != _NUMBER)


def _split(path: str) -> list[str]:
    """The parts of a path; a dot in a name between quotes does not end one."""
    return re.split(r"\.(?=(?:[^']*'[^']*')*[^']*$)", path)


def _way_in(members: Any) -> str:
    return "; it is a list or map, so write [0] or ['name'] first" if isinstance(members, Mapping) else ""


def _named(members: Mapping[str, Any]) -> str:
    return enumerate_names(list(members), "and")
