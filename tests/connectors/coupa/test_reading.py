"""How Coupa is read: login, pages, changes, deletions, XML, errors, and records with a defect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest

from finsync_dagster.connectors.errors import SourceError
from tests.connectors.coupa.api import Coupa, refuses, serving
from tests.connectors.coupa.books import (
    approval,
    asked,
    billed,
    expense,
    invoice,
    item,
    order,
    ordered,
    payment,
    receipt,
    report,
    requisition,
    settles,
    supplier,
    tax,
)
from tests.connectors.coupa.taking import Home

pytestmark = pytest.mark.slow
LATER = "2026-03-03T10:00:00+01:00"
EARLIER = "2026-02-03T10:00:00+01:00"


@contextmanager
def shop(coupa: Coupa) -> Iterator[Home]:
    with serving(coupa):
        yield Home(coupa)


def company() -> Coupa:
    """A document of each kind."""
    coupa = Coupa()
    first = order(100, ordered(1001), **{"requisition-header": {"id": 50}})
    bill = invoice(900, billed(9001, first), **{"tax-lines": [tax(1, "20.00")]})
    coupa.add("suppliers", supplier())
    coupa.add("items", item())
    coupa.add("requisitions", requisition(50, asked(501), approvals=[approval(60)]))
    coupa.add("purchase_orders", first)
    coupa.add("receiving_transactions", receipt(800, first))
    coupa.add("invoices", bill)
    coupa.add("coupa_pay/payments", payment(40, settles(41, bill)))
    coupa.add("expense_reports", report(30, expense(301)))
    return coupa


def queries(coupa: Coupa) -> list[dict[str, str]]:
    return [{k: v[0] for k, v in parse_qs(urlsplit(path).query).items()} for path in coupa.asked]


def test_the_login_is_one_for_all_and_no_secret_is_in_an_address() -> None:
    coupa = company()
    with shop(coupa) as home:
        home.run()
    (login,) = coupa.logins
    assert (login["grant_type"], login["client_id"]) == ("client_credentials", "finsync")
    assert "core.invoice.read" in login["scope"].split()
    assert all(word.endswith(".read") for word in login["scope"].split())
    assert not any(coupa.secret in path or "token" in path for path in coupa.asked)


@pytest.mark.parametrize(("most", "empty_is_404"), [(50, False), (3, False), (7, True)])
def test_pages_may_be_smaller_than_asked_and_only_an_empty_one_is_the_end(
    most: int, empty_is_404: bool
) -> None:
    coupa = Coupa(most=most, empty_is_404=empty_is_404)
    coupa.add("suppliers", *(supplier(n) for n in range(1, 108)))
    with shop(coupa) as home:
        taken = home.take("suppliers")
    assert (taken.row_count, taken.complete) == (107, True)
    assert {q["limit"] for q in queries(coupa)} == {"50"}
    assert queries(coupa)[-1]["id[gt]"] == "107"


def test_an_increment_asks_from_a_quarter_of_an_hour_before_the_newest_stamp() -> None:
    coupa = Coupa()
    coupa.add("suppliers", supplier(1), supplier(2), supplier(3, **{"updated-at": EARLIER}))
    with shop(coupa) as home:
        home.take("suppliers")
        coupa.add("suppliers", supplier(1, name="New", **{"updated-at": LATER}))
        coupa.asked.clear()
        taken = home.take("suppliers")
    assert (taken.mode, taken.row_count) == ("incremental", 2)
    assert queries(coupa)[0]["updated_at[gt_or_eq]"] == "2026-03-02T08:15:00Z"


def test_an_expired_token_is_renewed_once_in_the_middle_of_pages() -> None:
    coupa = Coupa(most=2)
    coupa.add("suppliers", *(supplier(n) for n in range(1, 6)))

    def expire(_: object) -> bool:
        coupa.tokens.clear()
        return False

    coupa.plays = [lambda _: False, expire]
    with shop(coupa) as home:
        taken = home.take("suppliers")
    assert (taken.row_count, len(coupa.logins)) == (5, 2)


@pytest.mark.parametrize(
    ("status", "text", "kind", "said"),
    [
        (
            400,
            '{"errors": {"field": ["order_linez is not a valid field"]}}',
            "application/json",
            "order_linez is not a valid field",
        ),
        (
            403,
            "<errors><error>API key is not authorized</error></errors>",
            "application/xml",
            "API key is not authorized",
        ),
    ],
)
def test_an_error_is_told_in_coupa_s_words(status: int, text: str, kind: str, said: str) -> None:
    coupa = company()
    coupa.plays = [refuses(status, text, kind)]
    with shop(coupa) as home, pytest.raises(SourceError) as error:
        home.take("invoices")
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert coupa.secret not in str(error.value)


def test_a_wrong_secret_is_told_without_it() -> None:
    coupa = company()
    with shop(coupa) as home:
        home.secret = "not/the+right one"
        with pytest.raises(SourceError) as error:
            home.take("invoices")
    assert "Client authentication failed" in str(error.value)
    assert home.secret not in str(error.value)


def test_too_many_requests_are_waited_for() -> None:
    coupa = company()
    coupa.plays = [refuses(429, "{}", Retry_After="1")]
    with shop(coupa) as home:
        assert home.take("invoices").row_count == 1


def test_xml_gives_the_same_rows_as_json() -> None:
    coupa = company()
    with shop(coupa) as home:
        json_rows = home.run().world.content()
        assert home.told() == []
        coupa.xml = True
        again = Home(coupa).run()
    assert again.told() == []
    assert again.world.content() == json_rows
    assert sum(len(rows) for rows in json_rows.values()) >= 14


def test_what_a_revision_changes_and_takes_out() -> None:
    coupa = company()
    first = coupa.books["purchase_orders"][0]
    with shop(coupa) as home:
        home.run()
        revised = {
            **first,
            "order-lines": [ordered(1002, **{"line-num": "2"})],
            "updated-at": LATER,
        }
        coupa.add("purchase_orders", revised)
        home.run()
        assert home.rows("purchase_order_lines", "line_no") == ["2"]
        assert home.rows("purchase_order_distributions", "po_line_id") == ["erp|order_lines|1002"]
        # The goods that came for the line are still there, and name it by number.
        goods = home.row("receipt_lines", receipt_no="800")
        assert (goods["po_line_id"], goods["po_id"]) == (None, "erp|purchase_orders|100")
    assert home.told() == []


def test_a_deleted_draft_is_found_when_keys_are_compared() -> None:
    coupa = Coupa()
    coupa.add("invoices", invoice(1, billed(11)), invoice(2, billed(12), status="draft"))
    with shop(coupa) as home:
        home.spec.objects["invoices"] = home.spec.objects["invoices"].model_copy(
            update={"compare_keys_every": 1}
        )
        home.spec.objects["invoices"]._service = home.spec
        home.run()
        coupa.books["invoices"].pop()
        coupa.asked.clear()
        home.run()
        assert home.rows("invoices", "invoice_id") == ["erp|invoices|1"]
        assert home.rows("invoice_lines", "invoice_line_id") == ["erp|invoice_lines|11"]
    assert '["id"]' in {q["fields"] for q in queries(coupa)}


def test_a_void_that_comes_later_reverses_what_was_withdrawn_or_counted() -> None:
    coupa = company()
    first = coupa.books["purchase_orders"][0]
    with shop(coupa) as home:
        home.run()
        coupa.add(
            "receiving_transactions", receipt(800, first, status="voided", **{"updated-at": LATER})
        )
        assert home.run().rows("receipt_lines", "receipt_no") == []
        coupa.add(
            "receiving_transactions",
            receipt(
                801,
                first,
                type="VoidReceivingQuantityConsumption",
                **{"original-transaction-id": 800, "updated-at": LATER},
            ),
        )
        home.run()
        quantities = home.rows("receipt_lines", "receipt_no", "kind", "qty")
    assert [(no, kind, int(qty)) for no, kind, qty in quantities] == [
        ("800", "receipt", 4),
        ("801", "reversal", -4),
    ]
    assert home.told() == []


def test_a_record_with_a_defect_waits_with_a_reason_and_the_rest_goes_on() -> None:
    coupa = company()
    first = coupa.books["purchase_orders"][0]
    nobody = {"legal-entity-name": "Lumen Nowhere"}
    coupa.add(
        "purchase_orders",
        order(101, ordered(1011, account={"code": "X", "account-type": nobody})),
        order(102, ordered(1021, quantity="ten")),
        order(103, ordered(1031), status="mislaid"),
        order(104, ordered(1041, uom={"code": "FURLONG"})),
        order(105, ordered(1051, total="123456789012345678901234567890.12")),
    )
    coupa.add(
        "invoices",
        invoice(901, billed(9011), **{"account-type": None}),
        invoice(902, billed(9021, price="1.0e", total="8")),
    )
    coupa.add(
        "receiving_transactions",
        receipt(801, first, type="ReceivingTeleport"),
        receipt(802, first, status="pondering"),
    )
    with shop(coupa) as home:
        home.run()
    orders, bills = "purchase_orders", "invoices"
    assert set(home.told()) == {
        (orders, "101", "MAPPING_MISSING"),
        (orders, "102", "VALUE_NOT_READABLE"),
        (orders, "103", "MAPPING_MISSING"),
        (orders, "104", "MAPPING_MISSING"),
        (orders, "105", "VALUE_NOT_READABLE"),
        (bills, "901", "MISSING_REQUIRED_FIELD"),
        (bills, "902", "VALUE_NOT_READABLE"),
        ("receiving_transactions", "801", "MAPPING_MISSING"),
        ("receiving_transactions", "802", "MAPPING_MISSING"),
    }
    messages = set(home.quarantine["message"])
    nowhere = [m for m in messages if "'Lumen Nowhere'" in m and "purchase_orders.entity_id" in m]
    assert len(nowhere) == 1
    assert nowhere[0].startswith("legal_entity, ")
    assert (
        "uom holds the code 'FURLONG', for which the code map of purchase_order_lines.uom_order "
        "has no entry."
    ) in messages
    assert home.rows(orders, "po_number") == ["PO100"]
    assert home.rows(bills, "invoice_no_supplier") == ["RE-00900"]
    assert home.world.counts["holds"].all()
