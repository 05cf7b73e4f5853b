"""Members of a request."""

from typing import Any


def present(**members: Any) -> dict[str, Any]:
    """The members that are given: absent means absent, so that SageMaker's own defaults hold."""
    return {name: value for name, value in members.items() if value is not None}


def shortened(text: str, longest: int) -> str:
    """A text that a construct makes up, such as a description with a path in it, cut to what AWS takes."""
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
