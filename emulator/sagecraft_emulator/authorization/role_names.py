"""By which names a role is known: its own, that of the work that it does, and the construct that declares it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence


def role_names(
    roles: Mapping[str, str | None], functions: Mapping[str, str], work: Iterable[tuple[str, Sequence[str]]]
) -> dict[str, tuple[str, ...]]:
    """The ARNs of the roles that each name means.

    Args:
        roles: The path of the construct that declares each role, by ARN.
        functions: The role of each Lambda function, by the function's name.
        work: The name of each piece of work, and the ARNs of the roles that it is done as.
    """
    names: dict[str, dict[str, None]] = defaultdict(dict)

    def add(name: str, *arns: str) -> None:
        names[name].update(dict.fromkeys(arn for arn in arns if arn in roles))

    for arn, construct in roles.items():
        add(arn, arn)
        add(arn.rpartition("/")[2], arn)
        parts = [] if construct is None else construct.split("/")
        for end in range(1, len(parts) + 1):
            add("/".join(parts[:end]), arn)
            add(parts[end - 1], arn)
    for function, arn in functions.items():
        add(function, arn)
    for name, arns in work:
        add(name, *arns)
    return {name: tuple(found) for name, found in names.items() if found}
