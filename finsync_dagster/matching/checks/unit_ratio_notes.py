"""What to say about a line that bills more, or less, price units than its quantity amounts to.

Belongs here: reason code, amount at risk, wording. Not here: the check (unit_ratio.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from finsync_dagster.matching.telling.limit_words import limit_words, share_words
from finsync_dagster.matching.telling.notes import Note, Said
from finsync_dagster.matching.telling.text import money, price, quantity
from finsync_dagster.money import QTY_SCALE

UOM_RATIO_VARIANCE = "UOM_RATIO_VARIANCE"
_SHOWN_DECIMALS = 6


def ratio_note(row: Mapping[str, Any]) -> Said:
    """The note of one line, from its failed check result and what was compared."""
    ccy, order_unit, price_unit = row["ccy"], row["uom_order"], row["uom_price"]
    billed, expected = _qty(row["weight"]), _qty(row["expected_weight"])
    difference = abs(billed - expected)
    per_price_unit = (
        Fraction(row["po_unit_price"])
        * row["_den"]
        / (Fraction(row["po_price_unit"]) * row["_num"])
    )
    worth = _rounded(Fraction(difference) * per_price_unit, row["minor"])
    over = row["direction"] == "over"
    source = "its receipts" if row["basis"] == "receipt ratio" else f"order {row['po_number']}"
    message = (
        f"{quantity(abs(_qty(row['units'])), order_unit)} are billed as "
        f"{quantity(billed, price_unit)}, {_ratio(row['actual'])} {price_unit} for one "
        f"{order_unit}; {source} say{'s' if source.startswith('order') else ''} "
        f"{_ratio(row['expected'])}, that is {quantity(expected, price_unit)}. "
        f"{quantity(difference, price_unit)}{share_words(row)} {'more' if over else 'less'}, "
        f"{money(worth, ccy)} at the order's price of "
        f"{price(_rounded(per_price_unit, _SHOWN_DECIMALS), ccy)} for one {price_unit}, "
        f"{limit_words(row, ccy)}."
    )
    note = Note(
        reason_code=UOM_RATIO_VARIANCE,
        subject_type="invoice_line",
        subject_id=row["invoice_line_id"],
        subject_label=f"{row['invoice_no_supplier']} line {row['line_no']}",
        supplier_src_id=row["supplier_src_id"],
        amount=worth,
        ccy=ccy,
        message=message,
    )
    release = (
        f"A receipt that weighs {quantity(billed, price_unit)}, or a credit of {money(worth, ccy)}."
    )
    return Said(note, invoice_line_id=row["invoice_line_id"], release=release if over else None)


def _qty(units: int) -> Decimal:
    return Decimal(units).scaleb(-QTY_SCALE)


def _ratio(value: Decimal) -> str:
    return quantity(_rounded(Fraction(value), _SHOWN_DECIMALS))


def _rounded(value: Fraction, decimals: int) -> Decimal:
    """Half up, from the exact value; nothing here is negative."""
    return Decimal(int(value * 10**decimals + Fraction(1, 2))).scaleb(-decimals)
