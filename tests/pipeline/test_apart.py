"""One system is down: the other's news arrives all the same, and nothing of the first is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from tests.pipeline.homes import Home, assert_same

LINES = "Purchasing_PurchaseOrderLines"
CHANGED_LINE = "wwi_erp|purchase_order_lines|1"


def received(home: Home) -> object:
    return home.one(
        f"SELECT qty_received FROM matching.order_line_status WHERE po_line_id = '{CHANGED_LINE}'"
    )


def adventureworks(home: Home) -> list[tuple]:
    return home.ask(
        "SELECT stage, count(*), sum(amount_functional), sum(amount_group) FROM spend.facts "
        "WHERE entity_id = 'adventureworks' GROUP BY stage ORDER BY stage"
    )


def test_the_other_system_is_fresh_while_one_is_down(finished: Home, copied: Home) -> None:
    began = datetime.now(UTC)
    file = copied.path / "sources" / "adventureworks.sqlite"
    away = file.rename(file.with_suffix(".away"))
    # At its last change stamp, as the source would write it: an increment reads from it on.
    newest = f"(SELECT max(LastEditedWhen) FROM {LINES})"
    copied.source(
        "wwi",
        f"CREATE TABLE before AS SELECT * FROM {LINES} WHERE PurchaseOrderLineID = 1",
        f"UPDATE {LINES} SET ReceivedOuters = 17, LastEditedWhen = {newest} "
        "WHERE PurchaseOrderLineID = 1",
    )
    done = copied.finsync("run")
    assert done.code == 1
    assert "3 of 4 runs succeeded" in done.text
    flat = " ".join(done.text.split())
    assert f"adventureworks_erp: there is no database file {file}" in flat
    assert "failed: intraday adventureworks" in flat
    assert "failed: intraday wwi" not in flat
    assert "Traceback" not in flat
    assert received(finished) == Decimal(18)
    assert received(copied) == Decimal(17)
    assert adventureworks(copied) == adventureworks(finished)

    status = copied.ask(
        "SELECT source_system, status, min(checked_at), max(last_success_at) "
        "FROM operations.source_status WHERE source_system <> 'ecb' GROUP BY ALL ORDER BY 1, 2"
    )
    # Lines are not asked for when their documents could not be read: they stay as they were.
    assert [row[:2] for row in status] == [
        ("adventureworks_erp", "failed"),
        ("adventureworks_erp", "ok"),
        ("wwi_erp", "ok"),
    ]
    (_, _, down_asked, down_success), lines, (_, _, up_asked, up_success) = status
    assert down_success < began < down_asked
    assert lines[2] < began
    assert began < up_asked <= up_success
    assert copied.ask(
        "SELECT DISTINCT entity_id, severity FROM operations.open_exceptions "
        "WHERE reason_code = 'STALE_SOURCE'"
    ) == [("adventureworks", "HIGH")]

    away.rename(file)
    copied.source(
        "wwi",
        f"DELETE FROM {LINES} WHERE PurchaseOrderLineID = 1",
        f"INSERT INTO {LINES} SELECT * FROM before",
        "DROP TABLE before",
    )
    again = copied.finsync("run")
    assert again.code == 0, again.text
    assert received(copied) == Decimal(18)
    assert_same(finished, copied)
