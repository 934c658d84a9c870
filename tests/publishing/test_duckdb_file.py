"""Replacing the DuckDB file under readers, and what a killed publication leaves."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from finsync_dagster.publishing import PublishError, WarehouseError, address, duckdb_file, publish
from finsync_dagster.publishing.read import query
from tests.publishing.samples import BILLS, META, bills

PROJECT = Path(__file__).resolve().parents[2]

READER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
for _ in sys.stdin:
    ids = connection.execute("SELECT bill_id FROM canonical.bills ORDER BY 1").fetchall()
    print(",".join(i for (i,) in ids), flush=True)
"""

# Publishes one table, and then one whose rows never come.
STUCK = """
import sys, time
import polars as pl
from finsync_dagster.publishing import publish
from tests.publishing.samples import BILLS, FACTS, META, bills, facts

def wait(frame):
    print("halfway", flush=True)
    time.sleep(600)
    return frame

never = facts({}).lazy().map_batches(wait, schema=FACTS.polars_schema)
publish([(BILLS, bills({"bill_id": "lost"})), (FACTS, never)], sys.argv[1], [], META)
"""


def place(url: str) -> Path:
    found = address.parse(url)
    assert isinstance(found, address.DuckDbFile)
    return found.path


def python(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )


def ids(url: str) -> list[str]:
    return query(url, "SELECT bill_id FROM canonical.bills ORDER BY 1")["bill_id"].to_list()


def beside(url: str) -> list[str]:
    return sorted(p.name for p in place(url).parent.iterdir())


def test_a_reader_keeps_its_snapshot_and_the_next_sees_the_new(duckdb_url: str) -> None:
    publish([(BILLS, bills({"bill_id": "old"}))], duckdb_url, [], META)
    with python(READER, str(place(duckdb_url))) as reader:
        assert reader.stdin
        assert reader.stdout

        def asked() -> str:
            assert reader.stdin
            assert reader.stdout
            reader.stdin.write("\n")
            reader.stdin.flush()
            return reader.stdout.readline().strip()

        assert asked() == "old"
        publish([(BILLS, bills({"bill_id": "new"}))], duckdb_url, [], META)
        assert asked() == "old"
        assert ids(duckdb_url) == ["new"]
        reader.stdin.close()
        assert reader.wait(timeout=20) == 0


@pytest.mark.slow
def test_a_killed_publication_leaves_the_old_file_and_the_next_clears_up(duckdb_url: str) -> None:
    publish([(BILLS, bills({"bill_id": "old"}))], duckdb_url, [], META)
    with python(STUCK, duckdb_url) as publisher:
        assert publisher.stdout
        assert publisher.stdout.readline().strip() == "halfway"
        publisher.kill()
        publisher.wait(timeout=20)
    assert ids(duckdb_url) == ["old"]
    assert any(".building" in name for name in beside(duckdb_url))
    publish([(BILLS, bills({"bill_id": "new"}))], duckdb_url, [], META)
    assert ids(duckdb_url) == ["new"]
    assert beside(duckdb_url) == [".warehouse.duckdb.lock", "warehouse.duckdb"]


def test_a_publication_that_fails_leaves_nothing(duckdb_url: str) -> None:
    with pytest.raises(PublishError):
        publish([(BILLS, bills({}))], duckdb_url, [], META)
    assert beside(duckdb_url) == [".warehouse.duckdb.lock"]


def test_what_is_beside_the_warehouse_is_not_touched(duckdb_url: str) -> None:
    path = place(duckdb_url)
    path.parent.mkdir(parents=True)
    others = [".warehouse.duckdb.notes", "other.building", ".other.duckdb.1.building"]
    for name in others:
        path.with_name(name).write_text("mine")
    publish([(BILLS, bills({"bill_id": "new"}))], duckdb_url, [], META)
    assert set(others) < set(beside(duckdb_url))


def test_the_log_of_a_dead_writer_is_not_applied_to_the_new_file(duckdb_url: str) -> None:
    publish([(BILLS, bills({"bill_id": "old"}))], duckdb_url, [], META)
    path = place(duckdb_url)
    # A writer that dies leaves its log beside the file.
    writer = f"""
    import duckdb, os
    connection = duckdb.connect({str(path)!r})
    connection.execute("PRAGMA disable_checkpoint_on_shutdown")
    connection.execute("DELETE FROM canonical.bills")
    os._exit(0)
    """
    with python(writer) as process:
        process.wait(timeout=20)
    assert path.with_name(path.name + ".wal").exists()
    publish([(BILLS, bills({"bill_id": "new"}))], duckdb_url, [], META)
    assert not path.with_name(path.name + ".wal").exists()
    assert ids(duckdb_url) == ["new"]


def test_publications_wait_for_each_other(duckdb_url: str) -> None:
    together = threading.Barrier(3)

    def one(name: str) -> None:
        together.wait()
        publish([(BILLS, bills({"bill_id": name}))], duckdb_url, [], replace(META, run_id=name))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(one, ["a", "b", "c"]))
    last = query(duckdb_url, "SELECT max(run_id) AS r FROM operations.published").item()
    assert ids(duckdb_url) == [last]


def test_a_publication_that_does_not_end_is_named(
    duckdb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duckdb_file, "LOCK_SECONDS", 0.0)
    with (
        duckdb_file.loading(place(duckdb_url), ["canonical"]),
        pytest.raises(PublishError, match=r"another publication to .*warehouse\.duckdb"),
    ):
        publish([], duckdb_url, [], META)


def test_comments_are_in_the_file(duckdb_url: str) -> None:
    publish([(BILLS, bills({"bill_id": "a"}))], duckdb_url, [], META)
    with duckdb.connect(str(place(duckdb_url)), read_only=True) as connection:
        (table,) = connection.execute(
            "SELECT comment FROM duckdb_tables() WHERE table_name = 'bills'"
        ).fetchall()
        columns = dict(
            connection.execute(
                "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'bills'"
            ).fetchall()
        )
    assert table == ("One row per bill. Key: bill_id.",)
    assert columns == {column.name: column.description for column in BILLS.columns()}


def test_a_link_goes_on_pointing_at_the_warehouse(duckdb_url: str, tmp_path: Path) -> None:
    publish([(BILLS, bills({"bill_id": "old"}))], duckdb_url, [], META)
    link = tmp_path / "link.duckdb"
    link.symlink_to(place(duckdb_url))
    publish([(BILLS, bills({"bill_id": "new"}))], f"duckdb:///{link}", [], META)
    assert link.is_symlink()
    assert ids(duckdb_url) == ["new"]


def test_permissions_survive(duckdb_url: str) -> None:
    publish([], duckdb_url, [], META)
    os.chmod(place(duckdb_url), 0o640)
    publish([], duckdb_url, [], META)
    assert place(duckdb_url).stat().st_mode & 0o777 == 0o640


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PublishError, match=r"file/warehouse.duckdb cannot be published"):
        publish([], f"duckdb:///{tmp_path}/file/warehouse.duckdb", [], META)


def test_an_unpublished_warehouse_says_so(duckdb_url: str) -> None:
    with pytest.raises(WarehouseError, match="nothing has been published"):
        query(duckdb_url, "SELECT 1")


def test_a_query_cannot_write(duckdb_url: str) -> None:
    publish([(BILLS, bills({"bill_id": "a"}))], duckdb_url, [], META)
    with pytest.raises(WarehouseError, match="read-only"):
        query(duckdb_url, "DELETE FROM canonical.bills")
