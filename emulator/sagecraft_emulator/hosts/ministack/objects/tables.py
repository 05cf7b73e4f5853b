"""The host's tables of objects and uploads, kept in the store instead of the host's memory and its own files."""

from typing import Any, Final

from .body import Body
from .index import Buckets, ObjectIndex
from .listing import list_entries
from .store import ObjectStore, State

_BY_VERSION: Final = ("_object_tags", "_object_acl", "_object_annotations", "_object_retention", "_object_legal_hold")
"""Tables by bucket, key and version; of the version before versioning, None."""
_VERSIONS: Final = "versions"
_NULL: Final = "null"


class Tables:
    """Writes what the host has changed, and brings all of it back.

    Args:
        s3: ministack's module. The functions by which it writes its own files become those of this.
        store: Where everything is kept.
    """

    # ruff: noqa: SLF001 - ministack has no public way to any of this
    def __init__(self, s3: Any, store: ObjectStore) -> None:
        self._s3 = s3
        self._store = store
        self._index = ObjectIndex(store)
        self._load()
        own_collect = s3._collect_list_entries
        s3._collect_list_entries = lambda objects, *page: list_entries(objects, *page, own=own_collect)
        s3._persist_object = lambda bucket, key, _record: self.save(bucket, key)
        s3._persist_version_state = lambda bucket, key, _bucket: self.save(bucket, key)
        s3._persist_delete_marker = lambda bucket, key, _marker: self.save(bucket, key)
        s3._delete_persisted_object = self.save
        self._own_delete_bucket = s3._delete_persisted_bucket
        s3._delete_persisted_bucket = self._delete_bucket
        # A version has a file of its own from the beginning.
        s3._persist_displaced_version = s3._delete_version_file = lambda *_: None

        own_reset = s3.reset

        def reset() -> None:
            own_reset()
            store.clear()

        s3.reset = reset

    def save(self, bucket: str, key: str) -> None:
        """Writes what the host has of a key at the moment."""
        s3 = self._s3
        shown = s3._buckets.get(bucket, {}).get("objects", {}).get(key)
        versions = s3._object_versions.get((bucket, key)) or []
        is_deleted = bool(versions) and versions[-1].get("is_delete_marker")
        current = None if is_deleted else shown
        self._write_bodies(current, versions)
        history: State | None = None
        if current is not None or versions:
            names = [None, *(each["version_id"] for each in versions if each["version_id"] != _NULL)]
            history = {_VERSIONS: versions}
            for table in _BY_VERSION:
                values = {name or _NULL: getattr(s3, table).get((bucket, key, name)) for name in names}
                history[table] = {name: value for name, value in values.items() if value is not None}
        known = history if history is not None and any(history.values()) else None
        account = s3.get_account_id()
        self._store.save_object(account, bucket, key, current, known)
        self._index.saved((account, bucket, key), current)
        if is_deleted and shown is not None:
            self._index.put((account, bucket, key), shown)  # the host asks for it, and takes it away a moment later

    def save_upload(self, upload: str) -> None:
        """Writes an upload that has begun."""
        state = {name: value for name, value in self._s3._multipart_uploads[upload].items() if name != "parts"}
        self._store.save_upload(upload, self._s3.get_account_id(), state)

    def save_part(self, upload: str, number: int) -> None:
        """Writes a part of an upload."""
        part = self._s3._multipart_uploads[upload]["parts"][number]
        if not isinstance(part["body"], Body):
            part["body"] = self._store.write(part["body"])
        self._store.save_part(upload, number, part)

    def delete_upload(self, upload: str) -> None:
        """Forgets an upload that has ended."""
        self._store.delete_upload(upload)

    def _delete_bucket(self, bucket: str) -> None:
        self._own_delete_bucket(bucket)  # the host makes a directory for each
        self._store.delete_bucket(self._s3.get_account_id(), bucket)
        uploads = self._s3._multipart_uploads
        for upload in [name for name in uploads if uploads[name]["bucket"] == bucket]:
            del uploads[upload]
            self.delete_upload(upload)

    def _write_bodies(self, current: State | None, versions: list[State]) -> None:
        """Small bodies come in memory; of the current version, the record and the entry share one."""
        written: dict[int, Body] = {}
        places = [(current, "body")] if current is not None else []
        for record, name in [*places, *((each, "data") for each in versions)]:
            body = record.get(name)
            if body is not None and not isinstance(body, Body):
                if id(body) not in written:
                    written[id(body)] = self._store.write(body)
                record[name] = written[id(body)]

    def _load(self) -> None:
        s3 = self._s3
        # What else is known of the buckets comes with the snapshot of the host's services.
        s3._buckets._data = buckets = Buckets(self._index, s3._buckets._data)
        for place in self._store.buckets():
            buckets.setdefault(place, {"created": s3.now_iso(), "objects": {}, "region": None})
        for account, bucket, key, state in self._store.histories():
            buckets.setdefault((account, bucket), {"created": s3.now_iso(), "objects": {}, "region": None})
            versions = state[_VERSIONS]
            if versions:
                s3._object_versions._data[account, (bucket, key)] = versions
            for table in _BY_VERSION:
                for name, value in state[table].items():
                    version = None if name == _NULL else name
                    getattr(s3, table)._data[account, (bucket, key, version)] = value
        for upload, account, state, parts in self._store.uploads():
            s3._multipart_uploads._data[account, upload] = {**state, "parts": parts}
