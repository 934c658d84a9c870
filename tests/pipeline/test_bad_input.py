"""Bad input: a clear error, the rest goes on, and after the repair it is as if nothing had been."""

from __future__ import annotations

from tests.pipeline.homes import Home, assert_same

HEADER, DETAIL = "Purchasing_PurchaseOrderHeader", "Purchasing_PurchaseOrderDetail"
ORDERS = "SELECT count(*) FROM canonical.purchase_orders WHERE entity_id = 'adventureworks'"


def test_a_source_that_lost_its_shape(finished: Home, copied: Home) -> None:
    """A table is gone and another lost a column: each is told, and nothing is half done.

    One home gets both back, one after the other, so that a run tells of one more thing each time.
    """
    copied.source(
        "adventureworks",
        f"ALTER TABLE {DETAIL} RENAME TO {DETAIL}_away",
        f"ALTER TABLE {HEADER} RENAME COLUMN VendorID TO SupplierID",
    )
    done = copied.finsync("run", "--entity", "adventureworks")
    assert done.code == 1
    flat = " ".join(done.text.split())
    assert "2 of 3 runs succeeded" in flat
    failed = dict(
        copied.ask(
            "SELECT source_object, message FROM operations.source_status WHERE status = 'failed'"
        )
    )
    assert set(failed) == {"purchase_order_detail"}
    for said in (DETAIL, "adventureworks_erp.purchase_order_detail"):
        assert said in failed["purchase_order_detail"]
        assert said in flat
    assert "landing/adventureworks_erp/purchase_order_header: contract:" in flat
    assert "VendorID" in flat
    assert copied.ask(
        "SELECT DISTINCT entity_id, severity FROM operations.open_exceptions "
        "WHERE reason_code = 'STALE_SOURCE'"
    ) == [("adventureworks", "HIGH")]
    assert copied.one(
        "SELECT count(*) FROM operations.open_exceptions WHERE reason_code = 'SCHEMA_DRIFT'"
    )
    # Its figures are those of its last success.
    assert_same(finished, copied)

    # The table is back, the column still renamed: every order waits and says why; the run goes on.
    copied.source("adventureworks", f"ALTER TABLE {DETAIL}_away RENAME TO {DETAIL}")
    held = copied.finsync("run", "--entity", "adventureworks")
    assert held.code == 1
    assert "3 of 3 runs succeeded" in " ".join(held.text.split())
    assert copied.one(ORDERS) == 0
    assert copied.ask(
        "SELECT DISTINCT field FROM operations.quarantine "
        "WHERE reason_code = 'FIELD_NOT_DELIVERED' ORDER BY 1"
    ) == [("VendorID",), ("purchase_order_header.VendorID",)]
    assert copied.one("SELECT count(*) FROM operations.conservation WHERE NOT holds") == 0

    copied.source("adventureworks", f"ALTER TABLE {HEADER} RENAME COLUMN SupplierID TO VendorID")
    again = copied.finsync("run", "--entity", "adventureworks")
    assert again.code == 0, again.text
    assert copied.one(ORDERS) == 4012
    assert copied.one("SELECT count(*) FROM operations.quarantine") == 0
    assert copied.one("SELECT count(*) FROM operations.source_status WHERE status <> 'ok'") == 0
    assert copied.ask(
        "SELECT DISTINCT state FROM operations.exceptions WHERE reason_code = 'STALE_SOURCE'"
    ) == [("RESOLVED_AUTO",)]
    assert_same(finished, copied)


def test_records_that_cannot_be_read_wait_alone(copied: Home) -> None:
    copied.source(
        "adventureworks",
        f"UPDATE {DETAIL} SET OrderQty = 'four' WHERE PurchaseOrderDetailID = 1",
        f"UPDATE {HEADER} SET SubTotal = 'much' WHERE PurchaseOrderID = 5",
        f"UPDATE {DETAIL} SET PurchaseOrderDetailID = NULL WHERE PurchaseOrderDetailID = 8000",
    )
    done = copied.finsync("run", "--full", "--entity", "adventureworks")
    assert done.code == 1
    flat = " ".join(done.text.split())
    assert "3 of 3 runs succeeded" in flat
    assert "purchase_order_detail" in flat
    assert "'four'" in flat
    waiting = copied.ask(
        "SELECT DISTINCT source_object, source_pk, reason_code FROM operations.quarantine "
        "ORDER BY 1, 2, 3"
    )
    assert ("purchase_order_detail", "1|1", "VALUE_NOT_READABLE") in waiting
    assert ("purchase_order_detail", "(no key)", "MISSING_REQUIRED_FIELD") in waiting
    assert ("purchase_order_header", "5", "VALUE_NOT_READABLE") in waiting
    # The lines of order 5 wait for their order.
    assert ("purchase_order_detail", "5|6", "PARENT_MISSING") in waiting
    assert copied.one("SELECT count(*) FROM operations.conservation WHERE NOT holds") == 0
    assert copied.one(
        "SELECT quarantined FROM operations.conservation_now "
        "WHERE source_object = 'purchase_order_detail' AND measure = 'records'"
    ) == copied.one(
        "SELECT count(DISTINCT landing_page || landing_row) FROM operations.quarantine "
        "WHERE source_object = 'purchase_order_detail'"
    )
    # What is known of an order with a record in quarantine is not whole, and is said so.
    assert ("EXTRACT_INCOMPLETE",) in copied.ask(
        "SELECT DISTINCT reason_code FROM operations.open_exceptions "
        "WHERE subject_id = 'adventureworks_erp|purchase_order_header|1'"
    )
    assert copied.one(ORDERS) == 4011
