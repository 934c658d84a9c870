"""SuiteQL's functions in DuckDB's words.

Belongs here: which functions there are, dates and their formats, BUILTIN.DF. Not here: tables,
columns, ROWNUM (dialect.py).
"""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from finsync_dagster.sandbox.vendors.netsuite.catalog import Column
from finsync_dagster.sandbox.vendors.netsuite.errors import InvalidQueryError
from finsync_dagster.sandbox.vendors.netsuite.formats import UnknownFormatError, strftime_format

Kinds = dict[int, tuple[str, Column]]

_KNOWN: tuple[type[exp.Expr], ...] = (
    *(exp.And, exp.Or, exp.Case, exp.If, exp.Coalesce, exp.Nvl2, exp.DecodeCase, exp.Nullif),
    *(exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg, exp.Median, exp.Stddev, exp.GroupConcat),
    *(exp.Upper, exp.Lower, exp.Substring, exp.Trim, exp.Length, exp.Replace, exp.StrPosition),
    *(exp.Concat, exp.Initcap, exp.Pad, exp.Round, exp.Abs, exp.Floor, exp.Ceil, exp.Pow),
    *(exp.Sqrt, exp.Sign, exp.Greatest, exp.Least, exp.Cast, exp.Extract, exp.LastDay, exp.Exists),
    *(exp.CurrentTimestamp, exp.CurrentDate, exp.AddMonths, exp.MonthsBetween, exp.RowNumber),
    *(exp.Rank, exp.DenseRank, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue),
)
_MOMENT = exp.DataType.build("TIMESTAMP", dialect="duckdb")


def rewrite_functions(tree: exp.Query, kinds: Kinds, now: datetime) -> exp.Query:
    """The query with functions DuckDB has; ``kinds`` tells what columns are.

    Raises:
        InvalidQueryError: a function is not known, or is not called as it can be.
    """
    # Innermost first, so that what holds a date is known by what it was made of.
    dates: set[int] = {
        node for node, (_, column) in kinds.items() if column.kind in ("date", "moment")
    }
    for node in reversed(list(tree.walk(bfs=False))):
        new = _rewritten(node, kinds, dates, now)
        if new is not node:
            if _is_date(node, dates):
                dates.add(id(new))
            node.replace(new)
    return tree


def _rewritten(node: exp.Expr, kinds: Kinds, dates: set[int], now: datetime) -> exp.Expr:
    if isinstance(node, exp.Dot):
        return _builtin(node, kinds)
    if isinstance(node, exp.CurrentTimestamp | exp.CurrentDate):
        dates.add(id(node))
        return exp.cast(exp.Literal.string(now.isoformat(sep=" ")), _MOMENT)
    if isinstance(node, exp.Add | exp.Sub):
        return _date_arithmetic(node, dates)
    if isinstance(node, exp.Anonymous) and not isinstance(node.parent, exp.Dot):
        return _called(node, dates)
    return _known(node)


def _known(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.ToNumber):
        return exp.cast(node.this, "DECIMAL(38,12)")
    if isinstance(node, exp.Anonymous):
        return node
    if isinstance(node, exp.Func) and not isinstance(node, _KNOWN):
        raise InvalidQueryError(f"Unknown function '{node.sql_name().lower()}'.")
    return node


def _called(node: exp.Anonymous, dates: set[int]) -> exp.Expr:
    name, arguments = node.name.upper(), node.expressions
    if name in ("TO_DATE", "TO_TIMESTAMP") and len(arguments) == 2:
        dates.add(id(node))
        return exp.func("strptime", arguments[0], _format(arguments[1]), dialect="duckdb")
    if name == "TO_CHAR" and len(arguments) == 1:
        return exp.cast(arguments[0], "VARCHAR")
    if name == "TO_CHAR" and len(arguments) == 2:
        moment = exp.cast(arguments[0], _MOMENT)
        return exp.Anonymous(this="strftime", expressions=[moment, _format(arguments[1])])
    if name == "TRUNC" and arguments and _is_date(arguments[0], dates):
        dates.add(id(node))
        day = exp.Literal.string("day")
        return exp.Anonymous(this="date_trunc", expressions=[day, arguments[0]])
    if name in ("TRUNC", "MOD", "INSTR", "LPAD", "RPAD"):
        return exp.Anonymous(this=name.lower(), expressions=arguments)
    raise InvalidQueryError(f"Unknown function '{name.lower()}'.")


def _format(argument: exp.Expr) -> exp.Expr:
    if not (isinstance(argument, exp.Literal) and argument.is_string):
        raise InvalidQueryError("A date format is a text in quotes.")
    try:
        return exp.Literal.string(strftime_format(argument.name))
    except UnknownFormatError as error:
        raise InvalidQueryError(f"Date format not recognized: {error}.") from None


def _date_arithmetic(node: exp.Expr, dates: set[int]) -> exp.Expr:
    """A date and a number: so many days, parts of a day too."""
    left, right = node.this, node.expression
    if not _is_date(left, dates) or _is_date(right, dates):
        return node
    seconds = exp.Anonymous(
        this="to_seconds",
        expressions=[exp.cast(exp.Mul(this=exp.paren(right), expression=_number(86400)), "BIGINT")],
    )
    dates.add(id(node))
    return type(node)(this=exp.cast(left, _MOMENT), expression=seconds)


def _builtin(node: exp.Dot, kinds: Kinds) -> exp.Expr:
    call = node.expression
    if node.this.name.lower() != "builtin" or not isinstance(call, exp.Anonymous):
        raise InvalidQueryError("Invalid or unsupported search.")
    if call.name.upper() != "DF" or len(call.expressions) != 1:
        raise InvalidQueryError(f"Unknown function 'builtin.{call.name.lower()}'.")
    column = call.expressions[0]
    if not isinstance(column, exp.Column) or id(column) not in kinds:
        return exp.cast(column, "VARCHAR")
    _, known = kinds[id(column)]
    if not known.refers:
        return column
    keys = ["_key"]
    values: list[exp.Expr] = [column]
    if known.refers == "status":
        keys.append("_type")
        values.append(exp.column("type", table=column.table or None))
    return _display(known.refers, keys, values)


def _display(refers: str, keys: list[str], values: list[exp.Expr]) -> exp.Expr:
    """What is shown for an id or a code: looked up in the table of what it refers to."""
    # The names of these tables' columns begin with _, so that they hide none of the query's.
    looked_up = exp.select(exp.column("_display", table="shown")).from_(
        exp.alias_(exp.to_table(f"_display_{refers}"), "shown", table=True)
    )
    for key, value in zip(keys, values, strict=True):
        looked_up = looked_up.where(
            exp.EQ(this=exp.column(key, table="shown"), expression=value.copy())
        )
    return exp.Subquery(this=looked_up)


def _is_date(node: exp.Expr, dates: set[int]) -> bool:
    if isinstance(node, exp.Paren | exp.Alias):
        return _is_date(node.this, dates)
    return id(node) in dates


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)
