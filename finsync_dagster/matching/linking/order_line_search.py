"""Which line of a known order is billed by an invoice line that does not name it by its key.

Belongs here: the search by line number, item, price. Not here: which order it is (references.py).

The steps, each of which decides only if exactly one order line fits (docs/matching.md): the line
number; the item; price and unit among the lines that have the item, or that no item contradicts;
the only line of the order. A text that looks alike proves nothing.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.figures.exact import guard_product
from finsync_dagster.matching.figures.positions import LINE_POS
from finsync_dagster.matching.ordering.orders import OrderBook
from finsync_dagster.money import (
    PRICE_SCALE,
    QTY_SCALE,
    multiply_half_up,
    round_half_up,
    to_scaled,
)

LINK_MISSING = "LINK_MISSING"
LINK_AMBIGUOUS = "LINK_AMBIGUOUS"

_STATED = (
    "event_no",
    "order_id",
    "po_line_ref",
    "item_id",
    "qty",
    "uom",
    "unit_price",
    "net_amount",
    "ccy",
)


def find_line(lines: pl.DataFrame, book: OrderBook) -> pl.DataFrame:
    """Adds ``link_id`` and ``line_pos``: the order line billed; completes ``problem``, says what
    ``fits``.

    A line without a quantity that finds no order line bills the order as a whole, which is no
    problem. A line that is named and does not exist is no reason to bill another one.

    Args:
        lines: as ``referenced`` takes them, with ``order_id``, ``problem``, and ``_at``: the place
            of the order line named.
        book: the order lines.
    """
    named = pl.col("po_line_id").is_not_null()
    with_order = pl.col("problem").is_null() & pl.col("order_id").is_not_null()
    searched = lines.filter(with_order & ~named)
    if searched.is_empty():
        found = lines.with_columns(**{name: _nothing(dtype) for name, dtype in _SEARCHED.items()})
    else:
        found = lines.join(
            _candidates(searched, book), on="event_no", how="left", maintain_order="left"
        )
    link = pl.when(named).then("_at").otherwise("_link")
    states_line = pl.any_horizontal(pl.col("qty", "po_line_id", "po_line_ref").is_not_null())
    unlinked = link.is_null() & with_order & states_line
    why = pl.coalesce(pl.when(~named).then("_why"), pl.lit(LINK_MISSING))
    found = found.with_columns(
        pl.when(pl.col("problem").is_null()).then(link).alias(LINE_POS),
        problem=pl.coalesce("problem", pl.when(unlinked).then(why)),
        fits=pl.when(unlinked).then("_fits"),
    )
    return found.with_columns(link_id=book.lines["po_line_id"].gather(found[LINE_POS]))


_SEARCHED = {"_link": pl.Int64, "_why": pl.String, "_fits": pl.String}


def _nothing(dtype: type[pl.DataType]) -> pl.Expr:
    return pl.lit(None, dtype=dtype)


def _candidates(lines: pl.DataFrame, book: OrderBook) -> pl.DataFrame:
    """Per ``event_no``: ``_link`` or ``_why`` there is none, and ``_fits``."""
    pairs = _pairs(lines.select(_STATED), book)
    in_question = {
        "at": pl.col("_same_number"),
        "item": pl.col("_same_item"),
        "item_price": pl.col("_same_item") & pl.col("_same_price"),
        "free": pl.col("_free"),
        "free_price": pl.col("_free") & pl.col("_same_price"),
        "price": pl.col("_same_price"),
    }
    counted = pairs.group_by("event_no").agg(
        _lines=pl.len(),
        _names_line=pl.col("po_line_ref").is_not_null().first(),
        _names_item=pl.col("item_id").is_not_null().first(),
        _has_price=pl.col("_has_price").any(),
        **{f"_n_{k}": fits.sum() for k, fits in in_question.items()},
        **{f"_of_{k}": pl.col(LINE_POS).filter(fits).min() for k, fits in in_question.items()},
        **{f"_no_{k}": _numbers(fits) for k, fits in in_question.items()},
    )
    return counted.select("event_no", _link=_decided(), _why=_reason(), _fits=_suggestion())


def _pairs(lines: pl.DataFrame, book: OrderBook) -> pl.DataFrame:
    """Each line beside every line of its order, and in what the two agree."""
    orders = lines.select("order_id").unique()
    order_lines = book.lines.select(
        LINE_POS,
        "line_no",
        "price",
        "uom_order",
        "minor",
        order_id="po_id",
        _po_item="item_id",
        _po_ccy="ccy",
    ).join(orders, on="order_id", how="semi")
    pairs = lines.join(order_lines, on="order_id")
    same_unit = pl.col("uom").is_null() | (pl.col("uom") == pl.col("uom_order"))
    comparable = same_unit & (pl.col("ccy") == pl.col("_po_ccy")) & pl.col("qty").is_not_null()
    agrees = (
        pl.when(pl.col("unit_price").is_not_null())
        .then(pl.col("unit_price") == pl.col("price"))
        .otherwise(_worth(pairs) == pl.col("net_amount").abs())
    )
    number = pl.col("po_line_ref").str.strip_chars().str.strip_chars_start("0")
    same_item = (pl.col("item_id") == pl.col("_po_item")).fill_null(False)
    return pairs.with_columns(
        _same_number=(number == pl.col("line_no").str.strip_chars().str.strip_chars_start("0")),
        _same_item=same_item,
        _free=same_item | pl.col("item_id").is_null() | pl.col("_po_item").is_null(),
        _same_price=comparable & agrees,
        _has_price=pl.col("qty").is_not_null(),
    ).with_columns(pl.col("_same_number", "_same_price").fill_null(False))


def _worth(pairs: pl.DataFrame) -> pl.Expr:
    """The line's quantity at the order's price, rounded to the minor unit."""
    guard_product(pairs, to_scaled(pl.col("qty"), QTY_SCALE), to_scaled(pl.col("price"), 10))
    exact = multiply_half_up(
        pl.col("qty").abs(), QTY_SCALE, pl.col("price"), PRICE_SCALE, PRICE_SCALE
    )
    return round_half_up(exact, PRICE_SCALE, pl.col("minor"))


def _numbers(fits: pl.Expr) -> pl.Expr:
    """The line numbers that fit, as people read them: 9 before 10."""
    number = pl.col("line_no")
    place = number.str.to_integer(strict=False)
    ordered = number.sort_by(place, number, nulls_last=True)
    return ordered.filter(fits.sort_by(place, number, nulls_last=True)).str.join(", ")


def _only(step: str) -> pl.Expr:
    return pl.when(pl.col(f"_n_{step}") == 1).then(pl.col(f"_of_{step}"))


def _decided() -> pl.Expr:
    by_item = pl.when(pl.col("_n_item") > 0).then(pl.coalesce(_only("item"), _only("item_price")))
    single = pl.when(pl.col("_lines") == 1).then(_only("free"))
    return (
        pl.when("_names_line")
        .then(_only("at"))
        .when(pl.col("_n_item") > 0)
        .then(by_item)
        .otherwise(pl.coalesce(single, _only("free_price")))
    )


def _reason() -> pl.Expr:
    # Without a price nothing speaks for one line of several, nor against any of them.
    silent = ~pl.col("_names_item") & ~pl.col("_has_price") & (pl.col("_lines") > 1)
    several = (
        pl.when("_names_line")
        .then(pl.col("_n_at") > 1)
        .otherwise((pl.col("_n_item") > 1) | (pl.col("_n_free_price") > 1) | silent)
    )
    return pl.when(several).then(pl.lit(LINK_AMBIGUOUS)).otherwise(pl.lit(LINK_MISSING))


def _suggestion() -> pl.Expr:
    """Line numbers of the order lines to look at first; null if none is more likely."""
    shown = (
        pl.when(pl.col("_names_line") & (pl.col("_n_at") > 1))
        .then("_no_at")
        .when(pl.col("_n_item_price") > 1)
        .then("_no_item_price")
        .when(pl.col("_n_item") > 1)
        .then("_no_item")
        .otherwise("_no_price")
    )
    return pl.when(shown != "").then(shown)
