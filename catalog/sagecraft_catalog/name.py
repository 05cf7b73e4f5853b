"""SageMaker's rules for names.

Source: the lengths and patterns of botocore's service model of SageMaker.
"""

import re

from .errors import CatalogError, InvalidName
from .near_match import did_you_mean
from .package_data import load


def check_name(kind: str, name: str) -> None:
    """Checks a name against SageMaker's rule.

    Args:
        kind: The member of the API that holds the name: `TrainingJobName`, `EndpointName`, ….
        name: The name itself; never a CDK token.

    Raises:
        InvalidName: The name is too short, too long or holds characters that are not allowed.
        CatalogError: There is no rule for such a kind.
    """
    rules = load("names")["names"]
    if kind not in rules:
        raise CatalogError(f"There is no rule for a name of kind '{kind}'.{did_you_mean(kind, rules)}")
    rule = rules[kind]
    if not rule["minimum_length"] <= len(name) <= rule["maximum_length"]:
        raise InvalidName(
            f"{kind} '{name}' has {len(name)} characters; "
            f"it must have {rule['minimum_length']} to {rule['maximum_length']}."
        )
    if re.fullmatch(rule["pattern"], name, re.ASCII) is None:
        raise InvalidName(f"{kind} '{name}' does not match {rule['pattern']}: {_spoken(kind)}.")


def _spoken(kind: str) -> str:
    if kind == "ChannelName":
        return "use letters, digits, '.', '-' and '_'"
    if kind in ("FeatureGroupName", "FeatureName"):
        return "use letters, digits, '-' and '_', and begin and end with a letter or digit"
    if kind == "ImageName":
        return "use letters, digits, and between them single '-' and '.'"
    return "use letters, digits and '-', and begin and end with a letter or digit"
