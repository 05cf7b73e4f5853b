"""ECR's `DescribeImages`, where ministack's own answers an empty list for an image that is not there.

The CDK CLI asks so whether it must build and push an image; it takes any answer but the error for a yes.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.hosts.ministack.service import ServiceAnswer, ServiceHandler

_TARGET: Final = "x-amz-target"


def with_missing_images(answer: ServiceHandler) -> ServiceHandler:
    """Ministack's handler of ECR, which says in addition that an image is missing.

    Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
    """

    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> ServiceAnswer:
        status, answer_headers, content = await answer(method, path, headers, body, query)
        if status != 200 or not headers.get(_TARGET, "").endswith(".DescribeImages"):
            return status, answer_headers, content
        request = json.loads(body)
        found = json.loads(content)["imageDetails"]
        for wanted in request.get("imageIds", []):
            if not any(_is(image, wanted) for image in found):
                error = {"__type": "ImageNotFoundException", "message": _message(wanted, request)}
                return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(error).encode()
        return status, answer_headers, content

    return handle


def _is(image: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    if "imageDigest" in wanted and wanted["imageDigest"] != image["imageDigest"]:
        return False
    return "imageTag" not in wanted or wanted["imageTag"] in image["imageTags"]


def _message(wanted: Mapping[str, str], request: Mapping[str, Any]) -> str:
    digest, tag = (f"'{wanted[member]}'" if member in wanted else "'null'" for member in ("imageDigest", "imageTag"))
    return (
        f"The image with imageId {{imageDigest:{digest}, imageTag:{tag}}} does not exist within the repository "
        f"with name '{request['repositoryName']}'"
    )
