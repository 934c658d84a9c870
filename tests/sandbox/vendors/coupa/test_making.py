"""Values are written by the kind of their property."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.coupa.fields import attribute_exists, tables
from finsync_dagster.sandbox.vendors.coupa.making import make
from finsync_dagster.sandbox.vendors.coupa.written import plain, scaled


def test_each_kind() -> None:
    found = make(
        "InvoiceHeader",
        {
            "gross-total": Decimal("5"),
            "exchange-rate": Decimal("0.85"),
            "tax-rate": Decimal("19.0000"),
            "invoice-date": date(2026, 2, 1),
            "created-at": datetime(2026, 2, 1, 7, 8, 9, 10),
            "line-count": 2,
            "paid": False,
        },
    )
    assert found["gross-total"] == "5.00"
    assert found["exchange-rate"] == "0.850000000"
    assert found["tax-rate"] == 19.0
    assert found["invoice-date"] == "2026-02-01T00:00:00+00:00"
    assert found["created-at"] == "2026-02-01T07:08:09+00:00"
    assert (found["line-count"], found["paid"]) == ("2", False)
    assert found["credit-reason"] is None
    assert found["tax-lines"] == []


def test_what_coupa_does_not_have_cannot_be_made() -> None:
    with pytest.raises(KeyError):
        make("Uom", {"colour": "red"})


def test_two_objects_share_no_list() -> None:
    make("InvoiceHeader", {})["tags"].append("x")
    assert make("InvoiceHeader", {})["tags"] == []


def test_more_decimals_than_a_column_keeps_are_an_error() -> None:
    with pytest.raises(ValueError, match="more than 4 decimals"):
        scaled(Decimal("1.00001"), 4)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, max_value=10**20, min_value=-(10**20)
    )
)
def test_no_digit_is_lost(value: Decimal) -> None:
    assert Decimal(scaled(value, 20) or "") == value
    assert Decimal(plain(value) or "") == value
    assert len((scaled(value, 6) or "").partition(".")[2]) == 6


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("po_number", True),
        ("supplier.payment_term.code", True),
        ("order_lines.account.account_type.legal_entity_name", True),
        ("order_lines.contract.anything", True),
        ("supplier.colour", False),
        ("po_number.length", False),
    ],
)
def test_attributes_known(path: str, there: bool) -> None:
    assert attribute_exists("OrderHeader", path) is there


def test_the_field_table_has_only_known_kinds() -> None:
    kinds = {field.kind for each in tables().values() for field in each.values()}
    assert kinds == {
        "integer",
        "string",
        "boolean",
        "datetime",
        "date",
        "float",
        "decimal",
        "object",
        "list",
        "any",
    }
