"""Athena on a running emulator: tables are made, and queries are refused, not made up."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clients import client
from tests.emulator.conftest import RunningEmulator
from tests.emulator.world import wait_until

ACCOUNT, REGION = "141421356237", "us-east-1"
BUCKET = f"queries-{ACCOUNT}"


def start(athena: Any, statement: str) -> str:
    started = athena.start_query_execution(
        QueryString=statement,
        QueryExecutionContext={"Database": "shop"},
        ResultConfiguration={"OutputLocation": f"s3://{BUCKET}/"},
    )
    return str(started["QueryExecutionId"])


def test_a_query_is_refused_with_what_to_do_instead_and_a_table_is_made(emulator: RunningEmulator) -> None:
    athena, glue, s3 = (client(each, emulator.url, REGION, ACCOUNT) for each in ("athena", "glue", "s3"))
    s3.create_bucket(Bucket=BUCKET)
    glue.create_database(DatabaseInput={"Name": "shop"})
    query = start(athena, f"CREATE EXTERNAL TABLE sold (id string) STORED AS PARQUET LOCATION 's3://{BUCKET}/sold/'")
    states = {"QUEUED", "RUNNING"}
    wait_until(
        lambda: athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"] not in states
    )
    assert glue.get_table(DatabaseName="shop", Name="sold")["Table"]["StorageDescriptor"]["Columns"][0]["Name"] == "id"
    for statement in ("SELECT * FROM sold", "INSERT INTO sold VALUES ('1')", "CREATE TABLE more AS SELECT * FROM sold"):
        with pytest.raises(ClientError) as refused:
            start(athena, statement)
        error = refused.value.response
        assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("NotImplemented", 501)
        assert "'StartQueryExecution' of Amazon Athena" in error["Error"]["Message"]
        assert "pandas.read_parquet" in error["Error"]["Message"]
    assert athena.list_query_executions()["QueryExecutionIds"] == [query]
