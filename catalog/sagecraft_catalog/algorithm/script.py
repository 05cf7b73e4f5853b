"""AWS's algorithms that are scripts of JumpStart's in the image of a framework, told by where the script lies.

Source: `training_script_key` and `hosting_script_key` of the models in the tests of aws/sagemaker-python-sdk
(tests/unit/sagemaker/jumpstart/constants.py), which a request names by `sagemaker_submit_directory`.
"""

import re
from typing import Final

from .container import algorithm, algorithms

_SCRIPT: Final = re.compile(r"s3://jumpstart-cache-prod-[a-z0-9-]+/source-directory-tarballs/(?P<script>.+)")
_CONTENT: Final = re.compile(r"s3://jumpstart-cache-prod-[a-z0-9-]+/.+")


def algorithm_of_script(submit_directory: str) -> str | None:
    """The catalog's name of the algorithm whose script it is; None of any other place.

    Args:
        submit_directory: As a request has it: a script's hyperparameters are in JSON, with quotes.
    """
    match = _SCRIPT.fullmatch(submit_directory.strip('"'))
    if match is None:
        return None
    return next((each for each in algorithms() if _is_of(match["script"], algorithm(each).script)), None)


def is_untrained_model(channel_name: str, uri: str) -> bool:
    """Whether a channel is what a script of JumpStart's begins with: a file of AWS's, for an untrained model."""
    return channel_name == "model" and _CONTENT.fullmatch(uri) is not None


def _is_of(script: str, known: str | None) -> bool:
    return known is not None and script.startswith(f"{known}/")
