"""Stack operations that were under way when the emulator died, brought to an end when it is back.

CloudFormation outlives its callers: an operation that cannot go on is rolled back, and a deletion is finished. A stack
that stayed `…_IN_PROGRESS` for ever could be neither deployed nor destroyed. So an operation is saved before it makes
or removes anything, and again when it has ended: what it made belongs to a stack whenever the emulator dies.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from .unfinished import UnfinishedResources

logger = logging.getLogger(__name__)

OPERATION: Final = "_sagecraft_operation"
REASON: Final = "The emulator stopped before the operation was complete."


class StackOperations:
    """Keeps with every stack what is needed to undo the operation that runs on it.

    Args:
        stacks: ministack's module of stack operations.
        callers: Its modules that hold a reference to `_deploy_stack_async` of their own.
        records: Its stacks, by account, region and name.
        enter: Makes an account and a region those of the present task.
        save: Returns once the stacks, and what they made, outlive a SIGKILL; may block.
        unfinished: Enters into a stack what an interrupted operation had begun; may block.
    """

    def __init__(
        self,
        stacks: Any,
        callers: tuple[Any, ...],
        records: Any,
        enter: Callable[[str, str], None],
        save: Callable[[], None],
        unfinished: UnfinishedResources,
    ) -> None:
        self._stacks = stacks
        self._records = records
        self._enter = enter
        self._save = save
        self._unfinished = unfinished
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsaved: dict[object, dict[str, Any]] = {}
        self._interrupted: dict[str, tuple[str, str, str]] = {}
        # ruff: noqa: SLF001 - ministack has no public way to any of this
        deploy, delete = self._keeping(stacks._deploy_stack_async), self._saving(stacks._delete_stack_async)
        for module in (stacks, *callers):
            module._deploy_stack_async = deploy
        for module in (stacks, callers[0]):
            module._delete_stack_async = delete

    def seen_in(self, load: Callable[[Any], None]) -> Callable[[Any], None]:
        """Ministack's function that loads a saved state, after which what is under way was interrupted.

        Nothing else was: `finish` comes when requests are answered already, and may have begun other operations.
        """

        def load_and_see(state: Any) -> None:
            load(state)
            for key, stack in self._records._data.items():
                if stack["StackStatus"].endswith("_IN_PROGRESS") and stack["StackStatus"] != "REVIEW_IN_PROGRESS":
                    self._interrupted[stack["StackId"]] = key

        return load_and_see

    def has_unsaved_ends(self) -> bool:
        """Whether a stack may be read whose operation has ended, and would be under way again after a SIGKILL."""
        return any(not stack["StackStatus"].endswith("_IN_PROGRESS") for stack in self._unsaved.values())

    @asynccontextmanager
    async def _saved(self, stack: dict[str, Any]) -> AsyncIterator[None]:
        """Saves before an operation on a stack, and when it has ended."""
        operation = object()  # the next one may begin on the same stack while this one's end is saved
        await asyncio.to_thread(self._save)
        self._unsaved[operation] = stack
        try:
            yield
        finally:
            stack.pop(OPERATION, None)
            await asyncio.to_thread(self._save)
            del self._unsaved[operation]

    def _keeping(self, deploy: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        def deploy_and_keep(
            stack_name: str,
            stack_id: str,
            template: Mapping[str, Any],
            param_values: Mapping[str, Any],
            disable_rollback: bool,
            tags: list[Any],
            **options: Any,
        ) -> Awaitable[None]:
            # At once and not when the operation begins: the request that asks for it may be saved before that.
            stack = self._records[stack_name]
            previous = options.get("previous_stack")
            stack[OPERATION] = {
                "began": time.time(),
                "is_update": options.get("is_update", False),
                "previous_stack": previous,
                "template": template,
                "param_values": param_values,
                "stack_tags": stack.get("Tags") or [],
                "previous_tags": (previous or {}).get("Tags") or [],
                "retain_except_on_create": options.get("retain_except_on_create", False),
                "imports": options.get("imports") or {},
            }

            async def deploy_and_save() -> None:
                async with self._saved(stack):
                    await deploy(stack_name, stack_id, template, param_values, disable_rollback, tags, **options)

            return deploy_and_save()

        return deploy_and_keep

    def _saving(self, delete: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        def delete_and_save(stack_name: str, stack_id: str, *options: Any, **more: Any) -> Awaitable[None]:
            # At once, as above; a stack of another region is found when the deletion begins, in that region.
            asked_for = self._records.get(stack_name)
            if asked_for is not None and asked_for["StackId"] == stack_id:
                asked_for["StackStatus"] = "DELETE_IN_PROGRESS"

            async def begin() -> None:
                stack = self._records.get(stack_name)
                if stack is None:  # deleted by another request meanwhile
                    return
                stack["StackStatus"] = "DELETE_IN_PROGRESS"
                self._interrupted.pop(stack["StackId"], None)
                async with self._saved(stack):
                    await delete(stack_name, stack_id, *options, **more)

            return begin()

        return delete_and_save

    def finish(self) -> None:
        """Starts to bring every interrupted operation to its end, in the background. Call it on the event loop."""
        for stack_id, (account, region, name) in self._interrupted.items():
            stack = self._records._data.get((account, region, name))
            if stack is None or stack["StackId"] != stack_id:  # all was reset meanwhile
                continue
            if "_parent_stack_name" in stack:  # the operation was its parent's
                continue
            logger.warning("Stack %s was %s when the emulator stopped; finishing that", name, stack["StackStatus"])
            task = asyncio.get_running_loop().create_task(self._end(account, region, name, stack))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _end(self, account: str, region: str, name: str, stack: dict[str, Any]) -> None:
        self._enter(account, region)
        stack_id = stack["StackId"]
        if stack["StackStatus"] == "DELETE_IN_PROGRESS":
            await self._stacks._delete_stack_async(name, stack_id)
            return
        operation = stack.get(OPERATION)
        if operation is None:  # ended in the moment before its status was written
            stack["StackStatus"] = stack["StackStatus"].split("_")[0] + "_FAILED"
            stack["StackStatusReason"] = REASON
            return
        previous = (operation["previous_stack"] or {}).get("_resources", {})
        template, parameters = operation["template"], operation["param_values"]
        try:
            await asyncio.to_thread(
                self._unfinished.enter, account, region, name, template, parameters, previous, operation["began"]
            )
        except Exception as error:
            logger.exception("What the interrupted operation of stack %s had made could not be found", name)
            stack["StackStatus"] = "UPDATE_ROLLBACK_FAILED" if operation["is_update"] else "ROLLBACK_FAILED"
            stack["StackStatusReason"] = f"{REASON} What it had made could not be found: {error}"
            return
        present = stack.get("_resources", {})
        created = [logical_id for logical_id, resource in present.items() if resource != previous.get(logical_id)]
        roll_back = self._stacks._roll_back_operation
        await roll_back(name, stack_id, stack, {**operation, "created": created}, REASON)
        stack.pop(OPERATION, None)
