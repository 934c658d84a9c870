"""Mappings: shape, what they need, and the errors of a bad one."""

import pytest
from pydantic import ValidationError

from finsync_dagster.canonical.expressions import FieldRef
from finsync_dagster.canonical.mapping import MappingError, SystemMappings, load_mappings
from tests.canonical.support import MAPPINGS


@pytest.mark.parametrize("connector", ["wwi", "adventureworks", "ecb"])
def test_shipped_mappings_load(connector: str) -> None:
    assert load_mappings(connector).tables


def test_required_fields_follow_expressions_conditions_and_joins() -> None:
    assert MAPPINGS.required_fields("order_lines") == {
        "LineID",
        "OrderID",
        "Qty",
        "Unit",
        "Price",
        "Received",
    }
    assert {"Kind", "Changed", "OrderDate"} <= MAPPINGS.required_fields("orders")


def test_lineage_names_the_joined_object() -> None:
    lines = next(m for m in MAPPINGS.mappings if m.table == "purchase_order_lines")
    assert lines.lineage["due_date"] == (FieldRef("orders", "OrderDate"),)
    assert lines.lineage["net_amount"] == (
        FieldRef("order_lines", "Qty"),
        FieldRef("order_lines", "Price"),
    )


def test_the_version_changes_with_any_rule() -> None:
    tree = MAPPINGS.model_dump()
    tree["code_maps"]["uom"]["C"] = "BX"
    assert SystemMappings.model_validate(tree).version != MAPPINGS.version


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"table": "nonsense"}, "nonsense"),
        ({"columns": {"po_id": "1"}}, "missing columns"),
        ({"wehre": "1"}, "wehre"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(change: dict, said: str) -> None:
    tree = MAPPINGS.model_dump()
    tree["mappings"] = [{**tree["mappings"][0], **change}]
    with pytest.raises(ValidationError, match=said):
        SystemMappings.model_validate(tree)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(MappingError, match=r"no_such_connector.mappings\.yaml"):
        load_mappings("no_such_connector")
