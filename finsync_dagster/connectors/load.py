"""Reading a connector's system.yaml, with errors that say where and what to write instead.

Belongs here: YAML in, SystemSpec out.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from finsync_dagster.connectors.errors import ConnectorConfigError, name_list
from finsync_dagster.connectors.model import FileSystem, SqlSystem, SystemSpec

CONNECTORS = Path(__file__).parent
_SPEC: TypeAdapter[SqlSystem | FileSystem] = TypeAdapter(SystemSpec)


def connector_names(folder: Path = CONNECTORS) -> list[str]:
    """Connectors that exist: folders with a system.yaml."""
    return sorted(path.parent.name for path in folder.glob("*/system.yaml"))


def load_system(name: str, folder: Path = CONNECTORS) -> SqlSystem | FileSystem:
    """What the connector ``name`` can read.

    Raises:
        ConnectorConfigError: no such connector, broken YAML or a value that is not allowed.
    """
    if name not in connector_names(folder):
        raise ConnectorConfigError(
            f"connector {name}: there is none; connectors are {name_list(connector_names(folder))}"
        )
    path = folder / name / "system.yaml"
    try:
        return _SPEC.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise ConnectorConfigError(f"connectors/{name}/system.yaml: not YAML: {error}") from error
    except ValidationError as error:
        raise ConnectorConfigError(_explain(name, error)) from error


def _explain(name: str, error: ValidationError) -> str:
    lines = [f"connectors/{name}/system.yaml: {error.error_count()} thing(s) to correct"]
    for problem in error.errors():
        place = ".".join(str(part) for part in problem["loc"]) or "(whole file)"
        lines.append(f"  {place}: {problem['msg']}")
    return "\n".join(lines)
