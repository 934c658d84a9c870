"""Documents of an entity in parts that no rule of matching leads out of.

Belongs here: what holds documents together, and matching one part after the other. Not here: any
rule of matching.

At its widest, matching needs three to four kilobytes of memory for an invoice line beside its
documents; an entity with millions of them is matched part by part. Held together are an order with
its lines, charges and receipts; an invoice and every order it names, by key, by line or by number;
a correction and what it corrects; invoices that may be copies of each other; a receipt and the one
it reverses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date

import polars as pl

from finsync_dagster.canonical.documents import Documents
from finsync_dagster.landscape.model import Policy
from finsync_dagster.matching.figures.positions import reach
from finsync_dagster.matching.linking.duplicates import LIKE_A_COPY
from finsync_dagster.matching.match import MatchResult, match

PART = 250_000
"""Invoice and order lines of a part, about: matching it takes some 450 MB beside the documents."""

_ORDER, _INVOICE = "po_id", "invoice_id"
_BELONGS = {
    "purchase_orders": _ORDER,
    "purchase_order_lines": _ORDER,
    "purchase_order_charges": _ORDER,
    "receipt_lines": _ORDER,
    "incomplete_orders": _ORDER,
    "invoices": _INVOICE,
    "invoice_lines": _INVOICE,
}


def match_in_parts(
    docs: Documents, policy: Policy, as_of: date, entity_id: str, size: int = PART
) -> MatchResult:
    """What ``match`` says of the documents, with the memory of a part; raises what ``match`` does.

    Of several parts the rows stand part by part.
    """
    results = [match(part, policy, as_of, entity_id) for part in closed_parts(docs, size)]
    if len(results) == 1:
        return results[0]
    together = {
        field.name: pl.concat([getattr(each, field.name) for each in results])
        for field in fields(MatchResult)
    }
    return MatchResult(**together)


def closed_parts(docs: Documents, size: int) -> Iterator[Documents]:
    """The documents in parts of about ``size`` invoice and order lines each.

    Every order, receipt and invoice is in exactly one part; suppliers, rates and whatever else is
    looked up are in all of them. What is held together is in one part, however large.
    """
    if docs.invoice_lines.height + docs.purchase_order_lines.height <= size:
        yield docs
        return
    numbers = _numbered(docs)
    part = _part_of(_held_together(_bonds(docs, numbers), numbers), docs, numbers, size)
    split = {
        name: _split(getattr(docs, name), _order_of(docs, name), numbers[key], part)
        for name, key in _BELONGS.items()
    }
    for number in range(reach(part)):
        empty = {name: getattr(docs, name).clear() for name in split}
        yield replace(docs, **{n: split[n].pop(number, empty[n]) for n in split})


def _numbered(docs: Documents) -> dict[str, pl.DataFrame]:
    """A number for every order and invoice that anything names (``id``, ``number``)."""
    named = {
        _ORDER: [
            docs.purchase_orders[_ORDER],
            docs.purchase_order_lines[_ORDER],
            docs.purchase_order_charges[_ORDER],
            docs.receipt_lines[_ORDER],
            docs.incomplete_orders[_ORDER],
            docs.invoice_lines[_ORDER],
        ],
        _INVOICE: [
            docs.invoices[_INVOICE],
            docs.invoice_lines[_INVOICE],
            docs.invoices["corrects_invoice_id"],
        ],
    }
    found, begun = {}, 0
    for key, series in named.items():
        ids = pl.concat([each.rename("id") for each in series]).drop_nulls().unique().sort()
        places = pl.int_range(begun, begun + len(ids), dtype=pl.Int64, eager=True)
        found[key] = pl.DataFrame({"id": ids, "number": places})
        begun += len(ids)
    return found


def _order_of(docs: Documents, table: str) -> pl.Series:
    """Per row of a table the order or invoice it belongs to."""
    frame: pl.DataFrame = getattr(docs, table)
    if table != "receipt_lines":
        return frame[_BELONGS[table]].rename("id")
    # What was received is of the order of its line, whatever order the receipt states.
    of_line = docs.purchase_order_lines.select("po_line_id", _of_line=_ORDER)
    found = frame.select("po_line_id", _ORDER).join(
        of_line, on="po_line_id", how="left", maintain_order="left"
    )
    return found.select(id=pl.coalesce("_of_line", _ORDER)).to_series()


def _bonds(docs: Documents, numbers: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Pairs of numbers (``left``, ``right``) of what has to be in one part."""
    lines = docs.invoice_lines
    of_lines = docs.purchase_order_lines.select("po_line_id", id=_ORDER)
    by_number = docs.purchase_orders.select("po_number", id=_ORDER)
    corrected = lines.select(id="invoice_line_id", other=_INVOICE)
    receipts = docs.receipt_lines.select("receipt_line_id", "reverses_id").with_columns(
        _order_of(docs, "receipt_lines")
    )
    key = list(LIKE_A_COPY)
    to_orders = [
        lines.select(_INVOICE, id=_ORDER),
        lines.select(_INVOICE, "po_line_id").join(of_lines, on="po_line_id"),
        lines.select(_INVOICE, po_number="po_number_ref").join(by_number, on="po_number"),
    ]
    to_invoices = [
        docs.invoices.select(_INVOICE, id="corrects_invoice_id"),
        lines.select(_INVOICE, id="orig_invoice_line_id")
        .join(corrected, on="id")
        .select(_INVOICE, id="other"),
        docs.invoices.select(_INVOICE, id=pl.col(_INVOICE).min().over(key)),
    ]
    reversed_ = receipts.select(other="id", receipt_line_id="reverses_id").join(
        receipts.select("receipt_line_id", "id"), on="receipt_line_id"
    )
    pairs = [
        _pairs(frame.select(_INVOICE, "id"), numbers[_INVOICE], numbers[far])
        for far, frames in ((_ORDER, to_orders), (_INVOICE, to_invoices))
        for frame in frames
    ]
    orders = numbers[_ORDER]
    return pl.concat([*pairs, _pairs(reversed_.select("other", "id"), orders, orders)]).unique()


def _pairs(frame: pl.DataFrame, near: pl.DataFrame, far: pl.DataFrame) -> pl.DataFrame:
    left, right = frame.columns
    named = frame.drop_nulls().unique()
    named = named.join(near.select(pl.col("id").alias(left), left="number"), on=left)
    return named.join(far.select(pl.col("id").alias(right), right="number"), on=right).select(
        "left", "right"
    )


def _held_together(bonds: pl.DataFrame, numbers: dict[str, pl.DataFrame]) -> pl.Series:
    """Per number the smallest one that it is held together with, however far."""
    both = pl.concat([bonds, bonds.select(left="right", right="left")])
    lowest = pl.int_range(sum(map(len, numbers.values())), dtype=pl.Int64, eager=True)
    while True:
        reached = both.select("left", least=lowest.gather(both["right"]))
        reached = reached.group_by("left").agg(pl.col("least").min())
        least = pl.DataFrame({"here": lowest.gather(reached["left"]), "there": reached["least"]})
        found = lowest.clone().scatter(reached["left"], least.min_horizontal())
        # What is reached is as low as what it reaches itself: a long chain takes few rounds.
        found = found.gather(found)
        if found.equals(lowest):
            return found
        lowest = found


def _part_of(
    group: pl.Series, docs: Documents, numbers: dict[str, pl.DataFrame], size: int
) -> pl.Series:
    """Per number its part: groups one after the other, until they have ``size`` lines."""
    heavy = [
        frame.select(id=key).join(numbers[key], on="id").group_by("number").len()
        for key, frame in (
            (_ORDER, docs.purchase_order_lines),
            (_INVOICE, docs.invoice_lines),
        )
    ]
    weight = pl.concat(heavy)
    lines = pl.zeros(len(group), dtype=pl.Int64, eager=True)
    lines = lines.scatter(weight["number"], weight["len"].cast(pl.Int64))
    sizes = (
        pl.DataFrame({"group": group, "lines": lines}).group_by("group").agg(pl.col("lines").sum())
    )
    before = pl.col("lines").cum_sum() - pl.col("lines")
    packed = sizes.sort("group").select("group", part=(before // size).rle_id().cast(pl.Int64))
    return group.to_frame("group").join(packed, on="group", how="left", maintain_order="left")[
        "part"
    ]


def _split(
    frame: pl.DataFrame, belongs: pl.Series, numbers: pl.DataFrame, part: pl.Series
) -> dict[int, pl.DataFrame]:
    """The rows by part; what names no order or invoice at all is in the first."""
    found = belongs.to_frame("id").join(numbers, on="id", how="left", maintain_order="left")
    rows = frame.with_columns(_part=part.gather(found["number"]).fill_null(0))
    split = rows.partition_by("_part", as_dict=True, include_key=False)
    return {number: rows for (number,), rows in split.items()}
