from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from finsync_dagster.sandbox.vendors.netsuite.store import Store

D = Decimal


def lines(store: Store, number: str, *columns: str) -> list[tuple[Any, ...]]:
    with store.connect(None) as connection:
        return connection.execute(
            f"SELECT {', '.join(columns)} FROM transaction t JOIN transactionline l "
            "ON l.transaction = t.id WHERE t.transactionnumber = ? ORDER BY l.id",
            [number],
        ).fetchall()


def test_an_order_is_a_negative_main_line_and_positive_lines(store: Store) -> None:
    told = lines(store, "PO1", "l.id", "mainline", "quantity", "units", "rate", "foreignamount")
    assert told == [
        (0, "T", None, None, None, D("-1012.5")),
        (1, "F", D(10), "Each", D("1.25"), D("12.5")),
        (2, "F", None, None, None, D(1000)),
    ]


def test_a_line_says_what_was_billed_received_and_how_it_is_matched(store: Store) -> None:
    columns = ("quantitybilled", "quantityshiprecv", "matchbilltoreceipt", "isclosed", "itemtype")
    assert lines(store, "PO1", *columns)[1:] == [
        (D(8), D(0), "T", "F", "InvtPart"),
        (None, None, "F", "F", None),
    ]
    assert lines(store, "PO2", "isclosed") == [("F",), ("T",)]


def test_a_price_for_seven_is_divided_without_a_float_and_yen_are_converted(store: Store) -> None:
    rate, foreign, net = lines(store, "PO2", "rate", "foreignamount", "netamount")[1]
    assert (rate, foreign) == (D("14.2857142857"), D(43))
    assert net == D("0.29")  # 43 x 0.006641234567 = 0.2855730...


def test_a_receipt_that_is_taken_back_is_one_with_negative_quantities(store: Store) -> None:
    columns = ("isreversal", "reversal", "l.quantity", "l.foreignamount", "l.documentnumber")
    (first,) = {row[0] for row in lines(store, "R1", "t.id")}
    assert lines(store, "R1", *columns) == [
        ("F", None, None, D(-5), "LS1"),
        ("F", None, D(4), D(5), None),
    ]
    assert lines(store, "R2", *columns) == [
        ("T", first, None, D(5), "LS2"),
        ("T", first, D(-4), D(-5), None),
    ]


def test_a_bill_has_the_suppliers_number_on_its_main_line_and_its_tax_on_a_line(
    store: Store,
) -> None:
    columns = ("l.id", "taxline", "documentnumber", "foreignamount", "l.memo", "expenseaccount")
    assert lines(store, "BILL1", *columns, "itemtype", "ratepercent") == [
        (0, "F", "INV-77", D("-16.78"), None, None, None, None),
        (1, "F", None, D("12.5"), "Screw", 21, "InvtPart", None),
        (2, "F", None, D(3), "Freight", None, "OthCharge", None),
        (3, "T", None, D("1.28"), "TX", 22, None, D("8.25")),
    ]


def test_a_bill_is_made_from_its_order_also_a_line_that_names_no_line_of_it(store: Store) -> None:
    (order,) = {row[0] for row in lines(store, "PO1", "t.id")}
    assert lines(store, "BILL1", "createdfrom") == [(order,), (order,), (order,), (None,)]


def test_a_receipt_and_an_order_name_on_the_main_line_too_what_they_were_made_from(
    store: Store,
) -> None:
    (order,) = {row[0] for row in lines(store, "PO1", "t.id")}
    (wish,) = {row[0] for row in lines(store, "PR1", "t.id")}
    assert lines(store, "R1", "createdfrom") == [(order,), (order,)]
    assert lines(store, "PO1", "createdfrom") == [(wish,), (wish,), (None,)]


def test_what_is_paid_of_a_bill_and_what_is_used_of_a_payment(store: Store) -> None:
    columns = ("foreignamountpaid", "foreignamountunpaid")
    columns += ("foreignpaymentamountused", "foreignpaymentamountunused")
    assert lines(store, "BILL1", *columns)[:2] == [(D("16.78"), D(0), None, None), (None,) * 4]
    assert lines(store, "CRED1", *columns)[0] == (None, None, D(0), D("2.5"))
    assert lines(store, "PAY1", *columns)[0] == (None, None, D("16.44"), D(0))
    assert lines(store, "PAY2", *columns)[0] == (None, None, D(0), D(5))


def test_a_bill_is_closed_on_the_day_it_was_settled(store: Store) -> None:
    assert {row[0] for row in lines(store, "BILL1", "closedate")} == {date(2026, 4, 14)}
    assert {row[0] for row in lines(store, "CRED1", "closedate")} == {None}


def test_a_unit_without_a_name_stands_as_it_was_entered(store: Store) -> None:
    assert lines(store, "PO2", "units")[1:] == [("PF",)]


def test_the_rate_an_amount_was_converted_by_is_told(store: Store) -> None:
    with store.connect(None) as connection:
        told = connection.execute(
            "SELECT DISTINCT a.exchangerate FROM transactionaccountingline a "
            "JOIN transaction t ON t.id = a.transaction WHERE t.transactionnumber = 'PO2'"
        ).fetchall()
    assert told == [(D("0.006641234567"),)]


def test_a_credit_has_the_opposite_signs_and_comes_from_the_bill(store: Store) -> None:
    (bill,) = {row[0] for row in lines(store, "BILL1", "t.id")}
    columns = ("type", "l.quantity", "foreignamount", "createdfrom")
    assert lines(store, "CRED1", *columns) == [
        ("VendCred", None, D("2.5"), bill),
        ("VendCred", D(-2), D("-2.5"), bill),
    ]


def test_a_payment_balances_with_its_discount(store: Store) -> None:
    assert lines(store, "PAY1", "foreignamount") == [(D("-16.44"),), (D("16.78"),), (D("-0.34"),)]
    assert lines(store, "PAY2", "foreignamount") == [(D(-5),), (D(5),)]


def test_every_transaction_adds_up_and_every_line_has_a_key_of_its_own(store: Store) -> None:
    with store.connect(None) as connection:
        odd = connection.execute(
            "SELECT transaction FROM transactionline l "
            "JOIN transaction t ON t.id = l.transaction WHERE t.type <> 'PurchOrd' "
            "GROUP BY transaction HAVING sum(foreignamount) <> 0"
        ).fetchall()
        assert odd == []
        assert connection.execute(
            "SELECT count(*) - count(DISTINCT uniquekey) FROM transactionline"
        ).fetchone() == (0,)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("ShipRcpt", [("PO1", 1, "R1", 1, D(5)), ("PO1", 1, "R2", 1, D(-5))]),
        ("OrdBill", [("PO1", 1, "BILL1", 1, D("12.5")), ("PO1", 1, "CRED1", 1, D("-2.5"))]),
        ("RcptBill", [("R1", 1, "BILL1", 1, D("12.5"))]),
        ("Payment", [("BILL1", 0, "PAY1", 0, D("16.44"))]),
        ("PymtDisc", [("BILL1", 0, "PAY1", 0, D("0.34"))]),
    ],
)
@pytest.mark.parametrize("table", ["previoustransactionlinelink", "nexttransactionlinelink"])
def test_links_tie_lines_together(
    store: Store, table: str, kind: str, wanted: list[tuple[Any, ...]]
) -> None:
    with store.connect(None) as connection:
        told = connection.execute(
            "SELECT p.transactionnumber, k.previousline, n.transactionnumber, k.nextline, "
            f"k.foreignamount FROM {table} k JOIN transaction p ON p.id = k.previousdoc "
            "JOIN transaction n ON n.id = k.nextdoc WHERE k.linktype = ? ORDER BY n.id, p.id",
            [kind],
        ).fetchall()
    assert sorted(told) == sorted(wanted)


def test_only_the_accounts_own_vendors_are_there(store: Store) -> None:
    with store.connect(None) as connection:
        told = connection.execute(
            "SELECT entityid, companyname, isinactive FROM vendor ORDER BY id"
        ).fetchall()
    assert told == [("V10", "Whitlock Ltd", "F"), ("V11", "Öst & Söhne", "T")]


def test_what_lines_post_is_debit_or_credit_in_the_subsidiarys_currency(store: Store) -> None:
    with store.connect(None) as connection:
        told = connection.execute(
            "SELECT a.account, a.debit, a.credit, a.posting FROM transactionaccountingline a "
            "JOIN transaction t ON t.id = a.transaction WHERE t.transactionnumber = 'BILL1' "
            "ORDER BY a.transactionline"
        ).fetchall()
    assert told == [
        (20, None, D("16.78"), "T"),
        (21, D("12.5"), None, "T"),
        (None, D(3), None, "T"),
        (22, D("1.28"), None, "T"),
    ]
