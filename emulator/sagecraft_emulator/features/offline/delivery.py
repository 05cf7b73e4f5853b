"""Brings records into the offline store: what was put together becomes one file a while later, and none is lost.

Which records become which file is written down before the file is, so that after a crash the same file is written again
in place of itself. A record is forgotten once its file is there.
"""

import json
import logging
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from sagecraft_emulator.authorization.role_session import RoleError
from sagecraft_emulator.errors import RecordMissing
from sagecraft_emulator.features.records import PendingFile, Records
from sagecraft_emulator.state.store import RecordKey, Store

from .place import file_name, partition
from .process import ParquetError, ParquetProcess
from .store import OfflineStore

logger = logging.getLogger(__name__)

GATHER_SECONDS: Final = 2.0
"""How long records wait for others, so that a file has more than one. AWS takes up to 15 minutes."""
RETRY_SECONDS: Final = 15.0
IDLE_SECONDS: Final = 10.0
MOST_RECORDS: Final = 10_000
MOST_BYTES: Final = 8 << 20


class Delivery:
    """A thread that writes what is pending.

    Args:
        records: Where it is.
        store: Where the groups are, whose status tells whether their records arrive.
        offline: Where it goes.
    """

    def __init__(self, records: Records, store: Store, offline: OfflineStore) -> None:
        self._records, self._store, self._offline = records, store, offline
        self._parquet = ParquetProcess()
        self._blocked: dict[int, float] = {}
        self._stopping = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="offline-store", daemon=True)

    def start(self) -> None:
        """Begins, also with records of an earlier emulator."""
        if self._records.is_there:
            self._records.wanted.set()
        self._thread.start()

    def stop(self) -> None:
        """Ends; what is pending is written by the next one of the same file."""
        self._stopping.set()
        self._records.wanted.set()
        if self._thread.is_alive():
            self._thread.join()
        self._parquet.end()

    def reset(self) -> None:
        """Forgets all records, pending or not."""
        with self._writing:
            self._records.clear()
            self._blocked.clear()

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._records.wanted.wait(self._pause()):
                self._parquet.end()  # nobody needs its memory
            if self._records.is_there and not self._stopping.wait(GATHER_SECONDS):
                self._records.wanted.clear()
                self._records.expire(time.time())
                self._write_all()

    def _pause(self) -> float:
        return RETRY_SECONDS if self._blocked else IDLE_SECONDS

    def _write_all(self) -> None:
        while True:
            with self._writing:
                now = time.monotonic()
                waiting = [target for target, until in self._blocked.items() if until > now]
                file = self._records.next_file(file_name, MOST_RECORDS, MOST_BYTES, waiting)
                if file is None:
                    return
                self._write(file)

    def _write(self, file: PendingFile) -> None:
        target: Mapping[str, Any] = json.loads(file.target)
        try:
            with tempfile.TemporaryDirectory(prefix="offline-store-") as directory:
                path = Path(directory) / file.name
                self._parquet.write(
                    {
                        "columns": target["columns"],
                        "records": file.records,
                        "write_time": time.time(),
                        "path": str(path),
                    }
                )
                self._offline.upload(target, partition(file.hour), path)
        except (ClientError, BotoCoreError, RoleError, ParquetError) as error:
            logger.warning("Records are not written to %s yet: %s", target["uri"], error)
            self._blocked[file.target_id] = time.monotonic() + RETRY_SECONDS
            self._tell(target, {"Status": "Blocked", "BlockedReason": str(error)[:1024]})
            return
        self._records.written(file)
        if self._blocked.pop(file.target_id, None) is not None:
            self._tell(target, {"Status": "Active"})

    def _tell(self, target: Mapping[str, Any], status: Mapping[str, str]) -> None:
        """Shows whether records arrive, in the group's record, if it is still there."""
        key = RecordKey(*target["key"])
        try:
            if self._store.get(key).body.get("OfflineStoreStatus") != status:
                self._store.update(key, body={"OfflineStoreStatus": status}, tell=True)
        except RecordMissing:
            pass
