"""Real systems take their time: every test here is slow, and one worker runs all of a system.

A test is in one group only: workers take the names of several for a group of its own, and then
each would run the pipeline for itself.
"""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "systems" in item.path.parts:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group(_group(item.path)))


def _group(path: Path) -> str:
    if path.parent.name != "group":
        return "tryton"
    return "wire_faults" if path.stem == "test_wire_faults" else "group"
