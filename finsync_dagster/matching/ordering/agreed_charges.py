"""What orders agreed to pay in charges, and how much of it the goods billed so far let be billed.

Belongs here: the plan of an order, its share for a quantity. Not here: what invoices bill
(charges.py).
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.matching.figures.exact import (
    guard_prices,
    guard_product,
    guard_sum,
    power_of_ten,
    value_at_price,
)
from finsync_dagster.matching.figures.sequence import not_given_back, running_total
from finsync_dagster.matching.linking.billing import QUANTITY, VALUE
from finsync_dagster.matching.ordering.orders import OrderBook
from finsync_dagster.money import (
    AMOUNT,
    AMOUNT_SCALE,
    divide_half_up,
    from_scaled,
    minor_unit_expr,
    to_scaled,
)

PLAN = ("order_id", "po_line_id", "charge_code", "amount", "fixed", "plan_ccy")
_TEXT = pl.lit(None, dtype=pl.String)


def discounts_agreed(docs: Documents) -> bool:
    """Whether any order agrees to an amount that is to be deducted."""
    told, heads = docs.purchase_order_charges["amount"], docs.purchase_orders["charges_amount"]
    return bool((told < 0).any() or (heads < 0).any())


def agreed_charges(docs: Documents, book: OrderBook) -> pl.DataFrame:
    """The columns of PLAN; ``po_line_id`` is null for what the order agreed to as a whole.

    Cancelled lines agree to nothing. Where charges are not told one by one, the total on the
    order's header is one, without a code. ``plan_ccy`` is the order's currency.
    """
    gone = book.lines.select("po_line_id").filter(book.lines["cancelled"])
    told = docs.purchase_order_charges.join(gone, on="po_line_id", how="anti")
    told = told.rename({"po_id": "order_id"}).select(PLAN[:5])
    orders = docs.purchase_orders.filter(pl.col("status_canon") != "cancelled")
    heads = orders.filter((pl.col("charges_amount") != 0).fill_null(False)).select(
        order_id="po_id",
        po_line_id=_TEXT,
        charge_code=_TEXT,
        amount="charges_amount",
        fixed=pl.lit(False),
    )
    plan = pl.concat([told, heads.join(told, on="order_id", how="anti").select(PLAN[:5])])
    ccy = orders.select(order_id="po_id", plan_ccy="ccy")
    plan = plan.filter(pl.col("amount") != 0).join(ccy, on="order_id")
    return _of_sole_lines(plan, book)


def _of_sole_lines(plan: pl.DataFrame, book: OrderBook) -> pl.DataFrame:
    """What was agreed for an order of one line was agreed for that line."""
    live = (
        book.lines.select("po_id", "po_line_id")
        .filter(~book.lines["cancelled"])
        .join(plan.select("order_id").unique(), left_on="po_id", right_on="order_id", how="semi")
    )
    sole = live.group_by(order_id="po_id").agg(_n=pl.len(), _sole=pl.col("po_line_id").min())
    sole = sole.filter(pl.col("_n") == 1).drop("_n")
    found = plan.join(sole, on="order_id", how="left")
    return found.with_columns(po_line_id=pl.coalesce("po_line_id", "_sole")).select(PLAN)


def expected_charges(
    asked: pl.DataFrame, plan: pl.DataFrame, book: OrderBook, lines: pl.DataFrame
) -> pl.DataFrame:
    """``expected`` per row of ``asked``: what may be billed up to an event.

    Of a fixed amount all of it, however the order is delivered; of any other, per order line the
    share of its quantity that was billed, rounded half up at the minor unit. Of what was agreed for
    several lines together, and of orders that are billed by amount, the share in value decides. A
    bill of charges alone (the carrier's) may also be for goods that arrived and are not billed.

    Args:
        asked: ``order_id``, ``charge_code``, ``event_no``, ``with_goods``, each combination once.
        plan: as ``agreed_charges``, with the same charge codes.
        book: the order lines.
        lines: all invoice lines.
    """
    parts = asked.join(plan, on=["order_id", "charge_code"], nulls_equal=True)
    fixed = parts.filter("fixed").with_columns(_part=pl.col("amount"))
    rest = parts.filter(~pl.col("fixed"))
    concerned = lines.join(rest.select("order_id").unique(), on="order_id", how="semi").filter(
        pl.col("billing").is_in([QUANTITY, VALUE])
    )
    by_value = concerned.filter(pl.col("billing") == VALUE).select("order_id").unique()
    valued = rest.join(by_value, on="order_id", how="semi")
    counted = rest.join(by_value, on="order_id", how="anti")
    quantities = _quantities(concerned)
    shares = [
        _in_value(valued, concerned, book),
        _in_quantity(counted.drop_nulls("po_line_id"), quantities, book),
        _of_several(counted.filter(pl.col("po_line_id").is_null()), quantities, book),
    ]
    key = ["order_id", "charge_code", "event_no"]
    all_parts = pl.concat(
        [fixed.select(*key, "_part"), *(_part(s).select(*key, "_part") for s in shares)]
    )
    return all_parts.group_by(key).agg(expected=pl.col("_part").sum())


def _part(rows: pl.DataFrame) -> pl.DataFrame:
    """``amount`` times ``_share`` / ``_whole``, rounded once at the minor unit."""
    minor = minor_unit_expr(pl.col("plan_ccy"))
    amount, share = to_scaled(pl.col("amount"), AMOUNT_SCALE), pl.col("_share").cast(pl.Int128)
    guard_product(rows, amount, share)
    unit = power_of_ten(AMOUNT_SCALE, minor)
    rounded = divide_half_up(amount * share, pl.col("_whole").cast(pl.Int128) * unit)
    part = from_scaled(rounded * unit, AMOUNT_SCALE).fill_null(pl.lit(0, dtype=AMOUNT))
    return rows.with_columns(_part=part)


def _quantities(concerned: pl.DataFrame) -> pl.DataFrame:
    """``po_line_id``, ``event_no``, ``_billed``: quantity so far, less what was credited later."""
    rows = concerned.filter((pl.col("billing") == QUANTITY) & pl.col("units").is_not_null())
    rows = rows.select("event_no", "units", po_line_id="link_id").drop_nulls("po_line_id")
    rows = rows.sort("po_line_id", "event_no")
    guard_sum(rows, "units")
    rows = rows.with_columns(_billed=running_total(pl.col("units"), "po_line_id"))
    return rows.with_columns(not_given_back("_billed", "po_line_id")).sort("event_no")


def _up_to(rows: pl.DataFrame, quantities: pl.DataFrame, book: OrderBook) -> pl.DataFrame:
    """Adds ``_share`` (quantity billed up to the event) and the facts of the order line."""
    facts = book.lines.select("po_line_id", "ordered", "received", "unit_price", "price_unit")
    found = rows.join(facts, on="po_line_id", how="left").sort("event_no")
    found = found.join_asof(
        quantities.drop("units"), on="event_no", by="po_line_id", check_sortedness=False
    )
    billed = pl.col("_billed").fill_null(0)
    arrived = pl.max_horizontal(billed, pl.col("received").fill_null(0))
    return found.with_columns(_share=pl.when("with_goods").then(billed).otherwise(arrived))


def _in_quantity(rows: pl.DataFrame, quantities: pl.DataFrame, book: OrderBook) -> pl.DataFrame:
    return _up_to(rows, quantities, book).with_columns(_whole="ordered")


def _of_several(rows: pl.DataFrame, quantities: pl.DataFrame, book: OrderBook) -> pl.DataFrame:
    members = book.lines.select("po_line_id", order_id="po_id").filter(~book.lines["cancelled"])
    each = _up_to(rows.drop("po_line_id").join(members, on="order_id"), quantities, book)
    guard_prices(each, "_share", "ordered")
    worth = each.with_columns(
        _share=to_scaled(value_at_price("_share"), AMOUNT_SCALE),
        _whole=to_scaled(value_at_price("ordered"), AMOUNT_SCALE),
    )
    return worth.group_by(*rows.drop("po_line_id").columns).agg(pl.col("_share", "_whole").sum())


def _in_value(rows: pl.DataFrame, concerned: pl.DataFrame, book: OrderBook) -> pl.DataFrame:
    billed = concerned.select("order_id", "event_no", "net_amount").sort("order_id", "event_no")
    billed = billed.with_columns(_share=running_total(pl.col("net_amount"), "order_id"))
    billed = billed.with_columns(not_given_back("_share", "order_id")).sort("event_no")
    whole = book.lines.filter(~pl.col("cancelled")).group_by(order_id="po_id")
    worth = rows.join(whole.agg(_whole=pl.col("net_amount").sum()), on="order_id", how="left")
    found = worth.sort("event_no").join_asof(
        billed.drop("net_amount"), on="event_no", by="order_id", check_sortedness=False
    )
    return found.with_columns(
        to_scaled(pl.col("_share").fill_null(0), AMOUNT_SCALE),
        to_scaled(pl.col("_whole"), AMOUNT_SCALE),
    )
