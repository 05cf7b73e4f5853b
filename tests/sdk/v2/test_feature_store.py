"""FeatureGroup: created, filled from a data frame, read online and offline, and described."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import pandas as pd
import pyarrow.parquet as pq
import pytest
import sagemaker
from botocore.exceptions import ClientError
from sagemaker.feature_store.feature_group import FeatureGroup
from sagemaker.feature_store.feature_store import FeatureStore
from sagemaker.feature_store.inputs import FeatureParameter

from tests.sdk.conftest import POLL_SECONDS, WAIT_SECONDS, Objects

AT = 1_769_860_800.0
"""Noon of the last of January in 2026."""


def _wait(until: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not until():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(POLL_SECONDS)


def test_a_data_frame_is_ingested_and_read(
    session: sagemaker.Session, role: str, bucket: str, objects: Objects
) -> None:
    name = f"customers-{bucket}"
    frame = pd.DataFrame(
        {
            "customer_id": pd.Series([f"c{number}" for number in range(20)], dtype="string"),
            "at": [AT + number for number in range(20)],
            "orders": list(range(20)),
        }
    )
    group = FeatureGroup(name=name, sagemaker_session=session)
    group.load_feature_definitions(data_frame=frame)
    group.create(
        s3_uri=f"s3://{bucket}/features",
        record_identifier_name="customer_id",
        event_time_feature_name="at",
        role_arn=role,
        enable_online_store=True,
        description="What customers did",
    )
    _wait(lambda: group.describe()["FeatureGroupStatus"] != "Creating")
    described = group.describe()
    assert described["FeatureGroupStatus"] == "Created", described.get("FailureReason")
    assert [each["FeatureType"] for each in described["FeatureDefinitions"]] == ["String", "Fractional", "Integral"]

    group.ingest(data_frame=frame, max_workers=2, wait=True)
    record = group.get_record(record_identifier_value_as_string="c7")
    assert {each["FeatureName"]: each["ValueAsString"] for each in record} == {
        "customer_id": "c7",
        "at": str(AT + 7),
        "orders": "7",
    }
    group.update_feature_metadata("orders", parameter_additions=[FeatureParameter("unit", "pieces")])
    assert group.describe_feature_metadata("orders")["Parameters"] == [{"Key": "unit", "Value": "pieces"}]
    listed = FeatureStore(session).list_feature_groups(name_contains=name)["FeatureGroupSummaries"]
    assert [each["FeatureGroupName"] for each in listed] == [name]

    ddl = group.as_hive_ddl(database="shop", table_name="customers")
    assert ddl.startswith("CREATE EXTERNAL TABLE IF NOT EXISTS shop.customers (")
    assert "orders INT" in ddl
    place = described["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
    assert f"LOCATION '{place}'" in ddl

    def rows() -> list[dict[str, object]]:
        files = [key for key in objects.keys(place) if key.endswith(".parquet")]
        tables = (pq.read_table(io.BytesIO(objects.get(f"{place}/{key}"))) for key in files)
        return [row for table in tables for row in table.to_pylist()]

    _wait(lambda: len(rows()) == len(frame))
    assert sorted((row["customer_id"], row["orders"]) for row in rows()) == sorted(
        zip(frame["customer_id"], frame["orders"], strict=True)
    )

    query = group.athena_query()
    assert query.database == "sagemaker_featurestore"
    with pytest.raises(ClientError, match="Read the files instead, with pandas"):
        query.run(query_string=f'SELECT * FROM "{query.table_name}"', output_location=f"s3://{bucket}/queries/")

    group.delete_record(record_identifier_value_as_string="c7", event_time=str(AT + 100))
    assert group.get_record(record_identifier_value_as_string="c7") is None
    group.delete()
    _wait(lambda: not FeatureStore(session).list_feature_groups(name_contains=name)["FeatureGroupSummaries"])
