"""SuiteQL into DuckDB's SQL: what may be asked, and in which words.

Belongs here: parsing, refusing what SuiteQL does not know, rewriting (with functions.py). Not here:
running the query (results.py), the tables (store.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.dialects.oracle import Oracle
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from finsync_dagster.sandbox.vendors.netsuite.catalog import Column, tables
from finsync_dagster.sandbox.vendors.netsuite.errors import InvalidQueryError
from finsync_dagster.sandbox.vendors.netsuite.functions import rewrite_functions

_DATES = ("TO_DATE", "TO_TIMESTAMP", "TO_CHAR", "TRUNC")
_ROWNUM = "rownum"


class SuiteQL(Oracle):
    """Oracle's SQL, but for functions whose formats functions.py translates itself."""

    class Parser(Oracle.Parser):  # type: ignore[valid-type, misc]
        """The parser; what is taken out here stays a call by its own name."""

        FUNCTIONS = {k: v for k, v in Oracle.Parser.FUNCTIONS.items() if k not in _DATES}  # noqa: RUF012


@dataclass(frozen=True)
class Compiled:
    """A query ready for DuckDB. ``ordered``: it says itself in which order rows come."""

    sql: str
    ordered: bool


@lru_cache(maxsize=256)
def compiled(query: str, now: datetime) -> Compiled:
    """A SuiteQL query as one for DuckDB; ``now`` is what SYSDATE is.

    Raises:
        InvalidQueryError: it is no SELECT over the known tables and columns.
    """
    tree = _parsed(query)
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", identifier.this.lower())
    _check_tables(tree)
    kinds = _resolved(tree)
    _limit_rownum(tree)
    tree = rewrite_functions(tree, kinds, now)
    _name_outputs(tree)
    return Compiled(tree.sql(dialect="duckdb", identify=True), tree.args.get("order") is not None)


def _parsed(query: str) -> exp.Query:
    try:
        trees = sqlglot.parse(query, dialect=SuiteQL)
    except SqlglotError:
        raise InvalidQueryError("Invalid or unsupported search.") from None
    except RecursionError:
        raise InvalidQueryError("The search is too deeply nested.") from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise InvalidQueryError("Only one SELECT is allowed.")
    return trees[0]


def _check_tables(tree: exp.Query) -> None:
    for node in (exp.Into, exp.Lock, exp.Lateral, exp.Unnest, exp.Pivot, exp.TableSample):
        if tree.find(node):
            raise InvalidQueryError("Invalid or unsupported search.")
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        name = table.name
        plain = isinstance(table.this, exp.Identifier) and not table.db
        if not plain or (name not in own and name not in tables()):
            raise InvalidQueryError(f"Invalid search type: {name}.", unprocessed=True)


def _resolved(tree: exp.Query) -> dict[int, tuple[str, Column]]:
    """Table and column behind each reference, by the id() of its node; refuses unknown ones."""
    found: dict[int, tuple[str, Column]] = {}
    seen: set[int] = set()
    for scope in traverse_scope(tree):
        for column in scope.columns:
            # Inner queries come first; the ones around tell of their columns again.
            if column.name == _ROWNUM or id(column) in seen:
                continue
            seen.add(id(column))
            if at := _resolve(column, scope):
                found[id(column)] = at
    return found


def _resolve(column: exp.Column, scope: Scope) -> tuple[str, Column] | None:
    # A subquery may name what the queries around it name.
    around: Scope | None = scope
    while around is not None:
        for alias, source in around.sources.items():
            if column.table and column.table != alias:
                continue
            if isinstance(source, exp.Table):
                known = tables()[source.name].get(column.name)
                if known:
                    return source.name, known
            elif column.name in _outputs(source) or "*" in _outputs(source):
                return None
        around = around.parent
    if _is_own_alias(column, scope):
        return None
    known_sources = ", ".join(
        f"{alias}={source.name if isinstance(source, exp.Table) else alias}"
        for alias, source in sorted(scope.sources.items())
    )
    said = f"{column.table}.{column.name}" if column.table else column.name
    raise InvalidQueryError(
        f"Unknown identifier '{said}'. Available identifiers are: {{{known_sources}}}."
    )


def _is_own_alias(column: exp.Column, scope: Scope) -> bool:
    """An output of the query itself, named where it is ordered."""
    query = scope.expression
    if column.table or column.find_ancestor(exp.Order, exp.Select) is not query.args.get("order"):
        return False
    if isinstance(query, exp.SetOperation):
        return column.name in _outputs(scope)
    selects = query.selects if isinstance(query, exp.Query) else []
    return column.name in [each.alias for each in selects if isinstance(each, exp.Alias)]


def _outputs(scope: Scope) -> list[str]:
    expression = scope.expression
    if isinstance(expression, exp.Query):
        return [name.lower() for name in expression.named_selects]
    return []


def _limit_rownum(tree: exp.Query) -> None:
    """ROWNUM counts rows before they are ordered: a limit, or a number given beforehand."""
    for select in tree.find_all(exp.Select):
        where = select.args.get("where")
        if where is None:
            continue
        kept: list[exp.Expr] = []
        for part in list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]:
            if any(
                column.name == _ROWNUM and column.parent_select is select
                for column in part.find_all(exp.Column)
            ):
                _take_rownum(select, part)
            else:
                kept.append(part)
        select.set("where", exp.Where(this=exp.and_(*kept)) if kept else None)
    for column in list(tree.find_all(exp.Column)):
        if column.name == _ROWNUM:
            column.replace(exp.Window(this=exp.RowNumber()))


def _take_rownum(select: exp.Select, condition: exp.Expr) -> None:
    count = condition.args.get("expression")
    if (
        not isinstance(condition, exp.LT | exp.LTE | exp.EQ)
        or not isinstance(condition.this, exp.Column)
        or not isinstance(count, exp.Literal)
        or not count.name.isdigit()
    ):
        raise InvalidQueryError("ROWNUM is compared with a number by <, <= or = alone.")
    rows = int(count.name) - isinstance(condition, exp.LT)
    plain = not any(select.args.get(word) for word in ("order", "group", "distinct", "limit"))
    if plain and not any(select.find_all(exp.AggFunc)):
        select.set("limit", exp.Limit(expression=exp.Literal.number(rows)))
        return
    number = exp.Window(this=exp.RowNumber())
    # A window is counted after GROUP BY and before ORDER BY, as ROWNUM is for an ungrouped query.
    if select.args.get("group") or any(select.find_all(exp.AggFunc)):
        raise InvalidQueryError("ROWNUM cannot limit what is grouped.")
    select.set(
        "qualify", exp.Qualify(this=exp.LTE(this=number, expression=exp.Literal.number(rows)))
    )


def _name_outputs(tree: exp.Query) -> None:
    """Outputs without a name are called expr1, expr2, ... (from memory)."""
    first = tree
    while isinstance(first, exp.SetOperation | exp.Subquery):
        first = first.this
    unnamed = 0
    for output in list(first.selects):
        if isinstance(output, exp.Alias | exp.Column | exp.Star):
            continue
        unnamed += 1
        output.replace(exp.alias_(output.copy(), f"expr{unnamed}"))
