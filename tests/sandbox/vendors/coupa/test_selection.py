"""``fields`` and ``return_object`` trim objects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from finsync_dagster.sandbox.vendors.coupa.errors import Refusal
from finsync_dagster.sandbox.vendors.coupa.selection import trimming
from tests.sandbox.vendors.coupa.conftest import Client

RECORD: dict[str, Any] = {
    "id": 1,
    "po-number": "P",
    "supplier": {"id": 7, "name": "N", "tax-id": "T"},
    "lines": [{"id": 3, "price": "1.0"}, {"id": 4, "price": "2.0"}],
    "contract": None,
}


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ('["id"]', {"id": 1}),
        ('["po_number", "id", "no-such"]', {"po-number": "P", "id": 1}),
        ('["id", {"supplier": ["name"]}]', {"id": 1, "supplier": {"name": "N"}}),
        ('[{"lines": ["id"]}]', {"lines": [{"id": 3}, {"id": 4}]}),
        ('[{"contract": ["id"]}]', {"contract": None}),
        ('["supplier"]', {"supplier": {"id": 7, "name": "N", "tax-id": "T"}}),
    ],
)
def test_fields(fields: str, left: dict[str, Any]) -> None:
    assert trimming(fields, None)(RECORD) == left


def test_limited_and_shallow() -> None:
    assert trimming(None, "limited")(RECORD) == {"id": 1}
    assert trimming(None, "shallow")(RECORD) == {
        "id": 1,
        "po-number": "P",
        "supplier": {"id": 7, "name": "N"},
        "lines": [{"id": 3}, {"id": 4}],
        "contract": None,
    }


@pytest.mark.parametrize(
    "fields", ["", "id", '{"id": 1}', "[1]", '[{"a": "b"}]', "[" * 5000, json.dumps([{"a": [1]}])]
)
def test_what_is_no_list_of_names_is_refused(fields: str) -> None:
    with pytest.raises(Refusal):
        trimming(fields, None)


def test_nested_fields_of_a_real_invoice(client: Client) -> None:
    account = '{"account":[{"account_type":["legal-entity-name"]}]}'
    asked = f'["invoice_number",{{"invoice_lines":["price",{account}]}}]'
    (invoice,) = client.get("/api/invoices", ("id", "2"), ("fields", asked))
    assert invoice == {
        "invoice-number": "G-1",
        "invoice-lines": [
            {
                "price": "0.01234000000000000000",
                "account": {"account-type": {"legal-entity-name": "Lumen Technik GmbH"}},
            }
        ],
    }
