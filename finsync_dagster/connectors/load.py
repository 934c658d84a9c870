"""Reading a connector's system.yaml, with errors that say where and what to write instead.

Belongs here: YAML in, SystemSpec out. Not here: the connector that it is like (likeness.py), what a
landscape lays over it (layers.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from finsync_dagster.connectors.errors import ConnectorConfigError, name_list
from finsync_dagster.connectors.http.layers import laid_out
from finsync_dagster.connectors.likeness import CONNECTORS, FILE, connector_names, joined_system
from finsync_dagster.connectors.model import SystemSpec
from finsync_dagster.landscape.explain import InvalidError, validated
from finsync_dagster.landscape.tree import Node, TreeError

__all__ = ["CONNECTORS", "FILE", "connector_names", "load_system", "read_system", "system_of"]
_SPEC: TypeAdapter[Any] = TypeAdapter(SystemSpec)


def load_system(name: str, folder: Path = CONNECTORS) -> SystemSpec:
    """What the connector ``name`` can read.

    Raises:
        ConnectorConfigError: no such connector, broken YAML or a value that is not allowed.
    """
    if name not in connector_names(folder):
        raise ConnectorConfigError(
            f"connector {name}: there is none; connectors are {name_list(connector_names(folder))}"
        )
    return system_of(read_system(folder / name))


def read_system(connector: Path) -> Node:
    """The tree of the system.yaml in a connector's folder, with that of the one it is like.

    Raises:
        ConnectorConfigError: it cannot be read, is not YAML, or is like none that there is.
    """
    return joined_system(connector)


def system_of(tree: Node) -> SystemSpec:
    """The tree as a SystemSpec.

    Raises:
        ConnectorConfigError: a value that is not allowed, a line of the message for each.
    """
    try:
        spec: SystemSpec = validated(_SPEC, laid_out(tree))
    except (InvalidError, TreeError) as error:
        # What is behind it shows what was written, which may be a secret in the wrong place.
        raise ConnectorConfigError(str(error)) from None
    return spec
