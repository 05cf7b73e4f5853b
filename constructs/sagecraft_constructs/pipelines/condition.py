"""What a pipeline decides by.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition, and how
AWS's SDK writes each: https://github.com/aws/sagemaker-python-sdk, `workflow/conditions.py`.
"""

from collections.abc import Sequence
from typing import Any

from sagecraft_constructs.errors import InvalidProps
from sagecraft_constructs.job.reference import Reference, meant
from sagecraft_constructs.prop_kinds import check_props

ConditionValue = Reference | str | int | float | bool
"""A parameter, a value of a property file, a result of a job, or what it is compared with."""


class Condition:
    """Something that is true or not when a run of a pipeline gets there."""

    def __init__(self, request: dict[str, Any]) -> None:
        """Takes what AWS is told; use the functions of this class.

        Args:
            request: As a pipeline's definition has it, with references in place of expressions.
        """
        self.request = request

    @staticmethod
    @check_props
    def equals(left: ConditionValue, right: ConditionValue) -> "Condition":
        """Whether two values are equal."""
        return _comparison("Equals", left, right)

    @staticmethod
    @check_props
    def greater_than(left: ConditionValue, right: ConditionValue) -> "Condition":
        """Whether the left one is greater."""
        return _comparison("GreaterThan", left, right)

    @staticmethod
    @check_props
    def greater_than_or_equal_to(left: ConditionValue, right: ConditionValue) -> "Condition":
        """Whether the left one is greater, or as great."""
        return _comparison("GreaterThanOrEqualTo", left, right)

    @staticmethod
    @check_props
    def less_than(left: ConditionValue, right: ConditionValue) -> "Condition":
        """Whether the left one is less."""
        return _comparison("LessThan", left, right)

    @staticmethod
    @check_props
    def less_than_or_equal_to(left: ConditionValue, right: ConditionValue) -> "Condition":
        """Whether the left one is less, or as great."""
        return _comparison("LessThanOrEqualTo", left, right)

    @staticmethod
    @check_props
    def is_in(value: ConditionValue, values: Sequence[ConditionValue]) -> "Condition":
        """Whether a value is one of several.

        Raises:
            InvalidProps: There are none.
        """
        if not values:
            raise InvalidProps("Condition.is_in", ["values: is empty, so it would never be true; name the values."])
        return Condition({"Type": "In", "QueryValue": meant(value), "Values": [meant(each) for each in values]})

    @staticmethod
    @check_props
    def is_not(condition: "Condition") -> "Condition":
        """Whether another one is not true."""
        return Condition({"Type": "Not", "Condition": condition.request})

    @staticmethod
    @check_props
    def any_of(conditions: "Sequence[Condition]") -> "Condition":
        """Whether at least one of several is true.

        Raises:
            InvalidProps: There are none.
        """
        if not conditions:
            raise InvalidProps("Condition.any_of", ["conditions: is empty, so it would never be true; give some."])
        return Condition({"Type": "Or", "Conditions": [each.request for each in conditions]})


def _comparison(kind: str, left: ConditionValue, right: ConditionValue) -> Condition:
    return Condition({"Type": kind, "LeftValue": meant(left), "RightValue": meant(right)})
