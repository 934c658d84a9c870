"""A system that is not in force is asked for nothing, and its data stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from finsync_dagster.definitions import definitions
from finsync_dagster.orchestration.jobs import entity_assets
from finsync_dagster.orchestration.launch import NotInForceError, Order, parts
from finsync_dagster.orchestration.workshop import Workshop
from tests.landscape.company import company

OWNER = "    owner: team:systems\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """The company after its migration: the old ERP was in force until the end of 2001."""
    file = company(tmp_path, (OWNER, OWNER + "    in_force: {until: 2001-12-31}\n"))
    monkeypatch.setenv("FINSYNC_LANDSCAPE", str(file))
    monkeypatch.setenv("FINSYNC_HOME", str(tmp_path / "home"))
    return Workshop()


def systems(shop: Workshop, *, extract: bool) -> set[str]:
    keys = entity_assets(shop, "acme", extract=extract)
    return {k.path[1] for k in keys if len(k.path) == 3}


def test_a_run_leaves_it_out(shop: Workshop) -> None:
    assert systems(shop, extract=True) == {"new_erp"}


def test_a_replay_conforms_what_it_once_delivered(shop: Workshop) -> None:
    assert systems(shop, extract=False) == {"new_erp"}
    home = Path(shop.landing.root_url.removeprefix("file://"))
    (home / "manifests" / "old_erp").mkdir(parents=True)
    assert systems(shop, extract=False) == {"new_erp", "old_erp"}


def test_asking_for_it_by_name_is_refused_with_the_reason(shop: Workshop) -> None:
    with pytest.raises(NotInForceError) as error:
        parts(shop, definitions(shop), Order(systems=["old_erp"]))
    assert str(error.value) == (
        "old_erp is not in force today for acme, so nothing is extracted from it; "
        "systems.old_erp.in_force in the landscape says from when until when"
    )
    assert parts(shop, definitions(shop), Order(systems=["new_erp"]))
