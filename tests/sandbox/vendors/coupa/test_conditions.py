"""What each filter finds, told by looking at the rows of conftest.py."""

from __future__ import annotations

import pytest

from finsync_dagster.sandbox.vendors.coupa.conditions import holds
from finsync_dagster.sandbox.vendors.coupa.question import Filter, parse
from tests.sandbox.vendors.coupa.conftest import Client

Query = tuple[tuple[str, str], ...]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ((("po_number", "PO2"),), [2]),
        ((("po-number", "PO2"),), [2]),
        ((("po_number[in]", "PO2,PO4,PO9"),), [2, 4]),
        ((("po_number[not_in]", "PO2,PO4"),), [1, 3, 5]),
        ((("po_number[not_eq]", "PO2"),), [1, 3, 4, 5]),
        ((("po_number[contains]", "o2"),), [2]),
        ((("po_number[starts_with]", "po"),), [1, 2, 3, 4, 5]),
        ((("po_number[starts_with]", "2"),), []),
        ((("id[gt]", "3"),), [4, 5]),
        ((("id[gt_or_eq]", "3"), ("id[lt]", "5")), [3, 4]),
        ((("id[lt_or_eq]", "2"),), [1, 2]),
        ((("updated_at[gt]", "2026-02-03T09:30:00Z"),), [4, 5]),
        ((("updated_at[gt_or_eq]", "2026-02-03T09:30:00+00:00"),), [3, 4, 5]),
        ((("updated_at[gt_or_eq]", "2026-02-03T09:30:00 00:00"),), [3, 4, 5]),
        ((("updated_at[gt_or_eq]", "2026-02-03T10:30:00+01:00"),), [3, 4, 5]),
        ((("updated-at[gt_or_eq]", "2026-02-05"),), [5]),
        ((("supplier[name]", "Acme Ltd"),), [2]),
        ((("supplier[name][contains]", "müller"),), [1, 3, 4, 5]),
        ((("supplier[number][in]", "S200"),), [2]),
        ((("version[blank]", "true"),), []),
        ((("version[blank]", "false"),), [1, 2, 3, 4, 5]),
        ((("acknowledged_at[blank]", "true"),), [1, 2, 3, 4, 5]),
        ((("acknowledged_at[gt]", "2020-01-01"),), []),
        ((("status", "issued"), ("id", "4")), [4]),
        ((("order_by", "updated_at"), ("dir", "desc")), [5, 4, 3, 2, 1]),
        ((("order_by", "supplier.name"),), [2, 1, 3, 4, 5]),
    ],
)
def test_filters_of_orders(client: Client, query: Query, found: list[int]) -> None:
    assert client.ids("/api/purchase_orders", *query) == found


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("invoices", (("is_credit_note", "true"),), [2]),
        ("invoices", (("document_type", "Invoice"),), [1, 3, 4]),
        ("invoices", (("gross_total[lt]", "0"),), [2]),
        ("invoices", (("gross_total[gt_or_eq]", "33.80"),), [1, 3]),
        ("invoices", (("status[in]", "on_hold,voided"),), [3, 4]),
        ("invoices", (("account_type[legal_entity_name]", "Lumen Technik GmbH"),), [1, 2, 3, 4]),
        ("purchase_order_lines", (("order_header_number", "PO1"),), [1, 2]),
        ("purchase_order_lines", (("quantity[blank]", "true"),), [2]),
        (
            "purchase_order_lines",
            (("account[account_type][legal_entity_name][starts_with]", "lumen tech"),),
            [3],
        ),
        ("receiving_transactions", (("type[starts_with]", "Void"),), [3]),
        ("receiving_transactions", (("order_line[id]", "2"),), [4]),
        ("receiving_transactions", (("original_transaction_id", "1"),), [2, 3]),
        ("suppliers", (("on_hold", "true"),), [2]),
        ("suppliers", (("tax_id[blank]", "true"),), [2]),
        ("coupa_pay/payments", (("payee[number]", "S100"),), [1]),
        ("approvals", (("approvable_type", "InvoiceHeader"),), [1]),
        ("approvals", (("approvable_type", "OrderHeader"),), []),
        ("uoms", (("code[in]", "KG,HR"),), [2, 3]),
        ("uoms", (("updated_at[gt]", "2026-01-05T09:00:00Z"),), []),
        ("uoms", (("updated_at[gt_or_eq]", "2026-01-05T10:00:00+01:00"),), [1, 2, 3]),
        ("accounts", (("account_type[legal_entity_name]", "Lumen UK Ltd"),), [2, 3]),
        ("users", (("login[contains]", "BOSS"),), [2]),
    ],
)
def test_filters_of_others(client: Client, path: str, query: Query, found: list[int]) -> None:
    assert client.ids(f"/api/{path}", *query) == found


@pytest.mark.parametrize(
    ("operator", "value", "fits"),
    [
        ("eq", "2", True),
        ("eq", "3", False),
        ("not_eq", "3", True),
        ("in", "1,2", True),
        ("not_in", "1,2", False),
        ("gt", "1", True),
        ("gt", "2", False),
        ("gt_or_eq", "2", True),
        ("lt", "3", True),
        ("lt", "2", False),
        ("lt_or_eq", "1", False),
        ("contains", "2", True),
        ("starts_with", "3", False),
        ("blank", "false", True),
        ("blank", "true", False),
    ],
)
def test_operators_on_objects_at_hand(operator: str, value: str, fits: bool) -> None:
    assert holds(Filter("id", operator, value), {"id": 2}) is fits


def test_a_null_fits_no_operator_but_blank() -> None:
    assert holds(Filter("name", "blank", "true"), {"name": None})
    assert not holds(Filter("name", "not_eq", "x"), {"name": None})
    assert not holds(Filter("a.b", "eq", "x"), {"a": None})


def test_a_question_taken_apart() -> None:
    asked = parse((("supplier[name][contains]", "a"), ("limit", "7"), ("id", "1")))
    assert asked.limit == 7
    assert asked.filters == (Filter("supplier.name", "contains", "a"), Filter("id", "eq", "1"))
