"""Payments that name their invoice in the same record: taken whole, held back, deleted, back."""

from __future__ import annotations

import polars as pl
import pytest
import yaml

from finsync_dagster.canonical.mapping import SystemMappings
from tests.canonical.paying import MEANS, RULES, landed
from tests.canonical.world import World

MAPPINGS = SystemMappings.model_validate(yaml.safe_load(MEANS))


def invoice(gross: str = "33.30", gone: str = "") -> pl.DataFrame:
    return landed("invoices", {"ID": "7", "GROSS": gross, "GONE": gone})


def payments(gone: str = "", invoice: str = "7") -> pl.DataFrame:
    """One that names the invoice, one that names none."""
    named = {"ID": "1", "AMOUNT": "33.300000000000004", "INVOICE": invoice, "GONE": gone}
    return landed("payments", named, {"ID": "2", "AMOUNT": "5.0", "INVOICE": None, "GONE": ""})


def held(world: World, table: str) -> list[str]:
    return sorted(world.current(table)["source_pk"])


def test_one_record_is_a_payment_and_what_it_settles() -> None:
    world = World(MAPPINGS, RULES)
    done = world.run(invoices=invoice(), payments=payments())
    assert done.quarantine().is_empty()
    assert held(world, "payments") == ["1", "2"]
    (row,) = world.current("payment_applications").to_dicts()
    assert (row["payment_id"], row["invoice_id"]) == ("erp|payments|1", "erp|invoices|7")
    assert str(row["amount_applied"]) == "33.3000"


@pytest.mark.parametrize("later", [False, True])
def test_a_payment_waits_with_the_invoice_it_names_and_returns_with_it(later: bool) -> None:
    world = World(MAPPINGS, RULES)
    if later:
        world.run(invoices=invoice(), payments=payments())
        done = world.run(invoices=invoice("12,5"))
    else:
        done = world.run(invoices=invoice("12,5"), payments=payments())
    waiting = done.quarantine().select("source_object", "source_pk", "reason_code")
    assert waiting.unique(maintain_order=True).rows() == [
        ("invoices", "7", "VALUE_NOT_READABLE"),
        ("payments", "1", "PARENT_MISSING"),
    ]
    repaired = world.run(invoices=invoice())
    assert repaired.quarantine().is_empty()
    assert held(world, "payments") == ["1", "2"]
    assert held(world, "payment_applications") == ["1"]


def test_a_payment_that_names_an_unknown_invoice_waits() -> None:
    world = World(MAPPINGS, RULES)
    done = world.run(invoices=invoice(), payments=payments(invoice="8"))
    (row,) = done.quarantine().to_dicts()
    assert (row["table_name"], row["field"]) == ("payment_applications", "INVOICE")
    assert row["message"].startswith("The invoice it belongs to ('erp|invoices|8') is missing")
    assert held(world, "payments") == ["2"]


def test_a_deleted_invoice_takes_the_statement_along_and_not_the_payment() -> None:
    world = World(MAPPINGS, RULES)
    world.run(invoices=invoice(), payments=payments())
    done = world.run(invoices=invoice(gone="X"))
    assert done.quarantine().is_empty()
    assert held(world, "payment_applications") == []
    assert held(world, "payments") == ["1", "2"]
    world.run(invoices=invoice())
    assert held(world, "payment_applications") == ["1"]


def test_a_deleted_payment_takes_its_statement_along() -> None:
    world = World(MAPPINGS, RULES)
    world.run(invoices=invoice(), payments=payments())
    done = world.run(payments=payments(gone="X"))
    assert done.quarantine().is_empty()
    assert (held(world, "payments"), held(world, "payment_applications")) == (["2"], [])
    assert held(world, "invoices") == ["7"]


def test_conformed_step_by_step_or_anew_is_the_same() -> None:
    world = World(MAPPINGS, RULES)
    world.run(invoices=invoice(), payments=payments())
    world.run(invoices=invoice("12,5"))
    world.run(invoices=invoice(gone="X"))
    before = world.content()
    world.run(anew=True, invoices=invoice(gone="X"), payments=payments())
    assert world.content() == before
