"""Stack operations that an emulator finds interrupted, or that meet each other."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from sagecraft_emulator.hosts.ministack.stacks.interrupted import OPERATION, StackOperations


async def never(*arguments: Any, **options: Any) -> None:
    pytest.fail("nothing is deployed, deleted or rolled back")


@pytest.mark.parametrize(("is_update", "status"), [(False, "ROLLBACK_FAILED"), (True, "UPDATE_ROLLBACK_FAILED")])
def test_a_stack_whose_leftovers_cannot_be_found_does_not_stay_in_progress(is_update: bool, status: str) -> None:
    """Such a stack can be deleted; one that is in progress cannot."""
    began: dict[str, Any] = {"began": 0.0, "is_update": is_update, "previous_stack": None}
    began |= {"template": {}, "param_values": {}}
    stack: dict[str, Any] = {"StackId": "id", "StackStatus": "CREATE_IN_PROGRESS", OPERATION: began}
    stacks = SimpleNamespace(_deploy_stack_async=never, _delete_stack_async=never, _roll_back_operation=never)
    records = SimpleNamespace(_data={("000000000000", "us-east-1", "Any"): stack})

    def refuse(*_: Any) -> None:
        raise OSError("Too many open files")

    unfinished: Any = SimpleNamespace(enter=refuse)

    async def finish() -> None:
        operations = StackOperations(stacks, (stacks,), records, lambda *_: None, lambda: None, unfinished)
        operations.seen_in(lambda _: None)({})
        operations.finish()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    asyncio.run(finish())

    assert stack["StackStatus"] == status
    assert str(stack["StackStatusReason"]).endswith("What it had made could not be found: Too many open files")


class Records(dict[str, dict[str, Any]]):
    """Stacks of one account and region, by name."""

    @property
    def _data(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        return {("000000000000", "us-east-1", name): stack for name, stack in self.items()}


def operations(records: Records, deploy: Any, delete: Any) -> tuple[StackOperations, Any]:
    stacks = SimpleNamespace(_deploy_stack_async=deploy, _delete_stack_async=delete)
    unused: Any = None
    made = StackOperations(stacks, (SimpleNamespace(),), records, lambda *_: None, lambda: None, unused)
    return made, stacks


def test_a_stack_may_be_deleted_before_its_creation_has_ended() -> None:
    stack = {"StackId": "id", "StackStatus": "CREATE_IN_PROGRESS"}
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

    made, stacks = operations(Records(Stack=stack), deploy, delete)
    asyncio.run(both())
    assert seen == [False, True]
    assert not made.has_unsaved_ends()


def test_an_operation_can_be_undone_from_the_moment_it_is_asked_for() -> None:
    """What was asked for is saved then, and the emulator may be killed before the operation begins."""
    stack: dict[str, Any] = {"StackId": "id", "StackStatus": "CREATE_IN_PROGRESS"}
    _, stacks = operations(Records(Stack=stack), never, never)
    asked_for = stacks._deploy_stack_async("Stack", "id", {}, {}, False, [])
    assert stack[OPERATION]["is_update"] is False
    asked_for.close()


def test_a_deletion_goes_on_from_the_moment_it_is_asked_for() -> None:
    stack: dict[str, Any] = {"StackId": "id", "StackStatus": "CREATE_COMPLETE"}
    _, stacks = operations(Records(Stack=stack), never, never)
    of_another_region = stacks._delete_stack_async("Stack", "other")
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    asked_for = stacks._delete_stack_async("Stack", "id")
    assert stack["StackStatus"] == "DELETE_IN_PROGRESS"
    of_another_region.close()
    asked_for.close()


def test_a_stack_that_is_gone_already_is_not_deleted_again() -> None:
    _, stacks = operations(Records(), never, never)
    asyncio.run(stacks._delete_stack_async("Gone", "id"))


def test_what_is_asked_before_what_was_interrupted_is_finished_goes_its_own_way() -> None:
    """Requests are answered by then; the machine may be slow."""
    interrupted = {"StackId": "old", "StackStatus": "DELETE_IN_PROGRESS"}
    deleted_again = {"StackId": "again", "StackStatus": "UPDATE_IN_PROGRESS"}
    records = Records(Old=interrupted, Again=deleted_again)
    deleted: list[str] = []

    async def delete(name: str, *_: Any) -> None:
        deleted.append(name)

    async def begin() -> None:
        made, stacks = operations(records, never, delete)
        made.seen_in(lambda _: None)({})
        records["New"] = {"StackId": "new", "StackStatus": "CREATE_IN_PROGRESS"}
        await stacks._delete_stack_async("Again", "again")
        made.finish()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    asyncio.run(begin())
    assert deleted == ["Again", "Old"]
    assert records["New"]["StackStatus"] == "CREATE_IN_PROGRESS"
