"""A place in S3: one way to read it from a URI, and one way to go on from it.

SageMaker reads no key that has `//` in it, and S3 takes `a//b` and `a/b` for two keys. So whatever is put together goes
through here: parts are joined by one `/`, whichever of them begins or ends with one.

Source: "Virtual hosting of general purpose buckets" in the user guide of Amazon S3, and what a training job of AWS's
says of such a key: "has an illegal char sub-sequence '//' in it".
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from .errors import InvalidS3Uri

_ENDPOINT: Final = r"s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"
_S3_STYLE: Final = re.compile(r"s3://(?P<bucket>[^/]+)/?(?P<key>.*)", re.DOTALL)
_PATH_STYLE: Final = re.compile(rf"https://{_ENDPOINT}/(?P<bucket>[^/]+)/?(?P<key>.*)", re.DOTALL)
_VIRTUAL_HOST_STYLE: Final = re.compile(rf"https://(?P<bucket>[^/]+)\.{_ENDPOINT}/?(?P<key>.*)", re.DOTALL)


@dataclass(frozen=True)
class S3Location:
    """A bucket, and a key or what keys begin with.

    Attributes:
        bucket: The bucket.
        key: The key, or the prefix; empty for the whole bucket.
    """

    bucket: str
    key: str = ""

    @classmethod
    def parse(cls, uri: str) -> "S3Location":
        """The place that a URI names.

        Args:
            uri: `s3://bucket/key`, `https://s3-<region>.amazonaws.com/bucket/key`, the same with `s3.<region>`, or
                `https://bucket.s3.<region>.amazonaws.com/key`.

        Raises:
            InvalidS3Uri: It is none of these.
        """
        if match := _S3_STYLE.fullmatch(uri):
            return cls(match["bucket"], match["key"])
        if match := _PATH_STYLE.fullmatch(uri) or _VIRTUAL_HOST_STYLE.fullmatch(uri):
            return cls(match["bucket"], unquote(match["key"]))
        raise InvalidS3Uri(uri)

    def __truediv__(self, name: str) -> "S3Location":
        """What has a name below this one, as below a folder."""
        return S3Location(self.bucket, join_key(self.key, name))

    @property
    def folder(self) -> "S3Location":
        """What the keys of all below it begin with: it ends with `/`, but for the whole bucket."""
        name = self.key.strip("/")
        return S3Location(self.bucket, f"{name}/" if name else "")

    @property
    def uri(self) -> str:
        """`s3://<bucket>/<key>`."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def is_legal(self) -> bool:
        """Whether SageMaker reads it."""
        return is_legal_key(self.key)


def join_key(*parts: str) -> str:
    """A key of parts, one `/` between each two of them. Empty parts are left out, and the last keeps its end."""
    *folders, name = [part for part in parts if part.strip("/")] or [""]
    return "/".join([*(folder.strip("/") for folder in folders), name.lstrip("/")])


def is_legal_key(key: str) -> bool:
    """Whether SageMaker reads a key: there is no `//` in it, nor between it and the bucket."""
    return not key.startswith("/") and "//" not in key
