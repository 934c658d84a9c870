"""The two ERPs' own data, from both databases: counts, totals, and equal meaning."""

from decimal import Decimal
from pathlib import Path

import pytest

from finsync_dagster.connectors.dispatch import change_stamp, extract
from finsync_dagster.connectors.extraction import Extraction, Row
from finsync_dagster.connectors.load import load_system
from finsync_dagster.sandbox.legacy_erps import prepare
from tests.postgres import fresh_database

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[2] / "data"
COUNTS = {
    "wwi": {
        "suppliers": 13,
        "stock_items": 227,
        "purchase_orders": 2074,
        "purchase_order_lines": 8367,
        "supplier_transactions": 2438,
    },
    "adventureworks": {
        "vendor": 104,
        "product": 504,
        "product_subcategory": 37,
        "product_vendor": 460,
        "purchase_order_header": 4012,
        "purchase_order_detail": 8845,
    },
}


@pytest.fixture(scope="module", params=COUNTS)
def urls(request, tmp_path_factory) -> tuple[str, str, str]:
    system = request.param
    sqlite = f"sqlite:///{tmp_path_factory.mktemp(system)}/erp.sqlite"
    postgresql = fresh_database(system)
    for url in (sqlite, postgresql):
        prepare(system, url, DATA / "sources")
    return system, sqlite, postgresql


def taken(system: str, url: str, name: str) -> tuple[Extraction, list[Row]]:
    with extract(system, url, name, load_system(system).objects[name]) as extraction:
        return extraction, [row for page in extraction.pages for row in page]


def test_both_databases_give_the_same_records(urls):
    system, sqlite, postgresql = urls
    for name, count in COUNTS[system].items():
        (left, left_rows), (right, right_rows) = (
            taken(system, url, name) for url in (sqlite, postgresql)
        )
        assert len(left_rows) == len(right_rows) == count == left.stated.count_table
        assert left.columns == right.columns
        assert left.stated.sums_table == right.stated.sums_table
        assert all(total.not_summed == 0 for total in (left.stated.sums_table or {}).values())
        same = sorted(map(meaning, left_rows)), sorted(map(meaning, right_rows))
        assert same[0] == same[1]


def meaning(row: Row) -> tuple[str, ...]:
    """Numbers by value, moments without the zeros of their fraction, everything else as it is."""
    return tuple("(null)" if value is None else _plain(value) for value in row)


def _plain(value: str) -> str:
    if value[4:5] == "-" and value[10:11] == " " and "." in value:
        return value.rstrip("0")
    bare = value.removeprefix("-")
    if bare.replace(".", "", 1).isdigit() and not (
        len(bare) > 1 and bare[0] == "0" and "." not in bare
    ):
        return str(Decimal(value).normalize())
    return value


def test_totals_of_the_real_documents(urls):
    system, sqlite, _ = urls
    totals = {
        f"{name}.{column}": found.total
        for name in COUNTS[system]
        for column, found in (taken(system, sqlite, name)[0].stated.sums_table or {}).items()
    }
    if system == "adventureworks":
        assert totals["purchase_order_header.TotalDue"] == Decimal("70479332.6383")
        assert totals["purchase_order_header.SubTotal"] == Decimal("63791994.8380")
        assert totals["purchase_order_detail.LineTotal"] == Decimal("63791994.8380")
    else:
        lines = "supplier_transactions"
        assert totals[f"{lines}.TransactionAmount"] == totals[f"{lines}.OutstandingBalance"]


def test_sqlite_keeps_ids_as_the_erp_wrote_them(urls):
    system, sqlite, _ = urls
    if system == "wwi":
        extraction, rows = taken(system, sqlite, "supplier_transactions")
        at = extraction.columns.index("PurchaseOrderID")
        assert {row[at] for row in rows if row[at] in ("1.0", "1")} == {"1.0"}


def test_change_stamps_are_stable(urls):
    system, *both = urls
    for url in both:
        for name, spec in load_system(system).objects.items():
            assert change_stamp(system, url, name, spec) == change_stamp(system, url, name, spec)


def test_the_reference_rates():
    url = (DATA / "reference" / "fx_ecb").as_uri()
    extraction, rows = taken("ecb", url, "eurofxref_hist")
    assert len(rows) == extraction.stated.count_selected == 7126
    assert len([name for name in extraction.columns if not name.startswith("_")]) == 42
    assert rows[0][:3] == ("2026-10-30", "1.1172", "175.68")
    assert rows[-1][0] == "1999-01-04"
