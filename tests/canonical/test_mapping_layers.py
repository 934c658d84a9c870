"""A connector's mappings and what a landscape says differently."""

from pathlib import Path

import pytest

from finsync_dagster.canonical.mapping import MappingError, SystemMappings, load_mappings
from finsync_dagster.canonical.mapping_layers import system_mappings
from finsync_dagster.connectors.layers import system_spec
from finsync_dagster.landscape.load import LandscapeTree, read_landscape
from tests.landscape.company import END, company

LINE = 17
"""First line under ``overrides``."""
SYSTEM = """\
protocol: sql
objects:
  books: {table: BOOKS, key: [ID]}
"""
PAYMENTS = """\
  - table: payments
    object: books
    where: Kind = 'ZP'
    columns:
      payment_id: id('books', ID)
      payment_no: ID
      supplier_src_id: id('vendors', Vendor)
      method: "NULL"
      ccy: Currency
      amount: exact(Amount)
      payment_date: day(Paid)
      status_canon: code('payment_status', Status)
      unapplied_amount_stated: "NULL"
"""
MAPPINGS = "code_maps:\n  payment_status: {P: confirmed}\nmappings:\n" + PAYMENTS


def source(
    folder: Path, overrides: str = "", more: str = "", mappings: str = MAPPINGS
) -> LandscapeTree:
    """The company, whose old ERP has a connector of its own with payments, and these overrides."""
    own = folder / "connectors" / "mine"
    own.mkdir(parents=True)
    (own / "system.yaml").write_text(SYSTEM)
    (own / "mappings.yaml").write_text(mappings)
    at = "    owner: team:systems\n"
    over = f"{at}    overrides:\n{overrides}" if overrides else at
    return read_landscape(
        company(folder, ("connector: wwi", "connector: mine"), (at, over), more=more)
    )


def merged(source: LandscapeTree) -> SystemMappings:
    return system_mappings(source, "old_erp", system_spec(source, "old_erp").objects)


def refused(source: LandscapeTree) -> list[str]:
    with pytest.raises(MappingError) as error:
        merged(source)
    return str(error.value).replace(f"{source.folder}/", "").splitlines()


@pytest.mark.parametrize("connector", ["wwi", "adventureworks", "ecb"])
def test_without_overrides_the_version_is_the_connectors(tmp_path: Path, connector: str) -> None:
    tree = read_landscape(company(tmp_path, ("connector: wwi", f"connector: {connector}")))
    objects = system_spec(tree, "old_erp").objects
    assert system_mappings(tree, "old_erp", objects) == load_mappings(connector)


def test_one_column_of_a_mapping(tmp_path: Path) -> None:
    over = "      mappings:\n        - {table: payments, object: books, columns: {method: Terms}}\n"
    tree = source(tmp_path, over)
    before = load_mappings_of(tree)
    after = merged(tree)
    assert after.mappings[0].columns == before.mappings[0].columns | {"method": "Terms"}
    assert after.mappings[0].where == "Kind = 'ZP'"
    assert after.version != before.version
    assert after.required_fields("books") == before.required_fields("books") | {"Terms"}


def load_mappings_of(tree: LandscapeTree) -> SystemMappings:
    """The connector alone."""
    bare = read_landscape(company(tree.folder, ("connector: wwi", "connector: mine")))
    return merged(bare)


def test_a_join_and_a_condition_are_added(tmp_path: Path) -> None:
    over = (
        "      objects:\n        vendors: {table: VENDORS, key: [ID]}\n"
        "      mappings:\n"
        "        - table: payments\n          object: books\n"
        "          where: Kind IN ('ZP', 'ZV')\n"
        "          joins: {vendor: {object: vendors, condition: vendor.ID = record.Vendor}}\n"
        "          columns: {method: vendor.Method}\n"
    )
    mapping = merged(source(tmp_path, over)).mappings[0]
    assert mapping.where == "Kind IN ('ZP', 'ZV')"
    assert [(f.object, f.field) for f in mapping.lineage["method"]] == [("vendors", "Method")]


def test_a_mapping_of_a_table_nobody_has_seen(tmp_path: Path) -> None:
    added = PAYMENTS.replace("books", "old_books").replace("'ZP'", "'X'")
    over = (
        "      objects:\n        old_books: {table: OLD_BOOKS, key: [ID]}\n"
        "      mappings:\n" + "".join(f"      {line}\n" for line in added.splitlines())
    )
    after = merged(source(tmp_path, over))
    assert [m.object for m in after.mappings] == ["books", "old_books"]
    assert after.mappings[1].columns["payment_id"] == "id('old_books', ID)"


def test_code_maps_are_laid_over_one_another_code_by_code(tmp_path: Path) -> None:
    after = merged(
        source(
            tmp_path,
            "      code_maps:\n        payment_status: {X: reversed}\n        uom: {K: KGM}\n",
            more="code_maps:\n  payment_status: {X: planned, Q: planned, P: planned}\n"
            "  uom: {S: EA}\n  tax: {A: B}\n",
        )
    )
    # P is the connector's, the group's comes over it; X is the group's, the system's over it.
    # tax is looked up nowhere and left out, so that changing it does not conform anew.
    assert after.code_maps == {
        "payment_status": {"P": "planned", "X": "reversed", "Q": "planned"},
        "uom": {"S": "EA", "K": "KGM"},
    }


TWICE = MAPPINGS + PAYMENTS.replace("'ZP'", "'ZV'").replace("'books', ID", "'books', ID || 'v'")


def test_of_where_says_which_of_two_mappings_is_meant(tmp_path: Path) -> None:
    over = (
        "      mappings:\n"
        "        - {table: payments, object: books, of_where: Kind = 'ZV', columns: {method: M}}\n"
    )
    after = merged(source(tmp_path, over, mappings=TWICE))
    assert [m.columns["method"] for m in after.mappings] == ["NULL", "M"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "{table: payments, object: books, columns: {method: M}}",
            "mapping of payments from books: the connector has 2 of them; say which with of_where; "
            "valid choices are Kind = 'ZP', Kind = 'ZV'",
        ),
        (
            "{table: payments, object: books, of_where: Kind = 'ZX', columns: {method: M}}",
            "mapping of payments from books: of_where: the connector has no mapping of payments "
            "from books with this where; did you mean Kind = 'ZV'? valid choices are Kind = 'ZP', "
            "Kind = 'ZV'",
        ),
    ],
)
def test_an_override_that_means_none_or_several(tmp_path: Path, row: str, said: str) -> None:
    found = refused(source(tmp_path, f"      mappings:\n        - {row}\n", mappings=TWICE))
    assert [line.partition(": ")[2] for line in found] == [said]
    assert found[0].startswith(f"company.yaml:{LINE + 2}: ")


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            "metod: M",
            "metod: payments has no column metod; did you mean method? valid choices are "
            "payment_id, entity_id, payment_no, supplier_src_id, method, ccy, amount, "
            "payment_date, status_canon, unapplied_amount_stated",
        ),
        ("method: CASE WHEN", "method: not a SQL expression: 'CASE WHEN' "),
        (
            "method: vendor.Name",
            "method: reads vendor.Name, but vendor is neither the record nor "
            "a join; valid choices are record",
        ),
        (
            "method: code('methods', M)",
            "method: there is no code map methods; valid choices are payment_status",
        ),
        ("method: true", 'method: YAML does not read true as text; write it in quotes: "true"'),
    ],
)
def test_a_bad_column_names_its_line(tmp_path: Path, columns: str, said: str) -> None:
    over = (
        "      mappings:\n        - table: payments\n          object: books\n"
        f"          columns:\n            {columns}\n"
    )
    (found,) = refused(source(tmp_path, over))
    expected = f"company.yaml:{LINE + 5}: mapping of payments from books: columns.{said}"
    assert found.startswith(expected)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "{table: paymnts, object: books, columns: {method: M}}",
            "mapping of paymnts from books: table: there is no canonical table paymnts; did you "
            "mean payments? valid choices are ",
        ),
        (
            "{table: payments, object: boks, columns: {method: M}}",
            "mapping of payments from boks: columns: without payment_id, payment_no, "
            "supplier_src_id, ccy, amount, payment_date, status_canon, unapplied_amount_stated; "
            'write "NULL" for a fact the source does not have',
        ),
        (
            "{table: payments, object: books, wehre: X}",
            "mapping of payments from books: wehre: unknown key; did you mean where? valid ",
        ),
    ],
)
def test_a_bad_mapping_names_its_line(tmp_path: Path, row: str, said: str) -> None:
    (found,) = refused(source(tmp_path, f"      mappings:\n        - {row}\n"))
    assert found.startswith(f"company.yaml:{LINE + 2}: {said}")


def test_an_object_that_nobody_declares(tmp_path: Path) -> None:
    wrong = MAPPINGS.replace("object: books", "object: boks")
    assert refused(source(tmp_path, mappings=wrong)) == [
        "connectors/mine/mappings.yaml:5: mapping of payments from boks: object: the system has no "
        "object boks; did you mean books? valid choices are books"
    ]


def test_a_bad_expression_in_the_connector_names_its_line(tmp_path: Path) -> None:
    wrong = MAPPINGS.replace("amount: exact(Amount)", "amount: exact(Amount")
    (found,) = refused(source(tmp_path, mappings=wrong))
    assert found.startswith(
        "connectors/mine/mappings.yaml:13: mapping of payments from books: columns.amount: not a "
        "SQL expression"
    )


def test_code_maps_of_the_wrong_shape_are_told_with_their_line(tmp_path: Path) -> None:
    found = refused(source(tmp_path, more="code_maps:\n  payment_status: {Z: 1}\n"))
    assert found == [
        f"company.yaml:{END + 2}: code_maps.payment_status.Z: YAML does not read 1 as text; write "
        'it in quotes: "1"'
    ]
