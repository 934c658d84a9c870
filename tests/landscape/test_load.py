"""Landscape files: what is accepted, and how an error tells what to do."""

from pathlib import Path

import pytest
import yaml

from finsync_dagster.landscape.load import DEMO, LandscapeError, load_landscape
from finsync_dagster.landscape.model import Domain


def written(tmp_path: Path, change: dict) -> Path:
    tree = yaml.safe_load(DEMO.read_text())
    for path, value in change.items():
        *parents, last = path.split(".")
        node = tree
        for part in parents:
            node = node[part]
        node[last] = value
    file = tmp_path / "landscape.yaml"
    file.write_text(yaml.safe_dump(tree))
    return file


def test_the_demo_is_valid() -> None:
    demo = load_landscape(DEMO)
    assert set(demo.legal_entities) == {"wwi", "adventureworks"}
    assert demo.group_currency == "EUR"
    assert Domain.INVOICES not in demo.domains_of("adventureworks")
    assert set(demo.reference_systems()) == {"ecb"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"legal_entities.wwi.functional_currency": "dollars"}, "functional_currency"),
        ({"legal_entities.wwi.materiality": 0.1}, "in quotes"),
        ({"systems.wwi_erp.entities": ["wwl"]}, "wwl"),
        ({"policy.tolerances": {"PRICE_UNIT": {"uper_pct": "5"}}}, "uper_pct"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_an_error_names_file_and_place(tmp_path: Path, change: dict, said: str) -> None:
    with pytest.raises(LandscapeError, match=said) as error:
        load_landscape(written(tmp_path, change))
    assert "landscape.yaml" in str(error.value)


def test_a_missing_file_says_which_variable_to_set(tmp_path: Path) -> None:
    with pytest.raises(LandscapeError, match="FINSYNC_LANDSCAPE"):
        load_landscape(tmp_path / "none.yaml")


def test_broken_yaml(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("a: [1")
    with pytest.raises(LandscapeError, match="not YAML"):
        load_landscape(file)


def test_a_check_without_limits_fails_closed() -> None:
    policy = load_landscape(DEMO).policy
    with pytest.raises(KeyError, match="NO_SUCH_CHECK"):
        policy.tolerance("NO_SUCH_CHECK", "wwi")
