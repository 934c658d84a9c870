"""Every system.yaml in docs/sql.md is one."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from finsync_dagster.connectors.model import SystemSpec
from finsync_dagster.connectors.sql_model import SqlObject, SqlSystem

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sql.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_it_can_be_loaded(block):
    system = TypeAdapter(SystemSpec).validate_python(yaml.safe_load(block))
    assert isinstance(system, SqlSystem)
    for spec in system.objects.values():
        assert spec.deleted_by is None or spec.deleted_by.object in system.objects


def test_every_word_of_an_object_is_told():
    own = set(SqlObject.model_fields)
    assert {word for word in own if word not in DOCUMENT} == set()
    assert len(BLOCKS) == 3
