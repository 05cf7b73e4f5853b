"""Stack operations that an emulator finds interrupted."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from sagecraft_emulator.hosts.ministack.interrupted_stacks import OPERATION, InterruptedOperation, StackOperations


async def never(*arguments: Any, **options: Any) -> None:
    pytest.fail("nothing is deployed, deleted or rolled back")


@pytest.mark.parametrize(("is_update", "status"), [(False, "ROLLBACK_FAILED"), (True, "UPDATE_ROLLBACK_FAILED")])
def test_a_stack_whose_leftovers_cannot_be_removed_does_not_stay_in_progress(is_update: bool, status: str) -> None:
    """Such a stack can be deleted; one that is in progress cannot."""
    began: dict[str, Any] = {"began": 0.0, "is_update": is_update, "previous_stack": None, "template": {}}
    stack: dict[str, Any] = {"StackId": "id", "StackStatus": "CREATE_IN_PROGRESS", OPERATION: began}
    stacks = SimpleNamespace(_deploy_stack_async=never, _delete_stack_async=never, _roll_back_operation=never)
    records = SimpleNamespace(_data={("000000000000", "us-east-1", "Any"): stack})

    def refuse(operation: InterruptedOperation) -> None:
        raise OSError("Too many open files")

    async def finish() -> None:
        operations = StackOperations(stacks, (stacks,), records, lambda *_: None, lambda: None, refuse)
        operations.finish()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    asyncio.run(finish())

    assert stack["StackStatus"] == status
    assert str(stack["StackStatusReason"]).endswith("What it had made could not be removed: Too many open files")
