"""Which worker of pytest-xdist runs which module: one of a room whose tests it runs already, where there is one.

What the tests of a room share, a worker makes once: an emulator, the rules for templates, the libraries of containers.
So each room is begun by one worker, which stays in it until it is done, and then helps where most is left to do.
"""

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController


class RoomScheduling(LoadFileScheduling):
    """Hands out modules in their order, those of a worker's rooms first, and else those of a room that nobody is in."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        own = {_room(module) for module in self.assigned_work[node]}
        others = {_room(module) for work in self.assigned_work.values() for module in work} - own
        chosen = min(self.workqueue, key=lambda module: (_room(module) not in own, _room(module) in others))
        self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)


def _room(module: str) -> str:
    """The room whose tests a module has, as `tests/infra`."""
    return "/".join(module.split("/")[:2])
