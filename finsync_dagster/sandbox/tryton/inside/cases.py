"""The purchases people ask about: what goes wrong between order, receipt, invoice and payment.

Belongs here: one entry per case, each saying what it is. Not here: the everyday ones (plan.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from .steps import (
    Bill,
    CancelBill,
    Close,
    Credit,
    Line,
    Order,
    Pay,
    PayTogether,
    Receive,
    SendBack,
    Settle,
    Step,
)


def _order(supplier: str, day: str, lines: Sequence[Line], *steps: Step, **more: Any) -> Order:
    return Order(supplier, date.fromisoformat(f"2026-{day}"), lines, steps, **more)


def _unordered(supplier: str, day: str, lines: Sequence[Line], *steps: Step, **more: Any) -> Order:
    at = date.fromisoformat(f"2026-{day}")
    return Order(supplier, at, (), steps, invoiced=lines, **more)


def special() -> list[Order]:
    """Every case, ordered by kind."""
    return [*_receipts(), *_services(), *_unfinished(), *_bills(), *_credits(), *_payments()]


def _receipts() -> list[Order]:
    over, back = Receive(7, "1.2"), SendBack(12, "10", 6)
    return [
        # More arrives than was ordered: invoiced as ordered, as received, not yet.
        _order("fahrenkamp", "01-20", [Line("SR-M6", "50")], over, Bill(9), Pay(39), Settle(40)),
        _order("wisla", "03-11", [Line("ST-C45", "400")], over, Bill(9), method="fulfillment"),
        _order("meuse", "09-22", [Line("TR-125", "200"), Line("SB-50", "60")], over),
        # Something goes back.
        _order("brenner", "02-04", [Line("FR-12", "20")], Receive(6), Bill(8), back, Pay(38)),
        _order("delft", "05-06", [Line("MS-25", "30")], Receive(9), Bill(10), back),
        _order("ohio", "07-08", [Line("WP-01", "40")], Receive(9), back, currency="USD"),
        # Counted in pieces, ordered in packs.
        _order("fahrenkamp", "04-14", [Line("SR-M8", "30")], Receive(5, "1", True), Bill(9)),
        # Some has been outstanding for long; the rest of another was given up.
        _order("alpenstahl", "03-18", [Line("ST-42", "900")], Receive(10, "0.6"), Bill(12)),
        _order("garonne", "06-03", [Line("WP-02", "50")], Receive(8, "0.5"), Close(40)),
        _order(
            "cascade",
            "08-05",
            [Line("SR-M8", "80"), Line("BO-06", "120")],
            Receive(14, "0.3"),
            Bill(16),
            currency="USD",
            method="fulfillment",
        ),
        # Never received, neither invoiced.
        _order("wisla", "04-22", [Line("AL-20", "150")]),
        _order("kraft", "08-19", [Line("LED", "12")]),
        _order("cascade", "10-13", [Line("BO-06", "300")], currency="USD"),
    ]


def _services() -> list[Order]:
    return [
        _order("brenner", "02-17", [Line("WART", "16")], Bill(20), Pay(50), Settle(52)),
        _order("kraft", "06-16", [Line("SCHUL", "2"), Line("LED", "4")], Receive(10), Bill(14)),
        _order("petersen", "03-25", [Line("TRANS", "3")], Bill(6), Pay(36)),
        _order("petersen", "09-09", [Line("TRANS", "1", "420.00")], Bill(4)),
    ]


def _unfinished() -> list[Order]:
    return [
        _order("delft", "10-20", [Line("FR-12", "15")], until="draft"),
        _order("hansen", "10-26", [Line("PAP", "40"), Line("STIFT", "100")], until="draft"),
        _order("ohio", "10-15", [Line("WP-02", "25")], currency="USD", until="quotation"),
        _order("bianchi", "10-21", [Line("TR-230", "500")], until="quotation"),
        _order("garonne", "05-19", [Line("SB-50", "80")], until="cancelled"),
        _order("lindqvist", "07-21", [Line("BO-10", "100")], until="cancelled"),
    ]


def _bills() -> list[Order]:
    pens = [Line("STIFT", "200", "0.85")]
    return [
        # Dearer than ordered, a little and a lot; cheaper.
        _order("lindqvist", "01-28", [Line("BO-08", "100")], Receive(7), Bill(9, price="1.02")),
        _order("brenner", "04-08", [Line("WP-01", "20")], Receive(7), Bill(9, price="1.15")),
        _order(
            "ohio",
            "06-24",
            [Line("WP-02", "30")],
            Receive(9),
            Bill(12, price="1.06"),
            Pay(45),
            currency="USD",
        ),
        _order("bianchi", "05-13", [Line("TR-125", "400")], Receive(8), Bill(10, price="0.9")),
        # More invoiced than received; Tryton itself drafts the correction of the second.
        _order("kraft", "02-25", [Line("KA-3", "500")], Receive(6, "0.8"), Bill(8)),
        _order(
            "meuse",
            "05-27",
            [Line("SB-50", "100")],
            Receive(6),
            Bill(9, quantity="1.25"),
            method="fulfillment",
        ),
        # Invoiced first: received later, not received at all.
        _order("delft", "03-04", [Line("MS-25", "6")], Bill(1), Pay(31), Receive(45)),
        _order("cascade", "07-15", [Line("SR-M8", "200")], Bill(2), Pay(32), currency="USD"),
        # Two invoices for one order.
        _order(
            "alpenstahl",
            "06-10",
            [Line("ST-C45", "1000")],
            Receive(9),
            Bill(10, quantity="0.6"),
            Bill(24),
            Pay(40),
        ),
        _order(
            "garonne", "08-12", [Line("BO-10", "90")], Receive(6), Bill(8, quantity="0.5"), Bill(15)
        ),
        # Freight and discount that nobody ordered.
        _order("wisla", "02-11", [Line("ST-C45", "600")], Receive(8), Bill(9, freight="86.50")),
        _order(
            "kraft",
            "09-02",
            [Line("KA-5", "200")],
            Receive(5),
            Bill(7, freight="24", discount="40"),
        ),
        # Nobody ordered it.
        _unordered("petersen", "01-30", [Line("TRANS", "2")], Bill(0), Pay(30), Settle(31)),
        _unordered("hansen", "03-16", [Line("PAP", "5")], Bill(0), Settle(14)),
        _unordered("ohio", "08-27", [Line("WP-01", "1")], Bill(0), currency="USD"),
        # One invoice entered twice, the second time for the supplier's double.
        _unordered("hansen", "06-08", pens, Bill(0, reference="HB-2026-311"), Pay(14)),
        _unordered("hansen_again", "06-08", pens, Bill(3, reference="HB-2026-311")),
        # ... and for the same one.
        _unordered(
            "petersen", "07-02", [Line("TRANS", "1")], Bill(0, reference="SP 70211"), Pay(30)
        ),
        _unordered("petersen", "07-02", [Line("TRANS", "1")], Bill(5, reference="SP 70211")),
    ]


def _credits() -> list[Order]:
    office = [Line("PAP", "30")]
    return [
        _unordered("hansen", "02-19", office, Bill(0), Credit(9, "open")),
        _unordered("hansen", "04-21", office, Bill(0), Credit(6, "offset")),
        _unordered(
            "hansen",
            "07-28",
            office,
            Bill(0),
            Pay(10),
            Settle(12),
            Credit(20, "refunded"),
            Pay(35),
        ),
        _unordered("meuse", "05-05", [Line("TR-230", "20")], Bill(0), CancelBill(4)),
    ]


def _payments() -> list[Order]:
    goods = [Line("TR-125", "300")]
    way = (Receive(6), Bill(8))
    drills, dollar_drills = [Line("BO-08", "200")], [Line("BO-06", "250", "1.90")]
    return [
        # In two parts: by the instalments agreed, or as it came.
        _order("bianchi", "01-13", goods, *way, Pay(38), Pay(68), Settle(70)),
        _order("lindqvist", "04-01", drills, *way, Pay(38, "0.4"), Pay(52)),
        # The bank refuses; a second try succeeds, or there was none.
        _order("delft", "02-10", [Line("FR-12", "8")], *way, Pay(38, until="failed"), Pay(45)),
        _order("cascade", "04-29", dollar_drills, *way, Pay(40, until="failed"), currency="USD"),
        # Two invoices in one payment run.
        _order("lindqvist", "06-17", drills, *way, Pay(36, until="approved")),
        _order(
            "lindqvist",
            "06-30",
            [Line("BO-06", "150")],
            *way,
            Pay(34, until="approved"),
            PayTogether(35),
        ),
        # Stuck on the way.
        _order("meuse", "08-26", goods, *way, Pay(36, until="draft")),
        _order("wisla", "09-02", [Line("AL-20", "50")], *way, Pay(38, until="submitted")),
        _order("brenner", "09-08", [Line("FR-16", "6")], *way, Pay(38, until="processing")),
    ]
