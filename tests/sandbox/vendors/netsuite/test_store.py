from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from finsync_dagster.sandbox.vendors.netsuite.results import Item, Results
from finsync_dagster.sandbox.vendors.netsuite.store import Store
from finsync_dagster.sandbox.world.reading import World


def seen(store: Store, query: str) -> list[Item]:
    return Results(store).page(query, 1000, 0).items


def test_documents_appear_as_time_passes_and_show_their_creation_until_they_change(
    world: World, store: Store
) -> None:
    orders = "SELECT transactionnumber n FROM transaction WHERE type = 'PurchOrd' ORDER BY id"
    changed = (
        "SELECT TO_CHAR(linelastmodifieddate, 'MM-DD') d FROM transactionline l "
        "JOIN transaction t ON t.id = l.transaction "
        "WHERE t.transactionnumber = 'PO1' AND mainline = 'T'"
    )
    world.until = datetime(2026, 5, 3)
    assert seen(store, orders) == [{"n": "PO1"}]
    assert seen(store, changed) == [{"d": "03-02"}]
    world.until = datetime(2026, 6, 1, 9)
    assert seen(store, orders) == [{"n": "PO1"}, {"n": "PO2"}]
    assert seen(store, changed) == [{"d": "06-01"}]
    world.until = None
    assert seen(store, orders) == [{"n": "PO1"}, {"n": "PO2"}, {"n": "PO10"}]


def test_a_state_is_the_one_before_until_the_last_change(world: World, store: Store) -> None:
    states = (
        "SELECT transactionnumber n, status s FROM transaction "
        "WHERE transactionnumber IN ('PO1', 'BILL1') ORDER BY id"
    )
    world.until = datetime(2026, 4, 10)
    assert seen(store, states) == [{"n": "PO1", "s": "B"}, {"n": "BILL1", "s": "A"}]
    world.until = datetime(2026, 6, 1, 9)
    assert seen(store, states) == [{"n": "PO1", "s": "D"}, {"n": "BILL1", "s": "B"}]


def test_before_it_is_paid_all_of_a_bill_is_unpaid(world: World, store: Store) -> None:
    told = (
        "SELECT foreignamountpaid p, foreignamountunpaid u FROM transactionline l JOIN transaction "
        "t ON t.id = l.transaction WHERE transactionnumber = 'BILL1' AND mainline = 'T'"
    )
    world.until = datetime(2026, 4, 10)
    assert seen(store, told) == [{"p": "0", "u": "16.78"}]
    world.until = None
    assert seen(store, told) == [{"p": "16.78", "u": "0"}]


def test_what_will_be_deleted_is_still_there_before(world: World, store: Store) -> None:
    there = "SELECT transactionnumber n FROM transaction WHERE transactionnumber = 'PO3'"
    gone = "SELECT name, type, recordid FROM deletedrecord"
    world.until = datetime(2026, 4, 10)
    assert (seen(store, there), seen(store, gone)) == ([{"n": "PO3"}], [])
    world.until = datetime(2026, 4, 21)
    assert seen(store, there) == []
    assert seen(store, gone) == [{"name": "PO3", "type": "purchaseOrder", "recordid": "26"}]


def test_the_account_stands_at_the_moment_of_the_world(world: World, store: Store) -> None:
    assert store.now == datetime(2026, 8, 1, 9)
    world.until = datetime(2026, 4, 21)
    assert store.now == datetime(2026, 4, 21)


def test_the_tables_are_made_once(world: World, store: Store) -> None:
    made = store.path.stat().st_mtime_ns
    again = Store(world)
    again.close()
    assert again.path == store.path
    assert store.path.stat().st_mtime_ns == made


def test_tables_of_another_projection_go(world: World, store: Store) -> None:
    former = store.path.with_name(f"{world.path.stem}-netsuite-aaaaaaaaaaaa.duckdb")
    former.write_text("old")
    store.path.rename(store.path.with_suffix(".away"))
    again = Store(world)
    again.close()
    assert again.path.exists()
    assert not former.exists()


def test_a_query_reaches_nothing_else_of_the_machine(store: Store, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with store.connect(None) as connection:
        for statement in (
            f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
            f"ATTACH '{tmp_path}/other.duckdb'",
            "SET enable_external_access = true",
            "CREATE TABLE x AS SELECT 1",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)
