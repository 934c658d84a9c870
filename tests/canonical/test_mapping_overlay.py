"""Mappings of a connector that is like another one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from finsync_dagster.canonical.mapping import MappingError, read_connector
from tests.canonical.test_mapping_layers import MAPPINGS, PAYMENTS, SYSTEM

OVER = """\
code_maps:
  payment_status: {Q: confirmed, P: null}
mappings:
  - table: payments
    object: books
    where: null
    columns: {payment_no: Number}
"""


def connector(folder: Path, name: str, system: str, mappings: str | None) -> Path:
    made = folder / name
    made.mkdir()
    (made / "system.yaml").write_text(system)
    if mappings is not None:
        (made / "mappings.yaml").write_text(mappings)
    return made


def test_a_mapping_keeps_what_is_not_given(tmp_path: Path) -> None:
    base = connector(tmp_path, "erp", SYSTEM, MAPPINGS)
    newer = connector(tmp_path, "newer", "like: erp\n", OVER)
    before, after = read_connector(base).plain(), read_connector(newer).plain()
    (was,), (now,) = before["mappings"], after["mappings"]
    assert now["columns"] == was["columns"] | {"payment_no": "Number"}
    assert "where" in was
    assert "where" not in now
    assert after["code_maps"] == {"payment_status": {"Q": "confirmed"}}


def test_mappings_need_not_be_repeated(tmp_path: Path) -> None:
    base = connector(tmp_path, "erp", SYSTEM, MAPPINGS)
    newer = connector(tmp_path, "newer", "like: erp\n", None)
    assert read_connector(newer) == read_connector(base)


def test_with_an_object_its_mappings_go(tmp_path: Path) -> None:
    more = MAPPINGS + PAYMENTS.replace("object: books", "object: journal")
    connector(tmp_path, "erp", SYSTEM + "  journal: {table: JOURNAL, key: [ID]}\n", more)
    newer = connector(tmp_path, "newer", "like: erp\nobjects: {books: null}\n", None)
    assert [m["object"] for m in read_connector(newer).plain()["mappings"]] == ["journal"]


def test_an_object_taken_away_may_come_back_with_new_mappings(tmp_path: Path) -> None:
    connector(tmp_path, "erp", SYSTEM, MAPPINGS)
    connector(tmp_path, "newer", "like: erp\nobjects: {books: null}\n", None)
    own = OVER.replace("payment_no: Number", "payment_id: Nr")
    newest = connector(tmp_path, "newest", "like: newer\n" + SYSTEM[SYSTEM.index("objects") :], own)
    (mapping,) = read_connector(newest).plain()["mappings"]
    assert mapping["columns"] == {"payment_id": "Nr"}


def test_which_of_several_is_meant_must_be_said(tmp_path: Path) -> None:
    connector(tmp_path, "erp", SYSTEM, MAPPINGS + PAYMENTS.replace("'ZP'", "'KZ'"))
    newer = connector(tmp_path, "newer", "like: erp\n", OVER)
    with pytest.raises(MappingError, match=r"newer/mappings.yaml:4: .*say which with of_where"):
        read_connector(newer)
    told = OVER.replace("where: null", "of_where: Kind = 'KZ'")
    (newer / "mappings.yaml").write_text(told)
    zp, kz = read_connector(newer).plain()["mappings"]
    assert (zp["columns"]["payment_no"], kz["columns"]["payment_no"]) == ("ID", "Number")
    assert "of_where" not in kz


def test_what_the_document_says_of_another_connector(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "mappings.md").read_text(encoding="utf-8")
    base, over = re.findall(r"```yaml\n(.*?)```", text, re.S)
    connector(tmp_path, "erp", SYSTEM, base)
    found = read_connector(connector(tmp_path, "newer", "like: erp\n", over)).plain()
    declared = yaml.safe_load(base)
    assert found["code_maps"]["uom"] == {"ST": "EA", "BX": "BX"}
    assert found["code_maps"]["status"] == declared["code_maps"]["status"]
    orders, lines = found["mappings"]
    assert orders["columns"]["net_amount"] == "exact(NET_TOTAL)"
    assert orders["where"] == "KIND <> 'Q'"
    assert lines == declared["mappings"][1]
