"""The rules of a world hold for any seed, and each of them can fail."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finsync_dagster.sandbox.world.assertions import RULES, WorldError, require
from finsync_dagster.sandbox.world.generate import generate
from finsync_dagster.sandbox.world.reading import World

pytestmark = pytest.mark.slow


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32), percent=st.integers(1, 60))
def test_they_hold_for_any_seed(tmp_path: Path, seed: int, percent: int) -> None:
    path = tmp_path / f"{seed}-{percent}.duckdb"
    path.unlink(missing_ok=True)
    # Generating requires every rule; a rule that does not hold raises.
    generate(path, seed=seed, scale=Decimal(percent) / 100, progress=lambda _: None)
    assert path.exists()


# What breaks each rule, one row at a time.
BREAKS = {
    "an order line is worth quantity times price":
        "UPDATE purchase_order_line SET net_amount = net_amount + 1 WHERE qty IS NOT NULL"
        " AND purchase_order_line_id = 1",
    "an invoice line is worth quantity times price":
        "UPDATE invoice_line SET qty = qty * 2 WHERE invoice_line_id = (SELECT min(invoice_line_id)"
        " FROM invoice_line WHERE qty > 0)",
    "an order is worth its lines":
        "UPDATE purchase_order SET net_amount = net_amount + 0.01 WHERE purchase_order_id = 5",
    "schedules add up to their line":
        "UPDATE purchase_order_schedule SET amount = amount + 1"
        " WHERE purchase_order_schedule_id = 1",
    "assignments add up to their line":
        "UPDATE purchase_order_assignment SET pct = 99 WHERE purchase_order_assignment_id = 1",
    "an invoice is its lines":
        "UPDATE invoice_line SET tax_amount = tax_amount + 0.01 WHERE invoice_line_id = 1",
    "gross is net, charges, tax and rounding":
        "UPDATE invoice SET gross_amount = gross_amount + 1 WHERE invoice_id = 1",
    "taxes add up": "UPDATE invoice_tax SET base_amount = base_amount + 1 WHERE invoice_tax_id = 1",
    "tax is base times rate, rounded half up":
        "UPDATE invoice_tax SET tax_rate_pct = 7 WHERE invoice_tax_id = (SELECT"
        " min(invoice_tax_id) FROM invoice_tax WHERE tax_amount > 10)",
    "yen have no decimals":
        "UPDATE invoice SET gross_amount = gross_amount + 0.5 WHERE invoice_id = (SELECT"
        " min(invoice_id) FROM invoice WHERE currency = 'JPY')",
    "an invoice is paid after it is posted": "UPDATE payment SET payment_date = '2025-01-01'",
    "a payment is what it is applied to":
        "UPDATE payment_application SET amount = amount + 1 WHERE payment_application_id = 1",
    "a receipt follows its order": "UPDATE receipt SET posting_date = '2025-01-01'",
    "nothing changes before it exists": "UPDATE invoice SET changed_at = '2025-01-01'",
    "keys ascend with time": "UPDATE receipt SET created_at = '2027-01-01' WHERE receipt_id = 1",
    "documents are dated inside the calendar":
        "UPDATE invoice SET posting_date = '2026-11-01' WHERE invoice_id = 1",
    "a ledger document adds up to nothing":
        "UPDATE gl_line SET amount = amount + 0.01 WHERE gl_line_id = 1",
    "a clearing document clears to nothing but what was paid wrongly":
        "UPDATE gl_line SET clearing_document = NULL WHERE gl_line_id = (SELECT min(gl_line_id)"
        " FROM gl_line WHERE clearing_document IS NOT NULL AND document_type IN ('RE', 'KR'))",
    "a report is its expenses":
        "UPDATE expense_entry SET posted_amount = posted_amount + 1 WHERE expense_entry_id = 1",
    "allocations add up to the expense":
        "UPDATE expense_allocation SET amount = amount + 1 WHERE expense_allocation_id = 1",
    "parts add up to the expense":
        "UPDATE expense_itemization SET posted_amount = posted_amount + 1"
        " WHERE expense_itemization_id = 1",
    "debits are credits":
        "UPDATE expense_journal SET amount_gross = amount_gross + 1 WHERE expense_journal_id = 1",
    "documents name accounts of their own system":
        "UPDATE invoice SET system = 'group_concur' WHERE invoice_id = 1",
    "a number names one document":
        "UPDATE purchase_order SET po_number = '1', system = 'group_s4'"
        " WHERE purchase_order_id < 3",
    "keys are dense from 1": "DELETE FROM receipt WHERE receipt_id = 1",
}  # fmt: skip


def test_every_rule_is_broken_by_something() -> None:
    assert set(BREAKS) == set(RULES)


@pytest.fixture
def copy(world: World, tmp_path: Path) -> Path:
    path = tmp_path / "copy.duckdb"
    path.write_bytes(world.path.read_bytes())
    return path


def test_each_rule_can_fail(copy: Path) -> None:
    with duckdb.connect(str(copy)) as connection:
        require(connection)
        for rule, statement in BREAKS.items():
            connection.execute("BEGIN")
            connection.execute(statement)
            query = f"SELECT count(*) FROM ({RULES[rule]})"
            assert connection.execute(query).fetchall()[0][0] > 0, rule
            with pytest.raises(WorldError, match="does not hold"):
                require(connection)
            connection.execute("ROLLBACK")
