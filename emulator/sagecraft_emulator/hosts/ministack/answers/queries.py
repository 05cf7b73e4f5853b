"""Athena's queries are refused: ministack makes a row up where DuckDB is not installed.

Where it is, other SQL than Athena's runs, and results lie elsewhere than Athena puts them.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sagecraft_emulator.api.json_protocol import answered
from sagecraft_emulator.errors import not_done
from sagecraft_emulator.hosts.ministack.service import ServiceAnswer, ServiceHandler

_TARGET: Final = "AmazonAthena."
_OPERATION: Final = "StartQueryExecution"
_INSTEAD: Final = (
    "The operation 'StartQueryExecution' of Amazon Athena is done by this emulator for CREATE EXTERNAL TABLE and DROP "
    "TABLE alone: it has no engine that queries. Read the files instead, with pandas.read_parquet and s3fs, or with "
    "pyarrow: glue.get_table tells the Location of a table, and DescribeFeatureGroup that of a feature group, as "
    "ResolvedOutputS3Uri."
)


def without_queries(own: ServiceHandler, defines: Callable[[str], bool]) -> ServiceHandler:
    """Ministack's handler of Athena, which refuses what an engine would have to do.

    Args:
        own: ministack's own.
        defines: Whether a statement makes or drops a table, which takes no engine.
    """

    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> ServiceAnswer:
        if headers.get("x-amz-target") != f"{_TARGET}{_OPERATION}":
            return await own(method, path, headers, body, query)
        refused = answered(_TARGET, headers, body, check)
        if refused.status == 200:
            return await own(method, path, headers, body, query)
        return refused.status, refused.headers, refused.body

    def check(_: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if not defines(str(asked.get("QueryString", ""))):
            raise not_done(_INSTEAD)
        return {}

    return handle
