"""Concur's connector: records of v3 and documents of v4 as the vendor shows them, without units.

Belongs here: what is made of whole answers (samples/v3, samples/without_unit). Not here: records
made field by field, and how pages are asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.connectors.concur.service import LISTS, SECRETS, Concur, serving
from tests.connectors.http.auth.auth_server import Handler, Reply
from tests.connectors.through import Through, mapped

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parent / "samples"
REPORT = "39BD9F7C5C3F4986A6A5"
HOTEL = "gWidFO7ikXV6$sQxTtWGQsIhawC4KoyssTCg"
DRIVEN = "gWidFO7ikXSy7gHnNngC12jkL7khMiREv4g"
PRIVATE = "gWidFO7ikXSy41$smPkwdC5cL1aku$pSgc$p4g"
ON_CARD = "gWidFO7ikXSy55WZOaAXv8JRfFkruCwrP4g"


def documents() -> dict[str, list[dict[str, Any]]]:
    """Documents without a unit by their kind."""
    found: dict[str, list[dict[str, Any]]] = {"expense": [], "cashadvance": []}
    for path in sorted((SAMPLES / "without_unit").glob("*.json")):
        for document in json.loads(path.read_text())["fIDocuments"]:
            found[document["docType"]].append(document)
    return found


def shown(name: str) -> Handler:
    """The page as it was shown: it has no word of a next one."""
    text = (SAMPLES / "v3" / f"{name}.json").read_text()
    return lambda _: Reply(200, text, {"Content-Type": "application/json"})


@contextmanager
def read(**entities: str) -> Iterator[tuple[Through, pl.DataFrame]]:
    """All samples taken, and what waits."""
    concur = Concur(envelope="offset", documents=documents())
    with serving(concur) as here:
        for name in LISTS:
            here.routes[f"/api/v3.0/expense/{name}"] = shown(name)
        through = Through("concur", here.url, SECRETS, mapped("concur", entity=entities))
        yield through, through.run().quarantine()


@pytest.fixture(scope="module")
def taken() -> Iterator[Through]:
    with read(none="acme_ca") as (through, waiting):
        assert waiting.is_empty()
        yield through


def test_who_has_no_unit_waits_until_the_landscape_says_whose_it_is(taken: Through) -> None:
    tables = ("expense_reports", "cash_advances")
    assert [len(taken.rows(table)) for table in tables] == [2, 1]
    assert {r["entity_id"] for t in tables for r in taken.rows(t).values()} == {"acme_ca"}
    with read() as (through, waiting):
        assert [through.rows(table) for table in tables] == [{}, {}]
        held = waiting.filter(pl.col("source_object") == "reports")
        assert set(held["reason_code"]) == {"MAPPING_MISSING"}
        assert all("entity" in said and "none" in said for said in held["message"])


def test_a_report_that_was_never_submitted(taken: Through) -> None:
    names = ("status_canon", "total", "due_employee", "submitted_at", "paid_date", "ccy")
    draft = tuple(taken.row("expense_reports", REPORT, *names).values())
    assert draft == ("draft", D("307.01"), D(290), None, None, "USD")
    paid = taken.row("expense_reports", "F4F027007E814C1CA70E", *names)
    at = datetime(2013, 9, 2, 19, 18, 35, 537000, tzinfo=UTC)
    assert tuple(paid.values()) == ("paid", D(1900), D(1500), at, date(2013, 9, 2), "CAD")


def test_parts_and_shares_of_expenses(taken: Through) -> None:
    part = taken.row(
        "expense_lines", "gWidFO7ikXV6$pcZsso2aBN0Aad4P5i8bjCg", "parent_line_id", "amount"
    )
    assert part == {"parent_line_id": f"erp|entries|{HOTEL}", "amount": D(20)}
    share = taken.row(
        "expense_allocations",
        "gWmudeHM8AuFikny3Hrpz$s2gaNvc0E7Xfyw",
        "expense_line_id",
        "percentage",
    )
    assert share == {"expense_line_id": f"erp|entries|{DRIVEN}", "percentage": D(100)}


def test_a_distance_that_was_driven_is_paid_in_the_currency_of_the_report(taken: Through) -> None:
    names = ("amount", "ccy", "exchange_rate", "posted_amount", "posted_ccy", "paid_by")
    found = tuple(taken.row("expense_lines", DRIVEN, *names).values())
    assert found == (D("33.3"), "USD", None, D("33.3"), "USD", None)


def test_who_paid_and_what_was_private(taken: Through) -> None:
    names = ("paid_by", "personal", "ccy", "exchange_rate")
    assert tuple(taken.row("expense_lines", HOTEL, *names).values()) == (
        "employee",
        False,
        "USD",
        D(1),
    )
    assert tuple(taken.row("expense_lines", ON_CARD, *names).values())[:3] == (
        "company",
        False,
        "CAD",
    )
    private = tuple(taken.row("expense_lines", PRIVATE, *names).values())
    assert private == ("employee", True, "MXN", D("0.3371"))


def posted(taken: Through, reference: str) -> list[tuple[str | None, D, str]]:
    lines = [r for r in taken.rows("ledger_lines").values() if r["reference"] == reference]
    return sorted(((r["account"], r["amount"], r["ccy"]) for r in lines), key=repr)


def test_a_dinner_on_the_card_that_was_private_in_part(taken: Through) -> None:
    # 1,000 are owed to the card's issuer; 300 of them by the employee, on no account that is known.
    card = "123447262"
    lines = posted(taken, "9616BC579E7246D8BDB9")
    assert sum(amount for _, amount, _ in lines) == 0
    assert sum(amount for account, amount, _ in lines if account == card) == -1000
    assert ("1234", D(700), "USD") in lines
    assert [a for account, a, _ in lines if account is None] == [D(-300), D(300), D(300)]


def test_tax_that_is_not_reclaimed_is_part_of_the_cost(taken: Through) -> None:
    assert posted(taken, "641C4F998328438284A2") == [
        ("1999", D(-100), "EUR"),
        ("474210", D(100), "EUR"),
    ]


def test_an_advance(taken: Through) -> None:
    ((_, advance),) = taken.rows("cash_advances").items()
    assert (advance["amount"], advance["ccy"], advance["purpose"]) == (D(7000), "USD", "Business")
    assert advance["requested_at"] == datetime(2019, 3, 7, 13, 12, 35, 257000, tzinfo=UTC)
    assert posted(taken, "E2A086D30B88AE4683BC48ADE47B8116") == [("CASH", D(7000), "USD")]
