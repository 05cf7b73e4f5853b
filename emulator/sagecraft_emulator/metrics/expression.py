"""Regular expressions of metric definitions, matched by RE2: in time that is linear in the text, whatever both are."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import re2

MAX_BYTES: Final = 2 * 1_048_576
"""What one expression may take, the states that it has been in included."""


class WrongExpression(Exception):
    """An expression that RE2 cannot search for; the message says why."""


def options(max_bytes: int = MAX_BYTES) -> re2.Options:
    """How RE2 reads an expression: nothing in it matches the end of a line, so that each line is searched by itself."""
    chosen = re2.Options()
    chosen.never_nl, chosen.log_errors, chosen.max_mem = True, False, max_bytes
    return chosen


def by_line(regex: str) -> str:
    """An expression for a text of several lines, with `^` and `$` at the ends of each."""
    return f"(?m:{regex})"


def compile_expression(regex: str) -> "re2._Regexp":
    """An expression that is searched for in each line of a text, and takes all that follows there, so that it is once.

    Raises:
        WrongExpression: It is none, or none that RE2 can search for.
    """
    try:
        re2.compile(regex, options())  # as it stands, because a bracket that is missing in it might be one of ours
        return re2.compile(f"{by_line(regex)}.*", options())
    except re2.error as error:
        reason = error.args[0]
        raise WrongExpression(reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)) from None


def problems(definitions: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """What is wrong with the expressions of `MetricDefinitions`, one sentence each."""
    for each in definitions:
        try:
            compile_expression(each["Regex"])
        except WrongExpression as error:
            yield (
                f"The Regex of the metric definition '{each['Name']}', '{each['Regex']}', cannot be searched for: "
                f"{error}. This emulator takes the syntax of RE2, which has no backreferences and no lookaround."
            )
