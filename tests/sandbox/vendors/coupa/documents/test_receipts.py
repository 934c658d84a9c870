"""Receiving transactions, told by looking at the rows of conftest.py."""

from __future__ import annotations

from tests.sandbox.vendors.coupa.conftest import Client


def test_types_and_signs(client: Client) -> None:
    told = [
        (each["type"], each["quantity"], each["total"], each["status"])
        for each in client.get("/api/receiving_transactions")
    ]
    assert told == [
        ("ReceivingQuantityConsumption", "3000.000000", "37.020000", "voided"),
        ("ReceivingQuantityReturnToSupplier", "-100.000000", "-1.230000", "created"),
        ("VoidReceivingQuantityConsumption", "-3000.000000", "-37.020000", "created"),
        ("ReceivingAmountConsumption", None, "100.000000", "created"),
    ]


def test_a_void_names_what_it_voids(client: Client) -> None:
    voided, returned, void, _ = client.get("/api/receiving_transactions")
    assert (void["original-transaction-id"], void["voided-value"]) == (1, "3000.000000")
    assert void["original-transaction"]["type"] == "ReceivingQuantityConsumption"
    assert voided["voided-value"] == "3000.000000"
    assert (returned["original-transaction-id"], returned["voided-value"]) == (1, None)


def test_the_order_line_is_there_whole(client: Client) -> None:
    first = client.get("/api/receiving_transactions/1")
    assert first["order-line"] == client.get("/api/purchase_order_lines/1")
    assert (first["price"], first["match-reference"]) == ("0.012340", "DN 7")
    assert first["transaction-date"] == "2026-02-10T00:00:00+00:00"
    assert first["receipt"]["receipt-date"] == "2026-02-10T00:00:00+00:00"
    assert first["receipt"]["unit-price"] == "0.012340"


def test_whatever_was_counted_it_is_received_in_the_unit_of_the_order_line(client: Client) -> None:
    back = client.get("/api/receiving_transactions/2")
    assert (back["quantity"], back["uom"]["code"]) == ("-100.000000", "EA")
    assert client.ids("/api/receiving_transactions", ("quantity", "-100")) == [2]
