"""A whole generated world read through Coupa's stand-in adds up, to the cent."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finsync_dagster.sandbox.vendors.coupa.resources import RESOURCES
from finsync_dagster.sandbox.world.reading import World, open_world
from tests.sandbox.vendors.coupa.conftest import Client, client_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def generated(worlds: Path) -> World:
    return open_world(worlds, seed=7)


@pytest.fixture(scope="module")
def reading(generated: World) -> Client:
    return client_of(generated)


def everything(client: Client, path: str, *query: tuple[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while page := client.get(f"/api/{path}", ("offset", str(len(found))), *query):
        found += page
    return found


def count(world: World, sql: str) -> int:
    cursor = world.connect()
    (number,) = cursor.execute(sql).fetchall()[0]
    return int(number)


def money(values: list[dict[str, Any]], name: str) -> Decimal:
    return sum((Decimal(each[name] or 0) for each in values), Decimal(0))


@pytest.mark.parametrize("path", sorted(RESOURCES))
def test_every_id_comes_once_and_every_object_can_be_built(reading: Client, path: str) -> None:
    ids = [each["id"] for each in everything(reading, path)]
    assert ids == sorted(set(ids))
    assert ids or path.startswith("expense")


def test_as_many_as_there_are(generated: World, reading: Client) -> None:
    kept = (
        "NOT EXISTS (SELECT 1 FROM deletion d WHERE d.system = 'group_coupa' "
        "AND d.object = '{0}' AND d.object_id = {0}_id)"
    )
    for path, table, more in (
        ("purchase_orders", "purchase_order", "true"),
        ("requisitions", "requisition", "true"),
        ("invoices", "invoice", "reverses_invoice_id IS NULL"),
        ("coupa_pay/payments", "payment", "true"),
        ("suppliers", "supplier_account", "true"),
    ):
        asked = f"SELECT count(*) FROM {table} WHERE system = 'group_coupa' AND {more} AND "
        served = len(everything(reading, path, ("fields", '["id"]')))
        assert served == count(generated, asked + kept.format(table)), path


def test_orders_add_up(reading: Client) -> None:
    for order in everything(reading, "purchase_orders"):
        assert order["supplier"]["id"]
        for line in order["order-lines"]:
            allocations = line["account-allocations"]
            assert not allocations or money(allocations, "amount") == Decimal(line["total"])
            assert (line["quantity"] is None) == (line["type"] == "OrderAmountLine")
            assert (line["uom"] is None) == (line["quantity"] is None)
            assert line["account"]["account-type"]["legal-entity-name"] in (
                "Lumen Technik GmbH",
                "Lumen UK Ltd",
            )


def test_invoices_add_up(generated: World, reading: Client) -> None:
    off = 0
    for invoice in everything(reading, "invoices"):
        lines, charges = invoice["invoice-lines"], invoice["invoice-charges"]
        taxes = [*invoice["tax-lines"]]
        for each in (*lines, *charges):
            taxes += each["tax-lines"]
        total = money(lines, "total") + money(charges, "total") + money(taxes, "amount")
        off += total != Decimal(invoice["gross-total"])
        charged = Decimal(invoice["shipping-amount"]) + Decimal(invoice["misc-amount"])
        assert charged == money(charges, "total")
        assert invoice["is-credit-note"] == (Decimal(invoice["gross-total"]) < 0)
    # What does not add up here does not add up in the world either.
    assert off == count(
        generated,
        """SELECT count(*) FROM invoice i WHERE system = 'group_coupa'
            AND reverses_invoice_id IS NULL AND gross_amount <>
                (SELECT coalesce(sum(net_amount), 0) FROM invoice_line l
                    WHERE l.invoice_id = i.invoice_id)
                + (SELECT coalesce(sum(tax_amount), 0) FROM invoice_tax t
                    WHERE t.invoice_id = i.invoice_id)""",
    )


def test_voids_take_back_what_they_void(reading: Client) -> None:
    transactions = everything(reading, "receiving_transactions")
    by_id = {each["id"]: each for each in transactions}
    kinds = Counter(each["type"] for each in transactions)
    assert kinds["ReceivingQuantityConsumption"] > 100
    for each in transactions:
        if each["type"].startswith("Void"):
            voided = by_id[each["original-transaction-id"]]
            assert each["type"] == f"Void{voided['type']}"
            assert Decimal(each["total"]) == -Decimal(voided["total"])
            assert voided["status"] == "voided"


def test_payments_add_up(reading: Client) -> None:
    for payment in everything(reading, "coupa_pay/payments"):
        details = payment["payment-details"]
        assert money(details, "payment-total") == Decimal(payment["pay-to-total"])


def test_an_increment_is_what_changed(reading: Client) -> None:
    stamp = ("updated_at[gt]", "2026-06-01T00:00:00+00:00")
    whole = everything(reading, "invoices", ("fields", '["id","updated-at"]'))
    wanted = [each["id"] for each in whole if each["updated-at"] > "2026-06-01T00:00:00+00:00"]
    increment = everything(reading, "invoices", stamp, ("fields", '["id"]'))
    assert [each["id"] for each in increment] == wanted
    assert 0 < len(wanted) < len(whole)
