"""Real systems take their time: every test here is slow, and one worker runs them all."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "systems" in item.path.parts:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group("tryton"))
