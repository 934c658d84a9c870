"""A connector and what a landscape says differently about its objects."""

from pathlib import Path

import pytest

from finsync_dagster.connectors.errors import ConnectorConfigError
from finsync_dagster.connectors.layers import system_spec
from finsync_dagster.connectors.load import connector_names, load_system
from finsync_dagster.connectors.sql_model import SqlObject
from finsync_dagster.landscape.load import LandscapeTree, read_landscape
from tests.landscape.company import COMPANY, company

OWN = """\
protocol: sql
objects:
  bills:
    table: T_BILLS
    key: [ID]
"""
# The line of old_erp's owner, after which a test writes.
OWNER, LINE = "    owner: team:systems\n  new_erp", 16


def source(folder: Path, overrides: str = "", connector: str = "wwi") -> LandscapeTree:
    """The company, whose old ERP has this connector and these overrides."""
    over = f"    overrides:\n{overrides}" if overrides else ""
    return read_landscape(
        company(
            folder,
            ("connector: wwi", f"connector: {connector}"),
            (OWNER, OWNER.replace("  new_erp", f"{over}  new_erp")),
        )
    )


def own_connector(folder: Path, name: str, text: str = OWN) -> None:
    (folder / "connectors" / name).mkdir(parents=True)
    (folder / "connectors" / name / "system.yaml").write_text(text)


def refused(source: LandscapeTree) -> list[str]:
    with pytest.raises(ConnectorConfigError) as error:
        system_spec(source, "old_erp")
    return str(error.value).replace(f"{source.folder}/", "").splitlines()


def test_without_overrides_it_is_the_connector(tmp_path: Path) -> None:
    assert system_spec(source(tmp_path), "old_erp") == load_system("wwi")


def test_fields_of_an_object_are_replaced_one_by_one(tmp_path: Path) -> None:
    spec = system_spec(
        source(
            tmp_path,
            "      objects:\n"
            "        suppliers: {table: V_SUPPLIERS, refresh: reference}\n"
            "        stock_items: {control_totals: {}}\n",
        ),
        "old_erp",
    )
    shipped = load_system("wwi").objects
    assert spec.objects["suppliers"] == shipped["suppliers"].model_copy(
        update={"table": "V_SUPPLIERS", "refresh": "reference"}
    )
    assert shipped["stock_items"].control_totals
    assert spec.objects["stock_items"].control_totals == {}
    assert spec.objects["purchase_orders"] == shipped["purchase_orders"]


def test_a_new_name_adds_an_object(tmp_path: Path) -> None:
    over = "      objects:\n        notes: {table: T_NOTES, key: [ID]}\n"
    spec = system_spec(source(tmp_path, over), "old_erp")
    assert list(spec.objects) == [*load_system("wwi").objects, "notes"]
    assert spec.objects["notes"] == SqlObject(table="T_NOTES", key=("ID",))


def test_a_table_can_give_way_to_a_query(tmp_path: Path) -> None:
    over = "      objects:\n        suppliers: {table: null, query: SELECT * FROM a.suppliers}\n"
    declared = system_spec(source(tmp_path, over), "old_erp").objects["suppliers"]
    assert isinstance(declared, SqlObject)
    assert (declared.table, declared.query) == (None, "SELECT * FROM a.suppliers")


def test_the_companys_own_connector_comes_before_a_shipped_one(tmp_path: Path) -> None:
    own_connector(tmp_path, "wwi")
    assert list(system_spec(source(tmp_path), "old_erp").objects) == ["bills"]
    assert next(iter(system_spec(source(tmp_path), "new_erp").objects)) == "vendor"


def test_a_folder_has_its_connectors_in_it(tmp_path: Path) -> None:
    own_connector(tmp_path, "mine")
    (tmp_path / "all.yaml").write_text(COMPANY.replace("connector: wwi", "connector: mine"))
    assert list(system_spec(read_landscape(tmp_path), "old_erp").objects) == ["bills"]


def test_an_unknown_connector_names_line_and_choices(tmp_path: Path) -> None:
    own_connector(tmp_path, "mine")
    known = ", ".join(sorted([*connector_names(), "mine"]))
    assert refused(source(tmp_path, connector="wwy")) == [
        "company.yaml:12: systems.old_erp.connector: there is no connector wwy: no "
        "connectors/wwy/system.yaml, and none is shipped; did you mean wwi? valid choices are "
        f"{known}"
    ]


def test_an_error_names_the_file_it_is_in(tmp_path: Path) -> None:
    own_connector(tmp_path, "mine", OWN + "    cursr: CHANGED\n    refresh: monthly\n")
    over = "      objects:\n        bills: {rows_per_page: 0}\n        notes: {table: N}\n"
    found = refused(source(tmp_path, over, "mine"))
    assert [line.partition(" valid choices")[0] for line in found] == [
        f"company.yaml:{LINE + 3}: objects.bills.rows_per_page: input should be greater than or "
        "equal to 1",
        f"company.yaml:{LINE + 4}: objects.notes.key: is missing",
        "connectors/mine/system.yaml:6: objects.bills.cursr: unknown key; did you mean cursor?",
        "connectors/mine/system.yaml:7: objects.bills.refresh: 'monthly' is not allowed;",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "protocol: soap\nobjects: {}\n",
            "connectors/mine/system.yaml:1: protocol: soap is not allowed; valid choices are ",
        ),
        ("objects: {}\n", "connectors/mine/system.yaml:1: protocol is missing; valid choices are "),
        ("protocol: [", "connectors/mine/system.yaml:2: not YAML: "),
    ],
)
def test_a_connector_that_is_none(tmp_path: Path, text: str, said: str) -> None:
    own_connector(tmp_path, "mine", text)
    (found,) = refused(source(tmp_path, connector="mine"))
    assert found.startswith(said)
