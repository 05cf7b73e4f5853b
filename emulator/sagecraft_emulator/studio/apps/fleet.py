"""All apps that run: from a record that is `Pending` to a JupyterLab that answers."""

from collections.abc import Collection
from pathlib import Path
from typing import ClassVar

from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.container.images import ImageRegistry
from sagecraft_emulator.errors import InvalidTransition, RecordMissing
from sagecraft_emulator.notebook.fleet import NotebookFleet
from sagecraft_emulator.notebook.place import Place
from sagecraft_emulator.notebook.server import NotebookServer
from sagecraft_emulator.pages.gate import Address, Gate
from sagecraft_emulator.pages.sessions import MayGoOn
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .place import place_of, places
from .server import AppServer, page_of


class AppFleet(NotebookFleet):
    """Runs what is behind all apps.

    One that ran when an earlier emulator ended is `Pending` until it runs again.

    Args:
        store: Where their records are.
        machine: What containers share.
        images: Where the programs of images are.
    """

    kind: ClassVar[str] = "App"
    stopped: ClassVar[str] = "Deleted"
    interrupted: ClassVar[str] = "Pending"
    over: ClassVar[frozenset[str]] = frozenset({"Deleted", "Failed"})

    def __init__(self, store: Store, machine: Machine, images: ImageRegistry) -> None:
        super().__init__(store, machine)
        self._images = images

    def open_app(self, record: Record, session_seconds: float, url_seconds: float, may_go_on: MayGoOn) -> str:
        """As `Apps` says."""
        return self.gate.url(self._page(record), session_seconds, url_seconds, may_go_on)

    def remove_space(self, space: Record) -> None:
        """As `Apps` says."""
        self._in_thread(place_of(self._machine.work_dir, space).remove)

    def _run(self, server: NotebookServer) -> None:
        super()._run(server)
        if isinstance(server, AppServer) and server.is_idle:
            self._delete_idle(server.key)

    def _delete_idle(self, key: RecordKey) -> None:
        """Deletes an app in which nobody works, unless somebody does."""
        try:
            self._store.update(key, status="Deleting", present_status="InService")
        except (RecordMissing, InvalidTransition):
            return
        self.stop(key)

    def _recover(self, record: Record) -> None:
        match record.status:
            case "Pending":
                self.start(record.key)
            case "Deleting":
                self._change(record.key, self.stopped)

    def _stop(self, key: RecordKey, server: AppServer | None) -> None:  # type: ignore[override]  # its servers are these
        if server is not None:
            self.gate.close(server.page)
        super()._stop(key, server)

    def _make_gate(self, endpoint_url: str) -> Gate:
        return Gate("studio", endpoint_url, self._address, opens_by="CreatePresignedDomainUrl")

    def _make_server(self, record: Record) -> AppServer:
        return AppServer(self._machine, self._store, record, self._images, self._closing.is_set, self._pace)

    def _all_places(self) -> Path:
        return places(self._machine.work_dir)

    def _place(self, record: Record) -> Place:
        return place_of(self._machine.work_dir, record)

    def _page(self, record: Record) -> RecordKey:
        return page_of(record.key, record.body)

    def _places(self) -> Collection[Place]:
        """Those of all spaces, with an app or without."""
        return [self._place(space) for space in self._store.find("Space")]

    def _address(self, key: RecordKey) -> Address | str:
        servers = [each for each in self._servers.values() if isinstance(each, AppServer) and each.page == key]
        return super()._address(servers[0].key) if servers else f"No app runs in the space {key.name}."
