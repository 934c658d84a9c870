"""What a system can be read by: its connector, with what the landscape says differently.

Belongs here: finding the connector (the company's own before the shipped ones) and laying
``overrides.objects`` over it. Not here: mappings (canonical/mapping_layers.py).
"""

from __future__ import annotations

from pathlib import Path

from finsync_dagster.connectors import load
from finsync_dagster.connectors.errors import ConnectorConfigError
from finsync_dagster.connectors.model import SystemSpec
from finsync_dagster.landscape.explain import choices, problem
from finsync_dagster.landscape.load import LandscapeTree
from finsync_dagster.landscape.tree import Node, overlay

# system.yaml, objects, one object: what lies deeper is replaced as a whole.
_DEPTH = 3


def connector_folder(source: LandscapeTree, system: str) -> Path:
    """The folder of a system's connector: beside the landscape, or else a shipped one.

    Raises:
        ConnectorConfigError: there is neither; names the line and the connectors there are.
    """
    name = source.tree.at(["systems", system, "connector"]).text
    for folder in (source.connectors, load.CONNECTORS):
        if (folder / name / load.FILE).is_file():
            return folder / name
    known = [*load.connector_names(source.connectors), *load.connector_names()]
    said = (
        f"there is no connector {name}: no {source.connectors / name / load.FILE}, and none is "
        f"shipped; {choices(sorted(set(known)), name)}"
    )
    at = ("systems", system, "connector")
    raise ConnectorConfigError(str(problem(source.tree, at, said)))


def system_spec(source: LandscapeTree, system: str) -> SystemSpec:
    """What a system can be read by.

    Raises:
        ConnectorConfigError: no such connector, or something in it or in the landscape's
            ``overrides.objects`` is not allowed; each line names the file it is in.
    """
    tree = load.read_system(connector_folder(source, system))
    over = override_trees(source, system)
    if "objects" in over:
        tree = overlay(tree, tree.with_entries({"objects": over["objects"]}), _DEPTH)
    return load.system_of(tree)


def override_trees(source: LandscapeTree, system: str) -> dict[str, Node]:
    """What the landscape says under a system's ``overrides``, by key."""
    declared = source.systems[system].child("overrides")
    return declared.entries if declared else {}
