"""`finsync explain` where order and invoice are in Coupa, goods and books in SAP."""

from __future__ import annotations

import json

import pytest

from tests.systems.group.conftest import Judged

pytestmark = pytest.mark.slow

_ACROSS = """
SELECT r.invoice_no_supplier, min(p.payment_no)
FROM matching.invoice_results r
JOIN matching.allocations a USING (invoice_id)
JOIN canonical.receipt_lines g USING (receipt_line_id)
JOIN canonical.payment_allocations s USING (invoice_id)
JOIN canonical.payments p USING (payment_id)
WHERE r.entity_id = 'lumen_de' AND g.source_system = 'group_sap' AND r.outcome = 'MATCHED'
GROUP BY r.invoice_id, r.invoice_no_supplier
HAVING count(DISTINCT p.payment_id) = 1 ORDER BY r.invoice_no_supplier LIMIT 1
"""


def test_each_system_says_its_part(clean: Judged) -> None:
    ((number, payment),) = clean.warehouse.execute(_ACROSS).fetchall()
    done = clean.company.home.finsync("explain", number, "--entity", "lumen_de", "--json")
    assert done.code == 0, done.text
    invoice = json.loads(done.text)[0]
    says = {s["what"]: s["system"] for line in invoice["lines"] for s in line["sources"]}
    assert says == {
        "invoice line": "group_coupa",
        "order": "group_coupa",
        "order line": "group_coupa",
        "receipt": "group_sap",
    }
    assert [(s["source"]["number"], s["source"]["system"]) for s in invoice["payments"]] == [
        (payment, "group_sap")
    ]
    booked = {(s["what"], s["system"]) for s in invoice["sources"]}
    assert ("invoice", "group_coupa") in booked
    assert ("posting of receipt", "group_sap") in booked
