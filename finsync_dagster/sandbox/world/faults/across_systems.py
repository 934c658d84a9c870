"""Faults between systems: copies missing, late, different; hand-overs that did not happen.

Belongs here: what two systems tell differently. Not here: faults within one.
"""

from __future__ import annotations

from finsync_dagster.sandbox.world.faults.fault import NO_DOCUMENTS, NOTICEABLE, TWO_WAY, Fault

_DE = "entity_id = 'lumen_de'"
_NOT_COPIED = "INSERT INTO s_drift SELECT n, true, 0, false FROM s_order WHERE n IN {victims};"
_REFUSED = """
INSERT INTO integration_error
SELECT (SELECT coalesce(max(integration_error_id), 0) FROM integration_error)
    + row_number() OVER (ORDER BY o.purchase_order_id), o.system, 'group_sap', 'purchase_order',
    o.purchase_order_id, o.approved_at + INTERVAL 6 MINUTE, '{code}', '{message}'
FROM purchase_order AS o WHERE o.purchase_order_id IN {{victims}};
"""
_DELETED = """
INSERT INTO deletion
SELECT (SELECT coalesce(max(deletion_id), 0) FROM deletion) + row_number() OVER (ORDER BY o.n),
    o.order_system, 'purchase_order', o.n, o.po_number, o.created_at + INTERVAL 9 DAY, o.buyer
FROM s_order AS o WHERE o.n IN {victims};
"""

FAULTS = (
    Fault(
        "XSYS_STATUS_DRIFT",
        f"{_DE} AND trait = 'cancelled'",
        "Cancelled in the procurement system; the copy in the ERP is still open.",
        subject="purchase_order",
        before="INSERT INTO s_drift SELECT n, false, 0, true FROM s_order WHERE n IN {victims};",
        risk="x.net", counter="'group_sap ' || o.po_number",
    ),
    Fault(
        "XSYS_MISSING_SOURCE",
        f"{_DE} AND plain AND NOT requested",
        "The order is in the ERP, where nobody should write orders, and not in procurement.",
        subject="purchase_order",
        before=NO_DOCUMENTS
        + "UPDATE s_order SET order_system = 'group_sap', order_copy_system = NULL,"
        " acct = copy_acct, copy_acct = NULL, sap_like = true,"
        " po_number = CAST(4500000000 + n AS VARCHAR) WHERE n IN {victims};",
        risk="x.net",
    ),
    Fault(
        "XSYS_DELETED_AT_SOURCE",
        f"{_DE} AND plain AND NOT requested",
        "Deleted in the procurement system; the copy in the ERP lives on.",
        subject="purchase_order", before=NO_DOCUMENTS, final=_DELETED,
        risk="x.net", counter="'group_sap ' || o.po_number",
    ),
    Fault(
        "XSYS_MISSING_TARGET",
        f"{_DE} AND {TWO_WAY}",
        "Approved in the procurement system and never copied into the ERP.",
        subject="purchase_order", before=_NOT_COPIED, risk="x.net",
    ),
    Fault(
        "PARITY_FORMAT",
        f"{_DE} AND {TWO_WAY}",
        "The ERP refused the copy of the order: a value does not fit its field.",
        subject="purchase_order", before=_NOT_COPIED,
        final=_REFUSED.format(
            code="FIELD_TOO_LONG", message="Item text is longer than the 40 characters allowed"
        ),
        risk="x.net", decidable_by="integration log", entails="XSYS_MISSING_TARGET", per_100=2,
    ),
    Fault(
        "PARITY_PERMISSION",
        f"{_DE} AND {TWO_WAY}",
        "The ERP refused the copy of the order: the interface may not write that order type.",
        subject="purchase_order", before=_NOT_COPIED,
        final=_REFUSED.format(
            code="NO_AUTHORIZATION", message="No authorization for orders in this organisation"
        ),
        risk="x.net", decidable_by="integration log", entails="XSYS_MISSING_TARGET", per_100=2,
    ),
    Fault(
        "XSYS_VALUE_DRIFT",
        f"{_DE} AND plain AND kind IN ('3w', 'service') AND {NOTICEABLE}",
        "The price in the copy is a tenth higher than in the order.",
        subject="purchase_order_line",
        before="UPDATE s_line SET copied_p"
        " = half_up(p * 110, 10000 * minor(ccy)) * 100 * minor(ccy)"
        " WHERE l = 1 AND n IN {victims};",
        risk="worth(x.copied_q, x.copied_p, x.num, x.den, x.pu, x.ccy) - x.net",
        counter="'group_sap ' || o.po_number",
    ),
    Fault(
        "PARITY_LATE",
        f"{_DE} AND plain AND lead > 17",
        "The order was copied into the ERP twelve days after its approval.",
        subject="purchase_order",
        before="INSERT INTO s_drift SELECT n, false, 12, false FROM s_order WHERE n IN {victims};",
        risk="x.net", decidable_by="change stamps",
    ),
    Fault(
        "PARITY_MISSING_TRIGGER",
        "plain AND entity_id <> 'lumen_ie'",
        "The requisition was approved long ago and no order came of it.",
        subject="requisition",
        before="INSERT INTO s_extra_requisition SELECT n, 3, greatest(0, w - 2), 'approved'"
        " FROM s_order WHERE n IN {victims};",
        risk="x.net", i=3, decidable_by="documents",
    ),
    Fault(
        "PARITY_WRONG_STATE",
        "plain AND requested",
        "The requisition was rejected; the order was placed all the same.",
        subject="requisition",
        final="UPDATE approval SET decision = 'rejected' WHERE subject_type = 'requisition'"
        " AND subject_id IN (SELECT requisition_id FROM s_requisition WHERE x = 1"
        " AND n IN {victims});"
        "UPDATE requisition SET status = 'rejected', approved_at = NULL WHERE requisition_id IN"
        " (SELECT requisition_id FROM s_requisition WHERE x = 1 AND n IN {victims});",
        risk="t.gross", counter="o.po_number", decidable_by="approvals",
    ),
)  # fmt: skip
