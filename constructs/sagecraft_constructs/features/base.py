"""What a feature group offers, whether it is declared here or exists."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from sagecraft_constructs.asked import arn_at, place_of
from sagecraft_constructs.errors import InvalidProps
from sagecraft_constructs.permissions.keys import grant_decrypt
from sagecraft_constructs.permissions.nag import acknowledge_resource_of, acknowledge_resources
from sagecraft_constructs.tokens import is_token

from .store import OfflineStore

_OF_QUERIES = ("GetQueryExecution", "GetQueryResults", "GetWorkGroup", "StartQueryExecution", "StopQueryExecution")
_OF_RESULTS = ("s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject")
_OF_TABLES = ("GetDatabase", "GetPartition", "GetPartitions", "GetTable")


class FeatureGroupBase(Construct):
    """A feature group, declared here or existing.

    Attributes:
        feature_group_name: Its name.
        feature_group_arn: Its ARN, which has the name in lower case.
        offline_store: Where all its records are kept, with a bucket; `None` if there is none, or it is not known.
    """

    feature_group_name: str
    feature_group_arn: str
    offline_store: OfflineStore | None = None
    _online_key: kms.IKey | None = None

    def grant_put_records(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to put records, and to see what features there are."""
        return self._grant_records(grantee, "PutRecord")

    def grant_read_records(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to read the latest records from the online store, and to see what features there are."""
        return self._grant_records(grantee, "BatchGetRecord", "GetRecord")

    def grant_read_offline(
        self, grantee: iam.IGrantable, *, query_results: s3.IBucket | None = None, work_group: str = "primary"
    ) -> iam.Grant:
        """Allows to read all records from the offline store: the files, and what Glue tells of them.

        Source: https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html

        Args:
            grantee: Who.
            query_results: The bucket that Athena writes results to. Left out, nothing is queried: the files are read.
            work_group: Of Athena, in which the queries run.

        Raises:
            InvalidProps: The group has no offline store, or it is not known where that is.
        """
        store = self.offline_store
        if store is None or store.bucket is None:
            problem = "grant_read_offline: there is no offline store, or its bucket is not known. Give 'offline_store'."
            raise InvalidProps(f"FeatureGroup '{self.node.path}'", [problem])
        grants = [
            _grant(grantee, ["sagemaker:DescribeFeatureGroup"], self._arns),
            _grant(grantee, ["s3:GetBucketLocation", "s3:ListBucket"], [store.bucket.bucket_arn]),
            _grant_objects(grantee, ["s3:GetObject"], store.bucket, self._folder),
        ]
        if store.key is not None:
            grants.append(grant_decrypt(grantee, store.key))
        if store.has_table:
            grants.append(_grant(grantee, [f"glue:{each}" for each in _OF_TABLES], self._tables))
            if isinstance(grantee, Construct):
                made = [each for each in self._tables if "*" in each]
                acknowledge_resources(grantee, made, "SageMaker puts the time into the name of the table.")
        if query_results is not None:
            run_in = arn_at(self, "athena", f"workgroup/{work_group}")
            grants += [
                _grant(grantee, [f"athena:{each}" for each in _OF_QUERIES], [run_in]),
                _grant(grantee, ["s3:GetBucketLocation", "s3:ListBucket"], [query_results.bucket_arn]),
                _grant_objects(grantee, _OF_RESULTS, query_results, ""),
            ]
            if query_results.encryption_key is not None:
                grants.append(query_results.encryption_key.grant_encrypt_decrypt(grantee))
        first, *others = grants
        for each in others:
            first = first.combine(each)
        return first

    @property
    def _folder(self) -> str:
        """What the keys of its files begin with.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/feature-store-offline.html
        """
        place, prefix = place_of(self), "" if self.offline_store is None else self.offline_store.prefix.strip("/")
        below = f"{place.account}/sagemaker/{place.region}/offline-store/{self.feature_group_name}-"
        return f"{prefix}/{below}" if prefix else below

    @property
    def _arns(self) -> list[str]:
        """The ARNs by which IAM may be asked: AWS does not say whether a name with capitals stands there as it is."""
        return list(dict.fromkeys((self.feature_group_arn, _arn(self, self.feature_group_name))))

    @property
    def _tables(self) -> list[str]:
        """The ARNs of what Glue has of it."""
        if self.offline_store is None:
            return []
        name = None if is_token(self.feature_group_name) else self.feature_group_name
        return [arn_at(self, "glue", each) for each in self.offline_store.tables(name)]

    def _grant_records(self, grantee: iam.IGrantable, *actions: str) -> iam.Grant:
        allowed = [f"sagemaker:{each}" for each in ("DescribeFeatureGroup", *actions)]
        grant = _grant(grantee, allowed, self._arns)
        return grant if self._online_key is None else grant.combine(grant_decrypt(grantee, self._online_key))

    def _take_name(self, name: str) -> None:
        self.feature_group_name = name
        self.feature_group_arn = _arn(self, name if is_token(name) else name.lower())


class NamedFeatureGroup(FeatureGroupBase):
    """A feature group of the account and region of the stack, of which the name is known."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        name: str,
        offline_store: OfflineStore | None,
        online_key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id)
        self._take_name(name)
        self.offline_store, self._online_key = offline_store, online_key


def _arn(scope: Construct, name: str) -> str:
    return arn_at(scope, "sagemaker", f"feature-group/{name}")


def _grant(grantee: iam.IGrantable, actions: Sequence[str], resources: Sequence[str]) -> iam.Grant:
    return iam.Grant.add_to_principal(grantee=grantee, actions=list(actions), resource_arns=list(resources))


def _grant_objects(grantee: iam.IGrantable, actions: Sequence[str], bucket: s3.IBucket, prefix: str) -> iam.Grant:
    if isinstance(grantee, Construct):
        reason = "SageMaker and Athena name the objects, of which all below the prefix are meant."
        acknowledge_resource_of(grantee, bucket, bucket.bucket_arn, f"/{prefix}*", reason)
    return _grant(grantee, actions, [bucket.arn_for_objects(f"{prefix}*")])
