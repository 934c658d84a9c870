"""Caps on what a line bills, and variances in money where price and quantity are checked per unit.

Belongs here: expected and actual of LINE_CAP, PRICE_VALUE and QTY_RECEIVED_VALUE. Not here: what a
failure says (cap_notes.py), prices per unit and quantities (quantity_checks.py).

Sources: LINE_CAP: SAP tolerance keys AN and AP (amount of an item without and with an order).
PRICE_VALUE: the absolute limit of SAP's key PP, which answers that a price per unit says nothing
about the money of a part delivery. QTY_RECEIVED_VALUE: that of SAP's key DQ.
"""

from __future__ import annotations

import polars as pl

from finsync_dagster.matching.checks.cap_notes import above_cap, price_in_total, too_much_in_total
from finsync_dagster.matching.checks.family import Family
from finsync_dagster.matching.checks.limited import limited, rulings
from finsync_dagster.matching.compared import Compared
from finsync_dagster.matching.figures.exact import guard_product, to_qty
from finsync_dagster.matching.figures.functional import functional_currency
from finsync_dagster.matching.linking.billing import QUANTITY
from finsync_dagster.matching.telling.notes import Said
from finsync_dagster.matching.tolerance import (
    PRICE_UNIT,
    QTY_RECEIVED,
    Comparison,
    Limits,
    differing,
)
from finsync_dagster.money import (
    AMOUNT_SCALE,
    PRICE,
    PRICE_SCALE,
    QTY_SCALE,
    RATE_SCALE,
    multiply_half_up,
    round_half_up,
    to_scaled,
)

LINE_CAP = "LINE_CAP"
PRICE_VALUE = "PRICE_VALUE"
QTY_RECEIVED_VALUE = "QTY_RECEIVED_VALUE"
WITH_ORDER = "with order"
WITHOUT_ORDER = "without order"
ORDER_PRICE = "order price"
RECEIVED_VALUE = "received value"


def compare(c: Compared, limits: Limits) -> list[Comparison]:
    """The three checks; one that no rule of the policy limits costs nothing."""
    found = _caps(c, limits) if limited(limits, LINE_CAP) else []
    if limited(limits, PRICE_VALUE):
        found.append(differing(_priced(c), PRICE_VALUE, ORDER_PRICE))
    if limited(limits, QTY_RECEIVED_VALUE):
        found.append(differing(_beyond(c), QTY_RECEIVED_VALUE, RECEIVED_VALUE))
    return found


def tell(c: Compared, checks: pl.DataFrame) -> list[Said]:
    """Notes on lines above the cap, and on variances in money that no check per unit tells."""
    failed = {name: checks.filter(pl.col("check") == name) for name in checks["check"].unique()}
    none = checks.clear()
    return [
        *above_cap(c, failed.get(LINE_CAP, none)),
        *price_in_total(c, failed.get(PRICE_VALUE, none), failed.get(PRICE_UNIT, none)),
        *too_much_in_total(c, failed.get(QTY_RECEIVED_VALUE, none), failed.get(QTY_RECEIVED, none)),
    ]


def _caps(c: Compared, limits: Limits) -> list[Comparison]:
    """Lines that bill more than the smallest cap; which cap is theirs, the limits decide.

    A cap is in the currency of the books; a line that cannot be converted is above any.
    """
    caps = [r.limit("upper_abs") for r in rulings(limits, LINE_CAP)]
    smallest = min((cap for cap in caps if cap is not None), default=None)
    if smallest is None:
        return []
    lines = c.lines.filter(pl.col("type").is_in(["item", "charge"]) & (pl.col("net_amount") > 0))
    net = to_scaled(pl.col("net_amount"), AMOUNT_SCALE)
    scale = AMOUNT_SCALE
    if functional_currency(c.docs.functional_rates) is not None:
        rate = to_scaled(pl.col("functional_rate"), RATE_SCALE)
        guard_product(lines, ("net_amount", AMOUNT_SCALE), ("functional_rate", RATE_SCALE))
        net, scale = net * rate, AMOUNT_SCALE + RATE_SCALE
    above = net > pl.lit(int(smallest.scaleb(scale)), dtype=pl.Int128)
    rows = lines.filter(above.fill_null(True)).select(
        "order_id",
        subject_type=pl.lit("invoice_line"),
        subject_id="invoice_line_id",
        expected=pl.lit(0).cast(PRICE),
        actual="net_amount",
    )
    ordered = pl.col("order_id").is_not_null()
    return [
        differing(rows.filter(ordered), LINE_CAP, WITH_ORDER),
        differing(rows.filter(~ordered), LINE_CAP, WITHOUT_ORDER),
    ]


def _priced(c: Compared) -> pl.DataFrame:
    """Per line billed at another price than ordered: all that its invoice bills of the order line,
    at the order's price, and at its own.
    """
    lines = c.priced.filter(~pl.col("credit") & (pl.col("billing") == QUANTITY))
    another = lines.filter(pl.col("effective_price") != pl.col("price"))
    groups = another.select("invoice_id", "link_id").unique()
    mine = lines.join(groups, on=["invoice_id", "link_id"], how="semi")
    expected, actual = (_worth(mine, price) for price in ("price", "effective_price"))
    both = mine.with_columns(_expected=expected, _actual=actual)
    total = both.group_by("invoice_id", "link_id").agg(
        expected=pl.col("_expected").sum(), actual=pl.col("_actual").sum()
    )
    return another.join(total, on=["invoice_id", "link_id"]).select(
        "expected",
        "actual",
        subject_type=pl.lit("invoice_line"),
        subject_id="invoice_line_id",
    )


def _beyond(c: Compared) -> pl.DataFrame:
    """Per line that bills more than was received so far: the excess at the order's price."""
    lines = c.priced.filter(
        ~pl.col("credit")
        & (pl.col("billing") == QUANTITY)
        & pl.col("match_type").is_in(["3w", "4w"])
        & (pl.col("counted") > pl.col("receivable"))
    )
    over = lines.with_columns(
        units=pl.min_horizontal(pl.col("counted") - pl.col("receivable"), "units")
    )
    return over.select(
        subject_type=pl.lit("invoice_line"),
        subject_id="invoice_line_id",
        expected=pl.lit(0).cast(PRICE),
        actual=_worth(over, "price"),
    )


def _worth(lines: pl.DataFrame, price: str) -> pl.Expr:
    """``units`` at a price per order unit, rounded half up to the minor unit."""
    guard_product(lines, "units", (price, PRICE_SCALE))
    exact = multiply_half_up(to_qty("units"), QTY_SCALE, pl.col(price), PRICE_SCALE, PRICE_SCALE)
    return round_half_up(exact, PRICE_SCALE, pl.col("minor")).cast(PRICE)


FAMILY = Family(
    checks=(LINE_CAP, PRICE_VALUE, QTY_RECEIVED_VALUE),
    compare=compare,
    tell=tell,
    beside=(PRICE_UNIT, QTY_RECEIVED),
)
