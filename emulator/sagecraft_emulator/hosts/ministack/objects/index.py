"""The objects of the host's buckets, which it takes for dictionaries: rows of the store, the last used in memory."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from threading import RLock
from typing import Any, Final, Self

from .store import ObjectStore, State

AT_HAND: Final = 256
"""Objects of which all is known in memory."""
_OBJECTS: Final = "objects"

Place = tuple[str, str, str]
"""Account, bucket and key."""


class ListedKey(str):
    """A key of a listing, with what is known of its object: nobody has to look it up by itself.

    Attributes:
        record: For who only reads it; there may be no body.
    """

    __slots__ = ("record",)
    record: State

    def __new__(cls, key: str, record: State) -> Self:
        """A key with its record."""
        made = super().__new__(cls, key)
        made.record = record
        return made


class ObjectIndex:
    """The objects of all buckets. Safe for use from several threads.

    The host writes into a record that it has been given, and says afterwards that it be saved, or does not. So the last
    used stay the same ones, and what was written into them is not lost when they make room for others.

    Args:
        store: Where the rows are.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._lock = RLock()
        self._at_hand: OrderedDict[Place, tuple[State, str]] = OrderedDict()
        self._unsaved: dict[Place, State | None] = {}

    def get(self, place: Place) -> State | None:
        """The object at a place; None where there is none."""
        with self._lock:
            if place in self._unsaved:
                return self._unsaved[place]
            if place in self._at_hand:
                self._at_hand.move_to_end(place)
                return self._at_hand[place][0]
            found = self._store.object(*place)
            if found is None:
                return None
            self._put_at_hand(place, *found)
            return found[0]

    def has(self, place: Place) -> bool:
        """Whether there is an object at a place."""
        with self._lock:
            if place in self._unsaved:
                return self._unsaved[place] is not None
            return place in self._at_hand or self._store.has_object(*place)

    def put(self, place: Place, state: State | None) -> None:
        """Takes an object, or None for the end of one, which is saved a moment later, unless it has been."""
        with self._lock:
            self._at_hand.pop(place, None)
            self._unsaved[place] = state
            if state is None and not self._store.has_object(*place):
                del self._unsaved[place]

    def saved(self, place: Place, state: State | None) -> None:
        """Hears that the store has what is at a place."""
        with self._lock:
            self._unsaved.pop(place, None)
            self._at_hand.pop(place, None)
            if state is not None:
                self._put_at_hand(place, state, self._store.encode(state))

    def keys(
        self, account: str, bucket: str, begin: str = "", end: str | None = None, most: int | None = None
    ) -> list[str]:
        """As those of the store, what is not saved yet among them."""
        with self._lock:
            unsaved = {
                key: state
                for (owner, name, key), state in self._unsaved.items()
                if (owner, name) == (account, bucket) and key >= begin and (end is None or key < end)
            }
            if not unsaved:
                return self._store.keys(account, bucket, begin, end, most)
            kept = set(self._store.keys(account, bucket, begin, end)) - unsaved.keys()
            return sorted(kept | {key for key, state in unsaved.items() if state is not None})[:most]

    def listed(self, account: str, bucket: str, keys: Iterable[str]) -> list[str]:
        """Keys that are known to be objects, each with its record: those of the store are read all at once."""
        with self._lock:
            records = {key: self._in_memory((account, bucket, key)) for key in keys}
            read = self._store.records(account, bucket, [key for key, record in records.items() if record is None])
        records |= read
        return [key if record is None else ListedKey(key, record) for key, record in records.items()]

    def forget(self, account: str, bucket: str) -> None:
        """Forgets the objects of a bucket, in the store as well."""
        with self._lock:
            for known in (self._at_hand, self._unsaved):
                for place in [place for place in known if place[:2] == (account, bucket)]:
                    del known[place]
            self._store.delete_bucket(account, bucket)

    def forget_all(self) -> None:
        """Forgets what is in memory."""
        with self._lock:
            self._at_hand.clear()
            self._unsaved.clear()

    def _in_memory(self, place: Place) -> State | None:
        if place in self._unsaved:
            return self._unsaved[place]
        return self._at_hand[place][0] if place in self._at_hand else None

    def _put_at_hand(self, place: Place, state: State, text: str) -> None:
        self._at_hand[place] = (state, text)
        if len(self._at_hand) > AT_HAND:
            oldest, (left, written) = self._at_hand.popitem(last=False)
            if (text := self._store.encode(left)) != written:
                self._store.refresh_object(*oldest, text)


class BucketObjects(MutableMapping[str, State]):
    """The objects of one bucket, by key, in the order of their keys.

    Args:
        index: Of all buckets.
        account: The bucket's.
        bucket: Its name.
    """

    def __init__(self, index: ObjectIndex, account: str, bucket: str) -> None:
        self._index, self._account, self._bucket = index, account, bucket

    def __getitem__(self, key: str) -> State:
        state = key.record if isinstance(key, ListedKey) else self._index.get(self._place(key))
        if state is None:
            raise KeyError(key)
        return state

    def __setitem__(self, key: str, state: State) -> None:
        self._index.put(self._place(key), state)

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._index.put(self._place(key), None)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._index.has(self._place(key))

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys_between())

    def __len__(self) -> int:
        return len(self.keys_between())

    def __bool__(self) -> bool:
        return bool(self.keys_between(most=1))

    def keys_between(self, begin: str = "", end: str | None = None, most: int | None = None) -> list[str]:
        """The keys from `begin` to before `end`, and no more than `most`."""
        return self._index.keys(self._account, self._bucket, begin, end, most)

    def listed(self, keys: Iterable[str]) -> list[str]:
        """Keys of a listing that is about to be shown, which then looks nothing up."""
        return self._index.listed(self._account, self._bucket, keys)

    def _place(self, key: str) -> Place:
        return self._account, self._bucket, key


class Buckets(dict[tuple[str, str], dict[str, Any]]):
    """What the host knows of buckets, by account and name. Each gets its objects here, and loses them with its end.

    Args:
        index: Of the objects.
        known: Buckets that there are.
    """

    def __init__(self, index: ObjectIndex, known: Mapping[tuple[str, str], dict[str, Any]]) -> None:
        super().__init__()
        self._index = index
        for place, bucket in known.items():
            self[place] = bucket

    def __setitem__(self, place: tuple[str, str], bucket: dict[str, Any]) -> None:
        given = bucket.get(_OBJECTS)
        if not isinstance(given, BucketObjects):
            bucket[_OBJECTS] = BucketObjects(self._index, *place)
            bucket[_OBJECTS].update(given or {})
        super().__setitem__(place, bucket)

    def setdefault(self, place: tuple[str, str], bucket: Any = None) -> dict[str, Any]:
        """As that of a dictionary."""
        if place not in self:
            self[place] = bucket
        return self[place]

    def __delitem__(self, place: tuple[str, str]) -> None:
        super().__delitem__(place)
        self._index.forget(*place)

    def pop(self, place: tuple[str, str], *default: Any) -> Any:
        """As that of a dictionary."""
        if place not in self:
            return super().pop(place, *default)
        bucket = self[place]
        del self[place]
        return bucket

    def clear(self) -> None:
        """As that of a dictionary. Who clears it clears the store."""
        super().clear()
        self._index.forget_all()
