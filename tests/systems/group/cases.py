"""What was planted and what was found, in one shape: a document of the world, and its order.

Belongs here: reading both, and finding the document of the world that a finding is about, by the
numbers people use. Not here: comparing the two (scoring.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

import duckdb

Node = tuple[str, int]


class Kind(Enum):
    """Kinds of documents; lines are of their document's kind."""

    ORDER = ("purchase_order", "purchase_order_line")
    INVOICE = ("invoice", "invoice_line")
    RECEIPT = ("receipt", "receipt_line")
    PAYMENT = ("payment",)
    REQUISITION = ("requisition",)
    SUPPLIER = ("supplier_account", "supplier")

    @classmethod
    def of(cls, subject_type: str) -> Kind:
        """The kind of a subject.

        Raises:
            KeyError: it is about no document.
        """
        for kind in cls:
            if subject_type in kind.value:
                return kind
        raise KeyError(subject_type)

    @classmethod
    def subjects(cls) -> list[str]:
        """Every subject type that is a document."""
        return [subject for kind in cls for subject in kind.value]


@dataclass(frozen=True)
class Case:
    """A plant, or an innocent."""

    reason_code: str
    entity_id: str
    system: str
    kind: Kind
    document: int
    line: str | None
    nodes: frozenset[Node]
    entails: frozenset[str]
    explanation: str
    number: str

    def __str__(self) -> str:
        where = f"{self.entity_id} {self.kind.name} {self.number}"
        return f"{self.reason_code} {where}: {self.explanation}"


@dataclass(frozen=True)
class Finding:
    """An exception that is open, and the document of the world that it is about."""

    reason_code: str
    entity_id: str
    kind: Kind
    document: int
    line: str | None
    nodes: frozenset[Node]
    label: str
    message: str

    def __str__(self) -> str:
        return f"{self.reason_code} {self.entity_id} {self.kind.name} {self.label}: {self.message}"


def nodes(world: duckdb.DuckDBPyConnection) -> dict[tuple[Kind, int], frozenset[Node]]:
    """Per document the orders, and the documents without one, that it belongs to.

    A fault is planted on an order, with all that follows it. A payment belongs to the orders of
    all that it settles.
    """
    found: dict[tuple[Kind, int], set[Node]] = {}
    for sql, kind, also in _BELONGS:
        for document, node_kind, node in world.execute(sql).fetchall():
            of_document = found.setdefault((kind, document), set())
            if also:
                of_document.add((kind.name, document))
            of_document.add((node_kind, node))
    for document, invoice in world.execute(_PAID).fetchall():
        of_payment = found.setdefault((Kind.PAYMENT, document), {("PAYMENT", document)})
        if invoice is not None:
            of_payment |= found.get((Kind.INVOICE, invoice), set())
    return {key: frozenset(value) for key, value in found.items()}


# What a document belongs to: itself where it names no order.
_BELONGS = (
    ("SELECT purchase_order_id, 'ORDER', purchase_order_id FROM purchase_order", Kind.ORDER, False),
    (
        """SELECT i.invoice_id, 'ORDER', o.purchase_order_id FROM invoice i
        JOIN invoice_line l ON l.invoice_id IN (i.invoice_id, i.corrects_invoice_id,
            i.reverses_invoice_id)
        LEFT JOIN purchase_order_line ol ON ol.purchase_order_line_id = l.purchase_order_line_id
        JOIN purchase_order o ON o.purchase_order_id = ol.purchase_order_id
            OR (o.po_number = l.po_number_ref AND o.entity_id = i.entity_id)
        UNION SELECT invoice_id, 'INVOICE', invoice_id FROM invoice""",
        Kind.INVOICE,
        True,
    ),
    (
        """SELECT r.receipt_id, 'ORDER', ol.purchase_order_id FROM receipt_line r
        JOIN purchase_order_line ol USING (purchase_order_line_id)""",
        Kind.RECEIPT,
        False,
    ),
    (
        """SELECT q.requisition_id, 'ORDER', ol.purchase_order_id FROM requisition_line q
        JOIN purchase_order_line ol ON ol.requisition_line_id = q.requisition_line_id
        UNION SELECT requisition_id, 'REQUISITION', requisition_id FROM requisition""",
        Kind.REQUISITION,
        True,
    ),
    (
        "SELECT supplier_account_id, 'SUPPLIER', supplier_account_id FROM supplier_account",
        Kind.SUPPLIER,
        True,
    ),
)
_PAID = """SELECT p.payment_id, a.invoice_id FROM payment p
    LEFT JOIN payment_application a USING (payment_id)"""

_CASES = """
SELECT p.reason_code, p.entity_id, p.system, p.subject_type, p.subject_id, p.subject_key,
    p.entails, p.explanation,
    coalesce(il.invoice_id, ol.purchase_order_id, p.subject_id) AS document,
    (SELECT min(k.invoice_id) FROM invoice k WHERE k.system = p.system AND k.entity_id = p.entity_id
        AND p.counter_key IN (k.document_number, k.invoice_number) AND k.invoice_id <> p.subject_id)
        AS counter
FROM {table} p
LEFT JOIN invoice_line il ON p.subject_type = 'invoice_line' AND il.invoice_line_id = p.subject_id
LEFT JOIN purchase_order_line ol ON p.subject_type = 'purchase_order_line'
    AND ol.purchase_order_line_id = p.subject_id
ORDER BY ALL
"""


def cases(world: duckdb.DuckDBPyConnection, table: str) -> list[Case]:
    """What is in ``planted``, or ``innocent``."""
    belongs = nodes(world)
    found = []
    for row in world.execute(_CASES.format(table=table)).fetchall():
        reason, entity, system, subject, _, key, entails, explanation, document, counter = row
        kind = Kind.of(subject)
        line = key.rpartition("/")[2] if subject.endswith("_line") else None
        found.append(
            Case(
                reason_code=reason,
                entity_id=entity,
                system=system,
                kind=kind,
                document=document,
                line=line,
                nodes=belongs[kind, document] | belongs.get((Kind.INVOICE, counter), frozenset()),
                entails=frozenset(filter(None, entails.split(","))),
                explanation=explanation,
                number=key,
            )
        )
    return found


# The numbers that a finding's subject bears in the warehouse.
_FINDINGS = """
WITH numbered AS (
    SELECT invoice_id, source_system, invoice_no_supplier, row_number() OVER (
        PARTITION BY source_system, invoice_no_supplier ORDER BY length(source_pk), source_pk)
        AS occurrence
    FROM canonical.invoices
), numbers AS (
    SELECT 'invoice' AS subject_type, invoice_id AS subject_id, source_system AS system,
        invoice_no_supplier AS number, occurrence, NULL AS line FROM numbered
    UNION ALL
    SELECT 'invoice_line', l.invoice_line_id, i.source_system, i.invoice_no_supplier,
        i.occurrence, regexp_replace(l.line_no, '^G', '')
    FROM canonical.invoice_lines l JOIN numbered i USING (invoice_id)
    UNION ALL
    SELECT 'purchase_order', po_id, source_system, po_number, 1, NULL
    FROM canonical.purchase_orders
    UNION ALL
    -- Of an order in quarantine nothing is known but its key, which in Coupa is the world's own.
    SELECT 'purchase_order', po_id, source_system, split_part(po_id, '|', 3), 1, NULL
    FROM operations.incomplete_orders
    WHERE po_id NOT IN (SELECT po_id FROM canonical.purchase_orders)
    UNION ALL
    SELECT 'purchase_order_line', l.po_line_id, l.source_system, o.po_number, 1, l.line_no
    FROM canonical.purchase_order_lines l JOIN canonical.purchase_orders o USING (po_id)
    UNION ALL
    SELECT 'receipt_line', receipt_line_id, source_system, receipt_no, 1, line_no
    FROM canonical.receipt_lines
    UNION ALL
    SELECT 'payment', payment_id, source_system, payment_no, 1, NULL FROM canonical.payments
    UNION ALL
    SELECT DISTINCT 'requisition', source_system || '|' || requisition_no, source_system,
        requisition_no, 1, NULL
    FROM canonical.requisition_lines
    UNION ALL
    -- A supplier may be one that its system no longer has: its key is all that is known.
    SELECT DISTINCT 'supplier', subject_id, split_part(subject_id, '|', 1),
        split_part(subject_id, '|', 3), 1, NULL
    FROM operations.open_exceptions WHERE subject_type = 'supplier'
)
SELECT e.reason_code, e.entity_id, e.subject_type, e.subject_id, n.system, n.number, n.occurrence,
    n.line, e.subject_label, e.message
FROM operations.open_exceptions e LEFT JOIN numbers n USING (subject_type, subject_id)
WHERE e.subject_type IN ({subjects})
ORDER BY ALL
"""

# The same numbers in the world.
_KNOWN = (
    (Kind.INVOICE, "SELECT system, shown_number, occurrence, invoice_id FROM shown_invoice"),
    (
        Kind.ORDER,
        """SELECT system, po_number, 1, purchase_order_id FROM shown_order UNION ALL
        SELECT 'group_coupa', CAST(purchase_order_id AS VARCHAR), 1, purchase_order_id
        FROM purchase_order WHERE system = 'group_coupa' """,
    ),
    (Kind.PAYMENT, "SELECT system, payment_number, 1, payment_id FROM payment"),
    (
        Kind.REQUISITION,
        "SELECT system, requisition_number, 1, requisition_id FROM requisition",
    ),
    (
        Kind.SUPPLIER,
        """SELECT system, CASE system WHEN 'group_coupa' THEN CAST(supplier_account_id AS VARCHAR)
            WHEN 'group_netsuite' THEN CAST(supplier_account_id * 2 + 1000 AS VARCHAR)
            ELSE account_no END, 1, supplier_account_id FROM supplier_account""",
    ),
    (
        Kind.RECEIPT,
        """SELECT r.system, CASE r.system WHEN 'group_coupa'
            THEN CAST(l.receipt_line_id AS VARCHAR) ELSE r.receipt_number END, 1, r.receipt_id
        FROM receipt r JOIN receipt_line l USING (receipt_id)""",
    ),
)


class StrangeFindingError(AssertionError):
    """An exception is about a document that the world does not have."""


def findings(
    world: duckdb.DuckDBPyConnection, warehouse: duckdb.DuckDBPyConnection
) -> list[Finding]:
    """The exceptions that are open, but for those about sources and rates.

    Raises:
        StrangeFindingError: naming it.
    """
    known = {
        (kind, *row[:3]): row[3] for kind, sql in _KNOWN for row in world.execute(sql).fetchall()
    }
    belongs = nodes(world)
    subjects = ", ".join(repr(subject) for subject in Kind.subjects())
    found = []
    for row in warehouse.execute(_FINDINGS.format(subjects=subjects)).fetchall():
        reason, entity, subject, subject_id, system, number, occurrence, line, label, said = row
        kind = Kind.of(subject)
        document = known.get((kind, system, number, occurrence))
        if document is None:
            raise StrangeFindingError(f"{reason} {subject} {subject_id} ({label}): {said}")
        found.append(
            Finding(
                reason_code=reason,
                entity_id=entity,
                kind=kind,
                document=document,
                line=line,
                nodes=belongs[kind, document],
                label=label,
                message=said,
            )
        )
    return found


_AGED = """
WITH billed AS (
    SELECT purchase_order_line_id, sum(qty) AS qty FROM invoice_line
    WHERE type = 'item' GROUP BY 1
)
SELECT DISTINCT ol.purchase_order_id
FROM receipt_line l JOIN receipt r USING (receipt_id)
JOIN purchase_order_line ol USING (purchase_order_line_id) LEFT JOIN billed b USING (
    purchase_order_line_id)
WHERE ol.match_type IN ('3w', '4w')
GROUP BY ol.purchase_order_id, ol.purchase_order_line_id, b.qty
HAVING sum(l.qty_order_uom) > coalesce(b.qty, 0)
    AND max(r.posting_date) > DATE '2026-10-31' - 90
    AND min(r.posting_date) < CAST(? AS DATE) - 90
"""


def grown_old(world: duckdb.DuckDBPyConnection, day: date) -> frozenset[Node]:
    """Orders of which the last receipts are not billed, which only by ``day`` is long ago.

    The world ends; the day on which it is looked at does not stand still.
    """
    return frozenset(("ORDER", row[0]) for row in world.execute(_AGED, [day]).fetchall())


def told(cases_or_findings: Iterable[object], limit: int = 20) -> str:
    """The first of them, a line each."""
    return "\n".join(str(each) for each in list(cases_or_findings)[:limit])
