"""What a live NetSuite account holds and says that a tidy one does not.

Belongs here: transactions that look like purchases and are none, errors in NetSuite's own words.
Not here: what purchases become (test_netsuite.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from finsync_dagster.connectors.errors import SourceError
from tests.connectors.http.auth.auth_server import Reply, site
from tests.connectors.netsuite.books import US, Books
from tests.connectors.netsuite.suiteql import SECRETS, Account, serving
from tests.connectors.through import Through, mapped

pytestmark = pytest.mark.slow


@pytest.fixture
def kept() -> Iterator[tuple[Books, Through]]:
    account = Account()
    with serving(account) as here:
        books = Books(account)
        books.vendor(11, companyname="Acme Tools Inc.")
        url = here.url + "/services/rest"
        yield books, Through("netsuite", url, SECRETS, mapped("netsuite", entity={str(US): "us"}))


def test_what_customers_send_back_and_what_is_moved_is_no_purchase(
    kept: tuple[Books, Through],
) -> None:
    books, through = kept
    books.document(200, "PurchOrd", "-10", transactionnumber="PO200", status="B")
    books.line(200, 1, "10", item=501, quantity="2", rate="5", units="EA")
    books.document(210, "RtnAuth", "0")
    books.document(220, "TrnfrOrd", "0")
    for number, source in ((300, 200), (310, 210), (320, 220), (330, None)):
        books.document(number, "ItemRcpt", "0", transactionnumber=f"IR{number}")
        books.line(number, 1, "0", item=501, quantity="2", units="EA", createdfrom=source)
    assert through.run().quarantine().is_empty()
    found = {r["receipt_no"]: r["po_number_ref"] for r in through.rows("receipt_lines").values()}
    # A receipt that names no source stays: nothing says that it is none of a purchase.
    assert found == {"IR300": "PO200", "IR330": None}


@pytest.mark.parametrize(
    ("status", "code", "detail", "advice"),
    [
        (401, "INVALID_LOGIN", "Invalid login attempt. See the Login Audit Trail.", "Check user"),
        (400, "INVALID_PARAMETER", "Field 'x' for record 'transaction' was not found.", "Correct"),
        (403, "INSUFFICIENT_PERMISSION", "Permission Violation: you may not.", "administrator"),
    ],
)
def test_an_error_is_told_in_netsuites_words(
    status: int, code: str, detail: str, advice: str
) -> None:
    details = [{"detail": detail, "o:errorQueryParam": "q", "o:errorCode": code}]
    said = {"title": "Bad", "status": status, "o:errorDetails": details}
    kind = {"Content-Type": "application/vnd.oracle.resource+json; type=error"}
    with site() as here:
        here.routes["/query/v1/suiteql"] = lambda _: Reply(status, json.dumps(said), kind)
        through = Through("netsuite", here.url, SECRETS, mapped("netsuite"))
        with pytest.raises(SourceError) as caught:
            through.take("bills")
    for part in (detail, f"code {code}", advice):
        assert part in str(caught.value)
