"""Lines of the books: payments, and which invoices they cleared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.connectors.sap_s4 import company
from tests.connectors.sap_s4.odata import Sap
from tests.connectors.sap_s4.taking import Home

pytestmark = pytest.mark.slow

LOGISTICS = {"ReferenceDocumentType": "RMRP", "ReferenceDocumentContext": "2026"}
PAID = {"ClearingAccountingDocument": "1500000001", **company.CLEARED}
INVOICE = "erp|supplier_invoices|5105600001|2026"


@pytest.fixture
def billed(sap: Sap) -> Sap:
    company.invoice(sap)
    return sap


def owed(sap: Sap, **facts: str) -> None:
    """The supplier's line of the invoice in the books."""
    company.journal(
        sap, "5100000001", "-59.50", **LOGISTICS, ReferenceDocument="5105600001", **facts
    )


def test_a_payment_clears_an_invoice(billed: Sap) -> None:
    owed(billed, **PAID)
    company.payment(billed, "1500000001", "59.50")
    home = Home(billed).run()
    assert home.defects() == []
    paid, applied, invoice = (
        home.row("payments"),
        home.row("payment_applications"),
        home.row("invoices"),
    )
    assert (paid["payment_no"], paid["amount"]) == ("1500000001", Decimal("59.5"))
    assert (paid["payment_date"], paid["status_canon"]) == (date(2026, 3, 20), "sent")
    assert paid["supplier_src_id"] == invoice["supplier_src_id"]
    assert (applied["payment_id"], applied["invoice_id"]) == (paid["payment_id"], INVOICE)
    assert (applied["amount_applied"], applied["invoice_no_ref"]) == (Decimal("59.5"), None)
    assert (invoice["status_canon"], invoice["settled_date"]) == ("paid", date(2026, 3, 20))


def test_the_text_of_a_payment_says_what_it_is_for(sap: Sap) -> None:
    company.payment(sap, "1500000001", "59.50", DocumentItemText="RE-77")
    company.payment(sap, "1500000002", "10.00")
    found = Home(sap).run().rows("payments", "payment_no", "invoice_no_ref")
    assert sorted(found) == [("1500000001", "RE-77"), ("1500000002", None)]


def test_every_line_is_in_the_ledger(billed: Sap) -> None:
    owed(billed, **PAID)
    company.payment(billed, "1500000001", "59.50")
    found = (
        Home(billed)
        .run()
        .rows(
            "ledger_lines", "document_no", "line_no", "document_type", "amount", "clearing_document"
        )
    )
    assert found == [
        ("1500000001", "000001", "KZ", Decimal("59.5"), "1500000001"),
        ("1500000001", "000002", "KZ", Decimal("-59.5"), None),
        ("5100000001", "000001", "RE", Decimal("-59.5"), "1500000001"),
    ]


def test_an_invoice_that_another_system_keeps_is_known_by_its_number(sap: Sap) -> None:
    known = {"AssignmentReference": "INV 0042", "ReferenceDocument": "1900000001"}
    company.journal(sap, "1900000001", "-80.00", AccountingDocumentType="KR", **known, **PAID)
    company.payment(sap, "1500000001", "80.00")
    home = Home(sap).run()
    assert home.defects() == []
    applied = home.row("payment_applications")
    assert (applied["invoice_id"], applied["invoice_no_ref"]) == (None, "INV 0042")


def test_a_payment_of_an_invoice_less_a_credit_memo(billed: Sap) -> None:
    company.invoice(
        billed,
        "5105600002",
        tax="1.90",
        SupplierInvoiceIsCreditMemo="X",
        InvoiceGrossAmount="11.90",
    )
    owed(billed, **PAID)
    company.journal(
        billed, "5100000002", "11.90", **LOGISTICS, ReferenceDocument="5105600002", **PAID
    )
    company.payment(billed, "1500000001", "47.60")
    home = Home(billed).run()
    assert home.rows("payment_applications", "invoice_id", "amount_applied") == [
        (INVOICE, Decimal("59.5")),
        ("erp|supplier_invoices|5105600002|2026", Decimal("-11.9")),
    ]


def test_a_part_payment_and_the_rest(billed: Sap) -> None:
    """The rest clears the invoice with its whole amount, and the part payment with it."""
    part = {
        "InvoiceReference": "5100000001",
        "InvoiceReferenceFiscalYear": "2026",
        "InvoiceItemReference": "001",
    }
    owed(billed)
    company.payment(
        billed, "1500000009", "20.00", ClearingAccountingDocument="", ClearingDate=None, **part
    )
    home = Home(billed).run()
    assert home.rows("payment_applications", "invoice_id", "amount_applied") == [
        (INVOICE, Decimal(20))
    ]
    assert home.row("invoices")["status_canon"] == "posted"
    later = {"LastChangeDateTime": "2026-03-21T08:00:00Z"}
    for line in billed.sets["GLAccountLineItem"]:
        if line["FinancialAccountType"] == "K":
            line |= {**PAID, **later}
    company.payment(billed, "1500000001", "39.50", **later)
    home.run()
    assert home.defects() == []
    assert home.rows("payment_applications", "payment_id", "invoice_id", "amount_applied") == [
        ("erp|journal_lines|1000|2026|1500000001|000002", INVOICE, Decimal("-20")),
        ("erp|journal_lines|1000|2026|1500000001|000002", INVOICE, Decimal("59.5")),
        ("erp|journal_lines|1000|2026|1500000009|000002", INVOICE, Decimal("20")),
    ]


def line(sap: Sap, amount: str, number: str, **facts: str) -> None:
    """A further line of the payment."""
    made = {"AccountingDocumentType": "KZ", "FinancialAccountType": "S", "Supplier": ""}
    company.journal(sap, "1500000001", amount, **{**made, "LedgerGLLineItem": number, **facts})


def test_what_is_paid_beyond_the_invoice_is_of_the_same_payment(billed: Sap) -> None:
    """The excess stays on the supplier's account, as a line of its own."""
    owed(billed, **PAID)
    company.payment(billed, "1500000001", "59.50")
    billed.sets["GLAccountLineItem"][-2]["AmountInTransactionCurrency"] = "-69.00"
    line(billed, "9.50", "000003", FinancialAccountType="K", Supplier="0000100001")
    home = Home(billed).run()
    assert home.defects() == []
    assert home.rows("payments", "amount") == [Decimal(69)]
    assert home.rows("payment_applications", "amount_applied", "discount_taken") == [
        (Decimal("59.5"), None)
    ]


def discounted(sap: Sap, *lines: str) -> None:
    """A payment of 58.31 for an invoice of 59.50; what was kept back is in these lines."""
    company.payment(sap, "1500000001", "59.50")
    sap.sets["GLAccountLineItem"][-2]["AmountInTransactionCurrency"] = "-58.31"
    for place, amount in enumerate(lines, start=3):
        line(sap, amount, f"00000{place}", GLAccount="0000276000")


@pytest.mark.parametrize("kept", [("-1.19",), ("-1.00", "-0.19")], ids=["gross", "with tax"])
def test_a_payment_is_the_money_that_left(billed: Sap, kept: tuple[str, ...]) -> None:
    owed(billed, **PAID)
    discounted(billed, *kept)
    # A difference of exchange is in the currency of the company code alone.
    line(billed, "0.00", "000009", AmountInCompanyCodeCurrency="0.40")
    home = Home(billed).run()
    assert home.defects() == []
    assert home.rows("payments", "payment_no", "amount") == [("1500000001", Decimal("58.31"))]
    applied = home.row("payment_applications")
    assert (applied["payment_id"], applied["invoice_id"]) == (
        home.row("payments")["payment_id"],
        INVOICE,
    )
    assert (applied["amount_applied"], applied["discount_taken"]) == (
        Decimal("58.31"),
        Decimal("1.19"),
    )


@pytest.mark.parametrize(
    ("assigned", "applied", "discount"), [("RE-1", "58.31", "1.19"), ("", "58.48", "1.02")]
)
def test_a_discount_is_of_the_invoice_that_the_payment_is_assigned_to(
    billed: Sap, assigned: str, applied: str, discount: str
) -> None:
    """Here more was paid than was owed, on the same line."""
    owed(billed, AssignmentReference="RE-1", **PAID)
    company.payment(billed, "1500000001", "69.50", AssignmentReference=assigned)
    billed.sets["GLAccountLineItem"][-2]["AmountInTransactionCurrency"] = "-68.31"
    line(billed, "-1.19", "000003")
    home = Home(billed).run()
    assert home.rows("payments", "amount") == [Decimal("68.31")]
    assert home.rows("payment_applications", "amount_applied", "discount_taken") == [
        (Decimal(applied), Decimal(discount))
    ]


def test_a_discount_on_several_invoices_is_shared_by_their_amounts(sap: Sap) -> None:
    for number, amount in (("1900000001", "-3329.28"), ("1900000002", "-2942.80")):
        company.journal(sap, number, amount, AccountingDocumentType="KR", **PAID)
    company.payment(sap, "1500000001", "6272.08")
    sap.sets["GLAccountLineItem"][-2]["AmountInTransactionCurrency"] = "-6146.63"
    line(sap, "-125.45", "000003")
    home = Home(sap).run()
    assert home.rows("payment_applications", "amount_applied", "discount_taken") == [
        (Decimal("2883.94"), Decimal("58.86")),
        (Decimal("3262.69"), Decimal("66.59")),
    ]


def test_a_payment_of_many_lines_is_one_row_each(sap: Sap) -> None:
    """What is split by profit centre has many lines; they are not multiplied with each other."""
    company.payment(sap, "1500000001", "1000.00")
    for place in range(3, 23):
        line(sap, "-1.00", f"{place:06}")
        owing = {"FinancialAccountType": "K", "Supplier": "0000100001"}
        line(sap, "1.00", f"{place + 20:06}", **owing)
    for number in range(20):
        company.journal(sap, f"19000000{number:02}", "-50.00", AccountingDocumentType="KR", **PAID)
    home = Home(sap).run()
    assert home.defects() == []
    assert home.rows("payments", "amount") == [Decimal(1000)]
    assert (
        home.rows("payment_applications", "amount_applied", "discount_taken")
        == [(Decimal(50), None)] * 20
    )


def test_what_is_too_much_for_a_discount_is_none(billed: Sap) -> None:
    """Half of the money went another way: what was applied then exceeds the payment, and tells."""
    owed(billed, **PAID)
    company.payment(billed, "1500000001", "59.50")
    billed.sets["GLAccountLineItem"][-2]["AmountInTransactionCurrency"] = "-30.00"
    line(billed, "-29.50", "000003")
    home = Home(billed).run()
    assert home.rows("payments", "amount") == [Decimal(30)]
    assert home.rows("payment_applications", "amount_applied", "discount_taken") == [
        (Decimal("59.5"), None)
    ]


def test_a_refund_is_negative(sap: Sap) -> None:
    company.journal(sap, "1700000001", "11.90", AccountingDocumentType="KG", **PAID)
    company.payment(sap, "1500000001", "11.90")
    for of_document in sap.sets["GLAccountLineItem"][-2:]:
        turned = of_document["AmountInTransactionCurrency"]
        of_document["AmountInTransactionCurrency"] = turned[1:] if "-" in turned else f"-{turned}"
    home = Home(sap).run()
    assert home.rows("payments", "amount") == [Decimal("-11.9")]
    assert home.rows("payment_applications", "amount_applied") == [Decimal("-11.9")]


def test_a_document_that_moves_no_money_pays_nothing(billed: Sap) -> None:
    owed(billed, **PAID)
    made = {"AccountingDocumentType": "KZ", "ClearingAccountingDocument": "1500000001"}
    company.journal(billed, "1500000001", "59.50", **made, **company.CLEARED)
    home = Home(billed).run()
    assert (home.rows("payments"), home.rows("payment_applications")) == ([], [])
    assert home.row("invoices")["status_canon"] == "paid"


def test_an_invoice_split_in_two_is_settled_with_its_last_part(billed: Sap) -> None:
    owed(billed, **PAID)
    second = {"LedgerGLLineItem": "000002", "ReferenceDocument": "5105600001"}
    company.journal(billed, "5100000001", "-1.00", **LOGISTICS, **second)
    company.payment(billed, "1500000001", "59.50")
    home = Home(billed).run()
    assert home.defects() == []
    assert home.rows("invoices", "status_canon", "settled_date") == [("posted", None)]


def test_cleared_by_something_that_is_no_payment(billed: Sap) -> None:
    owed(billed, **{**PAID, "ClearingAccountingDocument": "0100000001"})
    home = Home(billed).run()
    assert (home.defects(), home.rows("payment_applications")) == ([], [])


def test_a_payment_that_was_reversed(sap: Sap) -> None:
    company.payment(sap, "1500000001", "59.50", IsReversed=True)
    assert Home(sap).run().rows("payments", "status_canon") == ["void"]


def test_other_ledgers_and_other_documents_are_not_read(sap: Sap) -> None:
    company.journal(sap, "5100000001", "-59.50", Ledger="2L")
    company.journal(sap, "1800000001", "500.00", AccountingDocumentType="DR")
    home = Home(sap).run()
    assert home.manifests["journal_lines"].row_count == 0
