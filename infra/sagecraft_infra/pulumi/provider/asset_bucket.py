"""The bucket that the files of a stack go to, and what custom resources answer."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from sagecraft_infra.errors import UserError
from sagecraft_infra.pulumi.template.synthesis import FileAsset

from .types import CLASSIC, package_module


class AssetBucket:
    """A bucket that is made when something needs it, unless one is given; each file is uploaded once.

    Args:
        name: The component's, which those of its resources begin with.
        assets: The files.
        options: Of the resources.
        given: The name of a bucket that is there already.
    """

    def __init__(
        self, name: str, assets: Sequence[FileAsset], options: pulumi.ResourceOptions, given: pulumi.Input[str] | None
    ) -> None:
        self._name = name
        self._assets = {asset.object_key: asset for asset in assets}
        self._options = options
        self._bucket_name: Any = given
        self._objects: dict[str, pulumi.Resource] = {}

    @property
    def bucket_name(self) -> Any:
        """The bucket's name."""
        if self._bucket_name is None:
            bucket = package_module(CLASSIC, "s3").Bucket(
                f"{self._name}-assets".lower(), force_destroy=True, opts=self._options
            )
            self._bucket_name = bucket.bucket
        return self._bucket_name

    @property
    def patterns(self) -> list[str]:
        """What the template has for the bucket's name: plain, or a pattern of `Fn::Sub`."""
        return list(dict.fromkeys(asset.bucket_name for asset in self._assets.values()))

    def objects_of(self, properties: Mapping[str, Any]) -> list[pulumi.Resource]:
        """The objects that the properties of a resource name, uploaded by now."""
        content = json.dumps(properties)
        return [self._uploaded(asset) for key, asset in self._assets.items() if key in content]

    def _uploaded(self, asset: FileAsset) -> pulumi.Resource:
        if asset.object_key not in self._objects:
            if not asset.path.exists():
                raise UserError(f"The asset {asset.path} is not there. Synthesize the stack with bundling.")
            source = pulumi.FileArchive(str(asset.path)) if asset.is_folder else pulumi.FileAsset(str(asset.path))
            short = hashlib.sha256(asset.object_key.encode()).hexdigest()[:12]
            self._objects[asset.object_key] = package_module(CLASSIC, "s3").BucketObjectv2(
                f"{self._name}-asset-{short}",
                bucket=self.bucket_name,
                key=asset.object_key,
                source=source,
                opts=self._options,
            )
        return self._objects[asset.object_key]
