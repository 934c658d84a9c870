"""A system on loopback for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.sap_s4.odata import Sap, serving


@pytest.fixture
def sap() -> Iterator[Sap]:
    with serving(Sap()) as found:
        yield found
