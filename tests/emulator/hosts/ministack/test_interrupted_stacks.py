"""Stack operations that an emulator finds interrupted, or that meet each other."""

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


def operations(records: dict[str, dict[str, Any]], deploy: Any, delete: Any) -> tuple[StackOperations, Any]:
    stacks = SimpleNamespace(_deploy_stack_async=deploy, _delete_stack_async=delete)
    made = StackOperations(stacks, (SimpleNamespace(),), records, lambda *_: None, lambda: None, lambda _: None)
    return made, stacks


def test_a_stack_may_be_deleted_before_its_creation_has_ended() -> None:
    stack = {"StackStatus": "CREATE_IN_PROGRESS"}
    tasks: list[asyncio.Task[None]] = []
    seen: list[bool] = []

    async def deploy(*_: Any, **__: Any) -> None:
        deletion_began = asyncio.Event()
        tasks.append(asyncio.create_task(stacks._delete_stack_async("Stack", deletion_began)))
        await deletion_began.wait()

    async def delete(_: str, began: asyncio.Event) -> None:
        began.set()
        await tasks[0]
        seen.append(made.has_unsaved_ends())
        stack["StackStatus"] = "DELETE_COMPLETE"
        seen.append(made.has_unsaved_ends())

    async def both() -> None:
        tasks.append(asyncio.create_task(stacks._deploy_stack_async("Stack", "id", {}, {}, False, [])))
        await tasks[0]
        await tasks[1]

    made, stacks = operations({"Stack": stack}, deploy, delete)
    asyncio.run(both())
    assert seen == [False, True]
    assert not made.has_unsaved_ends()


def test_a_stack_that_is_gone_already_is_not_deleted_again() -> None:
    _, stacks = operations({}, never, never)
    asyncio.run(stacks._delete_stack_async("Gone", "id"))
