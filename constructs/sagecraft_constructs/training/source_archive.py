"""The user's training script, as the containers of AWS's frameworks fetch it."""

import gzip
import tarfile
from pathlib import Path
from typing import Final

import jsii
from aws_cdk import AssetHashType, BundlingOptions, BundlingOutput, DockerImage, ILocalBundling
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

ARCHIVE_NAME: Final = "sourcedir.tgz"
_LEFT_OUT: Final = frozenset({"__pycache__", ".git", ".venv"})


def source_archive(scope: Construct, directory: Path) -> s3_assets.Asset:
    """The directory as a gzipped tar archive, uploaded when the stack is deployed.

    Equal files make an equal archive, so that what is unchanged is not trained again.

    Args:
        scope: Where the asset stands.
        directory: What goes into the archive, without its own name.
    """
    return s3_assets.Asset(
        scope,
        "Source",
        path=str(directory.absolute()),  # jsii's process may have another working folder
        asset_hash_type=AssetHashType.OUTPUT,
        bundling=BundlingOptions(
            image=DockerImage.from_registry("scratch"),
            local=_Archiving(directory),
            output_type=BundlingOutput.SINGLE_FILE,
        ),
    )


@jsii.implements(ILocalBundling)
class _Archiving:
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def try_bundle(self, output_dir: str, *_: object, **__: object) -> bool:
        """Writes the archive; the CDK's part of `ILocalBundling`."""
        with (
            (Path(output_dir) / ARCHIVE_NAME).open("wb") as file,
            gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w") as archive,
        ):
            for path in sorted(self._directory.rglob("*")):
                inside = path.relative_to(self._directory)
                if path.is_file() and _LEFT_OUT.isdisjoint(inside.parts):
                    archive.add(path, arcname=str(inside), filter=_without_circumstances)
        return True


def _without_circumstances(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leaves out who made a file and when, which say nothing about what is trained."""
    member.mtime = 0
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.mode & 0o100 else 0o644
    return member
