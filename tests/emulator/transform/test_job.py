import gzip
import json
import signal
import uuid
from typing import Any

import psutil
import pytest
from sagecraft_emulator.container.removal import removal
from sagecraft_emulator.state.store import Record, RecordKey
from sagecraft_emulator.transform import job as transform_job

from tests.emulator.world import ACCOUNT, REGION, World, wait_until

# Doubles the first number of each line, tells what it was asked in its log, and refuses lines that are not numbers.
SERVE = """
    import json, os, sys, threading, time
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    met, refused = threading.Barrier(2), []
    if "DEAF" in os.environ:
        time.sleep(600)

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
            print(f"asked {json.dumps(told)}\\n", end="", flush=True)  # at once, for there are several threads
            if b"crash" in body:
                os._exit(3)
            if b"hang" in body:
                time.sleep(600)
            if b"once" in body and not refused:
                refused.append(body)
                self.answer(503, b"not yet")
                return
            if b"broken" in body:
                self.answer(500, b"a bug")
                return
            if b"meet" in body:
                met.wait(30)
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


def logged(world: World, key: RecordKey) -> list[str]:
    """All that a job has logged, once it has begun to."""
    try:
        return world.log_lines("/aws/sagemaker/TransformJobs", f"{key.name}/i-")
    except world.clients.logs(ACCOUNT, REGION).exceptions.ResourceNotFoundException:
        return []


def data_log(world: World, record: Record) -> list[str]:
    """What the data logs of a job's instances say."""
    lines = world.log_lines("/aws/sagemaker/TransformJobs", f"{record.key.name}/i-")
    return [line.partition(":[sagemaker logs]: ")[2] for line in lines if ":[sagemaker logs]: " in line]


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
    assert data_log(world, record) == ["MaxConcurrentTransforms=3, MaxPayloadInMB=1, BatchStrategy=MULTI_RECORD"]


def test_what_the_user_leaves_out_the_container_says(world: World) -> None:
    uri = world.put("in/a.csv", b"1\n2\n")
    parameters = {"MaxConcurrentTransforms": 2, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 3}
    model = a_model(world, PARAMETERS=json.dumps(parameters))
    record = world.end(world.transform_job(model, uri, TransformInput=LINES))
    assert record.status == "Completed", record.body.get("FailureReason")
    assert sorted(body for body, _, _ in log(world, record, "asked")) == ["1", "2"]
    assert data_log(world, record) == ["MaxConcurrentTransforms=2, MaxPayloadInMB=3, BatchStrategy=SINGLE_RECORD"]


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
    names = {each["logStreamName"] for each in streams}
    containers = {name for name in names if not name.endswith("/data-log")}
    assert len(containers) == 2
    assert names - containers == {f"{name}/data-log" for name in containers}


def test_a_record_that_the_container_refuses_fails_the_job_by_its_number(world: World) -> None:
    world.put("in/a.csv", b"1\n2\n")
    world.put("in/b.csv", b"3\nfour\n5\n")
    record = transform(world, f"s3://{world.bucket}/in/", TransformInput=LINES)
    why = failure(record)
    assert f"record 2 of s3://{world.bucket}/in/b.csv: the container answered 400: could not convert" in why
    assert transformed(world) == {"a.csv.out": b"2.0\n4.0"}
    assert why in data_log(world, record)


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
    assert "No S3 objects found under S3 URL" in failure(transform(world, f"s3://{world.bucket}/nothing/"))
    uri = world.put("in/a", b"crash")
    assert "the container ended with exit code 3" in failure(transform(world, uri))


def test_a_stopped_job_is_stopped_though_its_container_hangs_and_leaves_no_process(world: World) -> None:
    world.put("in/a.csv", b"1")
    world.put("in/b.csv", b"hang")
    key = world.transform_job(a_model(world), f"s3://{world.bucket}/in/", TransformInput=LINES)
    wait_until(lambda: transformed(world) == {"a.csv.out": b"2.0"})
    [process] = world.store.get(key).body["_Processes"]
    world.stop_job(key)
    record = world.end(key)
    assert (record.status, "FailureReason" in record.body) == ("Stopped", False)
    wait_until(lambda: not psutil.pid_exists(process["pid"]))
    assert transformed(world) == {"a.csv.out": b"2.0"}
    removal.settle()
    assert not list((world.machine.work_dir / "TransformJob").iterdir())


def test_a_killed_container_fails_the_job_at_once_and_says_so(world: World) -> None:
    uri = world.put("in/a.csv", b"hang")
    key = world.transform_job(a_model(world), uri, TransformInput={"ContentType": "text/csv"})
    wait_until(lambda: '["hang", "text/csv", null]' in " ".join(logged(world, key)))
    [process] = world.store.get(key).body["_Processes"]
    outer = psutil.Process(process["pid"])
    [*_, server] = [outer, *outer.children(recursive=True)]
    server.send_signal(signal.SIGKILL)
    why = failure(world.end(key))
    assert why.startswith("AlgorithmError: record 1 of ")
    assert "the container was killed by signal SIGKILL (9)" in why


def test_as_many_objects_as_transforms_are_asked_about_at_once(world: World) -> None:
    world.put("in/a.csv", b"1,meet")
    world.put("in/b.csv", b"2,meet")
    record = transform(world, f"s3://{world.bucket}/in/", MaxConcurrentTransforms=2)
    assert record.status == "Completed", record.body.get("FailureReason")
    assert transformed(world) == {"a.csv.out": b"2.0", "b.csv.out": b"4.0"}


def test_a_server_error_is_asked_again_and_is_the_algorithms_fault_when_it_stays(world: World) -> None:
    uri = world.put("in/a.csv", b"1,once\n")
    record = transform(world, uri, TransformInput=LINES)
    assert record.status == "Completed", record.body.get("FailureReason")
    assert len(log(world, record, "asked")) == 2
    uri = world.put("in/b.csv", b"1\n2,broken\n3\n")
    record = transform(world, uri, TransformInput=LINES, ModelClientConfig={"InvocationsMaxRetries": 0})
    assert failure(record) == f"AlgorithmError: record 2 of {uri}: the container answered 500: a bug"


def test_an_answer_that_takes_too_long_fails_the_job(world: World) -> None:
    uri = world.put("in/a.csv", b"1\nhang\n")
    limits = {"InvocationsTimeoutInSeconds": 1, "InvocationsMaxRetries": 1}
    record = transform(world, uri, TransformInput=LINES, ModelClientConfig=limits)
    assert failure(record) == f"AlgorithmError: records 1 to 2 of {uri}: the container has not answered within 1 s"
    assert len(log(world, record, "asked")) == 2


def test_a_container_that_never_answers_ping_fails_the_job(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transform_job, "STARTUP_SECONDS", 1.0)
    uri = world.put("in/a.csv", b"1")
    key = world.transform_job(a_model(world, DEAF="true"), uri)
    assert failure(world.end(key)).startswith(
        f"AlgorithmError: The primary container for transform job {key.name} did not pass the ping health check: it "
        "has not answered within 1 seconds. Please check CloudWatch logs for this transform job."
    )
