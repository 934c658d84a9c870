"""The JSON Schema of a landscape, by which editors complete and check it while it is written.

Belongs here: the landscape's own schema, with the words of objects, mappings, columns, checks and
reasons put in, which only later packages know. Not here: validation itself (company.py).
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from finsync_dagster.canonical.mapping import Mapping
from finsync_dagster.canonical.mapping_checks import business_columns
from finsync_dagster.canonical.mapping_layers import OF_WHERE
from finsync_dagster.canonical.tables import TABLES
from finsync_dagster.connectors.model import SystemSpec
from finsync_dagster.exceptions.reasons import load_reasons
from finsync_dagster.landscape.model import Landscape
from finsync_dagster.orchestration.policy_file import ALL_CHECKS

Schema = dict[str, Any]


def landscape_schema() -> Schema:
    """The schema. Nothing is required at the top, since a file may be one of several."""
    schema = Landscape.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "finsync landscape"
    schema.pop("required")
    definitions: Schema = schema["$defs"]
    overrides = definitions["Overrides"]["properties"]
    _values(overrides["objects"]).update(anyOf=_objects(definitions))
    overrides["mappings"]["items"] = _mapping(definitions)
    policy = definitions["Policy"]["properties"]
    policy["tolerances"]["propertyNames"] = {"enum": list(ALL_CHECKS)}
    _values(policy["entity_tolerances"])["propertyNames"] = {"enum": list(ALL_CHECKS)}
    definitions["ToleranceRule"]["properties"]["check"]["enum"] = list(ALL_CHECKS)
    written = schema["properties"]["policy"]
    schema["properties"]["policy"] = {
        "anyOf": [written["items"], {k: v for k, v in written.items() if k != "description"}],
        "description": written["description"],
    }
    sla = definitions["Sla"]["properties"]
    reasons = {"enum": list(load_reasons())}
    sla["reasons"]["propertyNames"] = reasons
    _values(sla["entities"])["propertyNames"] = reasons
    return schema


def landscape_schema_text() -> str:
    """The schema as the file that is published."""
    return json.dumps(landscape_schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _objects(definitions: Schema) -> list[Schema]:
    """An object of each protocol; nothing is required, since the connector may say it."""
    systems = _adopt(
        definitions, "connector", TypeAdapter(SystemSpec).json_schema(ref_template="{model}")
    )
    found = []
    for tag in systems["discriminator"]["mapping"].values():
        system = definitions[f"connector.{tag}"]
        name = _values(system["properties"]["objects"])["$ref"].rpartition("/")[2]
        found.append({k: v for k, v in definitions[name].items() if k != "required"})
        definitions.pop(f"connector.{tag}")
    return found


def _values(mapping: Schema) -> Schema:
    """The schema of a mapping's values, whatever keys it allows."""
    by_pattern = list(mapping.get("patternProperties", {}).values())
    found: Schema = by_pattern[0] if by_pattern else mapping["additionalProperties"]
    return found


def _mapping(definitions: Schema) -> Schema:
    """A mapping with the columns of its table; only table and object are required."""
    schema = _adopt(definitions, "mapping", Mapping.model_json_schema(ref_template="{model}"))
    properties = schema["properties"]
    properties["table"]["enum"] = list(TABLES)
    properties[OF_WHERE] = {
        "type": "string",
        "description": "Where the connector has several mappings of this table and object: the "
        "where of the one that is meant, as it is written there.",
    }
    schema["required"] = ["table", "object"]
    schema["allOf"] = [
        {
            "if": {"properties": {"table": {"const": table}}},
            "then": {"properties": {"columns": _columns(table)}},
        }
        for table in TABLES
    ]
    return schema


def _columns(table: str) -> Schema:
    described = {c.name: c.description for c in TABLES[table].columns()}
    return {
        "additionalProperties": False,
        "properties": {
            name: {"type": "string", "description": described[name]}
            for name in business_columns(table)
        },
    }


def _adopt(definitions: Schema, prefix: str, schema: Schema) -> Schema:
    """Move a schema's definitions among ours, under a prefix, and return the rest of it."""

    def renamed(node: Any) -> Any:
        if isinstance(node, dict):
            return {
                k: f"#/$defs/{prefix}.{v}" if k == "$ref" else renamed(v) for k, v in node.items()
            }
        return [renamed(item) for item in node] if isinstance(node, list) else node

    for name, definition in schema.pop("$defs", {}).items():
        definitions[f"{prefix}.{name}"] = renamed(definition)
    adopted: Schema = renamed(schema)
    return adopted
