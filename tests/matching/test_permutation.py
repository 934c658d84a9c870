"""AH: no result depends on the order in which rows were loaded; and amounts add up."""

import dataclasses
import random
from decimal import Decimal as D

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.match import match
from finsync_dagster.matching.tables import TABLES
from finsync_dagster.schema import require_valid
from tests.matching.ledger import AS_OF, ENTITY, Ledger, policy


def busy_ledger() -> Ledger:
    """Every way of billing, several orders, events on the same day."""
    ledger = Ledger()
    for n in range(1, 7):
        po = f"PO{n}"
        ledger.order(po, status_canon="draft" if n == 5 else "sent")
        ledger.line("100", "3.3333", po, "1").line("50", "0.07", po, "10", match_type="4w")
        for m, qty in enumerate(["30", "40", "-10", "45"]):
            ledger.receipt(f"R{n}{m}", qty, f"{po}-1", day=m % 2)
            ledger.receipt(f"S{n}{m}", qty, f"{po}-10", qty_accepted=qty if m else "20")
        ledger.quantity_invoice(f"I{n}a", "60", "3.34", f"{po}-1", supplier_src_id=f"S{1 + n // 6}")
        ledger.quantity_invoice(f"I{n}b", "-20", "3.34", f"{po}-1", kind="credit_qty")
        ledger.quantity_invoice(f"I{n}c", "70", "3.3333", f"{po}-1")
        ledger.invoice(f"V{n}", "3.50").bills(f"V{n}", "3.50", po=po)
    ledger.invoice("N1", "9").bills("N1", "9", po=None)
    return ledger


def shuffled(docs: Documents, seed: int) -> Documents:
    frames = {
        f.name: getattr(docs, f.name).sample(fraction=1, shuffle=True, seed=seed + k)
        for k, f in enumerate(dataclasses.fields(docs))
    }
    return Documents(**frames)


def test_ah_permuting_all_rows_changes_no_byte() -> None:
    docs = busy_ledger().documents()
    first = match(docs, policy(), AS_OF, ENTITY)
    assert first.allocations.height > 20
    for seed in random.Random(7).sample(range(1000), 4):
        again = match(shuffled(docs, seed), policy(), AS_OF, ENTITY)
        for field in dataclasses.fields(first):
            left, right = getattr(first, field.name), getattr(again, field.name)
            assert left.serialize() == right.serialize(), field.name


def test_results_are_the_declared_tables() -> None:
    result = busy_ledger().match()
    for spec in TABLES:
        frame = require_valid(spec, getattr(result, spec.name))
        assert frame.height > 0, spec.name
        assert frame.select(spec.key).is_duplicated().sum() == 0, spec.name


QTY = st.integers(1, 30)
PRICE = st.decimals("0.0001", "9.9999", places=4)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(QTY, min_size=1, max_size=5),
    st.lists(st.tuples(QTY, st.booleans()), min_size=1, max_size=5),
    PRICE,
    PRICE,
    st.sampled_from(["1", "3", "100"]),
)
def test_amounts_of_an_invoice_line_add_up_to_its_net(
    received: list[int], billed: list[tuple[int, bool]], price: D, invoiced: D, per: str
) -> None:
    ledger = Ledger().order().line("200", str(price), price_unit=per)
    for n, qty in enumerate(received):
        ledger.receipt(f"R{n}", str(qty), day=n)
    for n, (qty, credit) in enumerate(billed):
        signed = str(-qty if credit else qty)
        kind = "credit_qty" if credit else "invoice"
        ledger.quantity_invoice(f"I{n}", signed, str(invoiced), day=n, kind=kind)
    result = ledger.match()
    parts = result.allocations.group_by("invoice_line_id").agg(
        total=pl.sum_horizontal("amount_at_po_price", "price_variance", "rounding").sum(),
        qty=pl.col("qty").sum(),
    )
    docs = ledger.documents().invoice_lines.join(parts, on="invoice_line_id")
    whole = docs.filter(pl.col("qty").abs() == pl.col("qty_right").abs())
    assert whole.filter(pl.col("total") != pl.col("net_amount")).is_empty()
    line = result.order_line_status.row(0, named=True)
    assert result.allocations["amount_at_po_price"].sum() == line["invoiced_value"]
    assert result.allocations["qty"].sum() == line["qty_invoiced"]
