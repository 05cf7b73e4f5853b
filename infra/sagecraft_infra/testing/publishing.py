"""Brings a stack's assets to where its template looks for them, as the CDK CLI does after `cdk bootstrap`."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from sagecraft_infra.deployment.bootstrapping import bootstrap
from sagecraft_infra.emulator.images import register_program
from sagecraft_infra.errors import UserError
from sagecraft_infra.project.assembly import Stack
from sagecraft_infra.target import Target

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_VERSION_PARAMETER: Final = re.compile(r"/cdk-bootstrap/(?P<qualifier>[A-Za-z0-9_-]{1,10})/version")
_TEMPLATE_SUFFIX: Final = ".template.json"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_RETAINING: Final = frozenset({"Retain", "RetainExceptOnCreate", "Snapshot"})
_POLICIES: Final = ("DeletionPolicy", "UpdateReplacePolicy")


@dataclass
class Publisher:
    """Publishes assets; what an emulator has already is not sent again."""

    _prepared: set[tuple[str, str, str]] = field(default_factory=set, init=False)

    def publish(self, target: Target, stack: Stack) -> None:
        """Brings over what the template of a stack refers to.

        Raises:
            UserError: An asset cannot be published without the CDK CLI.
        """
        for parameter in stack.bootstrap_parameters:
            self._prepare(target, stack, "parameter", parameter)
        for file in stack.asset_manifests:
            manifest = json.loads(file.read_text(encoding="utf-8"))
            for asset in manifest.get("files", {}).values():
                self._publish_file(target, stack, file.parent, asset)
            for asset_hash, asset in manifest.get("dockerImages", {}).items():
                _register_image(target, stack, file.parent, asset_hash, asset)

    def forget(self) -> None:
        """Says that the emulator was emptied."""
        self._prepared.clear()

    def publish_template(self, target: Target, stack: Stack, body: str) -> str:
        """Brings over a template that is too long for a request; returns its URL."""
        bucket = f"sagecraft-templates-{stack.account}-{stack.region}"
        self._prepare(target, stack, "bucket", bucket)
        key = f"{hashlib.sha256(body.encode()).hexdigest()}{_TEMPLATE_SUFFIX}"
        target.s3(stack.region).put_object(Bucket=bucket, Key=key, Body=body.encode())
        return f"{target.project.settings.endpoint_url}/{bucket}/{key}"

    def _publish_file(self, target: Target, stack: Stack, directory: Path, asset: Mapping[str, Any]) -> None:
        source = asset["source"]
        if "path" not in source:
            raise UserError(
                f"Stack {stack.name} has the asset '{asset.get('displayName', '')}', which the CDK CLI makes by a "
                f"program: {source.get('executable')}. sagecraft_deploy runs no such program; deploy with: sagecraft up"
            )
        path = directory / source["path"]
        if path == stack.template_file:
            return  # goes with the request itself
        s3 = target.s3(stack.region)
        for destination in asset["destinations"].values():
            bucket, key = (_located(destination[member], stack) for member in ("bucketName", "objectKey"))
            self._prepare(target, stack, "bucket", bucket)
            if not _exists(s3, bucket, key):
                s3.put_object(Bucket=bucket, Key=key, Body=_content(path, source.get("packaging", "file")))

    def _prepare(self, target: Target, stack: Stack, kind: str, name: str) -> None:
        """Makes a bucket or a parameter that bootstrapping makes, or that the app expects beside that."""
        known = (f"{stack.account}/{stack.region}", kind, name)
        if known in self._prepared:
            return
        if kind == "bucket":
            _make_bucket(target.s3(stack.region), name, stack.region)
        elif standard := _VERSION_PARAMETER.fullmatch(name):
            bootstrap(target, stack.region, standard["qualifier"])
        else:
            version = bootstrap(target, stack.region).outputs["BootstrapVersion"]
            target.ssm(stack.region).put_parameter(Name=name, Value=version, Type="String", Overwrite=True)
        self._prepared.add(known)


def removable(template: Mapping[str, Any]) -> dict[str, Any]:
    """A template whose resources all go with their stack: what would be retained is deleted."""
    resources = {
        logical_id: {
            member: value for member, value in resource.items() if not (member in _POLICIES and value in _RETAINING)
        }
        for logical_id, resource in template.get("Resources", {}).items()
    }
    return {**template, "Resources": resources}


def _content(path: Path, packaging: str) -> bytes:
    if packaging == "zip":
        return _archive(path)
    if path.name.endswith(_TEMPLATE_SUFFIX):  # of a nested stack
        return json.dumps(removable(json.loads(path.read_text(encoding="utf-8")))).encode()
    return path.read_bytes()


def _archive(directory: Path) -> bytes:
    """The directory as a zip file, which is the same for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(each for each in directory.rglob("*") if each.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(directory).as_posix(), _EPOCH)
            entry.external_attr = path.stat().st_mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def _register_image(target: Target, stack: Stack, directory: Path, asset_hash: str, asset: Mapping[str, Any]) -> None:
    program = stack.local_programs().get(asset_hash)
    if program is None:
        raise UserError(
            f"Stack {stack.name} builds the image '{asset.get('displayName') or asset_hash}' from a Dockerfile. "
            "sagecraft_deploy builds no images; declare what the emulator runs instead: "
            "TrainingContainer.from_dockerfile(..., local_program=LocalProgram(entry_point='train.py'))"
        )
    source = directory / asset["source"]["directory"]
    for destination in asset["destinations"].values():
        repository = _located(destination["repositoryName"], stack)
        uri = f"{stack.account}.dkr.ecr.{stack.region}.amazonaws.com/{repository}:{destination['imageTag']}"
        register_program(target.project.settings.port, uri, source, program)


def _located(text: str, stack: Stack) -> str:
    """A name of the asset manifest, which leaves open where the stack goes."""
    return (
        text.replace("${AWS::AccountId}", stack.account)
        .replace("${AWS::Region}", stack.region)
        .replace("${AWS::Partition}", "aws")
    )


def _make_bucket(s3: "S3Client", name: str, region: str) -> None:
    try:
        if region == "us-east-1":
            s3.create_bucket(Bucket=name)
        else:
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})  # type: ignore[typeddict-item]  # any region
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "BucketAlreadyOwnedByYou":
            raise


def _exists(s3: "S3Client", bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in {"404", "NoSuchKey", "NotFound"}:
            return False
        raise
    return True
