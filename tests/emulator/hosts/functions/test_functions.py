"""Lambda functions of the embedded host."""

import io
import json
import uuid
import zipfile

import psutil
import pytest

from tests.emulator.conftest import RunningEmulator
from tests.emulator.tiny_job import ROLE

HANDLERS = {
    "python3.11": (
        "index.py",
        """
import os

def handler(event, context):
    if event["how"] == "exit":
        os._exit(3)
    if event["how"] == "raise":
        raise ValueError(f"not yet {os.getpid()}")
    return os.getpid()
""",
    ),
    "nodejs20.x": (
        "index.js",
        """
exports.handler = async (event) => {
  if (event.how === "exit") process.exit(3);
  if (event.how === "raise") throw new Error(`not yet ${process.pid}`);
  return process.pid;
};
""",
    ),
}


@pytest.mark.parametrize("runtime", HANDLERS)
def test_a_function_keeps_its_process_when_its_handler_raises_and_not_when_it_ends(
    emulator: RunningEmulator, runtime: str
) -> None:
    file, source = HANDLERS[runtime]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr(file, source)
    client = emulator.client("lambda")
    name = f"function-{uuid.uuid4().hex[:8]}"
    client.create_function(
        FunctionName=name,
        Runtime=runtime,
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=30,
    )

    def invoke(how: str) -> tuple[str | None, str]:
        answer = client.invoke(FunctionName=name, Payload=json.dumps({"how": how}))
        return answer.get("FunctionError"), answer["Payload"].read().decode()

    first = invoke("return")
    error, payload = invoke("raise")
    assert error == "Unhandled"
    assert json.loads(payload)["errorMessage"] == f"not yet {first[1]}"
    assert invoke("return") == first
    assert invoke("exit")[0] == "Unhandled"
    last = invoke("return")
    assert last[0] is None
    assert last != first


def test_the_process_of_a_function_ends_with_its_stack(emulator: RunningEmulator) -> None:
    name = f"stack-{uuid.uuid4().hex[:8]}"
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": name,
            "Runtime": "python3.11",
            "Role": ROLE,
            "Handler": "index.handler",
            "Code": {"ZipFile": HANDLERS["python3.11"][1]},
        },
    }
    cloudformation = emulator.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"Function": function}}))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    answer = emulator.client("lambda").invoke(FunctionName=name, Payload=b'{"how": "return"}')
    process = psutil.Process(int(answer["Payload"].read()))
    cloudformation.delete_stack(StackName=name)
    process.wait(60)
