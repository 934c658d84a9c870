"""Two ERPs side by side during a migration: whose documents count, and where the others are."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from finsync_dagster.canonical.authority import KINDS, Split, split_by_authority
from finsync_dagster.canonical.tables.operations import OUTSIDE_AUTHORITY
from finsync_dagster.landscape.model import Domain
from finsync_dagster.landscape.service_model import Authority
from finsync_dagster.schema import require_valid
from tests.matching.ledger import ENTITY, Ledger, on_day

CUTOVER = 10
TODAY = on_day(100)


def of_record(domain: str, system: str, **period: date) -> Authority:
    named = {"from": period["since"]} if "since" in period else {}
    named |= {"until": period["until"]} if "until" in period else {}
    return Authority.model_validate({"entity": ENTITY, "domain": domain, "system": system, **named})


def migration(domain: str) -> list[Authority]:
    return [
        of_record(domain, "old", until=on_day(CUTOVER - 1)),
        of_record(domain, "new", since=on_day(CUTOVER)),
    ]


def split(ledger: Ledger, *rows: Authority) -> Split:
    result = split_by_authority(ledger.documents(), rows, ENTITY, TODAY)
    require_valid(OUTSIDE_AUTHORITY, result.outside)
    return result


def ids(split: Split) -> list[tuple[Any, ...]]:
    columns = ("domain", "document_id", "source_system", "authoritative_system")
    return split.outside.select(columns).rows()


def test_each_day_has_its_system_of_record() -> None:
    ledger = Ledger()
    for system in ("old", "new"):
        ledger.order(f"{system}-before", day=CUTOVER - 1, source_system=system)
        ledger.order(f"{system}-after", day=CUTOVER, source_system=system)
    result = split(ledger, *migration("purchase_orders"))
    assert result.documents.purchase_orders["po_id"].to_list() == ["old-before", "new-after"]
    assert ids(result) == [
        ("purchase_orders", "new-before", "new", "old"),
        ("purchase_orders", "old-after", "old", "new"),
    ]
    assert result.outside["reason"].to_list() == [
        "old is the system of record for purchase_orders of acme, until 2024-01-10: this record is "
        "kept, but neither compared nor added up.",
        "new is the system of record for purchase_orders of acme, from 2024-01-11: this record is "
        "kept, but neither compared nor added up.",
    ]
    assert result.outside["document_date"].to_list() == [on_day(CUTOVER - 1), on_day(CUTOVER)]


def test_lines_follow_their_header() -> None:
    ledger = Ledger().order("PO1", source_system="old").line("1", "5", source_system="new")
    ledger.order("PO2", source_system="new").line("1", "5", po="PO2", source_system="new")
    ledger.invoice("I1", "5", source_system="old").bills("I1", "5", source_system="old")
    ledger.invoice("I2", "5", source_system="new").bills("I2", "5", source_system="new")
    rows = [of_record("purchase_orders", "new"), of_record("invoices", "new")]
    docs = split(ledger, *rows).documents
    assert docs.purchase_order_lines["po_id"].to_list() == ["PO2"]
    assert docs.invoice_lines["invoice_id"].to_list() == ["I2"]


def test_a_receipt_is_judged_by_its_own_day_and_domain() -> None:
    ledger = Ledger().order("PO1", source_system="old").line("2", "5", source_system="old")
    ledger.receipt("R1", "1", day=CUTOVER - 1, source_system="old")
    ledger.receipt("R2", "1", day=CUTOVER, source_system="old")
    result = split(ledger, *migration("receipts"))
    assert result.documents.receipt_lines["receipt_line_id"].to_list() == ["R1"]
    assert result.documents.purchase_orders.height == 1
    assert ids(result) == [("receipts", "R2", "old", "new")]


def test_a_day_that_no_row_covers_is_not_decided() -> None:
    ledger = Ledger().order("A", day=0, source_system="old").order("B", day=0, source_system="new")
    result = split(ledger, of_record("purchase_orders", "new", since=on_day(1)))
    assert result.documents.purchase_orders.height == 2
    assert result.outside.is_empty()


def test_another_entity_and_another_domain_do_not_matter() -> None:
    ledger = Ledger().order("A", source_system="old").invoice("I", "5", source_system="old")
    other = Authority(entity="other", domain=Domain.INVOICES, system="new")
    result = split(ledger, other, of_record("payments", "new"))
    assert result.documents.invoices.height == result.documents.purchase_orders.height == 1
    assert result.outside.is_empty()


def test_without_any_row_nothing_is_copied() -> None:
    documents = Ledger().order("A").documents()
    assert split_by_authority(documents, [], ENTITY, TODAY).documents is documents


def test_a_supplier_of_a_document_that_counts_is_kept() -> None:
    ledger = Ledger().order("PO1", supplier_src_id="S1", source_system="old")
    for supplier in ("S1", "S2"):
        ledger._add(
            "suppliers",
            supplier,
            {"supplier_src_id": supplier, "supplier_no": supplier, "source_system": "old"},
        )
    rows = [*migration("suppliers"), of_record("purchase_orders", "old")]
    result = split(ledger, *rows)
    assert result.documents.suppliers["supplier_src_id"].to_list() == ["S1"]
    assert ids(result) == [("suppliers", "S2", "old", "new")]
    assert result.outside["document_date"].to_list() == [TODAY]


def test_every_document_is_either_counted_or_listed() -> None:
    ledger = Ledger()
    for n, system in enumerate(["old", "new"] * 6):
        ledger.invoice(f"I{n}", "5", day=n * 2, source_system=system)
    before = ledger.documents()
    result = split(ledger, *migration("invoices"))
    seen = [*result.documents.invoices["invoice_id"], *result.outside["document_id"]]
    assert sorted(seen) == sorted(before.invoices["invoice_id"])


def test_what_a_source_states_of_a_payment_follows_payment_and_invoice() -> None:
    ledger = Ledger()
    for name, payment, invoice in (("A", "old", "old"), ("B", "old", "new"), ("C", "new", "new")):
        ledger.invoice(f"I{name}", "5", source_system=invoice)
        ledger.payment(f"P{name}", "5", source_system=payment)
        ledger.states(f"P{name}", f"I{name}", "5", source_system=payment)
    docs = split(ledger, of_record("invoices", "new")).documents
    assert docs.payment_applications["payment_id"].to_list() == ["PB", "PC"]
    docs = split(ledger, of_record("invoices", "new"), of_record("payments", "new")).documents
    assert docs.payment_applications["payment_id"].to_list() == ["PC"]


@pytest.mark.parametrize("domain", [d for d in Domain if d.compared])
def test_every_domain_of_documents_can_have_a_system_of_record(domain: Domain) -> None:
    assert domain in KINDS
