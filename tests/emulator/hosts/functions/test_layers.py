"""Layers that functions share."""

import os
import zipfile
from pathlib import Path

import pytest
from sagecraft_emulator.hosts.functions import layers
from sagecraft_emulator.hosts.functions.layers import unpacked


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "sagecraft" / "lambda-layers"


def layer(place: Path, text: str, name: str = "python/tool.py") -> Path:
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), text)
    return place


def test_archives_of_one_content_are_unpacked_once(tmp_path: Path) -> None:
    first = unpacked(layer(tmp_path / "first.zip", "one"))
    (first / "python" / "compiled").touch()

    again = unpacked(layer(tmp_path / "again.zip", "one"))
    other = unpacked(layer(tmp_path / "other.zip", "two"))

    assert again == first
    assert sorted(each.name for each in (first / "python").iterdir()) == ["compiled", "tool.py"]
    assert (other / "python" / "tool.py").read_text() == "two"


def test_nothing_of_a_layer_lies_outside_of_it(tmp_path: Path, cache: Path) -> None:
    place = unpacked(layer(tmp_path / "layer.zip", "out", "../../outside"))

    assert [each.relative_to(cache.parent) for each in cache.parent.rglob("outside")] == [
        place.relative_to(cache.parent) / "outside"
    ]


def test_what_is_no_archive_leaves_nothing(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "layer.zip").write_text("none")

    with pytest.raises(zipfile.BadZipFile):
        unpacked(tmp_path / "layer.zip")

    assert list(cache.iterdir()) == []


def test_those_used_last_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "KEPT", 2)
    oldest, used = (layer(tmp_path / f"{name}.zip", name) for name in ("oldest", "used"))
    for second, archive in enumerate((used, oldest)):
        os.utime(unpacked(archive), (second, second))

    places = unpacked(used), unpacked(layer(tmp_path / "new.zip", "new"))

    assert sorted(places) == sorted(places[0].parent.iterdir())
