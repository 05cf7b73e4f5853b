"""Where the records of a feature group are kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from aws_cdk import Duration, Token
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_catalog.feature_group import TTL_SECONDS, glue_name_problem

from sagecraft_constructs.data.place import check_key_regions, check_prefix, check_region
from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.checks import check_seconds
from sagecraft_constructs.prop_kinds import check_props

from .kinds import StorageType, TableFormat

DEFAULT_DATABASE: Final = "sagemaker_featurestore"
CATALOG: Final = "AwsDataCatalog"
"""AWS's names of the database of Glue, and of its catalog."""


@check_props
@dataclass(frozen=True, kw_only=True)
class OnlineStore:
    """The latest record of each identifier, read within milliseconds.

    Attributes:
        storage_type: How fast. Left out, `STANDARD`.
        ttl: How long after its event time a record lives that does not say it itself. Left out, for ever.
        encryption_key: Encrypts the records; switch on its rotation. Left out, a key of AWS's does.
    """

    storage_type: StorageType = StorageType.STANDARD
    ttl: Duration | None = None
    encryption_key: kms.IKey | None = None

    def check(self, problems: Problems, scope: Construct) -> None:
        """Notes what cannot be."""
        check_key_regions(problems, scope, encryption_key=self.encryption_key)
        if self.ttl is not None and check_seconds(problems, "ttl", self.ttl):
            seconds = self.ttl.to_seconds(integral=False)
            if seconds < 1 or seconds != int(seconds):
                problems.add("ttl", f"should be whole seconds and at least 1, got {seconds:.10g} seconds.")


@check_props
@dataclass(frozen=True, kw_only=True)
class OfflineStore:
    """All records that there ever were, as files in S3 with a table in Glue.

    Attributes:
        bucket: Where they are kept. Left out, a `DataBucket` is made.
        prefix: What their keys begin with; SageMaker adds the account, the region and the name of the group. Left out,
            nothing.
        encryption_key: Encrypts them; switch on its rotation. Left out, the key of the bucket, if it has one.
        database: Of Glue, which SageMaker makes where it is not there. Given together with `table_name`. Left out,
            `sagemaker_featurestore`.
        table_name: Of the table in Glue, which must not be there. Left out, SageMaker makes one of the name of the
            group and the time.
        table_format: Left out, `GLUE`.
        disable_glue_table_creation: Whether no table is made, so that no query finds the records, unless it is named
            here and made by somebody else. Left out, one is made.
    """

    bucket: s3.IBucket | None = None
    prefix: str = ""
    encryption_key: kms.IKey | None = None
    database: str | None = None
    table_name: str | None = None
    table_format: TableFormat = TableFormat.GLUE
    disable_glue_table_creation: bool = False

    def check(self, problems: Problems, scope: Construct) -> None:
        """Notes what cannot be."""
        check_prefix(problems, "prefix", self.prefix)
        check_key_regions(problems, scope, encryption_key=self.encryption_key)
        if self.bucket is not None:
            check_region(problems, scope, "bucket", self.bucket)
        for prop, missing, given in (
            ("table_name", self.table_name is None, self.database is not None),
            ("database", self.database is None, self.table_name is not None),
        ):
            if given and missing:
                problems.add(prop, "is needed where 'database' or 'table_name' is given; give both, or neither.")
        for prop, member, name in (
            ("database", "Database", self.database),
            ("table_name", "TableName", self.table_name),
        ):
            if name is not None and not Token.is_unresolved(name):
                problem = glue_name_problem(member, name)
                if problem is not None:
                    problems.add(prop, f"{problem}.")
        if self.table_format is TableFormat.ICEBERG and self.disable_glue_table_creation:
            problems.add(
                "disable_glue_table_creation",
                "should be False with table_format ICEBERG, got True: SageMaker itself makes tables of Iceberg.",
            )

    @property
    def key(self) -> kms.IKey | None:
        """What encrypts the files, where that is not S3's own key."""
        if self.encryption_key is not None:
            return self.encryption_key
        return None if self.bucket is None else self.bucket.encryption_key

    @property
    def has_table(self) -> bool:
        """Whether there is a table in Glue."""
        return self.table_name is not None or not self.disable_glue_table_creation

    def tables(self, feature_group_name: str | None) -> Iterator[str]:
        """What follows `arn:…:` in the ARNs of Glue that a query of the table needs.

        Args:
            feature_group_name: Of whose name SageMaker makes that of the table; `None` if it is a token.
        """
        database = DEFAULT_DATABASE if self.database is None else self.database
        yield "catalog"
        yield f"database/{database}"
        yield f"table/{database}/{_made_of(feature_group_name) if self.table_name is None else self.table_name}"


def ttl_duration(ttl: Duration) -> Mapping[str, object]:
    """A `TtlDuration`, in the largest unit of which it is a whole number."""
    seconds = ttl.to_seconds()
    if ttl.is_unresolved():
        return {"Unit": "Seconds", "Value": seconds}
    unit = max((each for each in TTL_SECONDS if seconds % TTL_SECONDS[each] == 0), key=TTL_SECONDS.__getitem__)
    return {"Unit": unit, "Value": seconds // TTL_SECONDS[unit]}


def _made_of(name: str | None) -> str:
    """What IAM finds the table by that SageMaker makes of a group's name: whichever signs it has put for others."""
    if name is None:
        return "*"
    return f"{''.join(each if each.isalnum() else '?' for each in name.lower())}?*"
