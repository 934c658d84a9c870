"""A company as its landscape, connectors and overrides describe it, checked as a whole.

Belongs here: putting together what each package checks of it. Not here: printing (report/), nor
any check.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from finsync_dagster.canonical.mapping import MappingError, SystemMappings
from finsync_dagster.canonical.mapping_layers import system_mappings
from finsync_dagster.connectors.errors import ConnectorConfigError
from finsync_dagster.connectors.layers import system_spec
from finsync_dagster.connectors.model import SystemSpec
from finsync_dagster.exceptions.reasons import reason_problems
from finsync_dagster.landscape.explain import Problem
from finsync_dagster.landscape.load import (
    LandscapeError,
    LandscapeTree,
    landscape_of,
    read_landscape,
)
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.landscape.tree import Node
from finsync_dagster.orchestration.policy_file import check_problems


@dataclass(frozen=True)
class Company:
    """What a landscape amounts to.

    ``landscape`` is None if it cannot be used; ``specs`` and ``mappings`` hold the systems that
    can. ``problems``: a line for each thing to correct, naming file and line.
    """

    landscape: Landscape | None = None
    specs: dict[str, SystemSpec] = field(default_factory=dict)
    mappings: dict[str, SystemMappings] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read_company(path: Path) -> tuple[LandscapeTree, Landscape]:
    """The landscape of a file or folder, as it is written and as it is meant.

    Raises:
        LandscapeError: with everything that is wrong in it.
    """
    source = read_landscape(path)
    return source, landscape_of(source, _name_problems(source.tree))


def check_company(path: Path) -> Company:
    """The landscape, its connectors and all that it lays over them; raises nothing."""
    try:
        source = read_landscape(path)
    except LandscapeError as error:
        return Company(problems=(str(error),))
    landscape, problems = None, []
    try:
        landscape = landscape_of(source, _name_problems(source.tree))
    except LandscapeError as error:
        problems += str(error).splitlines()
    specs: dict[str, SystemSpec] = {}
    mappings: dict[str, SystemMappings] = {}
    for system, declared in source.systems.items():
        if not declared.child("connector"):
            continue
        try:
            specs[system] = system_spec(source, system)
            mappings[system] = system_mappings(source, system, specs[system].objects)
        except (ConnectorConfigError, MappingError) as error:
            problems += str(error).splitlines()
    return Company(landscape, specs, mappings, tuple(dict.fromkeys(problems)))


def _name_problems(tree: Node) -> list[Problem]:
    """Names in a landscape that only later stages know."""
    return [*reason_problems(tree), *check_problems(tree)]
