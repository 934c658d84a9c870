"""The shape of a landed extract, kept and found again."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from finsync_dagster.contracts.shape import content, from_rows, rows_of
from finsync_dagster.contracts.tables import FILE_LAYOUTS, OBJECT_SHAPES
from finsync_dagster.schema import require_valid
from tests.contracts.support import Source

INVOICES = {
    "Id": ["1", "2", "3", "4"],
    "Uom": ["EA", "EA ", None, "BX"],
    "BankAccountNumber": ["8575824136", None, "DE89370400440532013000", None],
    "Amount": ["1.50", "2", "n/a", None],
    "_file": ["jan.csv", "jan.csv", "feb.csv", "feb.csv"],
    "_line": ["2", "3", "2", "3"],
}


def test_what_an_extract_looks_like(tmp_path: Path) -> None:
    fields, layouts = rows_of(Source(tmp_path, codes={"Uom"}).extract(INVOICES))
    require_valid(OBJECT_SHAPES, fields)
    require_valid(FILE_LAYOUTS, layouts)
    assert fields.select("position", "field", "rows", "nulls", "kind", "distinct").rows() == [
        (1, "Id", 4, 0, "integer", 4),
        (2, "Uom", 4, 1, "text", 3),
        (3, "BankAccountNumber", 4, 2, "text", 2),
        (4, "Amount", 4, 1, "text", 3),
    ]
    mixed = fields.row(3, named=True)
    assert (mixed["integers"], mixed["decimals"], mixed["texts"]) == (1, 1, 1)
    assert layouts.select("layout", "files", "rows", "example_file").rows() == [
        ('["Id","Uom","BankAccountNumber","Amount"]', 2, 4, "feb.csv")
    ]


def test_only_codes_are_kept(tmp_path: Path) -> None:
    fields, layouts = rows_of(Source(tmp_path, codes={"Uom"}).extract(INVOICES))
    assert fields.filter(pl.col("codes").is_not_null()).select("field", "codes").rows() == [
        ("Uom", '{"BX":1,"EA":1,"EA ":1}')
    ]
    kept = fields.drop("codes").write_csv() + layouts.write_csv()
    for value in ("8575824136", "DE89370400440532013000", "n/a"):
        assert value not in kept


def test_a_shape_is_found_again_as_it_was(tmp_path: Path) -> None:
    source = Source(tmp_path, codes={"Uom"})
    first, second = source.extract(INVOICES), source.extract({"Id": ["9"], "Paid": ["True"]})
    rows = [rows_of(second), rows_of(first)]
    found = from_rows(pl.concat([f for f, _ in rows]), pl.concat([y for _, y in rows]))
    assert found == [first, second]


def test_extracts_of_the_same_records_have_one_content(tmp_path: Path) -> None:
    source = Source(tmp_path)
    first, again = source.land(INVOICES), source.land(INVOICES)
    assert content(first, {"Uom"}) == content(again, {"Uom"})
    assert content(first, {"Uom"}) != content(first, {"Uom", "Amount"})
    other = source.land({**INVOICES, "Id": ["1", "2", "3", "5"]})
    assert content(first, {"Uom"}) != content(other, {"Uom"})


def test_an_extract_of_nothing_has_its_fields(tmp_path: Path) -> None:
    shape = Source(tmp_path, codes={"Uom"}).extract({"Id": [], "Uom": []})
    assert shape.rows == 0
    assert [f.kind for f in shape.fields.values()] == ["empty", "empty"]
    fields, layouts = rows_of(shape)
    assert from_rows(fields, layouts) == [shape]
