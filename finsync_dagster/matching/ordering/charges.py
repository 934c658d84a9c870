"""Freight and other charges that invoices bill, beside what their orders agreed to.

Belongs here: which charge belongs to which order and kind, and what it is compared with. Not here:
the plan's share (agreed_charges.py), limits and findings (checks/charges.py), outcomes.

Source: SAP planned and unplanned delivery costs (tolerance key KW: condition value x quantity
invoiced / quantity ordered), D365 charges matching (per charges code, expected from the order).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.figures.sequence import not_given_back, running_total
from finsync_dagster.matching.linking.billing import CREDITS, QUANTITY
from finsync_dagster.matching.ordering.agreed_charges import (
    agreed_charges,
    discounts_agreed,
    expected_charges,
)
from finsync_dagster.matching.ordering.orders import OrderBook
from finsync_dagster.money import AMOUNT

_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "invoice_id": pl.String,
    "invoice_line_id": pl.String,
    "event_no": pl.Int64,
    "order_id": pl.String,
    "charge_code": pl.String,
    "ccy": pl.String,
    "amount": AMOUNT,
    "credit": pl.Boolean,
    "planned": pl.Boolean,
    "plan_ccy": pl.String,
    "agreed": AMOUNT,
    "expected": AMOUNT,
    "actual": AMOUNT,
    "last": pl.Boolean,
}
CHARGES = pl.Schema(_COLUMNS)
"""``invoice_line_id`` is null for charges of the header, and for a discount not deducted.
``charge_code`` is null where the charges of the order are not all told apart. ``planned``: the
order agreed to such charges, in the invoice's currency; ``agreed``: for all that was ordered.
``expected``: what may be billed up to this invoice, 0 without a plan. ``actual``: what was, less
later credits; without a plan by this invoice alone. ``last``: the invoice bills no more of it."""

_ZERO = pl.lit(0, dtype=AMOUNT)
_CODE = pl.col("charge_code")
_KIND = ("order_id", "charge_code")


def billed_charges(
    docs: Documents,
    book: OrderBook,
    invoices: pl.DataFrame,
    lines: pl.DataFrame,
    copies: pl.DataFrame,
) -> pl.DataFrame:
    """Every charge of live invoices that can be compared, with the columns of CHARGES.

    Left out are charges of prepayments, and of invoices whose goods lead to no order line or to an
    order that is not whole: that is told of the goods. Costs little where nobody bills a charge.

    Args:
        docs: the documents.
        book: the order lines.
        invoices: live invoices.
        lines: all their lines (billing.py).
        copies: ``invoice_id`` of invoices that bill nothing, as copies of earlier ones.
    """
    of_lines, of_heads = lines["type"] == "charge", invoices["charges"] != 0
    if not (of_lines.any() or of_heads.any() or discounts_agreed(docs)):
        return CHARGES.to_frame()
    own = lines.filter(of_lines).join(copies, on="invoice_id", how="anti")
    heads = invoices.filter(of_heads).join(copies, on="invoice_id", how="anti")
    plan = agreed_charges(docs, book)
    discounts = plan.group_by(_KIND).agg(pl.col("amount").sum()).filter(pl.col("amount") < 0)
    if own.is_empty() and heads.is_empty() and discounts.is_empty():
        return CHARGES.to_frame()
    if not copies.is_empty():
        lines = lines.join(copies, on="invoice_id", how="anti")
    stated = _of_their_orders(_stated(docs, own, heads), lines)
    rows = _with_missing(stated, discounts, lines)
    rows, plan = _told_apart(rows, plan)
    return _compared(rows, plan, book, lines).match_to_schema(CHARGES, extra_columns="ignore")


def _stated(docs: Documents, own: pl.DataFrame, heads: pl.DataFrame) -> pl.DataFrame:
    """Charge lines, and charges of headers as rows without a line."""
    coded = docs.invoice_lines.filter(pl.col("charge_code").is_not_null())
    codes = coded.select("invoice_line_id", "charge_code")
    columns = ["invoice_id", "invoice_line_id", "order_id", "charge_code", "ccy", "kind", "amount"]
    of_lines = own.rename({"net_amount": "amount"}).join(codes, on="invoice_line_id", how="left")
    nothing = pl.lit(None, dtype=pl.String)
    of_heads = heads.with_columns(
        invoice_line_id=nothing, order_id=nothing, charge_code=nothing, amount="charges"
    )
    rows = pl.concat(
        [
            of_lines.select(*columns, _place="event_no"),
            of_heads.select(*columns, _place=pl.lit(None, dtype=pl.Int64)),
        ]
    )
    rows = rows.filter((pl.col("kind") != "prepayment") & (pl.col("amount") != 0))
    return rows.with_columns(credit=pl.col("kind").is_in(CREDITS)).drop("kind")


def _of_their_orders(rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Charges that name no order belong to the only order that the invoice bills goods of."""
    mine = lines.join(rows.select("invoice_id").unique(), on="invoice_id", how="semi")
    goods = pl.col("type") == "item"
    # The plan of an order that is not known, or not whole, is not known either.
    unit_unknown = (pl.col("billing") == QUANTITY) & pl.col("units").is_null()
    unclear = goods & (
        pl.col("problem").is_not_null() | pl.col("doubt").is_not_null() | unit_unknown
    )
    # Of goods that were cancelled that is said, and there is nothing to compare their freight with.
    live = goods & ~((pl.col("po_status") == "cancelled") | pl.col("cancelled")).fill_null(False)
    orders = pl.col("order_id").filter(goods)
    about = mine.group_by("invoice_id").agg(
        event_no=pl.col("event_no").max(),
        _unclear=unclear.any() | (goods.any() & ~live.any()),
        _sole=pl.when(orders.n_unique() == 1).then(orders.first()),
    )
    found = rows.join(about, on="invoice_id", how="left")
    found = found.filter(~pl.col("_unclear").fill_null(False))
    return found.with_columns(
        pl.coalesce("order_id", "_sole"), pl.col("event_no").fill_null(-1)
    ).drop("_unclear", "_sole")


def _with_missing(rows: pl.DataFrame, discounts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Adds a row over nothing for each invoice that does not deduct a discount that was agreed."""
    goods = lines.filter(
        (pl.col("type") == "item") & ~pl.col("kind").is_in([*CREDITS, "prepayment"])
    )
    billed = (
        goods.join(discounts, on="order_id")
        .group_by("invoice_id", *_KIND)
        .agg(pl.col("ccy").first(), pl.col("event_no").max())
    )
    known = rows.select("invoice_id", *_KIND)
    absent = billed.join(known, on=["invoice_id", *_KIND], how="anti", nulls_equal=True)
    return pl.concat(
        [
            rows,
            absent.with_columns(amount=_ZERO, credit=pl.lit(False)),
        ],
        how="diagonal_relaxed",
    )


def _told_apart(rows: pl.DataFrame, plan: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Where a charge of an order has no code, on either side, all of that order count together."""
    silent = pl.concat(
        [side.filter(_CODE.is_null()).select("order_id") for side in (rows, plan)]
    ).drop_nulls()
    together = pl.col("order_id").is_in(silent["order_id"].implode()).fill_null(False)
    code = pl.when(together).then(None).otherwise(_CODE).alias("charge_code")
    return rows.with_columns(code), plan.with_columns(code)


def _compared(
    rows: pl.DataFrame, plan: pl.DataFrame, book: OrderBook, lines: pl.DataFrame
) -> pl.DataFrame:
    agreed = plan.group_by(_KIND).agg(pl.col("plan_ccy").first(), agreed=pl.col("amount").sum())
    rows = rows.join(agreed, on=_KIND, how="left", nulls_equal=True)
    rows = rows.with_columns(
        planned=(
            pl.col("order_id").is_not_null() & (pl.col("ccy") == pl.col("plan_ccy"))
        ).fill_null(False)
    )
    planned = rows.filter("planned")
    goods = lines.filter(pl.col("type") == "item").select("invoice_id", "order_id").unique()
    asked = planned.join(
        goods.with_columns(with_goods=pl.lit(True)), on=["invoice_id", "order_id"], how="left"
    ).with_columns(pl.col("with_goods").fill_null(False))
    asked = asked.select(*_KIND, "event_no", "with_goods").unique()
    found = expected_charges(asked, plan, book, lines)
    planned = planned.join(found, on=[*_KIND, "event_no"], how="left", nulls_equal=True)
    return pl.concat(
        [
            _so_far(planned, *_KIND),
            _so_far(
                rows.filter(~pl.col("planned")).with_columns(expected=_ZERO), "invoice_id", *_KIND
            ),
        ]
    )


def _so_far(rows: pl.DataFrame, *group: str) -> pl.DataFrame:
    """Adds ``actual``, the amount up to each row within its group, and ``last``."""
    keys = pl.concat_str([pl.col(name).fill_null("") for name in group], separator="|")
    rows = rows.with_columns(_group=keys).sort(
        "_group", "event_no", "invoice_id", "_place", nulls_last=True
    )
    rows = rows.with_columns(actual=running_total(pl.col("amount"), "_group"))
    later = pl.struct("_group", "invoice_id").shift(-1)
    return rows.with_columns(
        not_given_back("actual", "_group"),
        last=pl.struct("_group", "invoice_id").ne_missing(later),
    ).drop("_group")
