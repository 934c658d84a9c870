"""Supplier records that are one company, kept twice in one system."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from finsync_dagster.reconciliation.suppliers import supplier_duplicates, supplier_notes
from tests.matching.ledger import Ledger

ONE = {"S1": "G1", "S2": "G1"}


def pairs(ledger: Ledger, golden: dict[str, str] | None = None) -> pl.DataFrame:
    links = ONE if golden is None else golden
    known = pl.DataFrame({"supplier_src_id": list(links), "supplier_id": list(links.values())})
    return supplier_duplicates(replace(ledger.documents(), supplier_crosswalk=known))


def two(**second: str) -> Ledger:
    ledger = Ledger().supplier("S1", supplier_no="9", tax_id="DE 811", bank_account_hash="x")
    return ledger.supplier("S2", **{"supplier_no": "10", "tax_id": "de811", **second})


def test_the_later_record_is_the_duplicate_of_the_first() -> None:
    found = pairs(two(name="Acme GmbH"))
    assert found.select("supplier_src_id", "first_supplier_src_id").rows() == [("S2", "S1")]
    (note,) = supplier_notes(found)
    assert (note.reason_code, note.subject_type) == ("SUPPLIER_DUPLICATE", "supplier")
    assert note.message == (
        "Supplier 10 (Acme GmbH) is 9 (S1) once more: the two have tax registration de811."
    )


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({"tax_id": "N/A", "bank_account_hash": "x"}, "have the same bank account and name"),
        ({"tax_id": "FR 9021"}, "share an identifier each with a third record"),
    ],
)
def test_what_they_share_is_told(second: dict[str, str], said: str) -> None:
    (note,) = supplier_notes(pairs(two(**second)))
    assert note.message.endswith(f"the two {said}.")


@pytest.mark.parametrize(
    "second",
    [
        {"status": "inactive"},
        {"status": "blocked"},
        {"source_system": "other"},
        {"entity_id": "*"},
    ],
)
def test_records_that_are_no_duplicates(second: dict[str, str]) -> None:
    assert pairs(two(**second)).is_empty()


def test_records_of_two_companies_are_no_duplicates() -> None:
    assert pairs(two(), {"S1": "G1", "S2": "G2"}).is_empty()


def test_three_records_are_two_duplicates() -> None:
    found = pairs(two().supplier("S3", supplier_no="11"), {**ONE, "S3": "G1"})
    assert found.select("supplier_src_id", "first_supplier_src_id").rows() == [
        ("S2", "S1"),
        ("S3", "S1"),
    ]
