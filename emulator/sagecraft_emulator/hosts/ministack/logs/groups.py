"""The host's table of log groups, of which the streams lie in the store.

Other services of the host (Lambda, CloudFormation, CodeBuild, …) reach into the table, and find there what they know.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from .event import Line
from .store import Group, LogStore, Record, Stream

KeptEvent = Mapping[str, Any]

_STREAMS: Final = "streams"


class StoredStream:
    """What stands for a stream's record.

    Args:
        store: Where its events are.
        group: Its group.
        name: Its name.
    """

    def __init__(self, store: LogStore, group: Group, name: str) -> None:
        self._store, self._group, self._name = store, group, name

    def append(self, kept: Sequence[KeptEvent]) -> None:
        """Writes events in any order, all of which came at the same time.

        Raises:
            NoStream: The stream was deleted.
        """
        if kept:
            self._store.append(self._group, self._name, _lines(kept), kept[-1]["ingestionTime"])


class Streams:
    """What stands for the streams of a group, by their names.

    Args:
        store: Where they are.
        group: Their group.
    """

    def __init__(self, store: LogStore, group: Group) -> None:
        self._store, self._group = store, group

    def __contains__(self, name: str) -> bool:
        return self._store.has_stream(self._group, name)

    def __getitem__(self, name: str) -> StoredStream:
        if name not in self:
            raise KeyError(name)
        return StoredStream(self._store, self._group, name)

    def __setitem__(self, name: str, record: Record) -> None:
        self._store.add_stream(self._group, name, record["creationTime"])

    def __delitem__(self, name: str) -> None:
        self._store.delete_stream(self._group, name)

    def pop(self, name: str, default: None = None) -> None:
        """Deletes a stream, if there is one."""
        del self[name]
        return default

    def values(self) -> Sequence[Record]:
        """None: the host asks for the events of all, which are not here."""
        return ()

    def __deepcopy__(self, memo: object) -> None:
        """What the host's snapshot has of them."""


def keep_streams(module: Any, store: LogStore) -> None:
    """Has ministack's CloudWatch Logs keep streams in the store, once, before it holds any.

    Args:
        module: ministack's own.
        store: Where they are kept.
    """

    class LogGroups(type(module._log_groups)):  # type: ignore[misc]  # noqa: SLF001 - ministack has no public way
        """Gives each group that comes its streams; what is not here any more is not in the store either."""

        __slots__ = ()

        def __setitem__(self, name: str, record: Record) -> None:
            key = self._scoped(name)
            store.add_group(Group(*key), {**record, _STREAMS: None})
            record[_STREAMS] = Streams(store, Group(*key))
            self._data[key] = record

        def __delitem__(self, name: str) -> None:
            key = self._scoped(name)
            del self._data[key]
            store.delete_group(Group(*key))

        def clear(self) -> None:
            super().clear()
            store.clear()

    groups, own_kind = LogGroups(), type(module._log_groups)  # noqa: SLF001 - as above
    module._log_groups = groups  # noqa: SLF001 - as above
    module._append_log_events = StoredStream.append  # noqa: SLF001 - as above
    own_load: Callable[[Record], None] = module.load_persisted_state

    def load(state: Record) -> None:
        saved = own_kind()
        saved.update(state.get("log_groups", {}))
        _restore(store, groups, saved.all_items())
        own_load({**state, "log_groups": {}, "log_records": {}})

    module.load_persisted_state = load
    for key, record in store.groups():
        groups._data[tuple(key)] = {**record, _STREAMS: Streams(store, key)}  # noqa: SLF001 - as above


def _restore(store: LogStore, groups: Any, saved: Sequence[tuple[tuple[str, str, str], Record]]) -> None:
    """Brings groups of a snapshot back. Those that hold events themselves are of an earlier version.

    Which groups there are, the store knows: it is written at once, and a snapshot a moment later.
    """
    known = {key for key, _ in store.groups()}
    for scope, record in saved:
        group = Group(*scope)
        streams = record[_STREAMS]
        if group not in known:
            if streams is None or store.has_taken_over:
                continue  # it was deleted after the snapshot
            store.take_over(group, {**record, _STREAMS: None}, _taken(streams))
        groups._data[scope] = {**record, _STREAMS: Streams(store, group)}  # noqa: SLF001 - ministack has no public way
    store.end_take_over()


def _taken(streams: Mapping[str, Record]) -> Iterator[tuple[Stream, Sequence[Line]]]:
    for name, record in streams.items():
        stream = Stream(name, record["creationTime"], None, None, record.get("lastIngestionTime"))
        yield stream, _lines(record["events"])


def _lines(kept: Sequence[KeptEvent]) -> list[Line]:
    return sorted((Line(each["timestamp"], each["message"]) for each in kept), key=lambda line: line.timestamp)
