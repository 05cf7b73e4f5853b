import copy
import json
import threading
import time
import uuid
from types import SimpleNamespace
from typing import Any

from sagecraft_emulator.hosts.ministack.log_records import keep_records_of_queries, write_lines_quickly

from tests.emulator.conftest import RunningEmulator


def test_a_line_is_kept_once_when_it_is_written() -> None:
    def put(request: dict[str, Any]) -> str:
        module._log_records["pointer"] = {"@message": request["message"]}
        lines.append(request["message"])
        return "put"

    lines: list[str] = []
    module = SimpleNamespace(_put_log_events=put, _log_records={"found": {"@message": "earlier"}})
    keep_records_of_queries(module)
    keep_records_of_queries(module)
    assert module._put_log_events({"message": "line"}) == "put"
    assert lines == ["line"]
    assert module._log_records == {"found": {"@message": "earlier"}}


def test_the_state_is_saved_while_a_line_is_written() -> None:
    def put(request: dict[str, Any]) -> str:
        other = threading.Thread(target=lambda: saved.append(json.dumps(copy.deepcopy(module._log_records))))
        other.start()
        other.join()
        return "put"

    saved: list[str] = []
    module = SimpleNamespace(_put_log_events=put, _log_records={"found": {"@message": "earlier"}})
    keep_records_of_queries(module)
    module._put_log_events({"message": "line"})
    assert saved == ['{"found": {"@message": "earlier"}}']


def test_each_line_has_a_name_of_its_own_and_a_time_is_written_out_once() -> None:
    asked: list[int] = []
    module = SimpleNamespace(_format_insights_timestamp=asked.append)
    write_lines_quickly(module)
    new_uuid = module.new_uuid
    write_lines_quickly(module)
    for _ in range(3):
        module._format_insights_timestamp(1_000)
    assert asked == [1_000]
    assert module.new_uuid is new_uuid
    names = {uuid.UUID(new_uuid()) for _ in range(1000)}
    assert (len(names), {name.version for name in names}) == (1000, {4})


def test_what_a_query_finds_is_read_by_its_pointer(emulator: RunningEmulator) -> None:
    logs, group = emulator.client("logs"), f"/queried/{uuid.uuid4().hex[:8]}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="stream")
    now = int(time.time())
    event = {"timestamp": now * 1000, "message": "a line"}
    logs.put_log_events(logGroupName=group, logStreamName="stream", logEvents=[event])
    query = logs.start_query(
        logGroupName=group, startTime=now - 60, endTime=now + 60, queryString="fields @message, @ptr"
    )
    [row] = logs.get_query_results(queryId=query["queryId"])["results"]
    found = {each["field"]: each["value"] for each in row}
    assert found["@message"] == "a line"
    record = logs.get_log_record(logRecordPointer=found["@ptr"])["logRecord"]
    assert (record["@message"], record["@logStream"]) == ("a line", "stream")
