"""Every kind of drift: when it is one, how grave it is, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.contracts.drift import compare, worst
from finsync_dagster.contracts.needs import CodeNeed, Needs
from finsync_dagster.contracts.tables import DRIFT
from finsync_dagster.schema import require_valid
from tests.contracts.support import AMOUNT, NOTE, Source, needs, one, told

READS = needs({"Amount": AMOUNT, "Note": NOTE})
IDS = ["1", "2", "3"]
WHOLE = {"Id": IDS, "Amount": ["1.50", "2", "3.00"], "Note": ["a", "b", "c"]}


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path, codes={"Uom"})


def without(name: str) -> dict[str, list[str]]:
    return {field: values for field, values in WHOLE.items() if field != name}


def test_a_first_extract_is_compared_with_what_is_read(source: Source) -> None:
    assert told(source.extract(WHOLE), reads=READS) == []
    assert told(source.extract(without("Amount")), reads=READS) == [
        ("error", "MISSING_FIELD", "Amount")
    ]


def test_a_required_field_is_missing(source: Source) -> None:
    first = source.extract(WHOLE)
    found = one(source.extract(without("Amount")), first, reads=READS)
    assert (found["severity"], found["before"], found["now"]) == ("error", "decimal", "missing")
    assert found["message"] == (
        "Field Amount is missing: it is read for invoices.gross, and records cannot be taken "
        "without it."
    )
    assert "mapping" in found["action"]


def test_a_field_that_may_be_empty_is_missing(source: Source) -> None:
    found = one(source.extract(without("Note")), source.extract(WHOLE), reads=READS)
    assert found["severity"] == "error"
    assert found["message"].endswith("and without it that stays empty.")


def test_a_field_that_nothing_reads_is_missing_once(source: Source) -> None:
    first, second = source.extract(WHOLE), source.extract(without("Note"))
    assert told(second, first) == [("info", "MISSING_FIELD", "Note")]
    assert told(source.extract(without("Note")), first, second) == []


def test_a_missing_field_that_is_read_stays_an_error(source: Source) -> None:
    first, second = source.extract(WHOLE), source.extract(without("Amount"))
    third = source.extract(without("Amount"))
    assert told(third, first, second, reads=READS) == [("error", "MISSING_FIELD", "Amount")]


def test_columns_that_become_rows_are_read_without_being_named(source: Source) -> None:
    every = Needs(reads_every_field=True)
    first, second = source.extract(WHOLE), source.extract(without("Note"))
    assert told(second, first, reads=every) == [("warning", "MISSING_FIELD", "Note")]


def test_a_new_field(source: Source) -> None:
    first, second = source.extract(without("Note")), source.extract(WHOLE)
    found = one(second, first)
    assert (found["severity"], found["drift"], found["now"]) == ("info", "NEW_FIELD", "text")
    assert found["message"] == "Field Note was not there before; nothing reads it yet."
    # Gone for a while is not new.
    assert told(source.extract(WHOLE), second, source.extract(without("Note"))) == []


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        (["1", "2", "3"], ["1.5", "2", "3"], "warning"),  # whole numbers, then decimals
        (["1.5", "2", "3"], ["1", "2", "3"], None),  # decimals may all be whole
        (["1.5", "2", "3"], ["1.5", "2", "three"], "error"),
        (["2016-06-01"] * 3, ["2016-06-01 08:00"] * 3, "warning"),
        (["2016-06-01"] * 3, ["06/01/2016"] * 3, "error"),
        (["2016-06-01"] * 3, ["42"] * 3, "error"),
        (["True"] * 3, ["yes"] * 3, "warning"),
        (["a", "b", "c"], ["1", "2", "3"], None),  # a text may look like a number
        ([None, None, None], ["x", "y", "z"], None),  # nothing was known
        (["1", "2", "3"], [None, None, None], None),
    ],
)
def test_a_changed_type(
    source: Source, before: list[str | None], now: list[str | None], found: str | None
) -> None:
    reads = needs({"Amount": AMOUNT})
    first = source.extract({"Id": IDS, "Amount": before})
    second = source.extract({"Id": IDS, "Amount": now})
    assert told(second, first, reads=reads) == (
        [(found, "CHANGED_TYPE", "Amount")] if found else []
    )


def test_a_changed_type_matters_as_much_as_the_field(source: Source) -> None:
    first = source.extract({"Id": IDS, "Note": ["1", "2", "3"]})
    second = source.extract({"Id": IDS, "Note": ["1", "2", "x"]})
    found = one(second, first, reads=needs({"Note": NOTE}))
    assert found["severity"] == "warning"
    assert found["message"] == (
        "Field Note held integer values only, and now holds 2 integer and 1 text values; it is "
        "read for invoices.note."
    )
    assert one(second, first)["severity"] == "info"


def test_whole_numbers_in_between_do_not_make_decimals_new(source: Source) -> None:
    first = source.extract({"Id": IDS, "Amount": ["1.5", "2", "3"]})
    second = source.extract({"Id": ["4"], "Amount": ["4"]}, mode="incremental")
    third = source.extract({"Id": ["5"], "Amount": ["5.5"]}, mode="incremental")
    assert told(third, first, second, reads=READS) == told(second, first, reads=READS)


def test_a_code_that_the_map_does_not_list(source: Source) -> None:
    now = source.extract({"Id": IDS, "Uom": ["EA ", "XX", "XX "]})
    found = one(now, reads=needs(codes={"Uom": ["EA"]}))
    assert (found["severity"], found["drift"], found["now"]) == ("error", "NEW_CODE", "'XX' (2)")
    assert found["message"] == (
        "Field Uom holds codes that the code map uom does not list: 'XX' (2). Their records are "
        "set aside."
    )
    # It is one as long as the map does not list it.
    again = source.extract({"Id": IDS, "Uom": ["XX", "EA", "EA"]})
    assert told(again, now, reads=needs(codes={"Uom": ["EA"]})) == [("error", "NEW_CODE", "Uom")]
    assert told(again, now, reads=needs(codes={"Uom": ["EA", "XX"]})) == []


def test_a_code_that_need_not_be_looked_up(source: Source) -> None:
    now = source.extract({"Id": IDS, "Uom": ["EA", "XX", "YY"]})
    maybe = needs(codes={"Uom": ["EA"]}, certain=False)
    assert one(now, reads=maybe)["severity"] == "warning"
    both = Needs(
        codes={
            "Uom": (
                CodeNeed("uom", frozenset({"EA", "YY"}), certain=True),
                CodeNeed("packing", frozenset({"EA"}), certain=False),
            )
        }
    )
    found = compare(now, [], both).select("severity", "now").rows()
    assert found == [("error", "'XX' (1)"), ("warning", "'YY' (1)")]


def test_only_so_many_codes_are_told(source: Source) -> None:
    values = [f"C{i:02d}" for i in range(23)]
    now = source.extract({"Id": values, "Uom": values})
    said = one(now, reads=needs(codes={"Uom": []}))["now"]
    assert said.count("'C") == 20
    assert said.endswith(" and 3 more")


@pytest.mark.parametrize(
    ("rows", "severity"),
    [(100, None), (50, None), (49, "warning"), (200, None), (201, "warning"), (0, "error")],
)
def test_the_number_of_records_against_the_median(
    source: Source, rows: int, severity: str | None
) -> None:
    def ids(n: int) -> dict[str, list[str]]:
        return {"Id": [str(i) for i in range(n)]}

    # Of the last five full extracts (90 … 110, median 100); 5,000 and 3 do not count.
    earlier = [source.extract(ids(n), rows_per_page=5000) for n in (5000, 90, 95, 100, 105, 110)]
    earlier.insert(3, source.extract(ids(3), mode="incremental"))
    earlier.append(source.extract(ids(3), complete=False))
    found = told(source.extract(ids(rows)), *earlier)
    assert found == ([(severity, "ROW_COUNT", "")] if severity else [])
    # Changes alone may be few.
    assert told(source.extract(ids(rows), mode="incremental"), *earlier) == []


def test_the_median_of_two(source: Source) -> None:
    earlier = [source.extract({"Id": [str(i) for i in range(n)]}) for n in (100, 201)]
    found = one(source.extract({"Id": [str(i) for i in range(75)]}), *earlier)
    assert found["message"] == "75 records arrived; the last 2 full extract(s) had about 150."


def test_two_records_instead_of_one_are_no_sudden_change(source: Source) -> None:
    first = source.extract({"Id": ["1"]})
    assert told(source.extract({"Id": [str(i) for i in range(11)]}), first) == []
    assert told(source.extract({"Id": [str(i) for i in range(12)]}), first) == [
        ("warning", "ROW_COUNT", "")
    ]


@pytest.mark.parametrize(
    ("rows", "nulls", "found"), [(100, 70, False), (100, 71, True), (99, 99, False)]
)
def test_a_share_of_empty_values_that_moved(
    source: Source, rows: int, nulls: int, found: bool
) -> None:
    def notes(n: int, empty: int) -> dict[str, list[str | None]]:
        return {"Id": [str(i) for i in range(n)], "Note": [None] * empty + ["x"] * (n - empty)}

    first = source.extract(notes(100, 50), rows_per_page=100)
    second = source.extract(notes(rows, nulls), rows_per_page=100)
    expected = [("warning", "NULL_SHARE", "Note")] if found else []
    assert told(second, first, reads=Needs({"Note": NOTE})) == expected
    assert told(second, first) == [("info", *f[1:]) for f in expected]
    changes = source.extract(notes(rows, nulls), mode="incremental", rows_per_page=100)
    assert told(changes, first) == []


def test_a_share_is_told_in_per_cent(source: Source) -> None:
    ids = [str(i) for i in range(100)]
    first = source.extract({"Id": ids, "Note": ["x"] * 100}, rows_per_page=100)
    second = source.extract({"Id": ids, "Note": [None] * 100}, rows_per_page=100)
    said = one(second, first)["message"]
    assert said == "Field Note is empty in 100 % of the records, before in 0 %."


def test_a_header_as_in_no_file_before(source: Source) -> None:
    def files(**columns: list[str | None]) -> dict[str, list[str | None]]:
        rows = len(columns["_file"])
        return {name: columns.get(name, [None] * rows) for name in ("Id", "Net", "Total", "_file")}

    first = source.extract(files(Id=["1"], Net=["5"], _file=["jan.csv"]))
    assert told(first) == []
    second = source.extract(
        files(Id=["1", "2"], Net=["5", None], Total=[None, "6"], _file=["jan.csv", "feb.csv"])
    )
    found = one(second, first)
    assert (found["severity"], found["drift"]) == ("warning", "HEADER_VARIANT")
    assert found["message"] == (
        "File feb.csv has columns as in no file before: with Total, without Net."
    )
    assert told(second, first, second) == []


def test_a_column_of_a_small_file_may_be_empty(source: Source) -> None:
    def file(name: str, rows: int, note: str | None) -> dict[str, list[str | None]]:
        return {"Id": ["1"] * rows, "Note": [note] * rows, "_file": [name] * rows}

    first = source.extract(file("jan.csv", 120, "x"), rows_per_page=200)
    few = source.extract(file("feb.csv", 99, None), mode="incremental", rows_per_page=200)
    many = source.extract(file("mar.csv", 100, None), mode="incremental", rows_per_page=200)
    assert told(few, first) == []
    assert told(many, first) == [("warning", "HEADER_VARIANT", "")]


def test_a_required_column_that_no_file_has(source: Source) -> None:
    """A field that the connector declares is there, but has no value."""
    lost = {"Id": IDS, "Amount": [None] * 3, "Note": [None] * 3, "_file": ["jan.csv"] * 3}
    found = one(source.extract(lost), reads=READS)
    assert (found["severity"], found["drift"], found["now"]) == ("error", "MISSING_FIELD", "empty")
    assert found["message"] == (
        "Field Amount has no value in any file: it is read for invoices.gross, and records cannot "
        "be taken without it."
    )
    in_a_database = {name: values for name, values in lost.items() if name != "_file"}
    assert told(source.extract(in_a_database), reads=READS) == []


def test_an_increment_of_nothing_differs_in_nothing(source: Source) -> None:
    first = source.extract(WHOLE)
    assert told(source.extract({"Id": []}, mode="incremental"), first, reads=READS) == []


def test_an_incomplete_extract_is_nothing_to_compare_with(source: Source) -> None:
    broken = source.extract(without("Note"), complete=False)
    assert told(source.extract(WHOLE), broken) == []


def test_findings_are_rows_gravest_first(source: Source) -> None:
    first = source.extract({"Id": IDS, "Amount": ["1"] * 3, "Old": IDS})
    second = source.extract({"Id": IDS, "Amount": ["1.5"] * 3, "New": IDS, "Uom": ["XX"] * 3})
    reads = needs({"Amount": AMOUNT, "Net": AMOUNT}, codes={"Uom": ["EA"]})
    found = require_valid(DRIFT, compare(second, [first], reads))
    assert found.select("severity", "drift", "field").rows() == [
        ("error", "MISSING_FIELD", "Net"),
        ("error", "NEW_CODE", "Uom"),
        ("warning", "CHANGED_TYPE", "Amount"),
        ("info", "MISSING_FIELD", "Old"),
        ("info", "NEW_FIELD", "New"),
        ("info", "NEW_FIELD", "Uom"),
    ]
    assert found.select(DRIFT.key).is_unique().all()
    assert worst(found) == "error"
    assert worst(found.clear()) is None


cells = st.lists(
    st.sampled_from([None, "1", "2.5", "2016-06-01", "x", "True"]), min_size=1, max_size=8
)


@given(cells, st.sampled_from(["full", "incremental"]))
def test_the_same_records_again_differ_in_nothing(
    tmp_path_factory: pytest.TempPathFactory, values: list[str | None], mode: str
) -> None:
    source = Source(tmp_path_factory.mktemp("landing"))
    columns = {"Id": values, "Amount": values[::-1], "_file": ["a.csv"] * len(values)}
    first, second = source.extract(columns, mode=mode), source.extract(columns, mode=mode)
    assert told(second, first, reads=needs({"Amount": NOTE})) == []
