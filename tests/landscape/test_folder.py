"""A landscape in several files."""

from pathlib import Path

import pytest

from finsync_dagster.landscape.load import LandscapeError, load_landscape
from tests.landscape.company import COMPANY

HEAD, REST = COMPANY.split("systems:\n")
SYSTEMS, POLICY = REST.split("policy:\n")
SYSTEMS, POLICY = "systems:\n" + SYSTEMS, "policy:\n" + POLICY
ROW = "authority:\n  - {entity: acme, domain: %s, system: new_erp}\n"


def folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        file = path / (name.replace("__", "/") + ".yaml")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return path


def test_files_of_a_folder_are_one_landscape(tmp_path: Path) -> None:
    old, new = SYSTEMS.split("  new_erp:\n")
    landscape = load_landscape(
        folder(
            tmp_path,
            a_group=HEAD + ROW % "invoices",
            systems__old=old,
            systems__new="systems:\n  new_erp:\n" + new + ROW % "purchase_orders",
            policy=POLICY,
            connectors__mine="this is: no landscape",
        )
    )
    assert set(landscape.systems) == {"old_erp", "new_erp"}
    assert [a.domain for a in landscape.authority] == ["invoices", "purchase_orders"]


def test_the_same_value_in_two_files_names_both(tmp_path: Path) -> None:
    path = folder(tmp_path, a=COMPANY, b="# second\ncompany: Acme\n")
    with pytest.raises(LandscapeError) as error:
        load_landscape(path)
    assert str(error.value) == (
        f"{path}/b.yaml:2: company: is already written at {path}/a.yaml:1; keep one of them"
    )


def test_an_error_names_the_file_it_is_in(tmp_path: Path) -> None:
    path = folder(tmp_path, a=HEAD, b=SYSTEMS.replace("owner", "ownr", 1), c=POLICY)
    with pytest.raises(LandscapeError) as error:
        load_landscape(path)
    assert str(error.value).splitlines() == [
        f"{path}/b.yaml:2: systems.old_erp.owner: is missing",
        f"{path}/b.yaml:7: systems.old_erp.ownr: unknown key; did you mean owner? valid choices "
        "are connection, connector, domains, entities, in_force, overrides, owner",
    ]


def test_an_empty_folder_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(LandscapeError, match="holds no YAML file; write one, such as company"):
        load_landscape(tmp_path)
