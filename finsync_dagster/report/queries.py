"""The questions of the summary, as SQL over the published tables.

Belongs here: one named query per section, valid in DuckDB and in PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A heading, what it means, and the query that answers it. ``money``: columns of amounts."""

    title: str
    note: str
    sql: str
    money: tuple[str, ...] = ()


SECTIONS = (
    Section(
        "What was read",
        "Rows landed with the last extract; `finsync landing ls` tells object by object.",
        """
        SELECT source_system AS system, count(*) AS objects,
               count(CASE WHEN mode = 'full' THEN 1 END) AS read_whole,
               count(source_count_selected) AS counted_by_source,
               CAST(sum(row_count) AS BIGINT) AS landed,
               CASE WHEN min(CASE WHEN complete THEN 1 ELSE 0 END) = 1 THEN 'yes' ELSE 'NO' END
                   AS complete
        FROM operations.extracts WHERE is_last GROUP BY 1 ORDER BY 1
        """,
    ),
    Section(
        "Nothing is lost",
        "Records received in the last run = superseded + canonical + quarantined.",
        """
        SELECT source_system AS system, sum(received) AS received, sum(superseded) AS superseded,
               sum(changed) AS new_or_changed, sum(unchanged) AS unchanged,
               sum(quarantined) AS quarantined,
               CASE WHEN min(CASE WHEN holds THEN 1 ELSE 0 END) = 1 THEN 'holds for each object'
                   ELSE 'BROKEN' END AS identity
        FROM operations.conservation_now WHERE measure = 'records' GROUP BY 1 ORDER BY 1
        """,
    ),
    Section(
        "Nothing is lost, in sums",
        "The same identity for every field whose sum the source states.",
        """
        SELECT source_system AS system, count(*) AS fields,
               CASE WHEN min(CASE WHEN holds THEN 1 ELSE 0 END) = 1 THEN 'holds for each field'
                   ELSE 'BROKEN' END AS identity
        FROM operations.conservation_now WHERE measure <> 'records' GROUP BY 1 ORDER BY 1
        """,
    ),
    Section(
        "In quarantine",
        "Records that wait for a repair; `operations.quarantine` says which, why and what to do.",
        """
        SELECT source_system AS system, source_object AS object, reason_code AS reason,
               count(DISTINCT landing_page || '#' || landing_row) AS records
        FROM operations.quarantine GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
    ),
    Section(
        "Invoices against orders and receipts",
        "Outcome of the match.",
        """
        SELECT entity_id AS entity, outcome, count(*) AS invoices, ccy AS currency,
               sum(net) AS net, sum(payable_amount) AS payable
        FROM matching.invoice_results GROUP BY 1, 2, 4 ORDER BY 1, 2, 4
        """,
        ("net", "payable"),
    ),
    Section(
        "Orders against receipts",
        "Delivery of purchase order lines.",
        """
        SELECT entity_id AS entity, delivery_outcome AS delivery, count(*) AS lines,
               sum(CASE WHEN qty_rejected > 0 THEN 1 ELSE 0 END) AS with_rejections,
               ccy AS currency,
               sum(ordered_value) AS ordered, sum(received_value) AS received,
               sum(rejected_value) AS rejected
        FROM matching.order_line_status GROUP BY 1, 2, 5 ORDER BY 1, 2, 5
        """,
        ("ordered", "received", "rejected"),
    ),
    Section(
        "Payments",
        "Allocated to invoices only as the source states or the data proves.",
        """
        SELECT p.entity_id AS entity, coalesce(a.confidence, 'not allocated') AS link,
               count(DISTINCT p.payment_id) AS payments, count(a.invoice_id) AS invoices,
               p.ccy AS currency, sum(a.amount_applied) AS applied
        FROM canonical.payments p
        LEFT JOIN canonical.payment_allocations a ON a.payment_id = p.payment_id
        GROUP BY 1, 2, 5 ORDER BY 1, 2, 5
        """,
        ("applied",),
    ),
    Section(
        "Open exceptions by reason",
        "`operations.open_exceptions` lists them with message, owner and deadline.",
        """
        SELECT entity_id AS entity, reason_code AS reason, severity, count(*) AS open,
               ccy AS currency, sum(amount_at_risk) AS at_risk
        FROM operations.open_exceptions GROUP BY 1, 2, 3, 5 ORDER BY 1, 4 DESC, 2, 3, 5
        """,
        ("at_risk",),
    ),
    Section(
        "Spend by stage",
        "In the entity's own currency and in the group's.",
        """
        SELECT entity_id AS entity, stage, sum(facts) AS facts, functional_ccy AS currency,
               sum(amount_functional) AS amount, group_ccy AS group_currency,
               sum(amount_group) AS group_amount
        FROM spend.by_stage GROUP BY 1, 2, 4, 6 ORDER BY 1,
               CASE stage WHEN 'committed' THEN 1 WHEN 'open_commitment' THEN 2
                          WHEN 'received' THEN 3 WHEN 'invoiced' THEN 4
                          WHEN 'paid' THEN 5 ELSE 6 END
        """,
        ("amount", "group_amount"),
    ),
    Section(
        "Sources that did not deliver",
        "Their data is as of the last success; everything else went on.",
        """
        SELECT source_system AS system, source_object AS object, status, kind,
               CAST(last_success_at AS VARCHAR) AS last_success, message
        FROM operations.source_status WHERE status <> 'ok' ORDER BY 1, 2
        """,
    ),
)
