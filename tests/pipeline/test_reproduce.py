"""The published figures of two real companies, read with plain SQL."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.pipeline.homes import Home


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT count(*) FROM canonical.purchase_orders WHERE entity_id = 'wwi'", 2074),
        ("SELECT count(*) FROM canonical.purchase_order_lines WHERE entity_id = 'wwi'", 8367),
        ("SELECT count(*) FROM canonical.invoices WHERE entity_id = 'wwi'", 2072),
        ("SELECT count(*) FROM canonical.payments WHERE entity_id = 'wwi'", 366),
        ("SELECT count(*) FROM canonical.suppliers WHERE entity_id = 'wwi'", 13),
        ("SELECT count(*) FROM canonical.suppliers WHERE entity_id = 'adventureworks'", 104),
        ("SELECT count(*) FROM canonical.purchase_orders WHERE entity_id = 'adventureworks'", 4012),
        (
            "SELECT count(*) FROM canonical.purchase_order_lines "
            "WHERE entity_id = 'adventureworks'",
            8845,
        ),
        ("SELECT count(*) FROM matching.invoice_results WHERE outcome = 'MATCHED'", 2072),
        (
            "SELECT count(*) FROM reconciliation.order_totals "
            "WHERE entity_id = 'adventureworks' AND agrees",
            4012,
        ),
        (
            "SELECT sum(gross_amount) FROM canonical.purchase_orders "
            "WHERE entity_id = 'adventureworks'",
            Decimal("70479332.6383"),
        ),
        (
            "SELECT round(sum(gross_amount), 2) FROM canonical.purchase_orders "
            "WHERE entity_id = 'adventureworks'",
            Decimal("70479332.64"),
        ),
        (
            "SELECT count(*) FROM matching.order_line_status WHERE qty_received < qty_ordered "
            "AND entity_id = 'adventureworks'",
            380,
        ),
        (
            "SELECT count(*) FROM matching.order_line_status WHERE qty_rejected > 0 "
            "AND entity_id = 'adventureworks'",
            563,
        ),
        (
            "SELECT sum(qty_rejected) FROM matching.order_line_status "
            "WHERE entity_id = 'adventureworks'",
            Decimal(72700),
        ),
        (
            "SELECT sum(qty_received) FROM matching.order_line_status "
            "WHERE entity_id = 'adventureworks'",
            Decimal(2327299),
        ),
        (
            "SELECT count(DISTINCT payment_id) FROM canonical.payment_allocations "
            "WHERE confidence = 'proven'",
            366,
        ),
        ("SELECT count(*) FROM canonical.payment_allocations", 2070),
        (
            "SELECT count(*) FROM operations.open_exceptions WHERE reason_code = 'PO_NOT_APPROVED'",
            225 + 86,
        ),
        (
            "SELECT count(*) FROM operations.open_exceptions WHERE reason_code = 'UNDER_DELIVERY'",
            355,
        ),
        (
            "SELECT sum(amount_functional) FROM spend.facts "
            "WHERE stage = 'committed' AND entity_id = 'adventureworks'",
            Decimal("58984395.4495"),
        ),
        ("SELECT count(*) FROM operations.conservation WHERE NOT holds", 0),
        ("SELECT count(*) FROM operations.control_totals WHERE NOT agrees", 0),
        ("SELECT count(*) FROM operations.extracts WHERE NOT complete", 0),
        ("SELECT count(*) FROM operations.quarantine", 0),
    ],
)
def test_figure(finished: Home, sql: str, expected: int | Decimal) -> None:
    assert finished.one(sql) == expected


def test_outers_are_converted_to_units_exactly(finished: Home) -> None:
    """Line 8359: 3,401 cartons of 12 shirts each."""
    sql = (
        "SELECT qty_ordered, uom_order, qty_ordered_base, uom_base "
        "FROM canonical.purchase_order_lines WHERE po_line_id = 'wwi_erp|purchase_order_lines|8359'"
    )
    assert finished.ask(sql) == [(Decimal(3401), "CT", Decimal(40812), "EA")]


def test_paid_is_what_was_invoiced_and_settled_without_tax(finished: Home) -> None:
    settled = finished.one("SELECT sum(net) FROM canonical.invoices WHERE settled_date IS NOT NULL")
    assert finished.one("SELECT sum(amount_doc) FROM spend.facts WHERE stage = 'paid'") == settled


def test_payments_and_allocations_agree_to_the_cent(finished: Home) -> None:
    paid = finished.one("SELECT sum(amount) FROM canonical.payments")
    assert finished.one("SELECT sum(amount_applied) FROM canonical.payment_allocations") == paid


def test_received_less_invoiced_is_what_is_accrued_on_every_order_line(finished: Home) -> None:
    broken = finished.one(
        """
        SELECT count(*) FROM reconciliation.gr_ir AS g
        LEFT JOIN (SELECT po_line_id, sum(amount_doc) AS accrued FROM spend.facts
                   WHERE stage = 'accrued' GROUP BY 1) AS a ON a.po_line_id = g.po_line_id
        WHERE g.grni <> coalesce(a.accrued, 0)
        """
    )
    assert broken == 0


def test_group_amounts_can_be_computed_again_from_what_is_stored(finished: Home) -> None:
    rows = finished.ask(
        "SELECT amount_functional, rate_used, amount_group FROM spend.facts "
        "WHERE group_ccy = 'EUR' USING SAMPLE 3000 ROWS (reservoir, 7)"
    )
    assert len(rows) == 3000
    for functional, rate, group in rows:
        assert group == (functional / rate).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def test_the_rate_is_the_last_known_on_or_before_the_day(finished: Home) -> None:
    """Order 1 of 2013-01-01: no rate on a holiday, so that of 2012-12-31 applies."""
    (row,) = finished.ask(
        "SELECT DISTINCT rate_date::VARCHAR, rate_used FROM spend.facts "
        "WHERE stage = 'committed' AND fact_date = DATE '2013-01-01'"
    )
    assert row == ("2012-12-31", Decimal("1.3194"))


def test_no_figure_is_a_binary_float(finished: Home) -> None:
    columns = finished.ask(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns "
        "WHERE data_type IN ('DOUBLE', 'FLOAT', 'REAL') AND table_schema <> 'main'"
    )
    assert columns == []


def test_every_table_and_column_is_explained(finished: Home) -> None:
    silent = finished.ask(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() "
        "WHERE NOT internal AND coalesce(comment, '') = ''"
    )
    assert silent == []


def test_the_summary_tells_the_same(finished: Home) -> None:
    text = (finished.path / "demo.txt").read_text()
    for said in ("944,343,271.90", "58,984,395.45", "1,083,271,834.85", "holds", "MATCHED"):
        assert said in text
    assert "BROKEN" not in text
