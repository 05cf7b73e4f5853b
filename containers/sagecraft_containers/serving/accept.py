"""What an `Accept` header asks for, of what can be answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from sagecraft_containers.data.content_type import split_media_type

from .predictor import RequestError


@dataclass(frozen=True)
class Accept:
    """What a request asks for.

    Attributes:
        media_type: Of the answer.
        parameters: What else the header says, such as `verbose` to k-NN.
    """

    media_type: str
    parameters: Mapping[str, str]


def accepted(header: str | None, offered: Sequence[str]) -> Accept:
    """The media type to answer with: of several that a header takes, that of the greatest `q`.

    Args:
        header: The request's; None takes anything.
        offered: The media types that can be answered; of a range such as `*/*` the first one in it.

    Raises:
        RequestError: 406, none of them is taken.
    """
    asked = [split_media_type(each) for each in (header or "*/*").split(",")]
    for media_range, parameters in sorted(asked, key=lambda each: -_preference(each[1])):
        media_type = next((each for each in offered if _is_in(each, media_range)), None)
        if media_type is not None and _preference(parameters) > 0:
            return Accept(media_type, parameters)
    raise RequestError(
        HTTPStatus.NOT_ACCEPTABLE, f"Accept '{header}' is not supported; use one of {', '.join(offered)}."
    )


def _preference(parameters: Mapping[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 0.0


def _is_in(media_type: str, media_range: str) -> bool:
    """Whether a range such as `application/*` has a media type."""
    main, _, sub = media_range.partition("/")
    return media_range in {"*/*", media_type} or (sub == "*" and media_type.startswith(f"{main}/"))
