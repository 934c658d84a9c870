"""Purchases as NetSuite keeps them, in the tables of an account.

Belongs here: documents with their lines and links, as they are entered. Not here: what they mean
(test_netsuite.py).
"""

from __future__ import annotations

from typing import Any

from tests.connectors.netsuite.suiteql import Account

BIG = 9007199254740993
"""The first whole number that binary floating point cannot hold."""
STAMP = "2026-03-02 10:00:00"
USD, EUR, JPY = 1, 4, 7
US, OTHER = 5, 9


class Books:
    """Enters documents. ``stamp``: change stamp of what is entered next."""

    def __init__(self, account: Account) -> None:
        self.account, self.stamp = account, STAMP
        self.unique = 70000
        for number, symbol in ((USD, "USD"), (EUR, "EUR"), (JPY, "JPY")):
            account.put("currency", id=number, symbol=symbol, name=symbol, isinactive="F")

    def vendor(self, number: int, **facts: Any) -> None:
        known = {"entityid": f"V{number}", "isinactive": "F", "lastmodifieddate": self.stamp}
        self.account.put("vendor", id=number, **{**known, **facts})

    def document(self, number: int, kind: str, total: str, **facts: Any) -> None:
        """A transaction and its main line; ``total`` is signed as the main line is."""
        own = {"trandate": "2026-03-01", "currency": USD, "entity": 11, "posting": "T"}
        of_main = {"documentnumber", "createdfrom", "subsidiary", "foreignamountunpaid"}
        of_main |= {"foreignpaymentamountunused"}
        main = {k: v for k, v in facts.items() if k in of_main}
        rest = {k: v for k, v in facts.items() if k not in of_main}
        known = {"id": number, "type": kind, "transactionnumber": f"{kind}{number}"}
        created = {"createddate": self.stamp, "isreversal": "F"}
        self.account.put("transaction", **{**known, **own, **created, **rest})
        self.line(number, 0, total, mainline="T", **main)

    def line(self, document: int, number: int, amount: str | None, **facts: Any) -> int:
        """A line; answers its unique key."""
        self.unique += 1
        known = {
            "transaction": document,
            "id": number,
            "linesequencenumber": number,
            "uniquekey": self.unique,
            "mainline": "F",
            "taxline": "F",
            "subsidiary": US,
            "foreignamount": amount,
            "linelastmodifieddate": self.stamp,
        }
        self.account.put("transactionline", **{**known, **facts})
        return self.unique

    def link(
        self, kind: str, before: tuple[int, int], after: tuple[int, int], **facts: Any
    ) -> None:
        """The row by which a later line names an earlier one."""
        ends = {"previousdoc": before[0], "previousline": before[1]}
        ends |= {"nextdoc": after[0], "nextline": after[1]}
        self.account.put("previoustransactionlinelink", linktype=kind, **ends, **facts)


def ordinary(books: Books) -> None:
    """An order of two lines, received in two parts, billed with tax, paid; all in dollars."""
    books.vendor(11, companyname="Acme Tools Inc.", entityid="ACME")
    books.document(100, "PurchReq", "0", status="F", transactionnumber="REQ100", entity=801)
    books.line(
        100, 1, None, item=501, quantity="10", rate="2.5", estimatedamount="25", memo="bolts"
    )
    books.document(
        200, "PurchOrd", "-134.5", status="D", transactionnumber="PO200", duedate="2026-03-20"
    )
    bolts = {"item": 501, "itemtype": "InvtPart", "units": "EA", "memo": "bolts"}
    books.line(
        200, 1, "25", quantity="10", rate="2.5", quantityshiprecv="10", quantitybilled="10",
        expectedreceiptdate="2026-03-15", createdfrom=100, isclosed="F", matchbilltoreceipt="T",
        expenseaccount=6001, department=31, **bolts,
    )  # fmt: skip
    books.line(200, 2, "100", item=502, itemtype="Service", quantity="4", rate="25", units="HR")
    books.line(200, 3, "9.5", taxline="T")
    books.document(300, "ItemRcpt", "0", transactionnumber="IR300", createdfrom=200)
    books.line(300, 1, "0", quantity="4", createdfrom=200, **bolts)
    books.link("ShipRcpt", (200, 1), (300, 1))
    books.document(301, "ItemRcpt", "0", transactionnumber="IR301", trandate="2026-03-02")
    books.line(301, 1, "0", quantity="6", quantityrejected="1", createdfrom=200, **bolts)
    books.link("ShipRcpt", (200, 1), (301, 1))
    books.document(
        400, "VendBill", "-26.9", status="B", documentnumber="INV-0042", foreignamountunpaid="0",
        duedate="2026-03-31", closedate="2026-03-09", createdfrom=200,
    )  # fmt: skip
    books.line(400, 1, "25", quantity="10", rate="2.5", createdfrom=200, **bolts)
    books.line(400, 2, "1.9", taxline="T")
    books.link("OrdBill", (200, 1), (400, 1))
    books.document(500, "VendPymt", "-26.9", transactionnumber="PAY500", trandate="2026-03-09")
    books.link("Payment", (400, 0), (500, 0), foreignamount="26.9")
