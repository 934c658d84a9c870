"""Links by identifiers, suggestions by name."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.identity.resolve import golden_id, resolve
from finsync_dagster.identity.tables import TABLES as IDENTITY
from finsync_dagster.schema import require_valid
from tests.identity.support import entities, groups, resolved, suggested, supplier

SUPPLIERS = TABLES["suppliers"]


def evidence(result: Any) -> dict[str, tuple[str, str]]:
    rows = result.supplier_crosswalk.select("supplier_src_id", "method", "evidence").rows()
    return {source: (method, told) for source, method, told in rows}


def test_equal_names_are_suggested_never_merged() -> None:
    result = resolved(
        supplier("aw|1", "Litware, Inc."),
        supplier("aw|2", "A. Datum Corporation"),
        supplier("aw|3", "Trey Research"),
        supplier("wwi|1", "A Datum Corporation"),
        supplier("wwi|2", "Litware Inc"),
        supplier("wwi|3", "Trey Research"),
    )
    assert all(len(ids) == 1 for ids in groups(result))
    assert suggested(result) == [
        ("aw|1", "wwi|2", "same_name"),
        ("aw|2", "wwi|1", "same_name"),
        ("aw|3", "wwi|3", "same_name"),
    ]


def test_a_supplier_named_like_a_company_of_the_group_is_suggested_as_intercompany() -> None:
    result = resolved(supplier("aw|1", "Wide World Importers"), companies=("WIDE WORLD IMPORTERS",))
    assert groups(result) == [["aw|1"]]
    assert suggested(result) == [("aw|1", "e0", "intercompany")]


def test_names_that_share_a_word_are_not_suggested() -> None:
    result = resolved(
        supplier("1", "Northwind Traders"),
        supplier("2", "Northwind Electric Cars"),
        supplier("3", "東京商事 Ltd"),
        supplier("4", "大阪商事 Ltd"),
    )
    assert suggested(result) == []


def test_one_registration_under_two_spellings_is_one_supplier() -> None:
    result = resolved(
        supplier("1", "Contoso GmbH", tax="DE 123.456.789"),
        supplier("2", "CONTOSO Deutschland", tax="de123456789"),
    )
    assert groups(result) == [["1", "2"]]
    assert evidence(result)["1"] == ("tax_id", "shares the tax registration with 2")
    (golden,) = result.golden_suppliers.to_dicts()
    assert golden["legal_name"] == "Contoso GmbH"
    assert golden["source_count"] == 2


@pytest.mark.parametrize("filler", ["N/A", "-", "0", "000000000", "999-99-9999", ""])
def test_what_only_fills_the_field_links_nobody(filler: str) -> None:
    assert len(groups(resolved(supplier("1", "A", tax=filler), supplier("2", "B", tax=filler)))) > 1


def test_one_bank_account_counts_only_under_one_name() -> None:
    result = resolved(
        supplier("1", "Fabrikam, Inc.", bank="h"),
        supplier("2", "FABRIKAM INC", bank="h"),
        supplier("3", "Factoring Bank", bank="h"),
        supplier("4", "東京商事 Ltd", bank="k"),
        supplier("5", "大阪商事 Ltd", bank="k"),
    )
    assert groups(result) == [["1", "2"], ["3"], ["4"], ["5"]]
    assert evidence(result)["2"] == ("bank", "shares bank account and name with 1")
    assert suggested(result) == []


def test_links_reach_through_others_and_each_says_what_it_shares() -> None:
    result = resolved(
        supplier("1", "Contoso", tax="DE12"),
        supplier("2", "Contoso Ltd", tax="DE12", bank="h"),
        supplier("3", "Contoso Ltd", bank="h"),
        supplier("4", "Contoso"),
    )
    assert groups(result) == [["1", "2", "3"], ["4"]]
    assert evidence(result) == {
        "1": ("tax_id", "shares the tax registration with 2"),
        "2": (
            "tax_id",
            "shares the tax registration with 1; shares bank account and name with 3",
        ),
        "3": ("bank", "shares bank account and name with 2"),
        "4": ("single", "no shared identifier"),
    }
    # Linked records are not suggested to each other, but the lonely namesake is.
    assert suggested(result) == [("1", "4", "same_name")]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (("active", "blocked"), "blocked"),
        (("inactive", "active"), "active"),
        (("inactive", "inactive"), "inactive"),
    ],
)
def test_one_source_that_blocks_is_enough(states: tuple[str, str], expected: str) -> None:
    records = [supplier(str(i), "A", tax="DE12", status=s) for i, s in enumerate(states)]
    assert resolved(*records).golden_suppliers["status"].to_list() == [expected]


def test_the_golden_id_follows_the_smallest_source_id() -> None:
    first = supplier("b", "A", tax="DE12")
    (alone,) = resolved(first).golden_suppliers["supplier_id"]
    (larger,) = resolved(first, supplier("c", "A", tax="DE12")).golden_suppliers["supplier_id"]
    (smaller,) = resolved(first, supplier("a", "A", tax="DE12")).golden_suppliers["supplier_id"]
    assert alone == larger == golden_id("b")
    assert smaller == golden_id("a") != alone


def test_no_suppliers_are_no_golden_suppliers() -> None:
    result = resolved(companies=("Acme",))
    assert all(getattr(result, spec.name).is_empty() for spec in IDENTITY)


records = st.lists(
    st.tuples(
        st.sampled_from(["Contoso", "contoso.", "Fabrikam", "Litware"]),
        st.sampled_from([None, "DE12", "de-12", "FR34", "N/A"]),
        st.sampled_from([None, "h", "k"]),
    ),
    max_size=8,
).map(lambda rows: [supplier(f"s{i}", n, tax=t, bank=b) for i, (n, t, b) in enumerate(rows)])


@settings(deadline=None, max_examples=40)
@given(records, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[dict[str, Any]], chance: Any) -> None:
    companies = entities("Litware")
    frame = pl.DataFrame(rows, schema=SUPPLIERS.polars_schema)
    mixed = frame[chance.sample(range(frame.height), frame.height)]
    for spec in IDENTITY:
        left, right = (getattr(resolve(f, companies), spec.name) for f in (frame, mixed))
        assert left.equals(right)


@settings(deadline=None, max_examples=40)
@given(records)
def test_every_source_is_one_golden_supplier(rows: list[dict[str, Any]]) -> None:
    result = resolved(*rows, companies=("Litware",))
    for spec in IDENTITY:
        require_valid(spec, getattr(result, spec.name))
    assert result.supplier_crosswalk["supplier_src_id"].to_list() == [
        r["supplier_src_id"] for r in rows
    ]
    assert result.golden_suppliers["source_count"].sum() == len(rows)
    assert set(result.supplier_crosswalk["supplier_id"]) == set(
        result.golden_suppliers["supplier_id"]
    )


@settings(deadline=None, max_examples=40)
@given(records)
def test_a_larger_source_id_changes_no_golden_id(rows: list[dict[str, Any]]) -> None:
    def ids(*more: dict[str, Any]) -> dict[str, str]:
        walk = resolved(*rows, *more).supplier_crosswalk
        return dict(walk.select("supplier_src_id", "supplier_id").rows())

    # It may join what was apart, but then the smaller id of the two stays.
    before, after = ids(), ids(supplier("z", "Nobody", tax="DE12"))
    assert {k: after[k] for k in before} == before
