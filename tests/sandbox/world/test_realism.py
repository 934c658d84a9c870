"""A world looks like a company's year and a half: what happens, when, and how often."""

import pytest

from finsync_dagster.sandbox.world.reading import World

pytestmark = pytest.mark.slow


def _count(world: World, query: str) -> int:
    return int(world.connect().execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0])


HAPPENS = {
    "partial deliveries": "SELECT purchase_order_line_id FROM receipt_line WHERE kind = 'receipt'"
    " AND NOT is_reversed GROUP BY ALL HAVING count(*) > 1",
    "several invoices of an order": "SELECT po_number_ref FROM invoice_line JOIN invoice"
    " USING (invoice_id) WHERE kind = 'invoice' GROUP BY ALL HAVING count(DISTINCT invoice_id) > 1",
    "returns": "FROM receipt WHERE kind = 'return'",
    "credits of returns": "FROM invoice WHERE kind = 'credit_qty' AND gross_amount < 0",
    "receipts taken back": "FROM receipt WHERE kind = 'reversal'",
    "invoices taken back": "FROM invoice WHERE reverses_invoice_id IS NOT NULL",
    "voided invoices": "FROM invoice WHERE state = 'void'",
    "cash discounts": "FROM payment_application WHERE discount_amount > 0",
    "payments of several invoices": "SELECT payment_id FROM payment_application GROUP BY ALL"
    " HAVING count(*) > 1",
    "prices per 100 or 1000": "FROM purchase_order_line WHERE price_unit > 1",
    "pieces priced by weight": "FROM purchase_order_line WHERE uom = 'EA' AND price_uom = 'KGM'"
    " AND price_uom_numerator <> price_uom_denominator",
    "receipts counted in boxes": "FROM receipt_line WHERE uom = 'BX' AND qty_order_uom <> qty",
    "services by the hour": "FROM receipt_line WHERE uom = 'HUR' AND kind = 'service_entry'",
    "orders by amount": "FROM purchase_order_line WHERE match_basis = 'amount' AND qty IS NULL",
    "limit orders": "FROM purchase_order_line WHERE limit_amount > expected_amount",
    "freight": "FROM invoice_line WHERE charge_code = 'freight'",
    "yen": "FROM invoice WHERE currency = 'JPY'",
    "francs": "FROM invoice WHERE currency = 'CHF'",
    "open orders": "FROM purchase_order WHERE status IN ('sent', 'partial', 'approved')",
    "orders that wait for approval": "FROM purchase_order WHERE status = 'pending_approval'",
    "cancelled orders": "FROM purchase_order WHERE status = 'cancelled'",
    "requisitions refused": "FROM requisition WHERE status = 'rejected'",
    "blocked invoices left unpaid": "FROM invoice WHERE state = 'blocked' AND payment_block = 'R'",
    "split assignments": "FROM purchase_order_assignment WHERE pct < 100",
    "second approvals": "FROM approval WHERE step = 2",
    "itemised hotel bills": "FROM expense_itemization",
    "private expenses": "FROM expense_entry WHERE is_personal",
    "advances set off": "FROM cash_advance WHERE used_amount > 0",
    "suppliers twice in a system": "SELECT system, supplier_id FROM supplier_account GROUP BY ALL"
    " HAVING count(*) > 1",
    "suppliers three times in a system": "SELECT system, supplier_id FROM supplier_account"
    " GROUP BY ALL HAVING count(*) > 2",
    "blocked suppliers without orders": "FROM supplier_account WHERE status = 'blocked'"
    " AND supplier_account_id NOT IN (SELECT supplier_account_id FROM purchase_order)",
    "hand-overs that failed and mended": "FROM integration_error WHERE code = 'LOCKED'",
    "drafts deleted": "FROM deletion WHERE object = 'requisition'",
}


@pytest.mark.parametrize("what", HAPPENS)
def test_it_happens(world: World, what: str) -> None:
    assert _count(world, HAPPENS[what]) > 0


NEVER = {
    "documents on weekends": "SELECT created_at FROM purchase_order WHERE isodow(created_at) > 5"
    " UNION ALL SELECT created_at FROM receipt WHERE isodow(created_at) > 5"
    " UNION ALL SELECT created_at FROM invoice WHERE isodow(created_at) > 5",
    "orders at night": "FROM purchase_order WHERE hour(created_at) NOT BETWEEN 7 AND 17",
    "the future": "FROM payment WHERE payment_date > DATE '2026-10-31'",
    "due dates beside the terms": "FROM invoice WHERE due_date <> invoice_date + terms_days",
    "sums above a limit of one person": "FROM approval AS a JOIN purchase_order AS o"
    " ON o.purchase_order_id = a.subject_id AND a.subject_type = 'purchase_order'"
    " WHERE CAST(o.net_amount AS DECIMAL(20, 4)) * o.fx_rate > 25000"
    " AND NOT EXISTS (FROM approval AS b WHERE b.subject_type = a.subject_type"
    " AND b.subject_id = a.subject_id AND b.step = 2)",
    "requisitions after their order": "FROM requisition_line AS l JOIN purchase_order_line AS x"
    " USING (purchase_order_line_id) WHERE l.created_at > x.created_at",
    "prices a system cannot hold": "FROM purchase_order_line JOIN purchase_order"
    " USING (purchase_order_id) WHERE system <> 'group_netsuite' AND entity_id <> 'lumen_uk'"
    " AND price <> round(price, 3)",
    "price units outside SAP": "FROM purchase_order_line JOIN purchase_order"
    " USING (purchase_order_id) WHERE system IN ('group_coupa', 'group_netsuite')"
    " AND (price_unit <> 1 OR uom <> price_uom)",
    "quantities with more than three decimals": "FROM purchase_order_line"
    " WHERE qty <> round(qty, 3)",
}


@pytest.mark.parametrize("what", NEVER)
def test_it_never_happens(world: World, what: str) -> None:
    assert _count(world, NEVER[what]) == 0


def test_august_is_quieter_than_september(world: World) -> None:
    august = _count(world, "FROM purchase_order WHERE month(order_date) = 8")
    september = _count(world, "FROM purchase_order WHERE month(order_date) = 9")
    assert august * 4 < september * 3
