"""Members of a request."""

from typing import Any


def present(**members: Any) -> dict[str, Any]:
    """The members that are given: absent means absent, so that SageMaker's own defaults hold."""
    return {name: value for name, value in members.items() if value is not None}
