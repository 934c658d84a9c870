"""The wire text of each type, against what is documented or was seen."""

from __future__ import annotations

from xml.etree import ElementTree

import duckdb
import pytest

from finsync_dagster.sandbox.vendors.sap.edm import Property, service
from finsync_dagster.sandbox.vendors.sap.fragments import (
    Wire,
    json_text,
    key_sql,
    v2_json,
    v2_xml,
    v4_json,
    xml_text,
)
from finsync_dagster.sandbox.vendors.sap.store import initial, sql_type


def prop(edm: str, scale: int | None = None, *, varies: bool = False) -> Property:
    return Property("P", edm, False, True, None, 13, scale, varies, True, True, "")


def told(wire: Wire, each: Property, value: str) -> str:
    sql = f"CAST({value} AS {sql_type(each)})"
    ((text,),) = duckdb.sql(f"SELECT {wire(each, sql)}").fetchall()
    return str(text)


MOMENT = "TIMESTAMP '2019-11-21 10:20:30'"
TYPED = '<d:P m:type="Edm.{}">{}</d:P>'
NULL = '<d:P m:null="true"/>'


@pytest.mark.parametrize(
    ("each", "value", "as_json", "as_xml"),
    [
        (prop("Decimal", 3), "1", '"1.000"', TYPED.format("Decimal", "1.000")),
        (prop("Decimal", 3), "-0.5", '"-0.500"', TYPED.format("Decimal", "-0.500")),
        (prop("Decimal", 0), "100", '"100"', TYPED.format("Decimal", "100")),
        (prop("Decimal", 3), "9999999999.999", '"9999999999.999"',
         TYPED.format("Decimal", "9999999999.999")),
        (prop("DateTime"), "DATE '2019-11-21'", '"/Date(1574294400000)/"',
         TYPED.format("DateTime", "2019-11-21T00:00:00")),
        (prop("DateTime"), "DATE '1969-12-31'", '"/Date(-86400000)/"',
         TYPED.format("DateTime", "1969-12-31T00:00:00")),
        (prop("DateTime"), "NULL", "null", NULL),
        (prop("DateTimeOffset"), MOMENT, '"/Date(1574331630000+0000)/"',
         TYPED.format("DateTimeOffset", "2019-11-21T10:20:30Z")),
        (prop("DateTimeOffset"), "NULL", "null", NULL),
        (prop("Time"), "TIME '09:05:00'", '"PT09H05M00S"', TYPED.format("Time", "PT09H05M00S")),
        (prop("Boolean"), "true", "true", TYPED.format("Boolean", "true")),
        (prop("Boolean"), "false", "false", TYPED.format("Boolean", "false")),
        (prop("Int32"), "7", "7", TYPED.format("Int32", "7")),
    ],
)  # fmt: skip
def test_version_2(each: Property, value: str, as_json: str, as_xml: str) -> None:
    assert told(v2_json, each, value) == as_json
    assert told(v2_xml, each, value) == as_xml


@pytest.mark.parametrize(
    ("each", "value", "as_json"),
    [
        (prop("Decimal", 3), "1", "1.000"),
        (prop("Decimal", 5), "1.08", "1.08000"),
        (prop("Decimal", varies=True), "10.5", "10.50"),
        (prop("Decimal", varies=True), "10.125", "10.125"),
        (prop("Decimal", varies=True), "9999999999999.99", "9999999999999.99"),
        (prop("Date"), "DATE '2019-11-21'", '"2019-11-21"'),
        (prop("Date"), "NULL", "null"),
        (prop("DateTimeOffset"), MOMENT, '"2019-11-21T10:20:30Z"'),
        (prop("TimeOfDay"), "TIME '09:05:00'", '"09:05:00"'),
        (prop("Boolean"), "true", "true"),
        (prop("Messages"), "''", "[]"),
    ],
)
def test_version_4(each: Property, value: str, as_json: str) -> None:
    assert told(v4_json, each, value) == as_json


@pytest.mark.parametrize(
    ("edm", "as_json"),
    [
        ("String", ""),
        ("Guid", "00000000-0000-0000-0000-000000000000"),
        ("Decimal", '"0.000"'),
        ("Boolean", "false"),
        ("DateTime", "null"),
        ("DateTimeOffset", "null"),
        ("Time", '"PT00H00M00S"'),
        ("Int32", "0"),
        ("Double", '"0.000000"'),
    ],
)
def test_initial_values(edm: str, as_json: str) -> None:
    each = prop(edm, 3 if edm == "Decimal" else None)
    assert told(v2_json, each, initial(each)) == as_json


def test_strings_are_escaped() -> None:
    assert json_text('a"b\\c\n<ä>') == '"a\\"b\\\\c\\n<ä>"'
    element = ElementTree.fromstring(f"<d>{xml_text('a & <b> ä')}</d>")
    assert element.text == "a & <b> ä"
    assert xml_text("a\x00b\tc") == "a b\tc"


def test_a_key_is_quoted_and_escaped_in_its_address() -> None:
    sets = service("API_PURCHASEORDER_PROCESS_SRV").sets
    of_order = key_sql(sets["A_PurchaseOrder"], lambda _: "'a''b/c ü'")
    of_item = key_sql(sets["A_PurchaseOrderItem"], lambda key: f"'{key.name[-4:]}'")
    ((order, item),) = duckdb.sql(f"SELECT {of_order}, {of_item}").fetchall()
    assert order == "('a%27%27b%2Fc%20%C3%BC')"
    assert item == "(PurchaseOrder='rder',PurchaseOrderItem='Item')"
