"""docs/vendors/coupa.md: what it shows is right, and every mapping can be overridden."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from finsync_dagster.canonical.mapping import load_mappings
from finsync_dagster.orchestration.company import check_company
from finsync_dagster.storage.settings import PROJECT
from tests.connectors.coupa.taking import declared

DOCUMENT = (PROJECT / "docs" / "vendors" / "coupa.md").read_text(encoding="utf-8")
COMPANY = (PROJECT / "docs" / "landscape.md").read_text(encoding="utf-8")


def block(text: str, name: str) -> str:
    (found,) = re.findall(rf"^```yaml\n# {name}\n(.*?)^```$", text, flags=re.M | re.S)
    return str(found)


def test_the_example_is_a_landscape_that_is_right(tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    folder.mkdir()
    uk = (
        "{name: Acme UK Ltd, country: GB, functional_currency: GBP, owner: 'team:acme-uk', "
        "materiality: '1000'}"
    )
    company = block(COMPANY, "acme/company.yaml").replace(
        "legal_entities:\n", f"legal_entities:\n  acme_uk: {uk}\n"
    )
    (folder / "company.yaml").write_text(company.replace("systems: {}\n", ""), encoding="utf-8")
    (folder / "coupa.yaml").write_text(block(DOCUMENT, "acme/coupa.yaml"), encoding="utf-8")
    checked = check_company(folder)
    assert checked.problems == ()
    made = checked.mappings["coupa"]
    assert made.code_maps["entity"] == {
        "Acme Deutschland GmbH": "acme_de",
        "Acme UK Ltd": "acme_uk",
    }
    assert made.code_maps["uom"]["PAL"] == "PX"
    centres = [m.columns["cost_center"] for m in made.mappings if m.table.endswith("distributions")]
    assert centres == ["NULL", "json_extract_string(item.account, '/segment-2')"]


def test_every_mapping_can_be_told_from_the_others_of_its_table_and_object() -> None:
    told = Counter((m.table, m.object, m.where) for m in load_mappings("coupa").mappings)
    assert set(told.values()) == {1}


def test_every_path_that_is_read_is_in_the_document() -> None:
    for spec in declared().objects.values():
        assert f"`{spec.request.path}`" in DOCUMENT
        assert spec.keys is not None
        assert spec.keys.path == spec.request.path


def test_every_scope_that_is_asked_for_is_in_the_document() -> None:
    scope = getattr(declared().auth, "scope", "")
    assert len(scope.split()) >= 10
    assert [s for s in scope.split() if f"`{s.removesuffix('.read')}`" not in DOCUMENT] == []
