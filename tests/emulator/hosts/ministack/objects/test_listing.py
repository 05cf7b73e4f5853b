"""Pages of a bucket's listing: the host's own, found without a look at all keys."""

import random
from itertools import product
from typing import Any

import pytest
from sagecraft_emulator.hosts.ministack.objects import listing
from sagecraft_emulator.hosts.ministack.objects.index import BucketObjects, ObjectIndex
from sagecraft_emulator.hosts.ministack.objects.listing import Entries, list_entries
from sagecraft_emulator.hosts.ministack.objects.store import ObjectStore

KEYS = sorted({"".join(random.Random(n).choices("ab/é\U0010ffff", k=n % 6 + 1)) for n in range(300)})


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> BucketObjects:
    store = ObjectStore(tmp_path_factory.mktemp("store"))
    for key in KEYS:
        store.save_object("1", "bucket", key, {})
    return BucketObjects(ObjectIndex(store), "1", "bucket")


@pytest.fixture(params=[1, 3, 1000], autouse=True)
def _at_a_time(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_AT_A_TIME", request.param)


def page(objects: Any, prefix: str, delimiter: str, most: int, start_after: str) -> Entries:
    from ministack.services.s3 import _collect_list_entries

    return list_entries(objects, prefix, delimiter, most, start_after, own=_collect_list_entries)


@pytest.mark.parametrize("delimiter", ["", "/", "b/", "\U0010ffff"])
def test_a_page_is_the_hosts(objects: BucketObjects, delimiter: str) -> None:
    for prefix, most in product(["", "a", "a/", "\U0010ffff", "none"], [0, 1, 7, 1000]):
        for start_after in ("", "a", "a/", "b/a", "~", *random.Random(1).sample(KEYS, 3)):
            given = (prefix, delimiter, most, start_after)
            assert page(objects, *given) == page(dict.fromkeys(KEYS), *given), given


def test_pages_follow_each_other(objects: BucketObjects) -> None:
    listed, more, last = list[str](), True, ""
    while more:
        keys, prefixes, more, last = page(objects, "", "/", 7, last)
        listed += sorted([*keys, *prefixes])
    assert listed == sorted({key[: key.index("/") + 1] if "/" in key else key for key in KEYS})
