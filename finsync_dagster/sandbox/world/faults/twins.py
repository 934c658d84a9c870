"""Suppliers that a system knows twice, or three times; suppliers nobody buys from any more.

Belongs here: SUPPLIER_DUPLICATE, and records that are blocked, inactive or deleted in peace. Not
here: faults that need a document (on_partners.py).
"""

from __future__ import annotations

import duckdb

from finsync_dagster.sandbox.world.faults.fault import Fault

TWIN = Fault(
    "SUPPLIER_DUPLICATE",
    "false",
    "The supplier was entered again under another spelling, with the same tax registration"
    " or bank account.",
    subject="none",
)

# A twin shares what its system shows: Coupa no bank account. Every third twin is the second of its
# supplier, which then is there three times.
_TWINS = """
CREATE TEMP TABLE s_twin AS
SELECT (SELECT max(supplier_account_id) FROM supplier_account) + j AS id, j, a.*
FROM (SELECT unnest(range(1, {count} + 1)) AS j)
JOIN (SELECT *, row_number() OVER (ORDER BY draw('twin', supplier_account_id)) AS k
    FROM supplier_account WHERE status = 'active' AND system IN ('group_sap', 'group_coupa',
        'group_s4') AND iban IS NOT NULL AND supplier_id IN (SELECT supplier_id FROM s_pool)) AS a
    ON a.k = 1 + (j - 1) * 2 // 3;
INSERT INTO supplier_account
SELECT t.* EXCLUDE (id, j, k) REPLACE (t.id AS supplier_account_id,
    CASE t.system WHEN 'group_coupa' THEN 'S-' || (70000 + t.j)
        ELSE lpad(CAST(CASE t.system WHEN 'group_s4' THEN 370000 ELSE 70000 END + t.j AS VARCHAR),
            10, '0') END AS account_no,
    CASE t.j % 2 WHEN 0 THEN upper(s.legal_name) ELSE regexp_replace(s.legal_name, ' ', '-') END
        AS name,
    CASE WHEN t.j % 3 = 2 AND t.system <> 'group_coupa' THEN NULL ELSE t.tax_id END AS tax_id,
    CASE WHEN t.j % 3 = 2 THEN NULL ELSE t.tax_id_type END AS tax_id_type,
    CASE WHEN t.j % 3 = 1 THEN NULL ELSE t.iban END AS iban,
    CASE WHEN t.j % 3 = 1 THEN NULL ELSE t.bank_account END AS bank_account,
    NULL AS duns, moment(30 + t.j % 300, 'twin at', t.j) AS created_at,
    moment(30 + t.j % 300, 'twin at', t.j) AS changed_at)
FROM s_twin AS t JOIN supplier AS s USING (supplier_id) ORDER BY t.id;
INSERT INTO s_planted
SELECT 'SUPPLIER_DUPLICATE', coalesce(t.entity_id,
        CASE t.system WHEN 'group_sap' THEN 'lumen_fr' ELSE 'lumen_uk' END),
    t.system, 'supplier_account', a.account_no, t.id, t.account_no, NULL, NULL, t.id
FROM s_twin AS t JOIN supplier_account AS a ON a.supplier_account_id = t.id;
"""

# Suppliers without an order: nothing follows from what became of them.
_RETIRED = """
CREATE TEMP TABLE s_retired AS
SELECT supplier_account_id, system, account_no, supplier_account_id % 6 AS fate,
    moment(20 + upto('retired on', supplier_account_id, 350), 'retired', supplier_account_id) AS ts
FROM supplier_account WHERE supplier_id > (SELECT max(supplier_id) FROM s_pool)
    AND supplier_id NOT IN (SELECT supplier_id FROM s_reserved);
UPDATE supplier_account SET status = CASE r.fate WHEN 0 THEN 'blocked' ELSE 'inactive' END,
    changed_at = r.ts
FROM s_retired AS r WHERE r.supplier_account_id = supplier_account.supplier_account_id
    AND r.fate < 3;
INSERT INTO deletion
SELECT (SELECT coalesce(max(deletion_id), 0) FROM deletion)
    + row_number() OVER (ORDER BY supplier_account_id), system, 'supplier_account',
    supplier_account_id, account_no, ts, 6
FROM s_retired WHERE fate = 3;
"""


def retire_some(connection: duckdb.DuckDBPyConnection) -> None:
    """Blocks, retires or deletes accounts of suppliers that nobody ordered from."""
    connection.execute(_RETIRED)


def plant_twins(connection: duckdb.DuckDBPyConnection, count: int) -> None:
    """Enters so many suppliers again; records them in ``s_planted``."""
    connection.execute(_TWINS.replace("{count}", str(count)))
