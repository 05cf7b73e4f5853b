import gzip
import json
import uuid
from typing import Any

import psutil
import pytest
from sagecraft_emulator.store import Record, RecordKey

from .world import ACCOUNT, REGION, World, wait_until

# Doubles the first number of each line, tells what it was asked in its log, and refuses lines that are not numbers.
SERVE = """
    import json, os, sys, time
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status, body):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            if self.path == "/execution-parameters":
                parameters = os.environ.get("PARAMETERS")
                self.answer(200, parameters.encode()) if parameters else self.answer(404, b"")
            else:
                self.answer(200, b"")

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told = [body.decode(), self.headers["Content-Type"], self.headers["Accept"]]
            print("asked", json.dumps(told), flush=True)
            if b"crash" in body:
                os._exit(3)
            try:
                numbers = [float(line.split(",")[0]) for line in body.decode().splitlines()]
            except ValueError as error:
                self.answer(400, str(error).encode())
            else:
                self.answer(200, "\\n".join(str(2 * number) for number in numbers).encode())

        def log_message(self, *arguments):
            pass

    print("batch", json.dumps({k: v for k, v in os.environ.items() if k.startswith("SAGEMAKER_")}), flush=True)
    address = (os.environ["SAGEMAKER_BIND_HOST"], int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
    ThreadingHTTPServer(address, Handler).serve_forever()
"""
LINES = {"SplitType": "Line", "ContentType": "text/csv"}


def a_model(world: World, **environment: str) -> str:
    name = f"model-{uuid.uuid4().hex[:8]}"
    container = {"Image": world.register(SERVE, use="serve"), "Environment": environment}
    key = RecordKey("Model", ACCOUNT, REGION, name)
    world.store.create(key, arn="arn", status=None, body={"ModelName": name, "PrimaryContainer": container})
    return name


def transform(world: World, uri: str, **members: Any) -> Record:
    return world.end(world.transform_job(a_model(world), uri, **members))


def transformed(world: World) -> dict[str, bytes]:
    listing = world.s3.list_objects_v2(Bucket=world.bucket, Prefix="transformed/").get("Contents", [])
    return {
        each["Key"].removeprefix("transformed/"): world.get(f"s3://{world.bucket}/{each['Key']}") for each in listing
    }


def log(world: World, record: Record, word: str) -> list[Any]:
    """What the containers of a job have logged after a word."""
    lines = world.log_lines("/aws/sagemaker/TransformJobs", f"{record.key.name}/i-")
    return [json.loads(line.removeprefix(word)) for line in lines if line.startswith(word)]


def failure(record: Record) -> str:
    assert record.status == "Failed"
    return str(record.body["FailureReason"])


def test_each_object_has_an_object_of_predictions_named_after_it(world: World) -> None:
    world.put("in/a.csv", b"1,x\n2,y\n")
    world.put("in/deep/b.csv", b"3,z")
    record = transform(world, f"s3://{world.bucket}/in/", TransformInput={"ContentType": "text/csv"})
    assert record.status == "Completed", record.body.get("FailureReason")
    assert transformed(world) == {"a.csv.out": b"2.0\n4.0", "deep/b.csv.out": b"6.0"}
    assert record.body["TransformStartTime"] <= record.body["TransformEndTime"]
    assert sorted(body for body, _, _ in log(world, record, "asked")) == ["1,x\n2,y\n", "3,z"]
    [told] = log(world, record, "batch")
    assert told["SAGEMAKER_BATCH"] == "true"
    assert not {"SAGEMAKER_MAX_PAYLOAD_IN_MB", "SAGEMAKER_BATCH_STRATEGY"} & told.keys()


@pytest.mark.parametrize(
    ("strategy", "bodies"), [("SingleRecord", ["1,a", "2,b", "3,c"]), ("MultiRecord", ["1,a\n2,b\n3,c"])]
)
def test_lines_go_alone_or_together_and_their_predictions_are_lines(
    world: World, strategy: str, bodies: list[str]
) -> None:
    uri = world.put("in/a.csv", b"1,a\n2,b\r\n\n3,c\n")
    record = transform(
        world,
        uri,
        BatchStrategy=strategy,
        TransformInput=LINES,
        TransformOutput={"AssembleWith": "Line", "Accept": "text/csv"},
        Environment={"SAGEMAKER_MARK": "set"},
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    assert transformed(world) == {"a.csv.out": b"2.0\n4.0\n6.0\n"}
    asked = log(world, record, "asked")
    assert sorted(body for body, _, _ in asked) == bodies
    assert {(sent, wanted) for _, sent, wanted in asked} == {("text/csv", "text/csv")}
    [told] = log(world, record, "batch")
    assert (
        told["SAGEMAKER_BATCH_STRATEGY"] == {"SingleRecord": "SINGLE_RECORD", "MultiRecord": "MULTI_RECORD"}[strategy]
    )
    assert told["SAGEMAKER_MARK"] == "set"


def test_a_batch_holds_as_many_records_as_the_payload_allows_and_order_is_kept(world: World) -> None:
    filler = "x" * 300_000
    uri = world.put("in/a.csv", "".join(f"{number},{filler}\n" for number in range(10)).encode())
    record = transform(
        world,
        uri,
        MaxPayloadInMB=1,
        MaxConcurrentTransforms=3,
        BatchStrategy="MultiRecord",
        TransformInput=LINES,
        TransformOutput={"AssembleWith": "Line"},
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    assert transformed(world)["a.csv.out"] == b"".join(b"%d.0\n" % (2 * number) for number in range(10))
    lines = world.log_lines("/aws/sagemaker/TransformJobs", f"{record.key.name}/data-log")
    assert lines == ["sagemaker logs: MaxConcurrentTransforms=3, MaxPayloadInMB=1, BatchStrategy=MULTI_RECORD"]


def test_what_the_user_leaves_out_the_container_says(world: World) -> None:
    uri = world.put("in/a.csv", b"1\n2\n")
    parameters = {"MaxConcurrentTransforms": 2, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 3}
    model = a_model(world, PARAMETERS=json.dumps(parameters))
    record = world.end(world.transform_job(model, uri, TransformInput=LINES))
    assert record.status == "Completed", record.body.get("FailureReason")
    assert sorted(body for body, _, _ in log(world, record, "asked")) == ["1", "2"]
    lines = world.log_lines("/aws/sagemaker/TransformJobs", f"{record.key.name}/data-log")
    assert lines == ["sagemaker logs: MaxConcurrentTransforms=2, MaxPayloadInMB=3, BatchStrategy=SINGLE_RECORD"]


def test_fields_are_taken_out_joined_and_filtered(world: World) -> None:
    uri = world.put("in/a.csv", b"id-1,1,9\nid-2,2,9\n")
    record = transform(
        world,
        uri,
        TransformInput=LINES,
        TransformOutput={"AssembleWith": "Line", "Accept": "text/csv"},
        DataProcessing={"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    assert transformed(world) == {"a.csv.out": b"id-1,2.0\nid-2,4.0\n"}
    assert [body for body, _, _ in log(world, record, "asked")] == ["1,9\n2,9"]


def test_gzip_objects_of_a_manifest_are_shared_out_among_instances(world: World) -> None:
    for number in range(4):
        world.put(f"in/{number}.csv.gz", gzip.compress(b"%d" % number))
    manifest = world.put(
        "list.manifest", json.dumps([{"prefix": f"s3://{world.bucket}/in/"}, "1.csv.gz", "2.csv.gz"]).encode()
    )
    record = transform(
        world,
        manifest,
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 2},
        TransformInput={
            "DataSource": {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": manifest}},
            "CompressionType": "Gzip",
        },
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    assert transformed(world) == {"1.csv.gz.out": b"2.0", "2.csv.gz.out": b"4.0"}
    streams = world.clients.logs(ACCOUNT, REGION).describe_log_streams(
        logGroupName="/aws/sagemaker/TransformJobs", logStreamNamePrefix=f"{record.key.name}/i-"
    )["logStreams"]
    assert len(streams) == 2


def test_a_record_that_the_container_refuses_fails_the_job_by_its_number(world: World) -> None:
    world.put("in/a.csv", b"1\n2\n")
    world.put("in/b.csv", b"3\nfour\n5\n")
    record = transform(world, f"s3://{world.bucket}/in/", TransformInput=LINES)
    why = failure(record)
    assert f"record 2 of s3://{world.bucket}/in/b.csv: the container answered 400: could not convert" in why
    assert transformed(world) == {"a.csv.out": b"2.0\n4.0"}


def test_a_record_over_the_payload_fails_the_job_by_its_number_and_size(world: World) -> None:
    uri = world.put("in/a.csv", b"1\n2," + b"x" * (1 << 20) + b"\n")
    why = failure(transform(world, uri, MaxPayloadInMB=1, TransformInput=LINES))
    assert f"Too much data for max payload size: record 2 of {uri} has 1,048,578 bytes" in why
    assert transformed(world) == {}


def test_a_line_that_is_not_csv_fails_the_job_by_its_number(world: World) -> None:
    uri = world.put("in/a.csv", b'1,a\n2,"b"c\n')
    why = failure(transform(world, uri, TransformInput=LINES, DataProcessing={"InputFilter": "$[0]"}))
    assert f"record 2 of {uri}: it is not text/csv" in why


def test_an_empty_prefix_and_a_container_that_ends_fail_the_job(world: World) -> None:
    assert "No objects found under the S3 URI" in failure(transform(world, f"s3://{world.bucket}/nothing/"))
    uri = world.put("in/a", b"crash")
    assert "the container ended with exit code 3" in failure(transform(world, uri))


def test_a_stopped_job_is_stopped_and_leaves_no_process(world: World) -> None:
    uri = world.put("in/a.csv", b"".join(b"%d\n" % number for number in range(50_000)))
    key = world.transform_job(a_model(world), uri, BatchStrategy="SingleRecord", TransformInput=LINES)
    record = world.wait(key, lambda record: "_Processes" in record.body)
    [process] = record.body["_Processes"]
    world.stop_job(key)
    assert world.end(key).status == "Stopped"
    wait_until(lambda: not psutil.pid_exists(process["pid"]))
    assert transformed(world) == {}
