"""A world is generated once, the same on every machine, and read by many at once."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from finsync_dagster.sandbox.world import generate as generating
from finsync_dagster.sandbox.world.generate import generate
from finsync_dagster.sandbox.world.reading import World, generator_digest, open_world
from tests.sandbox.world.digests import digest

pytestmark = pytest.mark.slow


def test_it_is_generated_once(worlds: Path, world: World) -> None:
    told: list[str] = []
    before = world.path.stat().st_mtime_ns
    again = open_world(worlds, seed=7, scale=Decimal("1.0"), progress=told.append)
    assert again.path == world.path
    assert world.path.stat().st_mtime_ns == before
    assert told == []


def test_the_file_is_named_by_seed_scale_and_generator(world: World) -> None:
    assert world.path.name == f"seed7-scale1-{generator_digest()}.duckdb"


def test_what_is_left_of_a_killed_build_does_not_matter(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox" / "world"
    folder.mkdir(parents=True)
    (folder / f"seed3-scale0.1-{generator_digest()}.part").write_text("half")
    world = open_world(tmp_path, seed=3, scale=Decimal("0.1"))
    assert world.connect().execute("SELECT count(*) FROM entity").fetchall() == [(5,)]
    world.close()
    assert not list(folder.glob("*.part*"))


def test_a_world_of_another_generator_goes_when_the_new_one_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox" / "world"
    folder.mkdir(parents=True)
    old = ("seed3-scale0.1-aaaaaaaaaaaa.duckdb", "seed3-scale0.1-aaaaaaaaaaaa-netsuite-b.duckdb")
    kept = ("seed3-scale0.15-aaaaaaaaaaaa.duckdb", "seed33-scale0.1-aaaaaaaaaaaa.duckdb")
    for name in (*old, *kept):
        (folder / name).write_text("old")
    told: list[str] = []
    for _ in range(2):
        world = open_world(tmp_path, seed=3, scale=Decimal("0.1"), progress=told.append)
        world.close()
    left = {each.name for each in folder.glob("*.duckdb")}
    assert left == {*kept, world.path.name}
    assert sum("new FINSYNC_HOME" in each for each in told) == 1


def test_connections_are_their_own_and_read_only(world: World) -> None:
    def count(_: int) -> int:
        connection = world.connect()
        rows = connection.execute("SELECT count(*) FROM invoice_line").fetchall()
        connection.close()
        return int(rows[0][0])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(count, range(32)))) == 1
    with pytest.raises(duckdb.Error):
        world.connect().execute("DELETE FROM invoice")


def test_a_world_there_is_no_room_for_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(total=10**9, used=0, free=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(ValueError, match=r"needs about 2550 MB .* has 1000: .* smaller --scale"):
        open_world(tmp_path, seed=1, scale=500)
    assert not list((tmp_path / "sandbox" / "world").glob("*.duckdb"))


def test_a_world_that_memory_does_not_hold_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generating, "MEMORY", "20MB")
    with pytest.raises(ValueError, match=r"could not be made: .*: .* smaller --scale"):
        open_world(tmp_path, seed=1, scale=1)
    left = {each.suffix for each in (tmp_path / "sandbox" / "world").iterdir()}
    assert left <= {".lock"}


@pytest.mark.parametrize(
    ("seed", "scale"), [(-1, 1), (1, 0), (1, Decimal("-0.5")), (1, 6001), (1, Decimal("1E+9"))]
)
def test_a_seed_or_scale_that_is_none_is_refused(tmp_path: Path, seed: int, scale: Decimal) -> None:
    with pytest.raises(ValueError, match="give another"):
        open_world(tmp_path, seed=seed, scale=scale)


def test_builds_are_equal_whatever_the_threads(tmp_path: Path) -> None:
    digests = set()
    for threads in (1, 4):
        path = tmp_path / f"{threads}.duckdb"
        generate(path, seed=11, scale=Decimal("0.5"), progress=lambda _: None, threads=threads)
        with duckdb.connect(str(path), read_only=True) as connection:
            digests.add(digest(connection))
    assert len(digests) == 1


def test_another_seed_is_another_world(worlds: Path, world: World) -> None:
    other = open_world(worlds, seed=1)
    assert digest(other.connect()) != digest(world.connect())
    other.close()


GOLDEN = "e814b903184c355dc1ed55665a5abbc20999994f75445030ec103a25aa051afb"


def test_the_world_of_seed_7(world: World) -> None:
    assert digest(world.connect()) == GOLDEN


def test_documents_at_scale_1(world: World) -> None:
    total = 0
    for table in ("purchase_order", "receipt", "invoice", "payment", "expense_report"):
        total += world.connect().execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    assert 3000 <= total <= 4000, total
