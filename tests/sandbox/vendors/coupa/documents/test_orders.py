"""Orders and their lines, told by looking at the rows of conftest.py."""

from __future__ import annotations

from tests.sandbox.vendors.coupa.conftest import Client


def test_a_line_priced_per_thousand(client: Client) -> None:
    line = client.get("/api/purchase_order_lines/1")
    assert (line["quantity"], line["uom"]["code"]) == ("5000.000000", "EA")
    assert (line["price"], line["total"]) == ("0.012340", "61.7000")
    assert (line["type"], line["line-num"]) == ("OrderQuantityLine", "1")


def test_an_amount_line_has_no_quantity(client: Client) -> None:
    line = client.get("/api/purchase_order_lines/2")
    assert (line["type"], line["quantity"], line["uom"]) == ("OrderAmountLine", None, None)
    assert (line["price"], line["total"]) == ("250.000000", "250.0000")
    assert line["received"] == "100.00"


def test_what_was_received_and_invoiced_in_coupa(client: Client) -> None:
    line = client.get("/api/purchase_order_lines/1")
    # 3000 received, 100 back, the 3000 voided; invoices of 5000 and a credit of 1000.
    assert line["received"] == "-100.00"
    assert (line["invoiced"], line["total-invoiced"]) == ("4000.000000", "49.36")


def test_the_legal_entity_is_told_by_the_lines_account(client: Client) -> None:
    first, second = client.get("/api/purchase_orders", ("id[in]", "1,2"))
    for order, entity in ((first, "Lumen UK Ltd"), (second, "Lumen Technik GmbH")):
        for line in order["order-lines"]:
            assert line["account"]["account-type"]["legal-entity-name"] == entity


def test_a_line_charged_to_two_accounts(client: Client) -> None:
    (line, _) = client.get("/api/purchase_orders/1")["order-lines"]
    assert [each["amount"] for each in line["account-allocations"]] == ["37.0200", "24.6800"]
    assert [each["pct"] for each in line["account-allocations"]] == [
        "60.0000000000",
        "40.0000000000",
    ]
    assert [each["account"]["code"] for each in line["account-allocations"]] == [
        "4000-CC10",
        "4000-CC10-P1",
    ]
    (other,) = client.get("/api/purchase_orders/2")["order-lines"]
    assert other["account-allocations"] == []


def test_the_supplier_is_there_whole(client: Client) -> None:
    order = client.get("/api/purchase_orders/1")
    assert order["supplier"] == client.get("/api/suppliers/1")
    assert order["supplier"]["tax-id"] == "DE136695976"
    assert order["supplier"]["payment-term"]["code"] == "2/14 Net 30"
    assert order["supplier"]["primary-address"]["city"] == "Ulm"
    blocked = client.get("/api/suppliers/2")
    assert (blocked["status"], blocked["on-hold"]) == ("active", True)


def test_an_order_shows_the_requisition_it_came_from(client: Client) -> None:
    order = client.get("/api/purchase_orders/3")
    assert order["requisition-header"] == client.get("/api/requisitions/80001")
    (wish,) = order["requisition-header"]["requisition-lines"]
    assert order["order-lines"][0]["requisition-line-id"] == str(wish["id"])
    assert client.get("/api/purchase_orders/2")["requisition-header"] is None


def test_an_order_that_waits_for_approval_is_a_draft(client: Client) -> None:
    assert client.get("/api/purchase_orders/5")["status"] == "draft"
    assert client.get("/api/purchase_orders/4")["status"] == "issued"
