"""Vendors, employees, items and all that transactions refer to, as SQL over the world.

Belongs here: one SELECT for each such table; columns it does not give are null. Not here: the
columns there are (catalog.py), transactions (projection_transactions.py), lines.

``_created``, ``_changed`` and ``_deleted`` decide from when to when a row is seen (store.py).
From memory: vendors and employees share one row of entity ids; a vendor blocked for payment looks
like any other; the words of ``itemtype`` and ``accttype``.
"""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.netsuite.numbering import (
    FREIGHT,
    currencies,
    currency,
    employee,
    period,
    vendor,
)

_OURS = "(SELECT entity_id FROM entity WHERE subsidiary_id IS NOT NULL)"

_ACCOUNT_TYPES = """CASE kind WHEN 'payable' THEN 'AcctPay' WHEN 'bank' THEN 'Bank'
    WHEN 'stock' THEN 'OthCurrAsset' WHEN 'tax' THEN 'OthCurrAsset' WHEN 'grir' THEN 'OthCurrLiab'
    WHEN 'employee' THEN 'OthCurrLiab' WHEN 'card' THEN 'CredCard' ELSE 'Expense' END"""


def parties() -> dict[str, str]:
    """The SELECT of each table, by its name."""
    return {
        "vendor": _VENDOR,
        "employee": _EMPLOYEE,
        "entity": _ENTITY,
        "item": _ITEM,
        "subsidiary": _SUBSIDIARY,
        "currency": _currency_rows(),
        "account": _ACCOUNT,
        "department": _DEPARTMENT,
        "classification": _CLASSIFICATION,
        "location": _LOCATION,
        "accountingperiod": _PERIOD,
    }


_VENDOR = f"""
SELECT {vendor("a.supplier_account_id")} AS id, account_no AS entityid, name AS companyname,
    name AS legalname, name AS altname, {currency("a.currency")} AS currency,
    CAST(terms_days AS BIGINT) AS terms, 'F' AS isperson, 'F' AS duplicate, 'F' AS billpay,
    'DEFAULT' AS emailpreference, a.country AS subsidiaryedition,
    CASE WHEN status = 'inactive' THEN 'T' ELSE 'F' END AS isinactive,
    a.created_at AS datecreated, a.changed_at AS lastmodifieddate,
    a.created_at AS _created, a.changed_at AS _changed, d.deleted_at AS _deleted
FROM supplier_account a
LEFT JOIN deletion d ON d.system = a.system AND d.object = 'supplier_account'
    AND d.object_id = a.supplier_account_id
WHERE a.system = 'group_netsuite'
ORDER BY a.supplier_account_id
"""

_EMPLOYEE = f"""
SELECT {employee("e.employee_id")} AS id, e.login AS entityid, e.first_name AS firstname,
    e.last_name AS lastname, e.login AS email, c.cost_center_id AS department,
    CAST(n.subsidiary_id AS BIGINT) AS subsidiary,
    CASE WHEN e.manager_id IS NULL THEN NULL ELSE {employee("e.manager_id")} END AS supervisor,
    e.approval_limit AS purchaseorderapprovallimit, {currency("n.currency")} AS currency,
    CASE WHEN e.active THEN 'F' ELSE 'T' END AS isinactive,
    e.created_at AS _created, e.changed_at AS _changed
FROM employee e JOIN entity n ON n.entity_id = e.entity_id
LEFT JOIN cost_center c ON c.entity_id = e.entity_id AND c.code = e.cost_center
WHERE n.subsidiary_id IS NOT NULL
ORDER BY e.employee_id
"""

_ENTITY = f"""
SELECT * FROM (
    SELECT {vendor("a.supplier_account_id")} AS id, account_no AS entityid, name AS altname,
        account_no AS entitytitle, 'Vendor' AS type, 'F' AS isperson,
        {vendor("a.supplier_account_id")} AS vendor, CAST(NULL AS BIGINT) AS employee,
        CASE WHEN status = 'inactive' THEN 'T' ELSE 'F' END AS isinactive,
        a.created_at AS datecreated, a.changed_at AS lastmodifieddate, a.created_at AS _created,
        a.changed_at AS _changed, d.deleted_at AS _deleted
    FROM supplier_account a
    LEFT JOIN deletion d ON d.system = a.system AND d.object = 'supplier_account'
        AND d.object_id = a.supplier_account_id
    WHERE a.system = 'group_netsuite'
    UNION ALL
    SELECT {employee("employee_id")}, login, first_name || ' ' || last_name, login, 'Employee',
        'T', CAST(NULL AS BIGINT), {employee("employee_id")},
        CASE WHEN active THEN 'F' ELSE 'T' END, created_at, changed_at, created_at, changed_at,
        CAST(NULL AS TIMESTAMP)
    FROM employee WHERE entity_id IN {_OURS}
) ORDER BY id
"""

_ITEM = f"""
SELECT * FROM (
SELECT i.item_id AS id, c.code AS fullname, i.description,
    CASE WHEN i.is_service THEN 'Service' ELSE 'InvtPart' END AS itemtype,
    i.created_at AS _created, i.changed_at AS _changed
FROM item i JOIN item_code c ON c.item_id = i.item_id AND c.system = 'group_netsuite'
UNION ALL
SELECT {FREIGHT}, 'FREIGHT', 'Freight', 'OthCharge', TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-01'
) ORDER BY id
"""

_SUBSIDIARY = f"""
SELECT CAST(subsidiary_id AS BIGINT) AS id, name, name AS fullname, name AS legalname, country,
    {currency("currency")} AS currency, country AS edition, tax_id AS federalidnumber,
    'F' AS iselimination, 'F' AS isinactive, CAST(1 AS BIGINT) AS fiscalcalendar
FROM entity WHERE subsidiary_id IS NOT NULL
ORDER BY subsidiary_id
"""

_ACCOUNT = f"""
SELECT gl_account_id AS id, account AS acctnumber, name AS accountsearchdisplayname,
    name AS fullname, account || ' ' || name AS displaynamewithhierarchy,
    {_ACCOUNT_TYPES} AS accttype, 'F' AS issummary,
    CASE WHEN active THEN 'F' ELSE 'T' END AS isinactive
FROM gl_account WHERE entity_id IN {_OURS}
ORDER BY gl_account_id
"""

_DEPARTMENT = f"""
SELECT cost_center_id AS id, code || ' ' || name AS fullname, code AS name,
    code AS externalid, CASE WHEN active THEN 'F' ELSE 'T' END AS isinactive
FROM cost_center WHERE entity_id IN {_OURS}
ORDER BY cost_center_id
"""

_CLASSIFICATION = f"""
SELECT project_id AS id, code || ' ' || name AS fullname, code AS name, code AS externalid,
    CASE WHEN active THEN 'F' ELSE 'T' END AS isinactive
FROM project WHERE entity_id IN {_OURS}
ORDER BY project_id
"""

_LOCATION = """
SELECT CAST(subsidiary_id AS BIGINT) AS id, name, name AS fullname, 'F' AS isinactive
FROM entity WHERE subsidiary_id IS NOT NULL
ORDER BY subsidiary_id
"""

_PERIOD = f"""
SELECT {period("day")} AS id, strftime(day, '%b %Y') AS periodname, day AS startdate,
    last_day(day) AS enddate, 'T' AS isposting, 'F' AS isquarter, 'F' AS isyear, 'F' AS isadjust,
    'F' AS isinactive, 'F' AS closed
FROM (SELECT CAST(unnest(generate_series(DATE '2024-01-01', DATE '2026-12-01',
    INTERVAL 1 MONTH)) AS DATE) AS day)
ORDER BY id
"""


def _currency_rows() -> str:
    """Currencies of the account; the base currency is the subsidiary's."""
    rows = ", ".join(f"({key}, '{code}')" for code, key in currencies().items())
    return f"""
SELECT CAST(c.id AS BIGINT) AS id, c.symbol, c.symbol AS name,
    CASE c.symbol WHEN 'JPY' THEN 0 ELSE 2 END AS currencyprecision,
    CASE c.symbol WHEN 'USD' THEN 1 ELSE (
        SELECT max_by(rate, rate_date) FROM fx_rate_used f
        WHERE f.from_currency = c.symbol AND f.to_currency = 'USD') END AS exchangerate,
    CASE c.symbol WHEN 'USD' THEN 'T' ELSE 'F' END AS isbasecurrency, 'F' AS isinactive
FROM (VALUES {rows}) c(id, symbol) ORDER BY c.id
"""
