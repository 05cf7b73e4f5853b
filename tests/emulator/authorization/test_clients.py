import socket
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.errorfactory import ClientExceptionsFactory
from botocore.exceptions import EndpointConnectionError
from sagecraft_emulator.api.model_files import model_loader
from sagecraft_emulator.authorization.clients import MAX_CLIENTS, Clients


def test_a_client_is_made_once_per_account_and_region() -> None:
    clients = Clients("http://127.0.0.1:1")
    first = clients.logs("000000000001", "us-east-1")
    assert clients.logs("000000000001", "us-east-1") is first
    assert clients.logs("000000000001", "eu-west-1") is not first
    assert clients.logs("000000000002", "us-east-1") is not first


def test_the_clients_that_were_used_last_are_kept() -> None:
    clients = Clients("http://127.0.0.1:1")
    used, unused = clients.sts("000000000001", "us-east-1"), clients.sts("000000000002", "us-east-1")
    for number in range(MAX_CLIENTS):
        assert clients.sts("000000000001", "us-east-1") is used
        clients.sts(f"{number + 3:012}", "us-east-1")
    assert clients.sts("000000000001", "us-east-1") is used
    assert clients.sts("000000000002", "us-east-1") is not unused
    assert len(clients._clients) == MAX_CLIENTS


def test_threads_that_wait_for_an_error_wait_for_the_one_that_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    make = ClientExceptionsFactory._create_client_exceptions  # type: ignore[attr-defined]

    def make_slowly(factory: ClientExceptionsFactory, model: Any) -> Any:
        time.sleep(0.05)
        return make(factory, model)

    monkeypatch.setattr(ClientExceptionsFactory, "_create_client_exceptions", make_slowly)
    clients, begin = Clients("http://127.0.0.1:1"), threading.Barrier(2)

    def error(account: str) -> type[BaseException]:
        client = clients.glue(account, "us-east-1")
        begin.wait()
        found: type[BaseException] = client.exceptions.AlreadyExistsException
        return found

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(error, ("000000000001", "000000000002"))
    assert one is other


def test_a_client_reads_no_documentation() -> None:
    model = Clients("http://127.0.0.1:1").sts("000000000001", "us-east-1").meta.service_model
    assert model.operation_model("GetCallerIdentity").documentation == ""
    assert model.operation_names


def test_a_model_takes_little_memory_until_it_is_used() -> None:
    tracemalloc.start()
    model = model_loader.__wrapped__().load_service_model("s3", "service-2")
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 500_000
    assert model["shapes"]["BucketName"] == {"type": "string"}


@pytest.mark.parametrize("service", ["s3", "logs", "cloudwatch", "sns", "sts"])
def test_a_client_gets_as_far_as_the_connection(service: str) -> None:
    calls = {
        "s3": ("get_object", {"Bucket": "data", "Key": "key"}),
        "logs": ("describe_log_groups", {}),
        "cloudwatch": ("list_metrics", {}),
        "sns": ("list_topics", {}),
        "sts": ("get_caller_identity", {}),
    }
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        clients = Clients(f"http://127.0.0.1:{nobody.getsockname()[1]}")
        operation, request = calls[service]
        with pytest.raises(EndpointConnectionError):
            getattr(getattr(clients, service)("000000000001", "us-east-1"), operation)(**request)
