import pytest

from finsync_dagster.connectors.errors import ConnectorConfigError
from finsync_dagster.connectors.load import connector_names, load_system


def test_every_packaged_connector_can_be_loaded():
    objects = {name: list(load_system(name).objects) for name in connector_names()}
    assert objects["wwi"] == [
        "suppliers",
        "stock_items",
        "purchase_orders",
        "purchase_order_lines",
        "supplier_transactions",
    ]
    assert objects["adventureworks"] == [
        "vendor",
        "product",
        "product_subcategory",
        "product_vendor",
        "purchase_order_header",
        "purchase_order_detail",
    ]
    assert objects["ecb"] == ["eurofxref_hist"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("protocol: soap\nobjects: {}", "system.yaml"),
        ("protocol: sql\nobjects: {lines: {table: T}}", "lines.key"),
        ("protocol: sql\nobjects: {lines: {table: T, key: [A], cursr: B}}", "lines.cursr"),
        ("protocol: files\nobjects: {rates: {table: T, key: [A]}}", "rates.glob"),
        ("protocol: sql\nobjects: {lines: {table: T, key: []}}", "lines.key"),
        ("protocol: [", "not YAML"),
    ],
)
def test_errors_name_the_place(tmp_path, text, place):
    (tmp_path / "erp").mkdir()
    (tmp_path / "erp" / "system.yaml").write_text(text)
    with pytest.raises(ConnectorConfigError, match=place):
        load_system("erp", tmp_path)


def test_an_unknown_connector_names_the_known_ones():
    with pytest.raises(ConnectorConfigError, match=r"adventureworks, .*ecb, "):
        load_system("sap")
