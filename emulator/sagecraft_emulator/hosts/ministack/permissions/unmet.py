"""Which rule a refused call falls foul of: the statement that would allow it, but for its conditions.

AWS says only that no policy allows a call. Whoever wrote the policy, or has to live with it, needs to know what to
change in the request.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_MOST_VALUES: Final = 10


def unmet_conditions(evaluator: Any, policies: Sequence[Sequence[Any]], context: Any) -> str:
    """A sentence for each statement that allows the action on the resource where it meets its conditions.

    Args:
        evaluator: ministack's module.
        policies: The statements of each policy of the caller.
        context: What is asked for, as ministack's evaluator takes it.
    """
    # ruff: noqa: SLF001 - ministack has no public way to any of this
    told = []
    for statement in (each for policy in policies for each in policy if each.effect == "Allow"):
        if not evaluator._action_matches(context.action, statement.actions, statement.not_actions):
            continue
        if not evaluator._resource_matches(context.resource_arn, statement.resources, statement.not_resources):
            continue
        unmet = [_told(*each) for each in _unmet(evaluator, statement.conditions, context)]
        name = f"The statement '{statement.sid}'" if statement.sid else "A statement"
        told.append(f"{name} allows it where {' and '.join(unmet)}.")
    return " ".join(told)


def _unmet(evaluator: Any, conditions: Mapping[str, Any], context: Any) -> Iterator[tuple[str, str, list[str], Any]]:
    for operator, keys in conditions.items():
        for key, expected in keys.items():
            if not evaluator._conditions_met({operator: {key: expected}}, context):
                values = [str(each) for each in expected] if isinstance(expected, list) else [str(expected)]
                yield operator, key, values, evaluator._resolve_condition_key(key, context)


def _told(operator: str, key: str, expected: list[str], actual: Any) -> str:
    if operator.lower() == "null":
        return f"{key} is {'absent' if expected[0].lower() == 'true' else 'given'}"
    shown = ", ".join(expected[:_MOST_VALUES]) + (", …" if len(expected) > _MOST_VALUES else "")
    got = "nothing" if actual is None else ", ".join(map(str, actual)) if isinstance(actual, list) else str(actual)
    return f"{key} is {shown} ({operator}), got {got}"
