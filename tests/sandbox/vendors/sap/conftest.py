"""The tiny world, and the two systems that tell of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.plan import Plan
from finsync_dagster.sandbox.vendors.sap.sap import Sap
from finsync_dagster.sandbox.vendors.tokens import BasicLogin
from finsync_dagster.sandbox.world.reading import World
from tests.sandbox.vendors.sap.tiny import tiny_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: Any) -> World:
    return tiny_world(tmp_path_factory.mktemp("world") / "tiny.duckdb")


@pytest.fixture(scope="session")
def faults() -> Faults:
    return Faults()


@pytest.fixture(scope="session")
def opened_sap(world: World, faults: Faults) -> Iterator[Sap]:
    codes = ("1000", "1200")
    sap = Sap(world, faults, BasicLogin("USER", "secret"), system="group_sap", company_codes=codes)
    yield sap
    sap.close()


@pytest.fixture(scope="session")
def opened_s4(world: World, faults: Faults) -> Iterator[Sap]:
    login = BasicLogin("USER", "secret")
    s4 = Sap(world, faults, login, system="group_s4", company_codes=("2000",))
    yield s4
    s4.close()


@pytest.fixture
def sap(opened_sap: Sap, world: World, faults: Faults) -> Iterator[Sap]:
    """group_sap, without faults, at the end of its time."""
    yield opened_sap
    world.until = None
    faults.replace(Plan())


@pytest.fixture
def s4(opened_s4: Sap, world: World, faults: Faults) -> Iterator[Sap]:
    """group_s4, without faults, at the end of its time."""
    yield opened_s4
    world.until = None
    faults.replace(Plan())
