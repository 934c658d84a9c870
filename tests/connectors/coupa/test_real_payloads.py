"""XML as Coupa's older releases write it: untyped lists, few totals, numbers that are not.

Belongs here: what is made of whole answers, kept beside (payloads/). Not here: what Coupa does with
requests, and payloads made field by field (api.py, books.py).

Everything comes, asked for or not: fields are not picked by these releases.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest

from tests.connectors.coupa.api import RESOURCES
from tests.connectors.http.auth.auth_server import Handler, Reply, Seen, site
from tests.connectors.through import Through, mapped

pytestmark = pytest.mark.slow

PAYLOADS = Path(__file__).parent / "payloads"
XML = {"Content-Type": "application/xml; charset=utf-8"}
NOTHING = "<errors><error>No results match your search criteria.</error></errors>"
SECRETS = {"client_id": "finsync", "client_secret": "s3cret"}


def pages(resource: str) -> Handler:
    """One page if there is a payload, and an error that says that there are no more."""
    path = PAYLOADS / f"{resource}.xml"

    def answer(seen: Seen) -> Reply:
        later = "id%5Bgt%5D" in seen.url or "id[gt]" in seen.url
        if later or not path.exists():
            return Reply(404, NOTHING, XML)
        return Reply(200, path.read_text(), XML)

    return answer


@pytest.fixture(scope="module")
def taken() -> Iterator[Through]:
    with site() as here:
        token = {"access_token": "t", "token_type": "bearer", "expires_in": 86399}
        here.routes["/oauth2/token"] = lambda _: Reply(
            200, token, {"Content-Type": "application/json"}
        )
        for resource in RESOURCES:
            here.routes[f"/api/{resource}"] = pages(resource)
        # The chart of accounts is all that names the company.
        through = Through(
            "coupa", here.url, SECRETS, mapped("coupa", entity={"German Chart": "lumen_de"})
        )
        assert through.run().quarantine().is_empty()
        yield through


def test_an_order_that_has_its_currency_on_its_lines(taken: Through) -> None:
    names = ("po_number", "entity_id", "ccy", "order_date", "status_canon")
    found = taken.row("purchase_orders", "3107", *names)
    assert tuple(found.values()) == ("3107", "lumen_de", "EUR", date(2011, 2, 14), "sent")


def test_a_lone_line_is_a_list(taken: Through) -> None:
    ((pk, line),) = taken.rows("purchase_order_lines").items()
    assert (pk, line["line_no"], line["match_basis"]) == ("3107|4711", "1", "amount")
    assert (line["qty_ordered"], line["net_amount"]) == (D(750), D(750))
    assert line["due_date"] == date(2011, 3, 31)
    ((_, share),) = taken.rows("purchase_order_distributions").items()
    assert (share["account"], share["amount"]) == ("10-200-6300", D(750))


def test_an_invoice_without_totals_is_what_its_parts_come_to(taken: Through) -> None:
    found = taken.row("invoices", "12", "net", "tax", "charges", "gross", "kind", "entity_id")
    assert tuple(found.values())[:4] == (D(750), D("142.5"), D(10), D("902.5"))
    assert (found["kind"], found["entity_id"]) == ("invoice", "lumen_de")


def test_a_number_that_is_told_to_be_whole_keeps_its_zeros(taken: Through) -> None:
    assert taken.row("invoices", "12", "invoice_no_supplier", "invoice_no_norm") == {
        "invoice_no_supplier": "0815",
        "invoice_no_norm": "815",
    }


def test_goods_and_bill_lead_to_the_order_by_its_id(taken: Through) -> None:
    ordered = {"po_number_ref": "3107", "po_id": "erp|purchase_orders|3107"}
    ordered |= {"po_line_id": "erp|order_lines|4711", "po_line_ref": "1"}
    assert taken.row("invoice_lines", "12|88", *ordered) == ordered
    assert taken.row("receipt_lines", "640", *ordered) == ordered
    came = taken.row("receipt_lines", "640", "kind", "qty", "uom", "posting_date")
    assert tuple(came.values()) == ("receipt", D(750), "C62", date(2011, 3, 3))
