"""Which document of another system a document means: what is stated by number becomes a key.

Belongs here: orders, order lines and invoices that a receipt, an invoice or a payment names by
number, because another system keeps them; and the order of record where a system booked against its
own copy. Not here: what to say of a number that leads nowhere or to several (matching), nor who is
the same supplier (identity).

Nothing is guessed: a number counts if exactly one document of the legal entity bears it, for an
invoice of the same supplier, and a key that a source states is never replaced by another guess.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from finsync_dagster.canonical.documents import Documents

_REFERRING = ("receipt_lines", "invoice_lines")
_KEYS = ("po_id", "po_line_id")


def linked_across_systems(docs: Documents) -> Documents:
    """The documents, with keys where only numbers were stated and one document bears them.

    Fills ``po_id`` and ``po_line_id`` of receipt and invoice lines that have neither, and
    ``invoice_id`` of payment applications. Keeps the order of rows.
    """
    lines = _lines_by_number(docs)
    return replace(
        docs,
        receipt_lines=_only_line(_with_keys(docs.receipt_lines, lines), lines),
        invoice_lines=_with_keys(docs.invoice_lines, lines),
        payment_applications=_with_invoices(docs),
    )


def line_number(column: str) -> pl.Expr:
    """A line number as it is compared between systems: ``10`` and ``00010`` are one."""
    return pl.col(column).str.strip_chars().str.strip_chars_start("0")


def invoice_number(column: str) -> pl.Expr:
    """A supplier's invoice number as it is compared: see ``invoice_no_norm``."""
    kept = pl.col(column).str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
    return kept.str.strip_chars_start("0")


def _lines_by_number(docs: Documents) -> pl.DataFrame:
    """``po_number_ref``, ``_line`` → keys, of lines that a number and a line number identify."""
    single = docs.purchase_orders.filter(pl.len().over("po_number") == 1)
    lines = docs.purchase_order_lines.select("po_id", "po_line_id", _line=line_number("line_no"))
    named = lines.join(single.select("po_id", po_number_ref="po_number"), on="po_id")
    return named.filter(pl.len().over("po_number_ref", "_line") == 1)


def _with_keys(frame: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    keys = lines.rename({key: f"_{key}" for key in _KEYS})
    found = frame.with_columns(_line=line_number("po_line_ref")).join(
        keys, on=["po_number_ref", "_line"], how="left", maintain_order="left"
    )
    return _filled(found, frame.columns)


def _only_line(frame: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Goods that name an order, but no line, came for its line if it has only one."""
    only = lines.filter(pl.len().over("po_number_ref") == 1).drop("_line")
    only = only.rename({key: f"_{key}" for key in _KEYS})
    silent = pl.when(pl.col("po_line_ref").is_null()).then("po_number_ref")
    found = frame.with_columns(_silent=silent).join(
        only, left_on="_silent", right_on="po_number_ref", how="left", maintain_order="left"
    )
    return _filled(found, frame.columns)


def _filled(found: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    unknown = pl.col("po_id").is_null() & pl.col("po_line_id").is_null()
    filled = {k: pl.when(unknown).then(f"_{k}").otherwise(k) for k in _KEYS}
    return found.with_columns(**filled).select(columns)


def _with_invoices(docs: Documents) -> pl.DataFrame:
    """Applications with the invoice that their payment's supplier gave that number."""
    frame = docs.payment_applications
    of_supplier = docs.golden(docs.invoices).filter(pl.col("status_canon") != "void")
    single = of_supplier.filter(
        (pl.col("invoice_no_norm") != "") & (pl.len().over("golden", "invoice_no_norm") == 1)
    ).select("golden", "invoice_no_norm", _invoice_id="invoice_id")
    payees = docs.golden(docs.payments).select("payment_id", "golden")
    found = (
        frame.with_columns(invoice_no_norm=invoice_number("invoice_no_ref"))
        .join(payees, on="payment_id", how="left", maintain_order="left")
        .join(single, on=["golden", "invoice_no_norm"], how="left", maintain_order="left")
    )
    key = pl.coalesce("invoice_id", "_invoice_id")
    return found.with_columns(invoice_id=key).select(frame.columns)


def repointed(docs: Documents, counted: pl.DataFrame, outside: pl.DataFrame) -> Documents:
    """The documents, where what refers to a copy of an order refers to the order by number.

    A system that receives or is invoiced against its own copy of an order names the copy. If
    another system is the system of record, and holds an order of that number, that order is meant.

    Args:
        docs: documents of which ``purchase_orders`` and their lines are all there are.
        counted: ``po_id`` of orders that count.
        outside: ``po_id`` of orders that do not.
    """
    orders = docs.purchase_orders.select("po_id", "source_system", _number="po_number")
    originals = orders.join(counted, on="po_id", how="semi")
    copies = orders.join(outside, on="po_id", how="semi")
    copies = copies.join(originals, on="_number", how="semi")
    if copies.is_empty():
        return docs
    of_line = copied_lines(docs.purchase_order_lines, copies, originals)
    of_order = copies.select("po_id", "_number")
    frames = {}
    for name in _REFERRING:
        frame: pl.DataFrame = getattr(docs, name)
        found = frame
        for side, key in ((of_line, "po_line_id"), (of_order, "po_id")):
            found = found.join(side, on=key, how="left", maintain_order="left")
        number = pl.coalesce("_of_line", "_number")
        mine = number.is_null()
        frames[name] = found.with_columns(
            po_number_ref=pl.coalesce(number, "po_number_ref"),
            po_line_ref=pl.coalesce("_line_no", "po_line_ref"),
            **{k: pl.when(mine).then(k) for k in _KEYS},
        ).select(frame.columns)
    return replace(docs, **frames)


def copied_lines(
    lines: pl.DataFrame, copies: pl.DataFrame, originals: pl.DataFrame
) -> pl.DataFrame:
    """``po_line_id`` of a copy → ``_of_line`` and ``_line_no``: the order of record and its line.

    A system may number the lines of its copies by a rule of its own, 10, 20, 30 for 1, 2, 3. If
    all its copies that are whole follow one such factor, that is the rule; else numbers are
    compared as they are.

    Args:
        lines: order lines, of copies and of orders of record.
        copies: ``po_id``, ``source_system``, ``_number`` (the order number) of copies.
        originals: the same of orders of record.
    """
    lines = lines.select(
        "po_id", "po_line_id", "line_no", _at=line_number("line_no").cast(pl.Int64, strict=False)
    )
    rule = _factors(lines.join(copies, on="po_id"), lines.join(originals, on="po_id"))
    found = lines.join(copies, on="po_id").join(rule, on="source_system", how="left")
    divided = (pl.col("_at") // pl.col("_factor")).cast(pl.String)
    fits = pl.col("_at") % pl.col("_factor") == 0
    return found.select(
        "po_line_id",
        _of_line="_number",
        _line_no=pl.coalesce(pl.when(fits).then(divided), "line_no"),
    )


def _factors(copied: pl.DataFrame, original: pl.DataFrame) -> pl.DataFrame:
    """``source_system`` of copies → ``_factor`` of their line numbers, where there is just one."""
    place = pl.col("_at").rank("ordinal").over("po_id")
    count = pl.len().over("po_id")
    left = copied.with_columns(_place=place, _lines=count)
    right = original.with_columns(_place=place, _lines=count).select(
        "_number", "_place", "_lines", _was="_at"
    )
    pairs = left.join(right, on=["_number", "_place", "_lines"])
    exact = (pl.col("_at") % pl.col("_was") == 0) & (pl.col("_was") > 0)
    each = pl.when(exact).then(pl.col("_at") // pl.col("_was")).otherwise(0)
    factors = pairs.group_by("source_system").agg(_factor=each.unique())
    return (
        factors.filter(pl.col("_factor").list.len() == 1)
        .select("source_system", pl.col("_factor").list.first())
        .filter(pl.col("_factor") > 0)
    )
