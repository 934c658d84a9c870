"""Names that must exist, and systems of record that must follow one another."""

from pathlib import Path

import pytest

from finsync_dagster.landscape.model import Domain
from tests.landscape.company import END, complaints, loaded

OLD = (
    "  - {entity: acme, domains: [invoices, purchase_orders], system: old_erp, until: 2025-12-31}\n"
)


def authority(*rows: str) -> str:
    return "authority:\n" + "".join(rows)


def test_a_migration(tmp_path: Path) -> None:
    new = "  - {entity: acme, domain: invoices, system: new_erp, from: 2026-01-01}\n"
    landscape = loaded(tmp_path, more=authority(new, OLD))
    rows = landscape.authorities("acme", Domain.INVOICES)
    assert [(a.system, a.words) for a in rows] == [
        ("old_erp", "until 2025-12-31"),
        ("new_erp", "from 2026-01-01"),
    ]
    assert len(landscape.authorities("acme", Domain.PURCHASE_ORDERS)) == 1
    assert landscape.authorities("acme", Domain.PAYMENTS) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "{entity: acme, domain: invoices, system: new_erp, from: 2025-12-31}",
            "authority.1: two systems of record for invoices of acme on 2025-12-31: the other is "
            f"written at company.yaml:{END + 2}; give it an until before this from",
        ),
        (
            "{entity: acme, domain: invoices, system: new_erp}",
            "authority.1: two systems of record for invoices of acme until 2025-12-31: the other "
            f"is written at company.yaml:{END + 2}; give it an until before this from",
        ),
        (
            "{entity: acme, domain: invoices, system: new_erp, from: 2026-01-03}",
            "authority.1: no system of record for invoices of acme from 2026-01-01 until "
            f"2026-01-02: the one before is written at company.yaml:{END + 2}; let the periods "
            "meet",
        ),
        (
            "{system: new_erp, entity: acme, domain: items, from: 2027-01-01, until: 2026-12-31}",
            "authority.1: from 2027-01-01 is after until 2026-12-31",
        ),
        (
            "{entity: acme, domain: payments, system: new_erp}",
            "authority.1.system: new_erp has no payments of acme; there is nothing to choose from",
        ),
        (
            "{entity: acme, domain: invoices, system: newerp, from: 2026-01-01}",
            "authority.1.system: 'newerp' is not among systems; did you mean new_erp? valid "
            "choices are old_erp, new_erp",
        ),
        (
            "{entity: acme, system: new_erp, from: 2026-01-01}",
            "authority.1: write either domain or domains",
        ),
        (
            "{entity: beta, domain: invoices, system: new_erp, from: 2026-01-01}",
            "authority.1.entity: 'beta' is not among legal_entities; valid choices are acme",
        ),
    ],
)
def test_authority_that_cannot_be(tmp_path: Path, row: str, said: str) -> None:
    found = complaints(tmp_path, more=authority(OLD, f"  - {row}\n"))
    assert f"company.yaml:{END + 3}: {said}" in found


def test_entities_named_elsewhere(tmp_path: Path) -> None:
    named = "entity_tolerances: {beta: {}}\n  tax_rounding: {beta: rate}"
    own = ('version: "1"', f'version: "1"\n  {named}')
    found = complaints(tmp_path, own, more="sla: {entities: {beta: {}}}\n")
    said = "'beta' is not among legal_entities; valid choices are acme"
    assert found == [
        f"company.yaml:25: policy.entity_tolerances.beta: {said}",
        f"company.yaml:26: policy.tax_rounding.beta: {said}",
        f"company.yaml:{END + 3}: sla.entities.beta: {said}",
    ]
