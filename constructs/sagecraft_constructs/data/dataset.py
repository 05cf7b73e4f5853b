"""Files of the project that are uploaded when the stack is deployed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import jsii
from aws_cdk import (
    AssetHashType,
    BundlingOptions,
    DockerImage,
    ILocalBundling,
)
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_s3_deployment as s3_deployment
from constructs import Construct
from sagecraft_catalog import join_key

from sagecraft_constructs.errors import PreparationFailed, Problems
from sagecraft_constructs.permissions.nag import (
    acknowledge,
    acknowledge_managed_policy,
    acknowledge_resource,
    acknowledge_resource_of,
)
from sagecraft_constructs.prop_kinds import check_props

from .input import TrainingInput

Preparation = Callable[[Path, Path], None]


class Dataset(Construct):
    """Files of the project in a bucket, under a prefix that holds a hash of their content.

    Changed content is another prefix, and so another training job; what is unchanged is neither uploaded nor trained
    again. The files stay when the dataset is no longer declared, so that a model remains reproducible, and go with the
    bucket.

    Declare it in the stack of the job that reads it: the prefix changes, and CloudFormation does not let a value change
    that another stack imports. The bucket may stand anywhere.

    Attributes:
        bucket: Where the files are.
        prefix: What their keys begin with; it ends with `/`.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        bucket: s3.IBucket,
        path: str | Path,
        name: str | None = None,
        preparation: Preparation | None = None,
    ) -> None:
        """Declares the dataset.

        Args:
            scope: Where it stands.
            id: Its name there.
            bucket: Where the files go.
            path: A file or a folder; relative to the folder of the app.
            name: What the prefix begins with. Left out, the id in lower case.
            preparation: Called with `path` and an empty folder, where it writes the files that are uploaded
                instead, one folder a channel. Left out, the files are uploaded as they are.

        Raises:
            InvalidProps: The path does not exist.
            PreparationFailed: The preparation raised, or wrote no file.
        """
        super().__init__(scope, id)
        source = Path(path)
        problems = Problems.of(scope, id, "Dataset")
        problems.require_known(path=source)
        if not source.exists():
            problems.add("path", f"'{source}' does not exist (looked for it in '{Path.cwd()}').")
        if name is not None and (not name or name.startswith("/") or name.endswith("/")):
            problems.add(
                "name", f"'{name}' would make a bad S3 prefix; it must neither be empty nor begin or end with '/'."
            )
        problems.raise_any()

        asset = _asset(self, source, preparation)
        self.bucket = bucket
        self.prefix = f"{id.lower() if name is None else name}/{asset.asset_hash[:16]}/"
        self._deployment = s3_deployment.BucketDeployment(
            self,
            "Resource",
            sources=[s3_deployment.Source.bucket(asset.bucket, asset.s3_object_key)],
            destination_bucket=bucket,
            destination_key_prefix=self.prefix,
            prune=False,
            retain_on_delete=True,
            extract=True,
        )
        _acknowledge_deployment(self._deployment, asset.bucket, bucket)

    @property
    def s3_uri(self) -> str:
        """`s3://<bucket>/<prefix>`."""
        return self.bucket.s3_url_for_object(self.prefix)

    def channel(self, folder: str = "", *, content_type: str | None = None) -> TrainingInput:
        """One folder of the dataset as the input of a training job.

        Args:
            folder: Below the dataset. Left out, all of it.
            content_type: The media type of its files, such as `text/csv`. Left out, the algorithm takes its own.
        """
        return TrainingInput(
            bucket=self.bucket,
            prefix=f"{join_key(self.prefix, folder.strip('/'))}/" if folder.strip("/") else self.prefix,
            content_type=content_type,
            requires=(self._deployment,),
        )


@jsii.implements(ILocalBundling)
class _LocalPreparation:
    """Runs a preparation where the CDK would otherwise start a container."""

    def __init__(self, source: Path, preparation: Preparation) -> None:
        self._source = source
        self._preparation = preparation
        self.error: Exception | None = None

    def try_bundle(self, output_dir: str, *_: object, **__: object) -> bool:
        """Fills `output_dir`; the CDK's part of `ILocalBundling`."""
        try:
            self._preparation(self._source, Path(output_dir))
        except Exception as error:
            # An exception loses its type and traceback on the way through the CDK, so it is also kept here.
            self.error = error
            raise
        return True


def _copy(source: Path, output: Path) -> None:
    shutil.copy2(source, output / source.name)


def _asset(scope: Construct, source: Path, preparation: Preparation | None) -> s3_assets.Asset:
    folder = (source if source.is_dir() else source.parent).absolute()  # jsii's process may have another working folder
    if preparation is None and source.is_dir():
        return s3_assets.Asset(scope, "Files", path=str(folder))
    bundling = _LocalPreparation(source, _copy if preparation is None else preparation)
    try:
        return s3_assets.Asset(
            scope,
            "Files",
            path=str(folder),
            asset_hash_type=AssetHashType.OUTPUT,
            bundling=BundlingOptions(
                image=DockerImage.from_registry("scratch"),
                local=bundling,
                # The CDK bundles once for equal options and folders, and sees no difference between two preparations.
                environment={"DATASET": scope.node.path},
            ),
        )
    except RuntimeError as error:
        if bundling.error is not None:
            raise PreparationFailed(
                f"Dataset '{scope.node.path}': preparing '{source}' failed: "
                f"{type(bundling.error).__name__}: {bundling.error}"
            ) from bundling.error
        if "did not produce any output" in str(error):
            raise PreparationFailed(
                f"Dataset '{scope.node.path}': preparing '{source}' wrote no file. "
                "Write what is to be uploaded into the folder that 'preparation' gets as its second argument."
            ) from error
        raise


def _acknowledge_deployment(
    deployment: s3_deployment.BucketDeployment, assets: s3.IBucket, destination: s3.IBucket
) -> None:
    """The CDK's own function copies the files; its runtime and permissions are the CDK's."""
    function = deployment.handler_role.node.scope
    if function is None:
        raise TypeError("the role of a bucket deployment stands in no construct")
    acknowledge(
        function, "L1", reason="The function is the CDK's own, which runs and tests it on the Python that it names."
    )
    acknowledge_managed_policy(
        function,
        "service-role/AWSLambdaBasicExecutionRole",
        "The function is the CDK's own; the managed policy allows it to write its log, and nothing else.",
    )
    actions = ["s3:GetObject*", "s3:GetBucket*", "s3:List*", "s3:DeleteObject*", "s3:Abort*"]
    if destination.encryption_key is not None:
        actions += ["kms:ReEncrypt*", "kms:GenerateDataKey*"]
    acknowledge(
        function,
        *(f"IAM5[Action::{action}]" for action in actions),
        reason="The CDK's own function copies files between these two buckets.",
    )
    reason = "The CDK's own function copies whatever the asset holds; it may do so in these two buckets alone."
    acknowledge_resource(function, f"{assets.bucket_arn}/*", reason)
    acknowledge_resource_of(function, destination, destination.bucket_arn, "/*", reason)
