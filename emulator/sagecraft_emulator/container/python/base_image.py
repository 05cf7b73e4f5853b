"""AWS's `sagemaker-base-python` images: a Python, in which the SageMaker SDK runs a function that it was given.

Their URIs are those of `get_base_python_image_uri` in `sagemaker/image_uris.py` of the SDK, which takes 3.8 and 3.10.
What is installed there besides is the list of images in the developer guide: boto3 and the AWS CLI.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from sagecraft_emulator.settings import cache_dir

from .installation import Installation

BASE_IMAGES: Final[Mapping[str, str]] = {"sagemaker-base-python-38": "3.8", "sagemaker-base-python-310": "3.10"}
"""The version of Python by the name of the repository."""
_PACKAGES: Final = ("pip", "boto3", "awscli")
_SDK_OPTION: Final = "--client_sagemaker_pysdk_version"
_RELEASE: Final = re.compile(r"\d+(\.\d+){1,3}")
_DEFAULT_SDK: Final = "sagemaker>=2,<3"


def base_installation(interpreter: Path, arguments: Sequence[str]) -> Installation:
    """What stands for the packages of the image.

    The SDK that unpickles a function has to be the one that pickled it: what that of a client signs, and how, changed
    between releases. A client tells its own (`remote_function/job.py` of the SDK), and finds that one.

    Args:
        interpreter: Of the image's version.
        arguments: What the container is started with.
    """
    sdk = _sdk(arguments)
    digest = hashlib.sha256("\0".join([str(interpreter.resolve()), sdk, *_PACKAGES]).encode()).hexdigest()[:16]
    return Installation(
        what=f"the base Python image with {sdk}",
        directory=cache_dir() / f"base-python-{digest}",
        arguments=(*_PACKAGES, sdk),
        again="start the job again.",
        interpreter=interpreter,
    )


def _sdk(arguments: Sequence[str]) -> str:
    told = [value for option, value in pairwise(arguments) if option == _SDK_OPTION]
    return f"sagemaker=={told[-1]}" if told and _RELEASE.fullmatch(told[-1]) else _DEFAULT_SDK
