"""The checks of a line or an invoice, with the figures people know them by.

Belongs here: units and names of both sides of a check, the limit in words, and the checks that left
no row because their sides agree. Not here: what is expected (matching/).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from finsync_dagster.lineage.explanation import Comparison
from finsync_dagster.lineage.shelf import Row
from finsync_dagster.matching.telling.text import money, price, quantity
from finsync_dagster.matching.tolerance import NOT_IN_MONEY

_QTY, _PRICE, _MONEY, _BOOKS, _DAYS, _NUMBER = "qty", "price", "money", "books", "days", "number"

# Check, and basis where it matters → what the expected figure is, what the actual one is, unit.
WORDS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("QTY_RECEIVED", ""): ("received", "billed so far", _QTY),
    ("QTY_RECEIVED_VALUE", ""): ("allowed", "billed beyond what was received", _MONEY),
    ("QTY_ORDERED", ""): ("ordered", "billed so far", _QTY),
    ("PRICE_UNIT", ""): ("ordered", "billed", _PRICE),
    ("PRICE_VALUE", ""): ("at the order's price", "at the invoice's price", _MONEY),
    ("LINE_TOTAL", "ordered"): ("ordered", "billed so far", _MONEY),
    ("LINE_TOTAL", "received"): ("received", "billed so far", _MONEY),
    ("LINE_CAP", ""): ("", "billed by the line", _MONEY),
    ("LIMIT_AMOUNT", ""): ("limit of the order", "billed so far", _MONEY),
    ("LIMIT_VALIDITY", ""): ("allowed", "outside the days of the order", _DAYS),
    ("CHARGE_PLANNED", ""): ("agreed", "billed so far", _MONEY),
    ("CHARGE_UNPLANNED", ""): ("agreed", "billed", _MONEY),
    ("TAX_LINE", ""): ("due", "billed", _MONEY),
    ("TAX_TOTAL", ""): ("due", "billed", _MONEY),
    ("TAX_CODE", ""): ("allowed", "tax without a code", _MONEY),
    ("FX_RATE", "reference rate"): ("reference rate", "booked rate", _NUMBER),
    ("FX_RATE", "amount at the reference rate"): ("at the reference rate", "as booked", _BOOKS),
    ("UOM_RATIO", "receipt ratio"): ("per unit as received", "per unit as billed", _NUMBER),
    ("UOM_RATIO", "order ratio"): ("per unit as ordered", "per unit as billed", _NUMBER),
    ("SEQUENCE", ""): ("of grace", "from invoice to receipt", _DAYS),
    ("DATE_VALUE", ""): ("allowed", "net times days billed too early", _MONEY),
    ("DOC_ARITHMETIC", "line"): ("quantity times price", "net of the line", _MONEY),
    ("DOC_ARITHMETIC", "lines"): ("sum of the lines", "net stated", _MONEY),
    ("DOC_ARITHMETIC", "gross"): ("net, tax and charges", "total stated", _MONEY),
    ("BALANCE_SMALL_DIFF", ""): ("allowed", "balance of the invoice", _MONEY),
    ("OVER_DELIVERY", ""): ("ordered", "received", _QTY),
    ("UNDER_DELIVERY", ""): ("ordered", "received", _QTY),
}
_GENERAL = ("expected", "found", _NUMBER)

# Less so far is no variance: more may follow.
_MAY_FOLLOW = ("QTY_RECEIVED", "QTY_ORDERED", "LINE_TOTAL")


class Units:
    """What figures of a line or an invoice are counted in."""

    def __init__(self, ccy: str, books: str, uom: str = "") -> None:
        self.ccy, self.books, self.uom = ccy, books, uom

    def text(self, value: Decimal, kind: str) -> str:
        """The figure as people write it."""
        if kind == _QTY:
            return quantity(value, self.uom)
        if kind == _PRICE:
            return price(value, self.ccy) + (f" per {self.uom}" if self.uom else "")
        if kind == _DAYS:
            return f"{quantity(value)} {'day' if value == 1 else 'days'}"
        if kind == _NUMBER:
            return quantity(value)
        return money(value, self.ccy if kind == _MONEY else self.books)


def comparisons(checks: Sequence[Row], units: Units, line: Row | None = None) -> list[Comparison]:
    """Checks with a row, then those of ``line`` (its result and match type) that agree."""
    told = [_differs(row, units) for row in checks]
    if line is not None:
        made = {(row["check"], row["basis"]) for row in checks}
        told += [each for each in _agreeing(line, units) if not _made(each, made)]
    return sorted(told, key=lambda each: (each.effect != "block", each.effect != "warn"))


def _made(agreed: Comparison, made: set[tuple[str, str]]) -> bool:
    """Does a check with a row say it already?"""
    if agreed.check != "LINE_TOTAL":
        return any(check == agreed.check for check, _ in made)
    basis = "received" if " received" in agreed.expected else "ordered"
    return (agreed.check, basis) in made


def _differs(row: Row, units: Units) -> Comparison:
    name, basis = row["check"], row["basis"]
    expected, actual, kind = WORDS.get((name, basis)) or WORDS.get((name, "")) or _GENERAL
    return Comparison(
        check=name,
        expected=f"{units.text(row['expected'], kind)} {expected}" if expected else "",
        actual=f"{units.text(row['actual'], kind)} {actual}",
        difference=_difference(row, units, kind),
        limit=_limit(row, units, kind),
        effect=row["effect"],
    )


def _difference(row: Row, units: Units, kind: str) -> str:
    if row["check"] == "LINE_CAP":
        return ""
    side = {"over": "above", "under": "below"}.get(row["direction"], "")
    share = "" if row["variance_pct"] is None else f" ({quantity(round(row['variance_pct'], 2))} %)"
    amount = units.text(row["variance_abs"], kind).removesuffix(f" per {units.uom}")
    return f"{amount}{share} {side}".rstrip()


def _limit(row: Row, units: Units, kind: str) -> str:
    """The limit that decided and whose it is."""
    if row["limit_binding"] == "none":
        if row["direction"] == "under" and row["check"] in _MAY_FOLLOW:
            return "more may follow"
        return "not limited by the policy" if row["effect"] == "none" else row["limit_rule"]
    value = row["limit_value"]
    if not value:
        said = "no difference allowed"
    elif row["limit_binding"].endswith("_pct"):
        said = f"limit {quantity(value)} %"
    elif row["check"] in NOT_IN_MONEY and kind in (_QTY, _DAYS):
        said = f"limit {units.text(value, kind)}"
    elif row["check"] == "PRICE_UNIT":
        said = f"limit {price(value, units.books)}"
    else:
        # Absolute limits of money are in the currency of the books.
        said = f"limit {money(value, units.books)}"
    return f"{said}; rule: {row['limit_rule']}"


def _agreeing(line: Row, units: Units) -> list[Comparison]:
    """Checks of a line that compare both figures and found them equal, or agreed."""
    if line["credit"]:
        return []
    billed, total = line["qty_billed_to_date"], line["net_billed_to_date"]
    more = "with the over-delivery ordered" if line["over_delivery"] else ""
    found = [
        _same("QTY_ORDERED", "", line["qty_ordered"], billed, units, more),
        _same("PRICE_UNIT", "", line["price_ordered"], line["price_billed"], units),
        _same("LINE_TOTAL", "ordered", line["net_ordered"], total, units, more),
    ]
    if line["match_type"] in ("3w", "4w"):
        own = "with the receipts that the line names" if line["specific"] else ""
        found += [
            _same("QTY_RECEIVED", "", line["qty_received"], billed, units, own),
            _same("LINE_TOTAL", "received", line["net_received"], total, units),
        ]
    return [each for each in found if each is not None]


def _same(
    check: str,
    basis: str,
    expected: Decimal | None,
    actual: Decimal | None,
    units: Units,
    unequal: str = "",
) -> Comparison | None:
    """A check without a row: the two figures, which agree; ``unequal`` says why, where they are
    not what was compared. Without such a reason nothing is claimed of unequal figures."""
    if expected is None or actual is None or (expected != actual and not unequal):
        return None
    left, right, kind = WORDS[check, basis]
    return Comparison(
        check=check,
        expected=f"{units.text(expected, kind)} {left}",
        actual=f"{units.text(actual, kind)} {right}",
        difference="agrees" if expected == actual else f"agrees {unequal}",
        limit="",
        effect="none",
    )
