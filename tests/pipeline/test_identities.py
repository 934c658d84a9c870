"""What must be true of any publication, computed anew with SQL from what was published.

Belongs here: identities between published tables. Not here: the figures themselves
(test_reproduce.py).
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.pipeline.homes import Home


def test_committed_is_what_approved_and_closed_orders_come_to(finished: Home) -> None:
    """An order that is a draft, or was rejected, commits the company to nothing."""
    orders = finished.one(
        "SELECT sum(net_amount) FROM canonical.purchase_orders "
        "WHERE entity_id = 'adventureworks' AND status_canon IN ('approved', 'closed')"
    )
    committed = finished.one(
        "SELECT sum(amount_doc) FROM spend.facts "
        "WHERE stage = 'committed' AND entity_id = 'adventureworks'"
    )
    assert orders == committed == Decimal("58984395.4495")


def test_every_payment_is_proven_and_none_pays_an_invoice_twice(finished: Home) -> None:
    assert finished.ask(
        "SELECT confidence, count(*), count(DISTINCT payment_id), count(DISTINCT invoice_id) "
        "FROM canonical.payment_allocations GROUP BY confidence"
    ) == [("proven", 2070, 366, 2070)]
    unequal = finished.one(
        """
        SELECT count(*) FROM canonical.payments AS p
        LEFT JOIN (SELECT payment_id, sum(amount_applied) AS applied
                   FROM canonical.payment_allocations GROUP BY 1) AS a USING (payment_id)
        WHERE a.applied IS DISTINCT FROM p.amount
        """
    )
    assert unequal == 0


def test_goods_and_invoices_balance_on_every_order_line(finished: Home) -> None:
    """Received less invoiced is owed (grni), invoiced less received is owed to us (irng)."""
    broken = finished.one(
        "SELECT count(*) FROM reconciliation.gr_ir "
        "WHERE received_value - invoiced_value <> grni - irng OR (grni > 0 AND irng > 0)"
    )
    assert broken == 0
    by_line = """
        SELECT count(*) FROM reconciliation.gr_ir AS g
        LEFT JOIN (SELECT po_line_id, sum(amount_doc) AS amount FROM spend.facts
                   WHERE stage = '{stage}' GROUP BY 1) AS f USING (po_line_id)
        WHERE g.{column} <> coalesce(f.amount, 0)
        """
    assert finished.one(by_line.format(stage="received", column="received_value")) == 0
    assert finished.one(by_line.format(stage="invoiced", column="invoiced_value")) == 0
    assert finished.one(by_line.format(stage="accrued", column="grni")) == 0


def test_every_group_amount_is_the_functional_one_at_its_rate_rounded_half_up(
    finished: Home,
) -> None:
    """On all rows, in whole numbers: floor(a / b + 1/2) is (2 a + b) // 2 b."""
    (counts,) = finished.ask(
        """
        WITH scaled AS (
            SELECT CAST(amount_functional * 10000 AS HUGEINT) * 10000000000 AS a,
                   CAST(rate_used * 1000000000000 AS HUGEINT) AS b,
                   CAST(amount_group * 100 AS HUGEINT) AS cents
            FROM spend.facts WHERE amount_functional >= 0)
        SELECT count(*), count(*) FILTER (WHERE cents = (2 * a + b) // (2 * b)) FROM scaled
        """
    )
    assert counts[0] == counts[1] > 50_000


def test_the_rate_is_the_newest_published_up_to_its_day(finished: Home) -> None:
    wrong = finished.one(
        """
        SELECT count(*) FROM (
            SELECT DISTINCT fact_date, rate_date, rate_used FROM spend.facts
            WHERE stage IN ('committed', 'received', 'invoiced', 'paid')) AS used
        ASOF LEFT JOIN (SELECT rate_date AS day, rate FROM canonical.fx_rates
                        WHERE from_ccy = 'EUR' AND to_ccy = 'USD') AS published
        ON used.fact_date >= published.day
        WHERE (used.rate_date, used.rate_used) IS DISTINCT FROM (published.day, published.rate)
        """
    )
    assert wrong == 0


def test_nothing_received_is_lost(finished: Home) -> None:
    broken = finished.ask(
        "SELECT source_object, measure FROM operations.conservation "
        "WHERE received <> superseded + changed + unchanged + quarantined"
    )
    assert broken == []


def test_the_dictionary_has_exactly_the_columns_there_are(finished: Home) -> None:
    spelt_out = "replace(type, 'TIMESTAMPTZ', 'TIMESTAMP WITH TIME ZONE')"
    there = finished.ask(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE NOT internal ORDER BY ALL"
    )
    told = finished.ask(
        f"SELECT schema_name, table_name, column_name, {spelt_out} "
        "FROM operations.data_dictionary ORDER BY ALL"
    )
    assert told == there


@pytest.mark.parametrize(
    ("child", "column", "parent"),
    [
        ("canonical.purchase_order_lines", "po_id", "canonical.purchase_orders"),
        ("canonical.receipt_lines", "po_line_id", "canonical.purchase_order_lines"),
        ("canonical.payment_allocations", "invoice_id", "canonical.invoices"),
        ("canonical.payment_allocations", "payment_id", "canonical.payments"),
        ("matching.invoice_results", "invoice_id", "canonical.invoices"),
        ("spend.facts", "po_line_id", "canonical.purchase_order_lines"),
    ],
)
def test_what_refers_to_something_finds_it_once(
    finished: Home, child: str, column: str, parent: str
) -> None:
    lost = finished.one(
        f"SELECT count(*) FROM {child} AS c WHERE c.{column} IS NOT NULL AND "
        f"(SELECT count(*) FROM {parent} AS p WHERE p.{column} = c.{column}) <> 1"
    )
    assert lost == 0
