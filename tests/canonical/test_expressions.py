"""The expression dialect: exact helpers, syntax trees, and the closed room."""

import atexit
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cache
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finsync_dagster.canonical.expressions import (
    ExpressionError,
    FieldRef,
    calls,
    looked_up,
    open_room,
    referenced_fields,
)
from finsync_dagster.canonical.helper_macros import MACROS
from finsync_dagster.canonical.key_text import whole_key


@pytest.fixture(scope="module")
def room() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_room("erp", {"uom": {"E": "EA", "it's": "PA", "ST": "EA"}}) as opened:
        yield opened


@cache
def one_room() -> duckdb.DuckDBPyConnection:
    """One for all examples of a property."""
    opened = open_room("erp", {})
    atexit.register(opened.close)
    return opened


def value(room: duckdb.DuckDBPyConnection, expression: str) -> object:
    return room.sql(f"SELECT TRY({expression})").fetchall()[0][0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("exact('.00')", Decimal(0)),
        ("exact('1.005')", Decimal("1.005")),
        ("exact('0.1234567')", None),
        ("exact('12,5')", None),
        ("exact('3') * exact('3.333333')", Decimal("9.999999")),
        ("whole('12.0')", "12"),
        ("whole('12.5')", "12.5"),
        ("whole('B-7')", "B-7"),
        ("code('uom', 'E ')", "EA"),
        ("code('uom', 'it''s')", "PA"),
        ("code('uom', 'X')", None),
        ("id('orders', '7')", "erp|orders|7"),
        ("CAST(day('2015-08-12 12:25:46.483000000') AS VARCHAR)", "2015-08-12"),
        ("CAST(day('2015-08-12T00:00:00+02:00') AS VARCHAR)", "2015-08-12"),
        ("CAST(stamp('2013-01-02') AS VARCHAR)", "2013-01-02 00:00:00+00"),
        ("CAST(stamp('2013-01-02T03:04:05.5-08:00') AS VARCHAR)", "2013-01-02 11:04:05.5+00"),
        ("CAST(stamp('2013-01-02T03:04:05Z') AS VARCHAR)", "2013-01-02 03:04:05+00"),
        ("stamp('2013-02-30')", None),
    ],
)
def test_helpers(room: duckdb.DuckDBPyConnection, expression: str, expected: object) -> None:
    assert value(room, expression) == expected


@pytest.mark.parametrize(
    ("expression", "codes"),
    [
        ("code('uom', Unit)", ("Unit",)),
        ("CASE WHEN a THEN code('m', f(x, ')')) ELSE code('m', f(x, ')')) END", ("f(x, ')')",)),
        ("code_or('uom', Unit, 'EA') || code ('x', y)", ("y",)),
        ("code( 'a' , \"odd (\") || code('b', trim(c))", ('"odd ("', "trim(c)")),
    ],
)
def test_what_is_looked_up(expression: str, codes: tuple[str, ...]) -> None:
    assert looked_up(expression) == codes


EXAMPLES = re.findall(
    r"^\| `(.+?)` \| (.*?) \|$",
    (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
SHOWN = [(e, v) for e, v in EXAMPLES if re.match(r"-?[a-z_]+\(", e)]


@pytest.mark.parametrize(("expression", "shown"), SHOWN)
def test_examples_of_the_documentation(
    room: duckdb.DuckDBPyConnection, expression: str, shown: str
) -> None:
    # In a struct, as in evaluate.py, what is refused differs from what is null.
    read = value(room, f"struct_pack(v := {expression})")
    if shown == "refused":
        assert read is None
        return
    assert isinstance(read, dict)
    found = read["v"]
    if isinstance(found, Decimal):
        assert found == Decimal(shown)
    else:
        assert ("null" if found is None else str(found)) == shown


def test_the_documentation_has_an_example_of_every_helper() -> None:
    assert len(SHOWN) > 50
    helpers = set(re.findall(r"CREATE MACRO ([a-z]\w*)", MACROS))
    named = "".join(expression for expression, _ in SHOWN)
    assert {h for h in helpers if f"{h}(" not in named} == {"id", "stamp"}


def test_helpers_do_not_hide_fields(room: duckdb.DuckDBPyConnection) -> None:
    """A field may be called like anything inside a helper."""
    room.register("r", pl.DataFrame({"x": ["1,5"], "decimal": [","], "f1": ["S"], "s": ["9.0"]}))
    query = "SELECT signed(number(x, decimal), f1), whole(s) FROM r"
    assert room.sql(query).fetchall() == [(Decimal("1.5"), "9")]


FIGURES = st.decimals(-(10**12), 10**12, places=4, allow_nan=False)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(FIGURES, st.sampled_from([",", ".", " ", "'", "\u00a0", ""])), min_size=1)
)
def test_any_figure_is_read_as_it_was_written(figures: list[tuple[Decimal, str]]) -> None:
    """Grouped by any sign, decimals by the other one."""
    rows = []
    for figure, grouping in figures:
        decimal = "," if grouping == "." else "."
        text = f"{figure:,.4f}".replace(",", "G").replace(".", decimal).replace("G", grouping)
        rows.append({"text": text, "decimal": decimal, "figure": figure})
    one_room().register("r", pl.DataFrame(rows).select("text", "decimal"))
    found = one_room().sql("SELECT number(text, decimal) FROM r").fetchall()
    assert [f for (f,) in found] == [row["figure"] for row in rows]


def nearest(texts: list[str], decimals: int) -> list[Decimal | None]:
    one_room().register("r", pl.DataFrame({"text": texts}, schema={"text": pl.String}))
    query = f"SELECT TRY(nearest(text, {decimals})) FROM r"
    return [found for (found,) in one_room().sql(query).fetchall()]


# As Python, Java and JSON write floating point, and as nobody keeps it: more digits than it has.
FLOATS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-(10**6), 10**6).map(repr),
    st.decimals(-(10**8), 10**8, places=25, allow_nan=False).map(lambda d: f"{d:f}"),
    st.from_regex(
        r"[-+]?([0-9]{1,9}[.]?[0-9]{0,9}|[.][0-9]{1,9})([eE][-+]?[0-9]{1,2})?", fullmatch=True
    ),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(FLOATS, min_size=10), st.integers(0, 6))
def test_the_nearest_number_is_that_of_decimal_arithmetic(texts: list[str], decimals: int) -> None:
    is_that_of_decimal_arithmetic(texts, decimals)


@pytest.mark.long
@settings(max_examples=400, deadline=None)
@given(st.lists(FLOATS, min_size=10), st.integers(0, 6))
def test_so_it_is_for_many_numbers(texts: list[str], decimals: int) -> None:
    """Long: the same as before of eight times as many lists."""
    is_that_of_decimal_arithmetic(texts, decimals)


def is_that_of_decimal_arithmetic(texts: list[str], decimals: int) -> None:
    with localcontext(prec=1000):
        expected = [Decimal(t).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) for t in texts]
    assert nearest(texts, decimals) == [e if abs(e) < 10**32 else None for e in expected]


@settings(deadline=None)
@given(st.lists(st.decimals(-(10**8), 10**8, places=4, allow_nan=False), min_size=10))
def test_a_figure_comes_back_from_floating_point(figures: list[Decimal]) -> None:
    """Also with the noise of having been reckoned with."""
    assert nearest([repr(float(f) + 0.1 - 0.1) for f in figures], 4) == figures


@pytest.mark.parametrize(
    "text", ["", "x", "NaN", "inf", "-inf", "1,5", "1.2.3", "0x1p3", "1e", "--1"]
)
def test_what_is_no_number_has_no_nearest(text: str) -> None:
    assert nearest([text, "2.5"], 0) == [None, Decimal(3)]


@pytest.mark.parametrize("decimals", [-1, 7, "NULL"])
def test_no_other_number_of_decimals(room: duckdb.DuckDBPyConnection, decimals: object) -> None:
    assert value(room, f"struct_pack(v := nearest('1.5', {decimals}))") is None


IDS = st.one_of(
    st.integers().map(str),
    st.floats(allow_nan=False).map(repr),
    st.from_regex(r"-?[0-9]{1,5}([.][0-9]{0,9})?([eE][+]?[0-9]{1,2})?", fullmatch=True),
    st.text(max_size=6),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(IDS, st.none()), min_size=20))
def test_an_id_is_written_alike_in_frames_and_expressions(ids: list[str | None]) -> None:
    text = pl.DataFrame({"id": ids}, schema={"id": pl.String})
    one_room().register("r", text.with_columns(key=whole_key(pl.col("id"))))
    query = "SELECT id, key, whole(id) FROM r WHERE key IS DISTINCT FROM whole(id)"
    assert one_room().sql(query).fetchall() == []


@given(st.integers(-(10**15) + 1, 10**15 - 1).filter(lambda n: abs(n) >= 10**6))
def test_an_id_comes_back_from_floating_point(number: int) -> None:
    """As Java and C# write it, with as many decimals as it takes."""
    digits = str(abs(number))
    mantissa = digits[1:].rstrip("0") or "0"
    sign = "-" if number < 0 else ""
    texts = [f"{number}.0", f"{sign}{digits[0]}.{mantissa}E{len(digits) - 1}"]
    found = pl.DataFrame({"id": texts}).select(whole_key(pl.col("id"))).to_series().to_list()
    assert found == [str(number)] * 2


def test_an_unreadable_value_spoils_its_own_row_only(room: duckdb.DuckDBPyConnection) -> None:
    """Fails if the optimizer is on: the cast, needed twice, then leaves the TRY's guard."""
    room.register("r", pl.DataFrame({"a": ["1.5", "text"]}))
    query = (
        "SELECT TRY(CAST(a AS DECIMAL(38,4))) AS x, TRY(CAST(a AS DECIMAL(38,4)) * 2) AS y FROM r"
    )
    assert room.sql(query).fetchall() == [(Decimal("1.5"), Decimal(3)), (None, None)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY (SELECT 1) TO 'should_not_exist.csv'",
        "ATTACH 'should_not_exist.db'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ],
)
def test_the_room_is_closed(room: duckdb.DuckDBPyConnection, query: str) -> None:
    with pytest.raises(duckdb.Error):
        room.execute(query)


def test_fields_are_read_off_the_syntax_tree() -> None:
    found = referenced_fields("exact(record.Qty) * coalesce(item.Outer, 'Qty') || \"Odd Name\"")
    assert found == (FieldRef("record", "Qty"), FieldRef("item", "Outer"), FieldRef("", "Odd Name"))


@pytest.mark.parametrize("text", ["1 +", "1; DROP TABLE x", "a FROM b", "a, b", ""])
def test_only_one_expression_is_accepted(text: str) -> None:
    with pytest.raises(ExpressionError):
        referenced_fields(text)


def test_calls_sees_functions_and_not_text() -> None:
    assert calls("upper(code('uom', x))", "code")
    assert not calls("'code'", "code")
