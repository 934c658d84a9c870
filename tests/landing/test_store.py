import os
from pathlib import Path

import pytest

from finsync_dagster.landing import store as store_module
from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.store import Store


@pytest.fixture(params=["file", "memory"])
def store(request, tmp_path) -> Store:
    if request.param == "memory":
        return Store(f"memory://{tmp_path.name}-{os.getpid()}")
    return Store(tmp_path.as_uri())


def test_a_file_is_written_once(store):
    assert store.write_once("a/b/c.json", b"1")
    assert not store.write_once("a/b/c.json", b"2")
    assert store.read("a/b/c.json") == b"1"
    assert store.exists("a/b/c.json")
    assert store.names("a/b") == ["c.json"]
    assert store.names("a/none") == []


def test_a_missing_file_is_named(store):
    with pytest.raises(LandingError, match=r"a/none\.json: missing"):
        store.read("a/none.json")


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        Store(tmp_path.as_uri()).write_once("a/b.json", b"1")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_where_links_are_unknown_a_rename_does(tmp_path, monkeypatch):
    def no_links(_: Path, __: Path) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(store_module.os, "link", no_links)
    store = Store(tmp_path.as_uri())
    assert store.write_once("a/b.json", b"1")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.json"]


def test_of_two_writers_the_first_wins(tmp_path, monkeypatch):
    store = Store(tmp_path.as_uri())
    real_link = os.link

    def slower(aside: Path, target: Path) -> None:
        target.write_bytes(b"the other's")
        real_link(aside, target)

    monkeypatch.setattr(store_module.os, "link", slower)
    assert not store.write_once("a/b.json", b"mine")
    assert store.read("a/b.json") == b"the other's"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.json"]
